/* dnsmail-check message FILE: verifies a saved message, step by step. */
#ifndef DNSMAIL_CHECK_MESSAGE_H
#define DNSMAIL_CHECK_MESSAGE_H

#include "admin/check.h"

/*
 * argv[0] is the command's name; the options before it are in `options`.
 * What the program ends with: a check_level, or EX_USAGE.
 */
int check_message_run(const struct check_options *options,
    struct config *config, int argc, char **argv);

#endif
