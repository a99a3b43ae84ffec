/*
 * dnsmail-recall: withdraws what was sent. It counts, asks the administrator,
 * and has reaperd do it. It ends with 0 all is as was asked, 1 not so (or the
 * administrator said no), 64 wrong use, 69 reaperd is not there, 77 not for
 * this user, 78 wrong configuration.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "admin/recall_ask.h"
#include "admin/recall_options.h"
#include "admin/recall_when.h"
#include "common/config.h"
#include "common/log.h"

enum { NOT_DONE = 1, LOOK_MS = 200 };

static volatile sig_atomic_t interrupted;

/* nng's threads are left as they stand: recall_ask.c. */
static void __attribute__((noreturn)) leave(int code)
{
	fflush(stdout);
	_exit(code);
}

static void __attribute__((noreturn)) cannot_ask(enum recall_asked asked)
{
	fprintf(stderr, "dnsmail-recall: %s\n", recall_asked_words[asked]);
	leave(asked == RECALL_FORBIDDEN ? EX_NOPERM : EX_UNAVAILABLE);
}

/* ---- what is shown ---- */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "record" : "records";
}

/* On a terminal, in place of the line before. */
static void
show_progress(const struct recall_answer *a, bool withdraw)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%" PRIu64 " %s looked at, %" PRIu64 " match",
	    a->seen, plural(a->seen), a->matched);
	if (withdraw)
		fprintf(stderr, ", %" PRIu64 " withdrawn", a->withdrawn);
	fprintf(stderr, "\033[K");
}

static void
clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* What stands in DNS may hold anything: it is quoted. */
static void
show_sample(const struct recall_sample *s)
{
	char id[RECALL_VALUE_MAX], from[RECALL_VALUE_MAX], to[RECALL_VALUE_MAX];
	char when[RECALL_WHEN_BYTES];

	log_quote(id, sizeof(id), s->id, strlen(s->id));
	log_quote(from, sizeof(from), s->from, strlen(s->from));
	log_quote(to, sizeof(to), s->to, strlen(s->to));
	printf("  %s  %s\n    from %s to %s\n", recall_when_text(when, s->date),
	    id, from, strcmp(s->to, "#") == 0 ? "(blinded)" : to);
}

static void
show_count(const struct recall_answer *a)
{
	printf("%" PRIu64 " of %" PRIu64 " message records match%s\n",
	    a->matched, a->seen, a->matched == 0 ? "." : ":");
	for (size_t i = 0; i < a->n_samples; i++)
		show_sample(&a->samples[i]);
	if (a->matched > a->n_samples)
		printf("  and %" PRIu64 " more\n", a->matched - a->n_samples);
}

/* ---- asking ---- */

static enum recall_asked
step(struct recall_req *req, enum recall_op op, struct recall_answer *a)
{
	req->op = op;
	return recall_ask(req, a);
}

/* Until it is over. Interrupted, it asks for that, and waits for it. */
static void
follow(struct recall_req *req, bool withdraw, struct recall_answer *a)
{
	enum recall_asked asked =
	    step(req, withdraw ? RECALL_WITHDRAW : RECALL_COUNT, a);

	while (asked == RECALL_ANSWERED && a->state == RECALL_RUNNING) {
		show_progress(a, withdraw);
		poll(NULL, 0, LOOK_MS);
		asked = step(req, interrupted ? RECALL_STOP : RECALL_LOOK, a);
	}
	clear_progress();
	if (asked == RECALL_ANSWERED && a->state != RECALL_UNKNOWN)
		return;
	if (withdraw)
		fprintf(stderr,
		    "dnsmail-recall: lost sight of it after %" PRIu64
		    " %s; what is withdrawn stays so, the same command does "
		    "the rest\n",
		    a->withdrawn, plural(a->withdrawn));
	if (asked != RECALL_ANSWERED)
		cannot_ask(asked);
	fprintf(stderr, "dnsmail-recall: reaperd was started anew meanwhile\n");
	leave(NOT_DONE);
}

/* A number that nobody else has: what is begun is known by it. */
static uint64_t
job_number(void)
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = (uint64_t)time(NULL) << 32 | (uint64_t)getpid();
	return n;
}

/* The system says who wrote it; reaperd, which may not see that, logs the same
   number. */
static void
tell(const struct recall_req *req, bool withdraw)
{
	syslog(LOG_INFO, "action=%s ask=%016" PRIx64,
	    withdraw ? "recall-asked" : "recall-dry-run-asked", req->job);
}

static void
count(struct recall_req *req)
{
	struct recall_answer a = { 0 };

	req->job = job_number();
	tell(req, false);
	follow(req, false, &a);
	if (a.state != RECALL_DONE) {
		fprintf(stderr, "dnsmail-recall: nothing is withdrawn: %s\n",
		    a.reason);
		leave(NOT_DONE);
	}
	show_count(&a);
	if (a.matched == 0)
		leave(EX_OK);
}

static void
confirm(void)
{
	char line[16];

	printf("Withdraw them? Receivers that verify from then on say fail. "
	       "Type yes: ");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    strcmp(line, "yes\n") == 0)
		return;
	printf("\nNothing is withdrawn.\n");
	leave(NOT_DONE);
}

/* What was found and is not gone may be less than all of it. */
static void
show_unfinished(const struct recall_answer *a)
{
	fprintf(stderr,
	    "dnsmail-recall: not all is withdrawn: %s\n"
	    "%" PRIu64 " %s withdrawn; %" PRIu64
	    " found and not withdrawn; there may be more\n"
	    "The same command does the rest.\n",
	    a->reason, a->withdrawn, plural(a->withdrawn),
	    a->matched - a->withdrawn);
}

static void __attribute__((noreturn)) withdraw(struct recall_req *req)
{
	struct recall_answer a = { 0 };

	req->job = job_number();
	tell(req, true);
	follow(req, true, &a);
	if (a.state == RECALL_DONE) {
		printf("%" PRIu64 " %s withdrawn, of %" PRIu64 " looked at.\n",
		    a.withdrawn, plural(a.withdrawn), a.seen);
		leave(EX_OK);
	}
	if (a.state == RECALL_REFUSED)
		fprintf(stderr, "dnsmail-recall: nothing is withdrawn: %s\n",
		    a.reason);
	else
		show_unfinished(&a);
	leave(NOT_DONE);
}

/* ---- the command ---- */

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* Without SA_RESTART: at the question it is a no. */
static void
catch_interrupts(void)
{
	struct sigaction sa = { .sa_handler = on_interrupt };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void
complain(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "dnsmail-recall: %s\n", text);
}

int
main(int argc, char **argv)
{
	static struct recall_options options;
	struct config *config;
	enum recall_asked asked;

	openlog("dnsmail-recall", LOG_PID, LOG_AUTHPRIV);
	recall_options_read(&options, argc, argv, (int64_t)time(NULL));
	config = config_load(options.config, complain, NULL);
	if (config == NULL)
		return EX_CONFIG;
	asked = recall_ask_open(config_global(config)->run_dir);
	config_unref(config);
	if (asked != RECALL_ANSWERED)
		cannot_ask(asked);
	catch_interrupts();
	if (!options.yes)
		count(&options.req);
	if (options.dry_run)
		leave(EX_OK);
	if (!options.yes)
		confirm();
	withdraw(&options.req);
}
