/*
 * Questions to signerd or verifyd by the line protocol: a connection for each,
 * so many at a time; more wait for their turn.
 */
#ifndef FILTER_ASK_OUT_H
#define FILTER_ASK_OUT_H

#include <ev.h>

struct answer;
struct buffer;
struct endpoint;

enum { ASK_AT_ONCE = 100 };

struct asker;
struct ask;

/* Whose time is over after `timeout` seconds, waiting for a turn included. The
   endpoint must stay. NULL: out of memory. */
struct asker *asker_new(
    struct ev_loop *, const struct endpoint *, double timeout);
/* All that was asked must have been freed. */
void asker_free(struct asker *);

/*
 * done() comes once, from the loop; with NULL and a reason in words when there
 * is no answer. Takes the request's memory. ask_free() before or after that,
 * also from within. NULL: out of memory.
 */
struct ask *ask_new(struct asker *, struct buffer *request,
    void (*done)(void *arg, const struct answer *, const char *why), void *arg);
void ask_free(struct ask *);

#endif
