/*
 * Owns: who is up, and the question whether one that was silent is there. Must
 * not know calls, nor what makes a server shunned.
 *
 * The question runs only while a server is connected and not up: where all are
 * well, and where one is away, nothing wakes the loop.
 */
#include "ipc_watch.h"

#include <stdlib.h>

#include "log.h"

struct watched {
	struct ipc_owner owner; /* of the question: the first member */
	struct ipc_watch *watch;
	struct ipc_peer *peer;
	struct ipc_attempt *question; /* NULL: none is under way */
	ev_timer timer;
	double pause;
	double since; /* when it was last seen to come or go */
	bool up;
};

struct ipc_watch {
	struct ev_loop *loop;
	double first;
	struct metrics *metrics;
	size_t up_row;
	size_t n;
	struct watched servers[];
};

/* ---- the question ---------------------------------------------------------
 */

static void
question_drop(struct watched *s)
{
	if (s->question != NULL)
		s->peer->ops->drop(s->question);
	s->question = NULL;
}

/* What it says does not matter. */
static void
answered(struct ipc_owner *owner, const uint8_t *data, size_t n)
{
	struct watched *s = (struct watched *)owner;

	(void)data;
	(void)n;
	s->question = NULL;
	ipc_watch_look(s->watch);
}

static void
failed(struct ipc_owner *owner)
{
	((struct watched *)owner)->question = NULL;
}

static void
ask(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct watched *s = w->data;

	(void)revents;
	question_drop(s);
	s->question = s->peer->ops->start(s->peer, "", 0, &s->owner);
	s->pause =
	    2 * s->pause < IPC_WATCH_LAST ? 2 * s->pause : IPC_WATCH_LAST;
	ev_timer_set(w, s->pause, 0.);
	ev_timer_start(loop, w);
}

/* ---- who is up ------------------------------------------------------------
 */

/* After silence it is up when it has answered, whatever; a busy one is up. */
static bool
is_up(const struct watched *s, bool connected, double now)
{
	const struct ipc_peer *p = s->peer;

	return connected && p->shun_until <= now + IPC_BUSY_SECONDS &&
	    (s->up || p->shun_until == 0);
}

static void
tell(struct watched *s, bool up, bool connected, double now)
{
	const char *url = s->peer->url;

	if (up)
		log_info("publisher %s: is there", url);
	else
		log_warnx("publisher %s: %s", url,
		    connected ? "does not answer in time, others are asked "
				"before it"
			      : "is away");
	if (s->up && (!connected || now - s->since > IPC_WATCH_LAST))
		s->pause = s->watch->first;
	s->up = up;
	s->since = now;
}

static void
question_set(struct watched *s, bool wanted)
{
	struct ev_loop *loop = s->watch->loop;

	if (!wanted) {
		ev_timer_stop(loop, &s->timer);
		question_drop(s);
	} else if (!ev_is_active(&s->timer)) {
		ev_timer_set(&s->timer, s->pause, 0.);
		ev_timer_start(loop, &s->timer);
	}
}

static bool
look_at(struct watched *s, double now)
{
	bool connected = s->peer->ops->connected(s->peer);
	bool up = is_up(s, connected, now);

	if (up != s->up)
		tell(s, up, connected, now);
	question_set(s, connected && !up);
	return up;
}

void
ipc_watch_look(struct ipc_watch *w)
{
	int64_t n = 0;

	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++)
		n += look_at(&w->servers[i], ev_now(w->loop));
	metric_set(w->metrics, w->up_row, n);
}

/* ---- life -----------------------------------------------------------------
 */

struct ipc_watch *
ipc_watch_new(struct ev_loop *loop, struct ipc_peer *const *peers, size_t n,
    double first, struct metrics *metrics, size_t up_row)
{
	struct ipc_watch *w = calloc(1, sizeof(*w) + n * sizeof(w->servers[0]));

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->first = first;
	w->metrics = metrics;
	w->up_row = up_row;
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		struct watched *s = &w->servers[i];

		s->owner = (struct ipc_owner){ answered, failed };
		s->watch = w;
		s->peer = peers[i];
		s->pause = first;
		ev_init(&s->timer, ask);
		s->timer.data = s;
	}
	return w;
}

void
ipc_watch_free(struct ipc_watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++)
		question_set(&w->servers[i], false);
	free(w);
}
