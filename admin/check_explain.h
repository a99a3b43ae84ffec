/* dnsmail-check explain ...: why a message would or would not be signed. */
#ifndef DNSMAIL_CHECK_EXPLAIN_H
#define DNSMAIL_CHECK_EXPLAIN_H

#include "admin/check.h"

/* As check_message_run(). */
int check_explain_run(const struct check_options *options,
    struct config *config, int argc, char **argv);

#endif
