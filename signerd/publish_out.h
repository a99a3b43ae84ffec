/*
 * A plan's records to publishd, one request per ID, all under way at once.
 */
#ifndef DNSMAIL_SIGNERD_PUBLISH_OUT_H
#define DNSMAIL_SIGNERD_PUBLISH_OUT_H

#include <ev.h>

#include "common/config.h"
#include "signerd/plan.h"

/* The publishds of a configuration. Counted: publications under way when the
   configuration changes go on with those they began with. */
struct publishers;
struct tls_context;
/* tls NULL: none is by TLS. */
struct publishers *publishers_new(
    struct ev_loop *, const struct strings *urls, struct tls_context *tls);
struct publishers *publishers_ref(struct publishers *);
void publishers_unref(struct publishers *); /* NULL is fine */

/* Closed; the names are in the log and the manual. */
enum publish_outcome {
	PUBLISH_DONE,      /* every server shows every record */
	PUBLISH_TIMEOUT,   /* publishd did not answer in time */
	PUBLISH_BUSY,      /* too much waits there already */
	PUBLISH_LATER,     /* it could not publish now; its log says why */
	PUBLISH_REFUSED,   /* it never will; its log says why */
	PUBLISH_NO_ANSWER, /* no memory, or what came was no answer */
	PUBLISH__COUNT
};
extern const char *const publish_outcome_names[PUBLISH__COUNT];

struct publication;
typedef void publish_done_fn(void *arg, enum publish_outcome);

/*
 * `plan` is read in this call only. `timeout` in seconds. `done` is called
 * once, from the loop, when all went well or the first did not. NULL: out of
 * memory.
 */
struct publication *publication_new(struct publishers *, const struct plan *,
    double timeout, publish_done_fn *done, void *arg);
/* Also what is under way: records that publishd has made by then expire. */
void publication_free(struct publication *); /* NULL is fine */

#endif
