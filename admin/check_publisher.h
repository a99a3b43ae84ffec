/* A publisher asked by TLS whether it is there, as signerd would ask it. */
#ifndef DNSMAIL_CHECK_PUBLISHER_H
#define DNSMAIL_CHECK_PUBLISHER_H

#include <ev.h>
#include <time.h>

#include "common/tls_context.h"

/* How far it came. */
enum publisher_stage {
	PUBLISHER_FOUND,     /* not further than to its addresses */
	PUBLISHER_CONNECTED, /* and not believed, or no TLS */
	PUBLISHER_BELIEVED,  /* we believe it; it has not let us in */
	PUBLISHER_ANSWERED,
};

struct publisher_seen {
	enum publisher_stage stage;
	char why[300];  /* not further; "": it answered */
	time_t until;   /* the last second of all that vouch for it */
	double seconds; /* until it answered */
};

/* Runs the loop, `patience` seconds at most. */
void publisher_visit(struct ev_loop *, struct tls_context *, const char *url,
    double patience, struct publisher_seen *);

#endif
