/*
 * The configuration file as text: read at once and bounded, its comments
 * blanked, its braces and quotes known to be closed. And the one way to
 * speak about a place in it.
 */
#ifndef DNSMAIL_CONFIG_TEXT_H
#define DNSMAIL_CONFIG_TEXT_H

#include "config.h"

enum { CONFIG_TEXT_MAX = 4 * 1024 * 1024 }; /* octets of a file */

struct config_complaints {
	const char *path;
	config_complain_fn *fn;
	void *arg;
	size_t n; /* so far */
};

/* "PATH:LINE: what"; line 0: "PATH: what". */
void config_text_complain(struct config_complaints *, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* NUL-terminated, for the caller to free; NULL after a complaint. */
char *config_text_read(struct config_complaints *);

/*
 * Overwrites comments with blanks, so that lines keep their numbers. 0, or -1
 * after a complaint: a brace, quote or comment that is not closed.
 */
int config_text_check(struct config_complaints *, char *text);

#endif
