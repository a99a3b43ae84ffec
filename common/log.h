/*
 * The one way a program speaks to its administrator. One line per call, never
 * a key, never the text of a message. Where it goes and how it is prefixed is
 * decided once, by log_open(); the design (section 7) has the forms.
 */
#ifndef DNSMAIL_LOG_H
#define DNSMAIL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_target {
	LOG_TO_STDERR, /* "<N>" prefixes when stderr is systemd's journal */
	LOG_TO_SYSLOG, /* facility mail */
};

enum log_addresses {
	LOG_ADDRESSES_YES,
	LOG_ADDRESSES_HASH, /* 16 hex digits, keyed per process start */
	LOG_ADDRESSES_NO,   /* "-" */
};

enum { LOG_ADDRESS_MAX = 400 };

/* Before log_open() everything goes to stderr, plain. */
void log_open(const char *program, enum log_target, bool debug);
void log_addresses(enum log_addresses);

/*
 * From now on lines go to `sink`, which has syslog(3)'s priority and the text
 * alone; NULL: back to where log_open() said.
 */
typedef void log_sink_fn(void *arg, int priority, const char *text);
void log_divert(log_sink_fn *sink, void *arg);

/*
 * log_debug costs nothing but a test unless -d was given. log_warn adds the
 * text of errno; the others do not. fatal ends the program with `code`
 * (sysexits) and is for the start of a program only.
 */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fatal(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));
bool log_is_debug(void);

/*
 * An address as the log may show it (log-addresses). Bytes outside printable
 * ASCII, '"', '\\' and blanks are written \xNN, so one value stays one word.
 * Returns buf, which has LOG_ADDRESS_MAX bytes.
 */
const char *log_address(char *buf, const char *address);

/* The same escaping for any foreign bytes; cut at size. Returns buf. */
const char *log_quote(char *buf, size_t size, const char *bytes, size_t n);

/* The last line of level warning or worse, "" if none; and when (time(2)). */
struct log_last {
	long long at;
	char text[512];
};
const struct log_last *log_last(void);
/* From now on it is kept there; before, in memory of our own. */
void log_keep_last(struct log_last *);

#endif
