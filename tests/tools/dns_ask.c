/*
 * dns_ask [-acqrT] [-n COUNT] [-w WINDOW] [-t SECONDS] ADDRESS@PORT NAME [TYPE]
 *
 * Asks with dns_exchange and tells how it went: one line for each question,
 * the strings of the TXT records after it, and one line at the end with what
 * it took. So the daemons' way of asking can be tested and measured alone.
 *
 *  -a  set AD          -r  set RD
 *  -T  TCP from the start
 *  -q  the last line only; exit 1 unless all were answered
 *  -c  cancel each question right after it was asked
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/dns_exchange.h"

static const char *const outcomes[DNS_OUTCOME__COUNT] = {
	[DNS_ANSWERED] = "answered",
	[DNS_TIMED_OUT] = "timed-out",
	[DNS_UNREACHABLE] = "unreachable",
	[DNS_GARBLED] = "garbled",
	[DNS_OVER_BUDGET] = "over-budget",
};

static struct ask {
	struct dns_exchange *exchange;
	struct dns_limits limits;
	struct net_address server;
	struct dns_question question;
	double timeout;
	long count, window, begun, ended, answered;
	bool quiet, cancel, asking;
	int status;
} ask = { .count = 1, .window = 1, .timeout = 5 };

static void
print_strings(const struct dns_reply *reply)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;
	char text[65536];
	size_t n;

	if (dns_reader_open(&r, reply->msg, reply->len, &h) == -1)
		return;
	while (h.qd-- > 0)
		dns_reader_question(&r, &name, &type, &class);
	while (h.an-- > 0 && dns_reader_rr(&r, &rr) == 0)
		if (rr.type == DNS_TXT &&
		    dns_txt(&rr, text, sizeof(text), &n) == 0)
			printf("\"%s\"\n", text);
}

static void more(struct ask *);

static void
answered(void *arg, const struct dns_reply *reply)
{
	struct ask *a = arg;

	if (a->asking)
		errx(1, "called back inside dns_exchange_ask()");
	a->ended++;
	if (reply->outcome == DNS_ANSWERED)
		a->answered++;
	else
		a->status = 1;
	if (!a->quiet) {
		printf("%s: %s aa=%d ad=%d\n", outcomes[reply->outcome],
		    reply->why, reply->aa, reply->ad);
		if (reply->outcome == DNS_ANSWERED)
			print_strings(reply);
	}
	more(a);
}

static void
begin(struct ask *a)
{
	struct dns_query *q;

	a->begun++;
	a->asking = true;
	q = dns_exchange_ask(
	    a->exchange, &a->server, &a->question, a->timeout, answered, a);
	a->asking = false;
	if (q == NULL)
		err(1, "dns_exchange_ask");
	if (a->cancel) {
		dns_query_cancel(q);
		a->ended++;
	}
}

static void
more(struct ask *a)
{
	while (a->begun < a->count && a->begun - a->ended < a->window)
		begin(a);
}

/* Those that stand open now, without the one that looks. */
static int
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (dir == NULL)
		err(1, "/proc/self/fd");
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 3; /* ".", ".." and dir's own */
}

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
run(struct ask *a, struct ev_loop *loop)
{
	double from = seconds(), cpu = cpu_us(), took;
	int before = descriptors();

	ev_now_update(loop); /* deadlines count from there */
	more(a);
	ev_run(loop, 0);
	took = seconds() - from;
	printf("asked=%ld answered=%ld ms=%.0f per-second=%.0f "
	       "cpu-us-each=%.1f packets=%llu strays=%llu pending=%zu "
	       "descriptors-left=%d\n",
	    a->begun, a->answered, took * 1e3, (double)a->ended / took,
	    (cpu_us() - cpu) / (double)a->begun,
	    (unsigned long long)dns_exchange_packets(a->exchange),
	    (unsigned long long)dns_exchange_strays(a->exchange),
	    dns_exchange_pending(a->exchange), descriptors() - before);
}

static uint16_t
type_of(const char *text)
{
	static const struct {
		const char *text;
		uint16_t type;
	} types[] = { { "TXT", DNS_TXT }, { "A", DNS_A }, { "SOA", DNS_SOA } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].text, text) == 0)
			return types[i].type;
	errx(2, "%s: unknown type", text);
}

static void
options(struct ask *a, int argc, char **argv)
{
	struct dns_question *q = &a->question;

	for (int c; (c = getopt(argc, argv, "acrTqn:w:t:")) != -1;)
		switch (c) {
		case 'a':
			q->flags |= DNS_AD;
			break;
		case 'c':
			a->cancel = true;
			break;
		case 'r':
			q->flags |= DNS_RD;
			break;
		case 'T':
			q->tcp = true;
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'n':
			a->count = atol(optarg);
			break;
		case 'w':
			a->window = atol(optarg);
			break;
		case 't':
			a->timeout = atof(optarg);
			break;
		default:
			exit(2);
		}
	argc -= optind;
	argv += optind;
	if (argc < 2 || argc > 3 ||
	    net_address_parse(&a->server, argv[0], strlen(argv[0])) == -1)
		errx(2, "usage: dns_ask [options] ADDRESS@PORT NAME [TYPE]");
	if (dns_name_parse(&q->name, argv[1]) == -1)
		errx(2, "%s: no name", argv[1]);
	q->type = type_of(argc == 3 ? argv[2] : "TXT");
}

int
main(int argc, char **argv)
{
	struct ev_loop *loop = ev_default_loop(0);

	options(&ask, argc, argv);
	ask.limits.queries = (unsigned)ask.window;
	ask.exchange = dns_exchange_new(loop, &ask.limits);
	if (loop == NULL || ask.exchange == NULL)
		errx(1, "out of memory");
	run(&ask, loop);
	dns_exchange_free(ask.exchange);
	ev_loop_destroy(loop);
	return ask.status;
}
