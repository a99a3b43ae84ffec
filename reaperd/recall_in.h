/*
 * The sockets where dnsmail-recall asks, <run-dir>/reaperd/recall.ipc, and the
 * same in the directory admins, whoever may enter that (door_dir.h): who may,
 * what is under way (one at a time), and what of it is told.
 */
#ifndef DNSMAIL_REAPERD_RECALL_IN_H
#define DNSMAIL_REAPERD_RECALL_IN_H

#include <ev.h>

#include "common/admins.h"
#include "common/config.h"
#include "common/tsig.h"
#include "reaperd/zone.h"

struct recall_in;

/* What it works with; must outlive it, or the next recall_in_configure(). */
struct recall_setup {
	struct zones *zones;
	const struct tsig_key *key; /* NULL: none */
	const struct publishers_options *publishers;
	double per_second; /* removals at most */
};

/*
 * After the jail. Nobody may ask before it is configured. NULL: it cannot
 * listen (logged), or out of memory.
 */
struct recall_in *recall_in_new(struct ev_loop *, const char *run_dir);
/* Takes `admins` over. Ends what is under way. */
void recall_in_configure(
    struct recall_in *, struct admins *admins, const struct recall_setup *);
void recall_in_free(struct recall_in *);

#endif
