/* What dnsmail-status learns of the daemons, and its forms of showing it. */
#ifndef DNSMAIL_STATUS_H
#define DNSMAIL_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status_msg.h"

/* Worst last, as far as a daemon of its own is concerned. */
enum status_state {
	STATUS_UP,
	STATUS_DEGRADED, /* up, and it warned in the last minutes */
	STATUS_DOWN,     /* not there, or silent */
	STATUS_UNKNOWN,  /* it may not be asked */
	STATUS__COUNT
};

/* Why there is no answer. */
enum status_reason {
	REASON_NONE,
	REASON_ABSENT,    /* it has no socket */
	REASON_DIED,      /* it left one, and nobody is there */
	REASON_SILENT,    /* somebody is there and says nothing */
	REASON_FORBIDDEN, /* not for this user */
	REASON_STRANGE,   /* an answer that we cannot read */
	REASON_SYSTEM,    /* we could not ask */
	REASON__COUNT
};

enum { STATUS_ANSWER_MS = 2000, STATUS_DAEMONS_MAX = 8 };

struct history;

struct status {
	const char *daemon; /* "signerd" */
	enum status_state state;
	enum status_reason reason; /* DOWN and UNKNOWN */
	char why[256];             /* the same in words */
	uint64_t since;            /* DOWN: 0 not known */
	struct status_msg msg;     /* UP and DEGRADED */
	struct history *lately;    /* after a second look; it has the metrics */
};

/* --- status_state.c: pure --- */

/* No answer. detail: NULL, or words in place of the reason's own. */
void status_fail(struct status *, enum status_reason, const char *detail);
/* An answer came: fills state and msg (free it before). */
void status_read(struct status *, const uint8_t *data, size_t n);
/* "down" is worse news than "cannot tell". */
enum status_state status_worst(const struct status *, size_t n);
/* The worst one's; what a monitoring plug-in ends with: 0 1 2 3. */
int status_exit_code(const struct status *, size_t n);

extern const char *const status_state_names[STATUS__COUNT];
/* What to do, and what it means for mail meanwhile ("": nothing known). */
const char *status_remedy(char *buf, size_t size, const struct status *);
const char *status_meanwhile(const struct status *);

/* --- status_probe.c --- */

/*
 * Looks at the socket, without asking: whether it may be asked; else it says
 * why not, and since when as far as files tell. knock: also whether somebody
 * is there, for one that does not answer.
 */
bool status_probe(struct status *, const char *run_dir, bool knock);

/* --- status_ask.c --- */

/*
 * Asks all at once; fills state, why, msg. Where one is down nng is left as it
 * stands: end with _exit(2) then.
 */
void status_ask(struct status *, size_t n, const char *run_dir);
/* nng ends, where none is down: the last thing to do. */
void status_ask_end(const struct status *, size_t n);

/* --- status_again.c --- */

/*
 * Asks those who answered again after a second, for rates; not where one is
 * down, which is to be told at once.
 */
void status_again(struct status *, size_t n, const char *run_dir);
void status_free(struct status *); /* what it holds */
/* --- forms, to stdout --- */

void status_table_print(const struct status *, size_t n);
void status_json_print(const struct status *, size_t n);
void status_brief_print(const struct status *, size_t n);

#endif
