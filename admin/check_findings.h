/*
 * What was found, and how it is told. Each kind of finding is a row of
 * check_words.c; nothing else is ever said. Pure, but for the printing.
 */
#ifndef DNSMAIL_CHECK_FINDINGS_H
#define DNSMAIL_CHECK_FINDINGS_H

#include <stddef.h>

#include "admin/check.h"
#include "admin/check_words.h"

enum { CHECK_TEXT_MAX = 1024 };

struct check_finding {
	enum check_code code;
	char *text;   /* one line */
	char *remedy; /* "": none is needed */
};

struct check_findings {
	struct check_finding *v;
	size_t n;
	const struct strings *ignored; /* names; or NULL */
};

/*
 * The row's words with $1 to $9 as the strings say; what is not printable
 * ASCII is "?". NULL ends them. What was said already is not said again.
 */
void check_say(struct check_findings *, enum check_code, ...)
    __attribute__((sentinel));
void check_findings_free(struct check_findings *);

/* The worst: critical is worse news than "cannot tell". */
enum check_level check_findings_level(const struct check_findings *);

/* The last line: "critical: 1 critical, 2 warnings, ...", in buf. */
enum { CHECK_SUMMARY_MAX = 128 };
const char *check_summary(const struct check_findings *, char *buf);

/* To stdout. */
void check_findings_text(const struct check_findings *);
void check_findings_json(const struct check_findings *);

#endif
