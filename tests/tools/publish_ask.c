/*
 * Plays signerd and reaperd against publishd:
 *
 *   publish_ask -u URL -d DOMAIN [options] add OWNER TEXT [TEXT...]
 *   publish_ask -u URL -d DOMAIN [options] remove OWNER TEXT [TEXT...]
 *   publish_ask -u URL -d DOMAIN [options] load
 *   publish_ask -u URL -d DOMAIN [options] broken
 *
 *   -n N     load, broken: so many requests (1000)
 *   -c N     load: so many at a time (1)
 *   -r N     load: records in a request, all at one name (1)
 *   -x       load: remove each again once it is there
 *   -a FILE  load: the owners of what was done, one per line, as it happens
 *   -t SEC   wait so long for an answer (20)
 *   -l TTL   of what is added (60)
 *   -T CA CERT KEY  the next three are files, for an url by TLS
 *   -s SEC   load: end after so many seconds, whatever N
 *
 * add and remove print the answer, "DONE" or "LATER why", and end with 0 only
 * when it is DONE. load prints one line of key=value and ends with 0 only when
 * all were DONE. broken sends requests of which some octets are wrong or the
 * end is missing, one after the other, and ends with 0 when each was answered.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/message_id.h"
#include "common/metrics.h"
#include "common/monotonic.h"
#include "common/publish_msg.h"
#include "common/publishers_out.h"
#include "common/record.h"

enum { OUTCOMES = PUB_STATUS__COUNT + 1, NO_ANSWER = PUB_STATUS__COUNT };

static struct {
	const char *url, *domain;
	struct tls_files tls;
	long n, parallel;
	size_t records;
	double timeout, seconds;
	uint32_t ttl;
	bool remove_again;
	FILE *acknowledged;
} options = {
	.n = 1000,
	.parallel = 1,
	.records = 1,
	.timeout = 20,
	.ttl = 60,
};

/* One request of a load, made anew as soon as it is answered. */
struct asker {
	struct publish_req req;
	struct publish_record *records;
	char (*texts)[RECORD_TEXT_MAX];
	char owner[MESSAGE_ID_NAME_MAX];
	double began;
};

static struct ev_loop *loop;
static struct ipc_client *client;
static long begun, ended, outcomes[OUTCOMES];
static double started;
static char last_reason[PUBLISH_REASON_MAX];
static struct metric_latency latency;
static int64_t no_value;
static const struct metric_row latency_row = { "answer", METRIC_LATENCY, "" };
static struct metrics latencies = {
	.rows = &latency_row, .n = 1, .values = &no_value, .latencies = &latency
};

/* --- requests and answers --- */

static void
die(const char *what)
{
	fprintf(stderr, "publish_ask: %s\n", what);
	exit(70);
}

static void
send_request(const struct publish_req *req, ipc_answer_fn *done, void *arg)
{
	size_t size = publish_req_size(req);
	uint8_t *data = malloc(size);
	struct wire w;

	if (data == NULL)
		die("no memory");
	wire_init(&w, data, size);
	publish_req_put(&w, req);
	if (!wire_done(&w) ||
	    ipc_call(client, data, w.pos, options.timeout, done, arg) == NULL)
		die("the request cannot be sent");
	free(data);
}

/* The status, or NO_ANSWER. */
static int
read_answer(enum ipc_result result, const uint8_t *data, size_t n,
    struct publish_answer *a)
{
	struct wire w;

	memset(a, 0, sizeof(*a));
	if (result != IPC_OK) {
		snprintf(a->reason, sizeof(a->reason), "no answer in time");
		return NO_ANSWER;
	}
	wire_init_read(&w, data, n);
	if (publish_answer_get(&w, a) == -1)
		die("a malformed answer");
	return (int)a->status;
}

static const char *
outcome_name(int outcome)
{
	return outcome == NO_ANSWER ? "NONE" : publish_status_names[outcome];
}

/* --- one --- */

static void
one_answered(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct publish_answer a;
	int *outcome = arg;

	*outcome = read_answer(result, data, n, &a);
	printf("%s%s%s\n", outcome_name(*outcome),
	    a.reason[0] != '\0' ? " " : "", a.reason);
	fflush(stdout);
	ev_break(loop, EVBREAK_ALL);
}

static int
one(enum publish_op op, char **args, int n)
{
	struct publish_req req = { .op = op, .ttl = options.ttl };
	int outcome = NO_ANSWER;

	if (n < 2)
		die("an owner and a text are needed");
	snprintf(req.domain, sizeof(req.domain), "%s", options.domain);
	req.n = (size_t)n - 1;
	req.records = calloc(req.n, sizeof(req.records[0]));
	if (req.records == NULL)
		die("no memory");
	for (size_t i = 0; i < req.n; i++)
		req.records[i] = (struct publish_record){ .owner = args[0],
			.text = args[i + 1],
			.text_len = strlen(args[i + 1]) };
	send_request(&req, one_answered, &outcome);
	ev_run(loop, 0);
	free(req.records);
	return outcome == PUB_DONE ? 0 : 1;
}

/* --- many --- */

static void
asker_write(struct asker *a, size_t i, const char *owner)
{
	struct record r = { .date = time(NULL) };

	snprintf(r.to.local, sizeof(r.to.local), "claire%zu", i);
	snprintf(r.to.domain, sizeof(r.to.domain), "nonprofit.org");
	snprintf(r.from.local, sizeof(r.from.local), "martha");
	snprintf(r.from.domain, sizeof(r.from.domain), "%s", options.domain);
	a->records[i].owner = owner;
	a->records[i].text = a->texts[i];
	a->records[i].text_len = record_put(a->texts[i], &r);
}

static bool
load_is_over(void)
{
	return begun == options.n ||
	    (options.seconds > 0 &&
		monotonic_now() - started >= options.seconds);
}

static void asker_answered(
    void *arg, enum ipc_result, const uint8_t *data, size_t n);

static void
asker_ask(struct asker *a, enum publish_op op)
{
	a->req.op = op;
	a->began = monotonic_now();
	send_request(&a->req, asker_answered, a);
}

static void
asker_begin(struct asker *a)
{
	uint8_t random[MESSAGE_ID_RANDOM];
	struct message_id id;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		die("no random octets");
	message_id_make(&id, random, options.domain);
	message_id_name(&id, a->owner);
	for (size_t i = 0; i < options.records; i++)
		asker_write(a, i, a->owner);
	begun++;
	asker_ask(a, PUB_ADD);
}

static void
asker_answered(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct asker *a = arg;
	struct publish_answer answer;
	int outcome = read_answer(result, data, n, &answer);

	metric_observe(&latencies, 0, monotonic_now() - a->began);
	if (outcome != PUB_DONE)
		memcpy(last_reason, answer.reason, sizeof(last_reason));
	else if (a->req.op == PUB_ADD && options.acknowledged != NULL)
		fprintf(options.acknowledged, "%s\n", a->owner);
	if (outcome == PUB_DONE && a->req.op == PUB_ADD &&
	    options.remove_again) {
		asker_ask(a, PUB_REMOVE);
		return;
	}
	outcomes[outcome]++;
	ended++;
	if (!load_is_over())
		asker_begin(a);
	else if (ended == begun)
		ev_break(loop, EVBREAK_ALL);
}

static void
asker_init(struct asker *a)
{
	a->records = calloc(options.records, sizeof(a->records[0]));
	a->texts = calloc(options.records, sizeof(a->texts[0]));
	if (a->records == NULL || a->texts == NULL)
		die("no memory");
	snprintf(a->req.domain, sizeof(a->req.domain), "%s", options.domain);
	a->req.ttl = options.ttl;
	a->req.n = options.records;
	a->req.records = a->records;
}

static void
load_report(double seconds)
{
	printf("requests=%ld", ended);
	for (int i = 0; i < OUTCOMES; i++)
		printf(" %s=%ld", outcome_name(i), outcomes[i]);
	printf(" sec=%.3f per_sec=%.0f p50_ms=%.2f p99_ms=%.2f reason=\"%s\"\n",
	    seconds, (double)ended / seconds,
	    metric_quantile(&latency, 0.5) * 1e3,
	    metric_quantile(&latency, 0.99) * 1e3, last_reason);
}

static int
load(void)
{
	struct asker *askers =
	    calloc((size_t)options.parallel, sizeof(askers[0]));

	if (askers == NULL)
		die("no memory");
	started = monotonic_now();
	for (long i = 0; i < options.parallel; i++)
		asker_init(&askers[i]);
	for (long i = 0; i < options.parallel && !load_is_over(); i++)
		asker_begin(&askers[i]);
	ev_run(loop, 0);
	load_report(monotonic_now() - started);
	for (long i = 0; i < options.parallel; i++) {
		free(askers[i].records);
		free(askers[i].texts);
	}
	free(askers);
	return outcomes[PUB_DONE] == ended ? 0 : 1;
}

/* --- broken ones --- */

static uint8_t whole[4096];
static size_t whole_len;

static size_t
break_it(uint8_t *data)
{
	size_t len = whole_len;

	memcpy(data, whole, whole_len);
	for (long i = random() % 4; i >= 0; i--)
		data[(size_t)random() % len] = (uint8_t)random();
	if (random() % 2 == 0)
		len = (size_t)random() % whole_len;
	return len;
}

static void broken_ask(void);

static void
broken_answered(
    void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct publish_answer a;

	(void)arg;
	outcomes[read_answer(result, data, n, &a)]++;
	if (++ended == options.n)
		ev_break(loop, EVBREAK_ALL);
	else
		broken_ask();
}

static void
broken_ask(void)
{
	uint8_t data[sizeof(whole)];
	size_t len = break_it(data);

	if (ipc_call(client, data, len, options.timeout, broken_answered,
		NULL) == NULL)
		die("the request cannot be sent");
}

/* The same ones in each run. */
static int
broken(void)
{
	struct asker a = { 0 };
	struct wire w;

	srandom(1);
	asker_init(&a);
	snprintf(a.owner, sizeof(a.owner), "broken.%s", options.domain);
	for (size_t i = 0; i < options.records; i++)
		asker_write(&a, i, a.owner);
	wire_init(&w, whole, sizeof(whole));
	publish_req_put(&w, &a.req);
	whole_len = w.pos;
	started = monotonic_now();
	broken_ask();
	ev_run(loop, 0);
	load_report(monotonic_now() - started);
	free(a.records);
	free(a.texts);
	return outcomes[NO_ANSWER] == 0 ? 0 : 1;
}

/* --- the command line --- */

static void
usage(void)
{
	fprintf(stderr,
	    "usage: publish_ask -u URL -d DOMAIN [-x] [-n N] [-c PARALLEL]\n"
	    "    [-r RECORDS] [-a FILE] [-t SEC] [-s SEC] [-l TTL]\n"
	    "    add OWNER TEXT... | remove OWNER TEXT... | load |\n"
	    "    broken\n");
	exit(64);
}

static FILE *
open_lines(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		die("the file of the owners cannot be written");
	setvbuf(f, NULL, _IOLBF, 0);
	return f;
}

static void
read_options(int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "u:d:n:c:r:xa:t:s:l:T:")) != -1) {
		if (ch == 'u')
			options.url = optarg;
		else if (ch == 'd')
			options.domain = optarg;
		else if (ch == 'n')
			options.n = atol(optarg);
		else if (ch == 'c')
			options.parallel = atol(optarg);
		else if (ch == 'r')
			options.records = (size_t)atol(optarg);
		else if (ch == 'x')
			options.remove_again = true;
		else if (ch == 'a')
			options.acknowledged = open_lines(optarg);
		else if (ch == 't')
			options.timeout = atof(optarg);
		else if (ch == 'T' && optind + 1 < argc)
			options.tls = (struct tls_files){ optarg, argv[optind],
				argv[optind + 1] },
			optind += 2;
		else if (ch == 's')
			options.seconds = atof(optarg);
		else if (ch == 'l')
			options.ttl = (uint32_t)atol(optarg);
		else
			usage();
	}
	if (options.url == NULL || options.domain == NULL || optind == argc ||
	    options.n < 1 || options.parallel < 1 || options.records < 1)
		usage();
}

static struct ipc_client *
connect_to(char **url)
{
	const struct strings urls = { url, 1 };
	struct publishers_options o = { .urls = &urls };
	struct ipc_client *c;

	signal(SIGPIPE, SIG_IGN);
	if (publishers_out_tls(&urls, &options.tls, NULL, "-T", &o.tls) == -1)
		die("no certificate");
	c = publishers_out_new(loop, &o);
	tls_context_unref(o.tls);
	return c;
}

int
main(int argc, char **argv)
{
	const char *command;
	int result = 64;

	read_options(argc, argv);
	loop = ev_default_loop(0);
	client = connect_to((char **)&options.url);
	if (client == NULL)
		die("no client");
	command = argv[optind++];
	if (strcmp(command, "add") == 0)
		result = one(PUB_ADD, argv + optind, argc - optind);
	else if (strcmp(command, "remove") == 0)
		result = one(PUB_REMOVE, argv + optind, argc - optind);
	else if (strcmp(command, "load") == 0)
		result = load();
	else if (strcmp(command, "broken") == 0)
		result = broken();
	else
		usage();
	if (options.acknowledged != NULL)
		fclose(options.acknowledged);
	ipc_client_free(client);
	ipc_end();
	return result;
}
