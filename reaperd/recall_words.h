/* What was asked for, in the words of the log. Pure. */
#ifndef DNSMAIL_RECALL_WORDS_H
#define DNSMAIL_RECALL_WORDS_H

#include "common/recall_msg.h"

enum { RECALL_WORDS_MAX = 1500 };

/*
 * "since=... from=..." in buf[RECALL_WORDS_MAX], addresses as log-addresses
 * says; where they do not all fit it ends with how many are left out. Returns
 * buf.
 */
const char *recall_words(char *buf, const struct recall_req *);

#endif
