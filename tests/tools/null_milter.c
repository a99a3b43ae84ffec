/*
 * null_milter [options] ENDPOINT...: a milter on our own server that accepts
 * every message and adds one header field: what a milter costs that does no
 * work, and the peer of the milter's black-box tests.
 *
 *   -H "NAME: VALUE"  the field (X-Null-Milter: seen)
 *   -b                want the body
 *   -d SECONDS        think so long about each message
 *   -r "451 TEXT"     refuse with this instead (4xx or 5xx)
 *   -t, -x, -q TEXT   tempfail, discard, quarantine
 *   -C                remove all fields Authentication-Results, the last first
 *   -m N, -i S, -p S  connections at most, idle limit, PROGRESS interval
 *   -w S, -e S        limits of a piece, and of a message to its end
 *   -R N              recipients at most
 *   -v                a line on stdout for each message
 *
 * It prints "ready" when it listens; TERM drains and ends it.
 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/endpoint.h"
#include "common/mail_server.h"
#include "common/milter_session.h"

struct options {
	char *field_name;
	const char *field_value;
	double delay;
	enum mail_verdict verdict;
	const char *text;
	const char *quarantine;
	bool clean, verbose;
};

/* What is known of a message: from headers to forget. */
struct message {
	struct mail *session;
	ev_timer thinks;
	size_t body;
	bool finished;
};

static struct options options = { .field_value = "seen" };

static const char *const fields[] = { "From", "Subject", "DNS-Mail-ID",
	"Authentication-Results", NULL };

static void
print_message(const struct mail_message *m, size_t body)
{
	printf("message addr=%s login=%s queue=%s sender=%s", m->client_addr,
	    m->auth_authen, m->queue_id, m->sender);
	for (size_t i = 0; i < m->n_recipients; i++)
		printf(" rcpt=\"%s\"", m->recipients[i]);
	for (size_t i = 0; i < m->n_fields; i++)
		printf(" %s/%u=\"%s\"", m->fields[i].name, m->fields[i].nth,
		    m->fields[i].value);
	printf(" body=%zu overflow=%d\n", body, (int)m->overflow);
}

static void
remove_results(struct mail *s)
{
	const struct mail_message *m = mail_message(s);

	for (size_t i = m->n_fields; i-- > 0;)
		if (strcmp(m->fields[i].name, "Authentication-Results") == 0)
			mail_remove(s, m->fields[i].name, m->fields[i].nth);
}

static void
decide(struct message *message)
{
	struct mail *s = message->session;

	if (options.verbose)
		print_message(mail_message(s), message->body);
	if (options.clean)
		remove_results(s);
	if (options.quarantine != NULL)
		mail_quarantine(s, options.quarantine);
	message->finished = true;
	if (mail_insert(s, 0, options.field_name, options.field_value) == -1)
		mail_finish(s, MAIL_TEMPFAIL, NULL);
	else
		mail_finish(s, options.verdict, options.text);
}

static void
on_thought(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	decide(w->data);
}

static void
on_headers(struct mail *s)
{
	struct message *message = calloc(1, sizeof(*message));

	if (message == NULL)
		abort();
	message->session = s;
	ev_timer_init(&message->thinks, on_thought, options.delay, 0.);
	message->thinks.data = message;
	mail_set_data(s, message);
}

static void
on_body(struct mail *s, const uint8_t *bytes, size_t n)
{
	struct message *message = mail_data(s);

	(void)bytes;
	message->body += n;
}

static void
on_eom(struct mail *s)
{
	struct message *message = mail_data(s);

	if (options.delay <= 0) {
		decide(message);
		return;
	}
	if (options.verbose)
		printf("thinks\n");
	ev_timer_start(EV_DEFAULT, &message->thinks);
}

static void
on_forget(struct mail *s)
{
	struct message *message = mail_data(s);

	if (options.verbose && !message->finished)
		printf("forgotten\n");
	ev_timer_stop(EV_DEFAULT, &message->thinks);
	free(message);
}

static struct mail_handler handler = {
	.name = "null_milter",
	.actions = MILTER_F_ADDHDRS | MILTER_F_CHGHDRS | MILTER_F_QUARANTINE,
	.fields = fields,
	.max_recipients = 1000,
	.headers = on_headers,
	.body = on_body,
	.eom = on_eom,
	.forget = on_forget,
};

static struct mail_server_limits limits = {
	.max_connections = 1000, .idle = 7200, .progress = 5
};

static void
on_drained(void *server)
{
	(void)server;
	printf("drained\n");
	ev_break(EV_DEFAULT, EVBREAK_ALL);
}

static void
on_term(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)loop;
	(void)events;
	printf("stopping\n");
	mail_server_stop(w->data, on_drained, NULL);
}

static void
set_field(const char *text)
{
	char *colon;

	free(options.field_name);
	options.field_name = strdup(text);
	colon =
	    options.field_name == NULL ? NULL : strchr(options.field_name, ':');
	if (colon == NULL || colon[1] != ' ') {
		fprintf(stderr, "null_milter: not a field: %s\n", text);
		exit(64);
	}
	*colon = '\0';
	options.field_value = colon + 2;
}

static void
set_refusal(const char *text)
{
	options.text = text;
	options.verdict = text[0] == '5' ? MAIL_REJECT : MAIL_TEMPFAIL;
}

static void
set_option(int option, const char *value)
{
	switch (option) {
	case 'H':
		set_field(value);
		break;
	case 'b':
		handler.wants_body = true;
		break;
	case 'd':
		options.delay = atof(value);
		break;
	case 'r':
		set_refusal(value);
		break;
	case 't':
		options.verdict = MAIL_TEMPFAIL;
		break;
	case 'x':
		options.verdict = MAIL_DISCARD;
		break;
	case 'q':
		options.quarantine = value;
		break;
	case 'C':
		options.clean = true;
		break;
	case 'm':
		limits.max_connections = (unsigned)atoi(value);
		break;
	case 'i':
		limits.idle = atof(value);
		break;
	case 'p':
		limits.progress = atof(value);
		break;
	case 'w':
		limits.piece = atof(value);
		break;
	case 'e':
		limits.message = atof(value);
		break;
	case 'R':
		handler.max_recipients = (size_t)atoi(value);
		break;
	case 'v':
		options.verbose = true;
		break;
	default:
		exit(64);
	}
}

static void
listen_at(struct mail_server *server, const char *text)
{
	struct endpoint e = { .text = (char *)text };
	const char *why = "cannot listen";
	int fd = -1;

	if (endpoint_parse(&e, text, &why) == 0)
		fd = endpoint_listen(&e, 0666, NULL);
	if (fd == -1 ||
	    mail_server_listen(server, &milter_protocol, fd) == -1) {
		fprintf(stderr, "null_milter: %s: %s\n", text, why);
		exit(69);
	}
}

int
main(int argc, char **argv)
{
	struct mail_server *server;
	ev_signal term;
	int c;

	set_field("X-Null-Milter: seen");
	while ((c = getopt(argc, argv, "H:bd:r:txq:Cm:i:p:w:e:R:v")) != -1)
		set_option(c, optarg);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	server = mail_server_new(EV_DEFAULT, &handler);
	if (server == NULL || optind == argc) {
		fprintf(stderr, "usage: null_milter [options] ENDPOINT...\n");
		return 64;
	}
	mail_server_limit(server, limits);
	for (int i = optind; i < argc; i++)
		listen_at(server, argv[i]);
	ev_signal_init(&term, on_term, SIGTERM);
	term.data = server;
	ev_signal_start(EV_DEFAULT, &term);
	printf("ready\n");
	ev_run(EV_DEFAULT, 0);
	mail_server_free(server);
	free(options.field_name);
	return 0;
}
