/*
 * Which line belongs to which session, and whose turn it is to write. Knows
 * nothing of what lines mean, beyond where a session begins and ends. smtpd
 * ends when its filter does, so nothing that comes may end this program.
 */
#include "filter/smtpd_in.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/log.h"
#include "filter/ask_out.h"
#include "filter/session.h"
#include "filter/smtpd_line.h"

enum {
	READ_MOST = 64 * 1024,
	OUT_FULL = 256 * 1024, /* not written: lines are not taken then */
	OUT_ROOM = 64 * 1024,  /* beyond that, for what was begun */
	OUT_FILL = 64 * 1024,  /* messages are written up to here */
	BUCKETS = 1024,
};

/* A session and what it waits for. */
struct visit {
	LIST_ENTRY(visit) same_bucket;
	TAILQ_ENTRY(visit) next_writer;
	struct smtpd_in *all;
	uint64_t id;
	struct session *session;
	struct ask *ask;
	bool writes; /* is in the list of writers */
};

struct smtpd_in {
	struct ev_loop *loop;
	const struct session_options *options;
	struct asker *asker;
	struct buffer in, out;
	ev_io reads, writes;
	bool skipping; /* the rest of a line that is too long */
	bool told;     /* the log knows of lines that are not understood */
	LIST_HEAD(bucket, visit) buckets[BUCKETS];
	TAILQ_HEAD(, visit) writers;
};

/* ---- visits ---- */

static struct bucket *
bucket_of(struct smtpd_in *all, uint64_t id)
{
	return &all->buckets[(id ^ id >> 32) % BUCKETS];
}

static struct visit *
visit_find(struct smtpd_in *all, uint64_t id)
{
	struct visit *v;

	LIST_FOREACH(v, bucket_of(all, id), same_bucket)
	if (v->id == id)
		return v;
	return NULL;
}

static struct visit *
visit_new(struct smtpd_in *all, uint64_t id)
{
	struct visit *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->all = all;
	v->id = id;
	v->session = session_new(all->options, id);
	if (v->session == NULL) {
		free(v);
		return NULL;
	}
	LIST_INSERT_HEAD(bucket_of(all, id), v, same_bucket);
	return v;
}

static void
visit_free(struct visit *v)
{
	ask_free(v->ask);
	session_free(v->session);
	if (v->writes)
		TAILQ_REMOVE(&v->all->writers, v, next_writer);
	LIST_REMOVE(v, same_bucket);
	free(v);
}

static void visit_serve(struct visit *, enum session_want);

static void
log_put_off(const struct visit *v, const char *why)
{
	log_warnx("queue=%s put off: %s", session_queue_id(v->session), why);
}

static void
on_answer(void *arg, const struct answer *answer, const char *why)
{
	struct visit *v = arg;
	enum session_want want;

	if (answer == NULL)
		log_put_off(v, why);
	want = session_answer(v->session, answer);
	ask_free(v->ask);
	v->ask = NULL;
	visit_serve(v, want);
}

static enum session_want
ask(struct visit *v)
{
	struct buffer request = { 0 };

	if (session_request(v->session, &request) == 0)
		v->ask = ask_new(v->all->asker, &request, on_answer, v);
	buffer_free(&request);
	if (v->ask != NULL)
		return SESSION_WANTS_ANSWER;
	log_put_off(v, "out of memory");
	return session_answer(v->session, NULL);
}

static void
write_later(struct visit *v, bool writes)
{
	if (writes && !v->writes)
		TAILQ_INSERT_TAIL(&v->all->writers, v, next_writer);
	else if (!writes && v->writes)
		TAILQ_REMOVE(&v->all->writers, v, next_writer);
	v->writes = writes;
}

/* What it waits for is seen to. */
static void
visit_serve(struct visit *v, enum session_want want)
{
	if (want != SESSION_WANTS_ANSWER) {
		ask_free(v->ask);
		v->ask = NULL;
	} else if (v->ask == NULL) {
		want = ask(v);
	}
	write_later(v, want == SESSION_WANTS_ROOM);
	if (v->writes || v->all->out.len > 0)
		ev_io_start(v->all->loop, &v->all->writes);
}

/* ---- lines ---- */

static void
hear(struct visit *v, const struct smtpd_event *e)
{
	enum session_want want = session_event(v->session, e, &v->all->out);

	/* Other trouble was told when the message was given back. */
	if (smtpd_text_is(e->name, "commit") &&
	    session_trouble(v->session)[0] != '\0')
		log_put_off(v, session_trouble(v->session));
	visit_serve(v, want);
}

static void
take_event(struct smtpd_in *all, const struct smtpd_event *e)
{
	struct visit *v = visit_find(all, e->session);

	if (v == NULL && e->kind == SMTPD_REPORT &&
	    smtpd_text_is(e->name, "link-connect"))
		v = visit_new(all, e->session);
	if (v == NULL)
		session_refuse(e, &all->out);
	else if (smtpd_text_is(e->name, "link-disconnect"))
		visit_free(v);
	else
		hear(v, e);
}

static void
take_line(struct smtpd_in *all, const char *line, size_t n, bool cut)
{
	struct smtpd_event e;

	if (smtpd_line_parse(&e, line, n) == -1) {
		if (!all->told)
			log_warnx("smtpd says what is not understood: %.*s",
			    (int)(n < 200 ? n : 200), line);
		all->told = true;
		return;
	}
	e.cut = cut;
	if (e.kind != SMTPD_CONFIG)
		take_event(all, &e);
	else if (smtpd_text_is(e.name, "ready") &&
	    session_register(&all->out) == -1)
		log_warnx("out of memory: smtpd will wait for us");
}

/* Of a line that is too long the beginning is taken and the rest dropped. */
static bool
take_one(struct smtpd_in *all)
{
	char *line = (char *)all->in.data;
	char *lf = all->in.len > 0 ? memchr(line, '\n', all->in.len) : NULL;
	size_t n = lf != NULL ? (size_t)(lf - line) : all->in.len;
	bool cut = n > SMTPD_LINE_MAX;

	if (lf == NULL && !cut && !all->skipping)
		return false;
	if (!all->skipping)
		take_line(all, line, cut ? SMTPD_LINE_MAX : n, cut);
	all->skipping = lf == NULL;
	buffer_consume(&all->in, lf != NULL ? n + 1 : n);
	return all->in.len > 0;
}

static bool
may_take(const struct smtpd_in *all)
{
	return all->out.len < OUT_FULL;
}

static void
take_lines(struct smtpd_in *all)
{
	while (may_take(all) && take_one(all))
		;
	if (all->out.len > 0)
		ev_io_start(all->loop, &all->writes);
	if (!may_take(all))
		ev_io_stop(all->loop, &all->reads);
}

static void
on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct smtpd_in *all = w->data;
	ssize_t n = buffer_read(&all->in, w->fd, READ_MOST);

	(void)events;
	if (n > 0)
		take_lines(all);
	else if (n == 0 ||
	    (errno != EAGAIN && errno != EINTR && errno != ENOMEM))
		ev_break(loop, EVBREAK_ALL);
}

/* ---- writing ---- */

static void
fill(struct smtpd_in *all)
{
	struct visit *v;

	while (all->out.len < OUT_FILL / 2 &&
	    (v = TAILQ_FIRST(&all->writers)) != NULL) {
		size_t before = all->out.len;
		enum session_want want =
		    session_write(v->session, &all->out, OUT_FILL - before);

		write_later(v, false);
		if (want != SESSION_WANTS_ROOM &&
		    session_trouble(v->session)[0] != '\0')
			log_put_off(v, session_trouble(v->session));
		visit_serve(v, want);
		if (all->out.len == before) /* memory is out for now */
			return;
	}
}

static void
on_writable(struct ev_loop *loop, ev_io *w, int events)
{
	struct smtpd_in *all = w->data;

	(void)events;
	fill(all);
	if (all->out.len > 0 && buffer_write(&all->out, w->fd) == -1 &&
	    errno != EAGAIN && errno != EINTR) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	if (all->out.len == 0 && TAILQ_EMPTY(&all->writers))
		ev_io_stop(loop, w);
	if (may_take(all) && !ev_is_active(&all->reads)) {
		ev_io_start(loop, &all->reads);
		take_lines(all);
	}
}

/* ---- its life ---- */

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

struct smtpd_in *
smtpd_in_new(struct ev_loop *loop, int in, int out,
    const struct session_options *options, struct asker *asker)
{
	struct smtpd_in *all = calloc(1, sizeof(*all));

	/* What must be answered at once finds room, whatever happens. */
	if (all == NULL ||
	    buffer_reserve(&all->out, OUT_FULL + OUT_ROOM) == NULL ||
	    set_nonblocking(in) == -1 || set_nonblocking(out) == -1) {
		free(all);
		return NULL;
	}
	all->loop = loop;
	all->options = options;
	all->asker = asker;
	TAILQ_INIT(&all->writers);
	ev_io_init(&all->reads, on_readable, in, EV_READ);
	ev_io_init(&all->writes, on_writable, out, EV_WRITE);
	all->reads.data = all->writes.data = all;
	ev_io_start(loop, &all->reads);
	return all;
}

void
smtpd_in_free(struct smtpd_in *all)
{
	if (all == NULL)
		return;
	ev_io_stop(all->loop, &all->reads);
	ev_io_stop(all->loop, &all->writes);
	for (size_t i = 0; i < BUCKETS; i++)
		while (!LIST_EMPTY(&all->buckets[i]))
			visit_free(LIST_FIRST(&all->buckets[i]));
	buffer_free(&all->in);
	buffer_free(&all->out);
	free(all);
}
