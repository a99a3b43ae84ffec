/*
 * A probe record comes and goes. publishd adds it and removes it; meanwhile
 * the domain's servers are asked, to see when each shows it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "admin/check_dns.h"
#include "admin/check_list.h"
#include "admin/check_publish.h"
#include "common/message_id.h"
#include "common/monotonic.h"
#include "common/record.h"

#define PAUSE    0.02 /* seconds between two looks at a server */
#define GONE_MAX 5.0  /* seconds for a server to show it no longer */

enum { SLOW_MS = 2000 };

/* When each server was as wanted, in ms from the request on; -1: not yet. */
struct seen {
	double *ms;
	size_t n;
	double began, answered;
};

static const char *
number(char buf[32], double value)
{
	snprintf(buf, 32, "%.0f", value);
	return buf;
}

/* ---- the record ---- */

static int
make_record(struct probe_req *req, const char *domain)
{
	uint8_t random[MESSAGE_ID_RANDOM];
	char text[RECORD_TEXT_MAX];
	struct record record = { .date = time(NULL) };
	struct message_id id = { 0 };

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	message_id_make(&id, random, domain);
	address_from_path(&record.from, PROBE_ADDRESS);
	record.to = record.from;
	record_put(text, &record);
	*req = (struct probe_req){ .op = PROBE_ADD };
	snprintf(req->domain, sizeof(req->domain), "%s", domain);
	message_id_name(&id, req->owner);
	snprintf(
	    req->text, sizeof(req->text), "%.*s", PROBE_TEXT_MAX - 1, text);
	return 0;
}

/* ---- who shows it ---- */

static bool
shows(const struct check_question *q, bool *shown_r)
{
	struct dns_reader r;
	struct dns_header h;

	if (q->msg == NULL || dns_reader_open(&r, q->msg, q->len, &h) == -1)
		return false;
	*shown_r = h.an > 0;
	return q->rcode == DNS_NOERROR || q->rcode == DNS_NXDOMAIN;
}

/* One question for each server that is not yet as wanted. */
static void
look(struct probe *p, struct seen *s, const char *owner, bool want)
{
	struct check_question *q = calloc(s->n, sizeof(*q));
	size_t *which = calloc(s->n, sizeof(*which)), n = 0;
	bool shown;

	for (size_t i = 0; q != NULL && which != NULL && i < s->n; i++)
		if (s->ms[i] < 0) {
			check_question_init(
			    &q[n], &p->domain->servers.v[i], owner, DNS_TXT, 0);
			which[n++] = i;
		}
	check_dns_ask(p->run, q, n);
	for (size_t i = 0; i < n; i++)
		if (shows(&q[i], &shown) && shown == want)
			s->ms[which[i]] = (monotonic_now() - s->began) * 1000;
	check_dns_free(q, n);
	free(q);
	free(which);
}

static size_t
count(const struct seen *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->ms[i] >= 0;
	return n;
}

static void
paused(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)w;
	(void)events;
	ev_break(loop, EVBREAK_ONE);
}

static void
pause_shortly(struct check_run *run)
{
	ev_timer timer;

	ev_now_update(run->loop);
	ev_timer_init(&timer, paused, PAUSE, 0);
	ev_timer_start(run->loop, &timer);
	ev_run(run->loop, 0);
}

/* ---- one request, watched ---- */

static void
take_answer(struct probe *p, struct publish_answer *a)
{
	nng_msg *msg = door_answer(p->door);
	struct publish_answer got;
	struct wire w;

	if (msg == NULL)
		return;
	wire_init_read(&w, nng_msg_body(msg), nng_msg_len(msg));
	if (publish_answer_get(&w, &got) == 0)
		*a = got;
	nng_msg_free(msg);
}

/* Until publishd has answered, and `more` seconds for those that lag. */
static void
watch(struct probe *p, struct seen *s, const struct probe_req *req, double more,
    struct publish_answer *a)
{
	bool want = req->op == PROBE_ADD;
	double end;

	while (door_busy(p->door)) {
		if (count(s) < s->n)
			look(p, s, req->owner, want);
		pause_shortly(p->run);
	}
	s->answered = (monotonic_now() - s->began) * 1000;
	take_answer(p, a);
	end = monotonic_now() + fmin(more, check_left(p->run));
	look(p, s, req->owner, want);
	while (
	    count(s) < s->n && a->status == PUB_DONE && monotonic_now() < end) {
		pause_shortly(p->run);
		look(p, s, req->owner, want);
	}
}

static void
step(struct probe *p, struct seen *s, struct probe_req *req, enum probe_op op,
    struct publish_answer *a)
{
	*a = (struct publish_answer){ .status = PUB_LATER };
	snprintf(
	    a->reason, sizeof(a->reason), "publishd did not answer in time");
	for (size_t i = 0; i < s->n; i++)
		s->ms[i] = -1;
	s->began = monotonic_now();
	req->op = op;
	if (probe_ask(p, req) == 0)
		watch(p, s, req, op == PROBE_ADD ? 0 : GONE_MAX, a);
}

/* ---- what is said of it ---- */

static void
say_server(struct probe *p, const char *server, double shown, double gone)
{
	struct check_findings *f = p->run->found;
	const char *domain = p->domain->name;
	char ms[32], gone_ms[32];

	if (shown < 0)
		check_say(f, FOUND_PROBE_UNSEEN, domain, server, NULL);
	else if (shown > SLOW_MS)
		check_say(f, FOUND_PROBE_SLOW, domain, server,
		    number(ms, shown), NULL);
	else if (gone < 0)
		check_say(f, FOUND_PROBE_STAYS, domain, server,
		    number(ms, GONE_MAX * 1000), NULL);
	else
		check_say(f, FOUND_PROBE_SHOWN, domain, server,
		    number(ms, shown), number(gone_ms, gone), NULL);
}

static void
say_added(struct probe *p, const struct seen *s, const struct publish_answer *a)
{
	char ms[32];

	if (a->status == PUB_DONE)
		check_say(p->run->found, FOUND_PROBE_ADDED, p->domain->name,
		    p->primary, number(ms, s->answered), NULL);
	else
		check_say(p->run->found, FOUND_PROBE_UPDATE, p->domain->name,
		    p->primary, a->reason, NULL);
}

static void
say_removed(
    struct probe *p, const struct seen *s, const struct publish_answer *a)
{
	char ms[32];

	if (a->status == PUB_DONE)
		check_say(p->run->found, FOUND_PROBE_REMOVED, p->domain->name,
		    p->primary, number(ms, s->answered), NULL);
	else
		check_say(p->run->found, FOUND_PROBE_LEFT, p->domain->name,
		    p->primary, a->reason, NULL);
}

static void
say_servers(struct probe *p, const struct seen *shown, const struct seen *gone)
{
	char server[NET_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < shown->n; i++)
		say_server(p,
		    check_server_text(&p->domain->servers.v[i], server),
		    shown->ms[i], gone->ms[i]);
}

/*
 * It is removed also where it could not be added in time: the primary may have
 * it all the same. Where that cannot be done either there is nothing to say.
 */
static void
come_and_go(struct probe *p, struct seen *shown, struct seen *gone)
{
	struct publish_answer added, removed;
	struct probe_req req;

	if (make_record(&req, p->domain->name) == -1)
		return;
	step(p, shown, &req, PROBE_ADD, &added);
	say_added(p, shown, &added);
	if (added.status == PUB_REFUSED)
		return;
	step(p, gone, &req, PROBE_REMOVE, &removed);
	p->good = added.status == PUB_DONE || removed.status == PUB_DONE;
	if (!p->good && count(shown) == 0)
		return;
	say_removed(p, gone, &removed);
	if (removed.status == PUB_DONE)
		say_servers(p, shown, gone);
}

void
check_probe(struct probe *p)
{
	struct seen shown = { .n = p->domain->servers.n };
	struct seen gone = { .n = shown.n };

	shown.ms = calloc(shown.n, sizeof(*shown.ms));
	gone.ms = calloc(gone.n, sizeof(*gone.ms));
	if (shown.ms != NULL && gone.ms != NULL)
		come_and_go(p, &shown, &gone);
	free(shown.ms);
	free(gone.ms);
}
