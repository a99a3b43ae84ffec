/* What the keys of --watch mean: octets of a terminal to what is wanted. */
#ifndef DNSMAIL_WATCH_KEY_H
#define DNSMAIL_WATCH_KEY_H

#include <stddef.h>

enum watch_key {
	WATCH_KEY_NONE, /* it means nothing: is passed over */
	WATCH_KEY_QUIT,
	WATCH_KEY_CHOOSE, /* daemon number n, from 1; 0: all */
	WATCH_KEY_SCROLL, /* by n lines, -1 or 1 */
	WATCH_KEY_AGAIN,  /* draw anew */
	WATCH_KEYS
};

/*
 * The first key of a string that is not empty. Returns how many octets it has;
 * 0: the rest of it is to come, since a terminal that is far away gives a key
 * in pieces.
 */
size_t watch_key_next(const char *octets, enum watch_key *key_r, int *n_r);

#endif
