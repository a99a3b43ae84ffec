/* What dnsmail-status learns of the daemons, and its forms of showing it. */
#ifndef DNSMAIL_STATUS_H
#define DNSMAIL_STATUS_H

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

struct status {
	const char *daemon; /* "signerd" */
	enum status_state state;
	char why[256];         /* DOWN and UNKNOWN */
	struct status_msg msg; /* UP and DEGRADED */
};

extern const char *const status_state_names[STATUS__COUNT];

/*
 * Asks all at once; fills state, why, msg. Where one is down nng is left as it
 * stands: end with _exit(2) then.
 */
void status_ask(struct status *, size_t n, const char *run_dir);

/* Both write to stdout. */
void status_table_print(const struct status *, size_t n);
void status_json_print(const struct status *, size_t n);

#endif
