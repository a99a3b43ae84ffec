/*
 * Owns the loop: time, keys, signals, and when the picture is drawn. A frame
 * that the terminal has not taken yet is not followed by another one.
 */
#include "admin/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <ev.h>

#include "admin/screen.h"
#include "admin/status.h"
#include "admin/terminal.h"
#include "admin/watch_ask.h"
#include "admin/watch_key.h"
#include "admin/watch_view.h"

#define ASK_SECONDS 1.

enum { KEYS_BYTES = 64 };

static struct {
	struct ev_loop *loop;
	struct watch_view view;
	struct watch_ask *asks[STATUS_DAEMONS_MAX];
	struct screen *shown; /* by the terminal; NULL: not known */
	int columns, rows;
	bool here;   /* the terminal is ours now */
	bool stale;  /* what is shown */
	char *frame; /* being written */
	size_t frame_size, frame_done;
	ev_io key, room;
	ev_timer second;
	ev_prepare idle;
} w;

static void __attribute__((noreturn)) end(int code)
{
	terminal_leave();
	_exit(code); /* nng stays as it is: watch_ask.h */
}

static int
seen(void)
{
	struct status s[STATUS_DAEMONS_MAX];

	for (size_t i = 0; i < w.view.n; i++) {
		s[i] = w.view.daemons[i].status;
		if (!w.view.daemons[i].known)
			s[i].state = STATUS_UNKNOWN;
	}
	return status_exit_code(s, w.view.n);
}

/* ---- drawing ---- */

static void
frame_write(void)
{
	ssize_t n = write(
	    terminal_fd(), w.frame + w.frame_done, w.frame_size - w.frame_done);

	if (n == -1 && errno != EAGAIN && errno != EINTR)
		end(seen()); /* the terminal is gone */
	w.frame_done += n > 0 ? (size_t)n : 0;
	if (w.frame_done < w.frame_size) {
		ev_io_start(w.loop, &w.room);
		return;
	}
	ev_io_stop(w.loop, &w.room);
	free(w.frame);
	w.frame = NULL;
}

static void
on_room(EV_P_ ev_io *io, int revents)
{
	(void)loop;
	(void)io;
	(void)revents;
	frame_write();
}

/* Out of memory: the old picture stays until the next second. */
static void
draw(void)
{
	struct screen *s = screen_new(w.columns, w.rows);
	FILE *f;

	w.stale = false;
	if (s == NULL)
		return;
	f = open_memstream(&w.frame, &w.frame_size);
	if (f == NULL) {
		screen_free(s);
		return;
	}
	w.view.now = (uint64_t)time(NULL);
	watch_view_draw(&w.view, s);
	screen_paint(s, w.shown, f, terminal_has_colour());
	screen_free(w.shown);
	w.shown = s;
	fclose(f);
	w.frame_done = 0;
	frame_write();
}

static void
on_idle(EV_P_ ev_prepare *p, int revents)
{
	(void)loop;
	(void)p;
	(void)revents;
	if (w.here && w.stale && w.frame == NULL)
		draw();
}

static void
on_news(void *arg)
{
	(void)arg;
	w.stale = true;
}

static void
draw_anew(void)
{
	terminal_size(&w.columns, &w.rows);
	screen_free(w.shown);
	w.shown = NULL;
	w.stale = true;
}

static void
leave_terminal(void)
{
	w.here = false;
	terminal_leave();
	ev_io_stop(w.loop, &w.key);
	ev_io_stop(w.loop, &w.room);
	free(w.frame);
	w.frame = NULL;
}

/* A shell may have put us in the background: who touches its terminal then is
   stopped, and does not even end when asked to. */
static void
follow_terminal(void)
{
	int ours = terminal_ours();

	if (ours == -1)
		end(seen());
	if (ours == 0 && w.here)
		leave_terminal();
	if (ours == 0 || w.here)
		return;
	w.here = true;
	terminal_enter();
	draw_anew();
	ev_io_start(w.loop, &w.key);
}

/* ---- time ---- */

static void
on_second(EV_P_ ev_timer *t, int revents)
{
	(void)loop;
	(void)t;
	(void)revents;
	follow_terminal();
	for (size_t i = 0; i < w.view.n; i++)
		watch_ask_again(w.asks[i]);
	w.stale = true;
}

/* ---- keys ---- */

static void
choose(int which)
{
	if ((size_t)which > w.view.n)
		return;
	w.view.only = (size_t)which;
	w.view.skip = 0;
}

static void
scroll(int lines)
{
	size_t max = watch_view_skip_max(&w.view, w.rows);

	if (lines < 0 && w.view.skip > 0)
		w.view.skip--;
	else if (lines > 0)
		w.view.skip++;
	if (w.view.skip > max)
		w.view.skip = max;
}

static void
quit(int n)
{
	(void)n;
	end(seen());
}

static void
again(int n)
{
	(void)n;
	draw_anew();
}

static void (*const acts[WATCH_KEYS])(int) = {
	[WATCH_KEY_QUIT] = quit,
	[WATCH_KEY_CHOOSE] = choose,
	[WATCH_KEY_SCROLL] = scroll,
	[WATCH_KEY_AGAIN] = again,
};

static size_t
key_press(const char *octets)
{
	enum watch_key key;
	int n;
	size_t used = watch_key_next(octets, &key, &n);

	if (acts[key] != NULL) {
		acts[key](n);
		w.stale = true;
	}
	return used;
}

static void
on_key(EV_P_ ev_io *io, int revents)
{
	static char octets[KEYS_BYTES + 1];
	static size_t held; /* the beginning of a key */
	ssize_t n = read(terminal_fd(), octets + held, KEYS_BYTES - held);
	size_t len, at = 0, used = 1;

	(void)loop;
	(void)io;
	(void)revents;
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		end(seen());
	len = held + (n > 0 ? (size_t)n : 0);
	octets[len] = '\0';
	for (; at < len && used > 0; at += used)
		used = key_press(octets + at);
	held = len - at;
	memmove(octets, octets + at, held);
}

/* ---- signals ---- */

static void
on_resize(EV_P_ ev_signal *s, int revents)
{
	(void)loop;
	(void)s;
	(void)revents;
	draw_anew();
	scroll(0); /* not beyond the new end */
}

/* Back to the shell, and here again when it is continued. */
static void
on_suspend(EV_P_ ev_signal *s, int revents)
{
	(void)loop;
	(void)s;
	(void)revents;
	leave_terminal();
	raise(SIGSTOP);
	follow_terminal();
}

/* As the signal would have ended it, but with the terminal given back. */
static void
on_end(EV_P_ ev_signal *s, int revents)
{
	sigset_t one;

	(void)loop;
	(void)revents;
	terminal_leave();
	signal(s->signum, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, s->signum);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(s->signum);
}

static void
signals_start(void)
{
	static const struct {
		int number;
		void (*act)(EV_P_ ev_signal *, int);
	} rows[] = {
		{ SIGWINCH, on_resize },
		{ SIGTSTP, on_suspend },
		{ SIGINT, on_end },
		{ SIGTERM, on_end },
		{ SIGHUP, on_end },
		{ SIGQUIT, on_end },
	};
	static ev_signal watchers[sizeof(rows) / sizeof(rows[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ev_signal_init(&watchers[i], rows[i].act, rows[i].number);
		ev_signal_start(w.loop, &watchers[i]);
	}
	terminal_guard();
}

/* ---- beginning ---- */

static void
fail(int code, const char *why)
{
	fprintf(stderr, "dnsmail-status: --watch: %s\n", why);
	exit(code);
}

static void
daemons_start(const struct status *s, size_t n, const char *run_dir)
{
	w.view.n = n;
	w.view.utf8 = terminal_is_utf8();
	for (size_t i = 0; i < n; i++) {
		w.view.daemons[i].status = s[i];
		w.asks[i] = watch_ask_new(
		    w.loop, &w.view.daemons[i], run_dir, on_news, NULL);
		if (w.asks[i] == NULL)
			fail(EX_OSERR, "out of memory");
	}
}

static void
watchers_start(void)
{
	ev_io_init(&w.key, on_key, terminal_fd(), EV_READ);
	ev_io_init(&w.room, on_room, terminal_fd(), EV_WRITE);
	ev_timer_init(&w.second, on_second, 0., ASK_SECONDS);
	ev_timer_start(w.loop, &w.second);
	ev_prepare_init(&w.idle, on_idle);
	ev_prepare_start(w.loop, &w.idle);
}

void
watch_run(const struct status *s, size_t n, const char *run_dir)
{
	const char *why;

	if (terminal_open(&why) == -1)
		fail(EX_USAGE, why);
	w.loop = ev_default_loop(0);
	if (w.loop == NULL)
		fail(EX_OSERR, "no event loop");
	daemons_start(s, n, run_dir);
	signals_start();
	watchers_start();
	follow_terminal();
	ev_run(w.loop, 0);
	end(seen());
}
