/*
 * One line that OpenSMTPD says to a filter (smtpd-filters(7), protocol 0.5 to
 * 0.7): config|..., report|... or filter|.... Pure; points into the line.
 */
#ifndef FILTER_SMTPD_LINE_H
#define FILTER_SMTPD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than a line of SMTP, which smtpd bounds to 64 KiB, and what is before
   it. Of a longer one only the beginning is kept. */
enum { SMTPD_LINE_MAX = 128 * 1024 };

enum smtpd_kind {
	SMTPD_CONFIG, /* name and rest only */
	SMTPD_REPORT, /* something happened */
	SMTPD_FILTER, /* something is asked; token belongs into the answer */
	SMTPD_KIND__COUNT
};

/* The names of the kinds, as they stand in lines. */
extern const char *const smtpd_kind_names[SMTPD_KIND__COUNT];

struct smtpd_text {
	const char *p;
	size_t n;
};

struct smtpd_event {
	enum smtpd_kind kind;
	unsigned minor; /* of the protocol's version 0.x */
	struct smtpd_text name;
	uint64_t session, token;
	struct smtpd_text rest; /* what else there is; it may contain '|' */
	bool cut;               /* the line was longer than may be */
};

/* 0, or -1: not a line of this protocol. */
int smtpd_line_parse(struct smtpd_event *, const char *line, size_t n);

bool smtpd_text_is(struct smtpd_text, const char *);

/* Takes the first or the last word from *t, up to or from a '|'; all of it if
   there is none. */
struct smtpd_text smtpd_text_first(struct smtpd_text *t);
struct smtpd_text smtpd_text_last(struct smtpd_text *t);

#endif
