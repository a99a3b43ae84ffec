/* The command line of dnsmail-recall. */
#ifndef DNSMAIL_RECALL_OPTIONS_H
#define DNSMAIL_RECALL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/recall_msg.h"

struct recall_options {
	const char *config;
	bool dry_run, yes;
	struct recall_req req; /* all but op and job */
};

/* What is wrong it says on stderr, and ends the program (EX_USAGE). */
void recall_options_read(
    struct recall_options *, int argc, char **argv, int64_t now);

#endif
