/*
 * milter_load's parts: options, mails made from their number, measuring.
 */
#ifndef DNSMAIL_TESTS_MILTER_LOAD_H
#define DNSMAIL_TESTS_MILTER_LOAD_H

#include <stdio.h>

#include "common/endpoint.h"
#include "tests/tools/mta_side.h"

enum { LOAD_PIDS = 16, LOAD_MACROS = 16 };

struct load_options {
	size_t connections, messages;
	size_t per_connection; /* 0: all */
	size_t body, recipients;
	const char *sender, *recipient; /* patterns */
	const char *client, *login;
	struct mta_macro macros[LOAD_MACROS];
	size_t n_macros;
	const char *blocks, *capture; /* files */
	long pids[LOAD_PIDS];
	size_t n_pids;
	double timeout;
	const char *label;
	struct endpoint endpoint;
};

/* Header blocks of -x: message i has block i % n. */
struct load_blocks {
	struct mta_mail *v; /* their fields */
	size_t n;
	struct buffer text; /* where they stand */
};
void load_blocks_read(struct load_blocks *, const char *file);
void load_blocks_free(struct load_blocks *);

/* One message at a time; the mail's strings stand in it. */
struct load_mail {
	const struct load_options *options;
	const struct load_blocks *blocks;
	struct mta_mail mail;
	char *text; /* room for all strings */
	size_t used;
};
void load_mail_init(struct load_mail *, const struct load_options *,
    const struct load_blocks *);
/* The mail with this number: the same for the same options, always. */
void load_mail_make(struct load_mail *, size_t number);
void load_mail_free(struct load_mail *);

/* Ends the program when they are wrong. */
void load_options_parse(struct load_options *, int argc, char **argv);

/* Milliseconds of processor time that a process has used, -1: no process. */
double load_cpu_ms(long pid);
long load_rss_kb(long pid);

/* What came of the messages. */
struct load_tally {
	size_t done, accept, tempfail, reject, discard;
	size_t quarantine, inserted, changed, lost;
	double *latencies; /* seconds, of `done` messages */
	char **captured;   /* by message; NULL: none */
};
void load_tally_print(struct load_tally *, const struct load_options *,
    double seconds, const double *cpu_ms);
void load_tally_write(const struct load_tally *, const struct load_options *);

#endif
