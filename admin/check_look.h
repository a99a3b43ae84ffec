/* Which servers show a probe record, and since when. */
#ifndef DNSMAIL_CHECK_LOOK_H
#define DNSMAIL_CHECK_LOOK_H

#include "admin/check_run.h"

struct check_look_at {
	/* Until it did not show it any more [0], until it did [1]: from the
	   beginning of that, in ms; -1: not yet. */
	double ms[2];
	bool answered; /* the last question, whatever it has */
	bool silent;   /* it let one question time out: it is asked no more */
};

struct check_look {
	struct check_run *run;
	const struct net_address *servers;
	size_t n;
	struct check_look_at *at; /* of each server */
	double began;
};

/* The servers must outlive it. -1: out of memory. */
int check_look_init(struct check_look *, struct check_run *,
    const struct net_address *servers, size_t n);
void check_look_free(struct check_look *);

/* From now on they shall show it, or not. */
void check_look_begin(struct check_look *, bool want);
double check_look_ms(const struct check_look *); /* since then */
/* One question to each that is not yet as wanted; a short pause goes before. */
void check_look_again(struct check_look *, const char *owner, bool want);
/* Until no answer is missing, for at most so many seconds. */
void check_look_wait(
    struct check_look *, const char *owner, bool want, double seconds);

#endif
