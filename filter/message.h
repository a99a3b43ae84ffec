/*
 * One message on its way through the filter: its header fields, the digest of
 * its content (protocol.md section 5), and all its lines until it is known
 * what becomes of them.
 */
#ifndef FILTER_MESSAGE_H
#define FILTER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MESSAGE_HEADER_MAX = 1024 * 1024, /* octets of the header section */
	MESSAGE_FIELDS_MAX = 2000,
	MESSAGE_LINE_MAX =
	    64 * 1024, /* octets: no SMTP line of smtpd's is longer */
};

struct message_limits {
	uint64_t most;     /* octets of body */
	const char *spool; /* directory for what memory does not hold */
	bool bind_always;  /* or only what bears a DNS-Mail-ID */
};

/* What was over a bound; the rest of the message is then not kept. */
enum message_trouble {
	MESSAGE_FITS,
	MESSAGE_HEADER_TOO_LONG,
	MESSAGE_TOO_MANY_FIELDS,
	MESSAGE_LINE_TOO_LONG,
	MESSAGE_TOO_LONG,
	MESSAGE_NO_MEMORY,
	MESSAGE_NO_SPOOL, /* the file cannot be made, written or read */
	MESSAGE_TROUBLE__COUNT
};
extern const char *const message_trouble_names[MESSAGE_TROUBLE__COUNT];

/* The lines of a field as they came, each ended by LF. */
struct message_field {
	const char *text;
	size_t n;
	size_t name; /* octets of its name */
};

struct message;

/* limits must stay. NULL: out of memory. */
struct message *message_new(const struct message_limits *);
void message_free(struct message *);

/* A line as SMTP has it (a dot more before a dot), without its end; not the
   "." that ends the message. */
void message_line(struct message *, const char *line, size_t n);
void message_fail(struct message *, enum message_trouble);
/* That was all. */
void message_end(struct message *);

enum message_trouble message_trouble(const struct message *);

/* After the end: */
const char *message_bind(const struct message *); /* "": not bound */
size_t message_n_fields(const struct message *);
struct message_field message_field(const struct message *, size_t i);
bool message_field_is(const struct message_field *, const char *name);
/* What follows the colon. */
const char *message_field_value(const struct message_field *, size_t *n_r);
/* The lines behind the header section, the empty one first; once. */
struct spool *message_body(struct message *);

#endif
