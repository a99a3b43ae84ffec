/*
 * TLS between machines: our certificates, who may come by them, and whether
 * each publisher lets us in.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/check_publisher.h"
#include "admin/check_run.h"
#include "common/log.h"
#include "common/tls_context.h"
#include "common/tls_url.h"
#include "common/tls_user.h"
#include "publishd/config.h"
#include "reaperd/config.h"
#include "signerd/config.h"

enum { DAY = 24 * 60 * 60, SOON_DAYS = 30 };

#define VISIT_SECONDS 6.0 /* a little more than a handshake may take */

/* One of the daemons that use TLS here. */
struct side {
	const char *daemon;
	const struct tls_files *files;
	const struct strings *publishers; /* NULL: it is asked */
};

static const char *
days(char buf[24], time_t until)
{
	double left = difftime(until, time(NULL)) / DAY;

	snprintf(buf, 24, "%.0f", left > 0 ? floor(left) : 0);
	return buf;
}

static bool
is_soon(time_t until)
{
	return difftime(until, time(NULL)) < (double)SOON_DAYS * DAY;
}

/* ---- our certificate ---- */

static void
say_certificate(
    struct check_run *run, const struct side *s, struct tls_context *context)
{
	struct tls_own own;
	const char *why =
	    tls_context_judge(context, s->publishers == NULL, &own);
	char left[24];

	if (why != NULL)
		check_say(run->found,
		    own.timely ? FOUND_TLS_DOUBT : FOUND_TLS_TIME, s->daemon,
		    s->files->cert, why, NULL);
	else
		check_say(run->found,
		    is_soon(own.until) ? FOUND_TLS_SOON : FOUND_TLS_GOOD,
		    s->daemon, s->files->cert, days(left, own.until), NULL);
}

/* What it would log of age is a finding here. */
static void
say_nothing(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

/* As the daemon reads them. NULL: it is said why not. */
static struct tls_context *
files_read(struct check_run *run, const struct side *s)
{
	struct tls_context *context;
	char why[512];

	log_divert(say_nothing, NULL);
	context = tls_context_new(s->files, why, sizeof(why));
	log_divert(NULL, NULL);
	if (context == NULL)
		check_say(run->found,
		    errno == EACCES ? FOUND_TLS_HIDDEN : FOUND_TLS_FILES,
		    s->daemon, why, NULL);
	return context;
}

/* ---- its publishers ---- */

/* By the words of the system, of OpenSSL, and of what the other side told. */
static const struct {
	const char *part, *remedy;
} remedies[] = {
	{ "Connection refused",
	    "start publishd there; its listen must have that address and "
	    "port" },
	{ "in time",
	    "start publishd there; let all firewalls between, and "
	    "IPAddressAllow= of its unit, pass TCP from here to that port" },
	{ "mismatch",
	    "name it in publishers as its certificate does, or give it one "
	    "with that name among its DNS names" },
	{ "alert certificate expired",
	    "ours has expired, or the clock there is wrong" },
	{ "certificate has expired",
	    "make a new one there, or set the clock here" },
	{ "not yet valid", "set the clock that is wrong: timedatectl" },
	{ "alert unknown ca",
	    "put the authority of our certificate into tls-ca of publishd "
	    "there, and reload it" },
	{ "issuer", "put its authority into our tls-ca" },
	{ "self-signed", "put its authority into our tls-ca" },
	{ "purpose", "its certificate must be for serverAuth" },
	{ "known", "is that name in DNS, or in /etc/hosts?" },
	{ "resolution", "does the resolver in /etc/resolv.conf answer?" },
	{ "", "doc/scaling.md; the log of publishd there says more" },
};

static const char *
remedy_of(const char *why)
{
	size_t i = 0;

	while (strstr(why, remedies[i].part) == NULL)
		i++;
	return remedies[i].remedy;
}

static void
say_answered(struct check_run *run, const struct side *s, const char *url,
    const struct publisher_seen *seen)
{
	char ms[32], left[24];

	snprintf(ms, sizeof(ms), "%.0f", seen->seconds * 1000);
	check_say(run->found,
	    is_soon(seen->until) ? FOUND_PUBLISHER_SOON : FOUND_PUBLISHER_GOOD,
	    s->daemon, url, ms, days(left, seen->until), NULL);
}

/* It closes on whom it does not know, without a word; perhaps on what we say.
 */
static bool
is_shut_out(const struct publisher_seen *seen)
{
	return seen->stage == PUBLISHER_BELIEVED &&
	    (strstr(seen->why, "closed the connection") != NULL ||
		strcmp(seen->why, strerror(ECONNRESET)) == 0 ||
		strcmp(seen->why, strerror(EPIPE)) == 0);
}

static void
say_closed(struct check_run *run, const struct side *s, const char *url,
    struct tls_context *context)
{
	char *names = tls_context_names(context);

	check_say(run->found, FOUND_PUBLISHER_CLOSED, s->daemon, url,
	    names != NULL && names[0] != '\0' ? names : "(none)",
	    strcmp(s->daemon, "reaperd") == 0 ? "removers" : "signers", NULL);
	free(names);
}

static void
check_publisher(struct check_run *run, const struct side *s, const char *url,
    struct tls_context *context)
{
	struct publisher_seen seen;

	if (check_late(run, "publishers"))
		return;
	publisher_visit(run->loop, context, url,
	    fmin(check_left(run), VISIT_SECONDS), &seen);
	if (seen.stage == PUBLISHER_ANSWERED)
		say_answered(run, s, url, &seen);
	else if (is_shut_out(&seen))
		say_closed(run, s, url, context);
	else
		check_say(run->found, FOUND_PUBLISHER_AWAY, s->daemon, url,
		    seen.why, remedy_of(seen.why), NULL);
}

/* ---- who may come ---- */

static void
check_names(struct check_run *run, const struct publishd_config *p)
{
	bool listens = tls_urls_any(&p->listen);
	bool names = tls_users_any(&p->signers) || tls_users_any(&p->removers);

	if (listens && !names)
		check_say(run->found, FOUND_TLS_NOBODY, NULL);
	if (names && !listens)
		check_say(run->found, FOUND_TLS_UNHEARD, NULL);
}

static void
check_side(struct check_run *run, const struct side *s)
{
	struct tls_context *context = files_read(run, s);

	if (context == NULL)
		return;
	say_certificate(run, s, context);
	for (size_t i = 0; s->publishers != NULL && i < s->publishers->n; i++)
		if (tls_url_is(s->publishers->v[i]))
			check_publisher(run, s, s->publishers->v[i], context);
	tls_context_unref(context);
}

void
check_tls(struct check_run *run)
{
	const struct config *c = run->config;
	const struct publishd_config *p = config_section(c, &publishd_section);
	const struct signerd_config *s = config_section(c, &signerd_section);
	const struct reaperd_config *r = config_section(c, &reaperd_section);
	const struct side sides[] = {
		{ "publishd", &p->tls, NULL },
		{ "signerd", &s->tls, &s->publishers },
		{ "reaperd", &r->tls, &r->publishers },
	};

	signal(SIGPIPE, SIG_IGN); /* who closes on us is a finding */
	check_names(run, p);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (tls_urls_any(sides[i].publishers != NULL
			    ? sides[i].publishers
			    : &p->listen))
			check_side(run, &sides[i]);
}
