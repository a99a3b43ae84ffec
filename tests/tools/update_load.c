/*
 * update_load -s ADDRESS[@PORT] -z ZONE [-k KEYFILE] [-b RECORDS]
 *             [-n UPDATES] [-w IN-FLIGHT]
 * update_load -z ZONE -g COUNT
 *
 * The first sends UPDATEs with message records as fast as the server takes
 * them, over one TCP connection, and verifies each answer. One line at the
 * end: the rate, and how long the answers took. With -b 1 -w 1 (as if not
 * given) that is what one record costs that is published alone.
 *
 * The second prints the lines of a zone file with that many message records,
 * at names relative to ZONE.
 *
 *  -a SECONDS  the records' dates are spread over so long a time before now
 *              (without it: all are of now)
 *  -t TTL      of the records (60)
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/dns_message.h"
#include "common/dns_stream.h"
#include "common/monotonic.h"
#include "common/tsig.h"
#include "publishd/update_build.h"

enum { BATCH_MAX = 1000, WINDOW_MAX = 1000, LABEL = 26, TEXT = 160 };

static struct load {
	const char *zone;
	struct net_address server;
	struct tsig_key *key;
	long batch, updates, window, generate, age;
	uint32_t ttl;

	struct ev_loop *loop;
	struct dns_stream *stream;
	long begun, ended;
	double *took; /* seconds, of each UPDATE that has ended */
	struct flight {
		bool used;
		double from;
		struct tsig_mac mac;
	} flights[WINDOW_MAX]; /* by query ID */
} load = { .batch = 1, .updates = 1000, .window = 1, .ttl = 60 };

/* ---- records --------------------------------------------------------------
 */

static void
make_label(char label[LABEL + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	static uint8_t pool[256];
	static size_t left;

	if (left < LABEL) {
		if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
			err(1, "getrandom");
		left = sizeof(pool);
	}
	for (size_t i = 0; i < LABEL; i++)
		label[i] = alphabet[pool[--left] & 31];
	label[LABEL] = '\0';
}

/* The n-th of `of` records. */
static size_t
make_text(char text[TEXT], long n, long of)
{
	time_t date = time(NULL) -
	    (of > 0 ? (long)((double)load.age * (double)n / (double)of) : 0);
	char when[64];
	struct tm tm;

	gmtime_r(&date, &tm);
	strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	return (size_t)snprintf(text, TEXT,
	    "To:reader%ld@nonprofit.org*From:martha@%s*date=%s", n % 1000,
	    load.zone, when);
}

static void
generate(const struct load *l)
{
	char label[LABEL + 1], text[TEXT];

	for (long i = 0; i < l->generate; i++) {
		make_label(label);
		make_text(text, i, l->generate);
		printf("%s %u TXT \"%s\"\n", label, l->ttl, text);
	}
	if (fflush(stdout) == EOF)
		err(1, "stdout");
}

/* ---- UPDATEs --------------------------------------------------------------
 */

/* With `batch` new records, into buf; its length. */
static size_t
make_update(const struct load *l, uint8_t *buf, uint16_t id)
{
	static struct update_change changes[BATCH_MAX];
	static char owners[BATCH_MAX][LABEL + 1 + 256], texts[BATCH_MAX][TEXT];
	char label[LABEL + 1];
	size_t len;

	for (long i = 0; i < l->batch; i++) {
		make_label(label);
		snprintf(owners[i], sizeof(owners[i]), "%s.%s", label, l->zone);
		changes[i] = (struct update_change){
			.op = PUB_ADD,
			.ttl = l->ttl,
			.owner = owners[i],
			.text = texts[i],
			.text_len = make_text(texts[i], l->begun * l->batch + i,
			    l->updates * l->batch),
		};
	}
	len = update_build(
	    buf, UPDATE_MAX, id, l->zone, changes, (size_t)l->batch);
	if (len == 0)
		errx(1, "%ld records do not fit in one UPDATE", l->batch);
	return len;
}

static void
send_update(struct load *l, uint16_t id)
{
	static uint8_t buf[UPDATE_MAX];
	struct flight *f = &l->flights[id];
	size_t len = make_update(l, buf, id);

	if (l->key != NULL &&
	    tsig_sign(l->key, buf, &len, sizeof(buf), (uint64_t)time(NULL),
		&f->mac) == -1)
		errx(1, "no room for the signature");
	l->begun++;
	f->used = true;
	f->from = monotonic_now();
	if (dns_stream_send(l->stream, buf, len) == -1)
		err(1, "dns_stream_send");
}

static void
check_answer(const struct load *l, const uint8_t *msg, size_t len,
    const struct dns_header *h)
{
	struct tsig_detail d;
	enum tsig_result result = TSIG_OK;

	if (h->id >= l->window || !l->flights[h->id].used)
		errx(1, "an answer to no UPDATE of ours");
	if (l->key != NULL)
		result = tsig_verify(l->key, msg, len, &l->flights[h->id].mac,
		    (uint64_t)time(NULL), &d);
	if ((h->flags & 15) != 0 || result != TSIG_OK)
		errx(1, "the server says %s, TSIG %s",
		    dns_rcode_text(h->flags & 15), tsig_result_names[result]);
}

static void
answer(void *arg, const uint8_t *msg, size_t len)
{
	struct load *l = arg;
	struct dns_reader r;
	struct dns_header h;

	if (dns_reader_open(&r, msg, len, &h) == -1)
		errx(1, "what came is no answer");
	check_answer(l, msg, len, &h);
	l->flights[h.id].used = false;
	l->took[l->ended++] = monotonic_now() - l->flights[h.id].from;
	if (l->begun < l->updates)
		send_update(l, h.id);
	else if (l->ended == l->updates)
		ev_break(l->loop, EVBREAK_ALL);
}

static void
closed(void *arg, const char *why)
{
	(void)arg;
	errx(1, "the connection: %s", why);
}

/* ---- the figures ----------------------------------------------------------
 */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile_ms(const struct load *l, double q)
{
	return l->took[(long)(q * (double)(l->ended - 1))] * 1e3;
}

static void
print_figures(const struct load *l, double seconds)
{
	double updates = (double)l->ended;

	qsort(l->took, (size_t)l->ended, sizeof(l->took[0]), by_size);
	printf("updates=%ld records=%ld seconds=%.3f updates_per_s=%.0f "
	       "records_per_s=%.0f p50_ms=%.3f p99_ms=%.3f max_ms=%.3f\n",
	    l->ended, l->ended * l->batch, seconds, updates / seconds,
	    updates * (double)l->batch / seconds, quantile_ms(l, .5),
	    quantile_ms(l, .99), quantile_ms(l, 1));
}

static void
run(struct load *l)
{
	static const struct dns_stream_events events = { answer, closed };
	double from = monotonic_now();

	l->loop = ev_default_loop(0);
	l->took = calloc((size_t)l->updates, sizeof(l->took[0]));
	l->stream = dns_stream_new(l->loop, &l->server, &events, l);
	if (l->loop == NULL || l->took == NULL || l->stream == NULL)
		errx(1, "out of memory");
	for (long i = 0; i < l->window && l->begun < l->updates; i++)
		send_update(l, (uint16_t)i);
	ev_run(l->loop, 0);
	print_figures(l, monotonic_now() - from);
	dns_stream_free(l->stream);
	ev_loop_destroy(l->loop);
	free(l->took);
}

/* ---- the beginning --------------------------------------------------------
 */

static long
number(const char *text, long most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 1 || n > most)
		errx(2, "%s: not 1 to %ld", text, most);
	return n;
}

static void
read_key(struct load *l, const char *path)
{
	char why[512];

	tsig_key_free(l->key);
	if ((l->key = tsig_key_read(path, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
}

static bool
options(struct load *l, int argc, char **argv)
{
	bool server = false;

	for (int c; (c = getopt(argc, argv, "a:b:g:k:n:s:t:w:z:")) != -1;) {
		if (c == 'a')
			l->age = number(optarg, 1000000000);
		else if (c == 'b')
			l->batch = number(optarg, BATCH_MAX);
		else if (c == 'g')
			l->generate = number(optarg, 1000000000);
		else if (c == 'k')
			read_key(l, optarg);
		else if (c == 'n')
			l->updates = number(optarg, 100000000);
		else if (c == 's')
			server = net_address_parse(
				     &l->server, optarg, strlen(optarg)) == 0;
		else if (c == 't')
			l->ttl = (uint32_t)number(optarg, 86400);
		else if (c == 'w')
			l->window = number(optarg, WINDOW_MAX);
		else if (c == 'z')
			l->zone = optarg;
		else
			return false;
	}
	return optind == argc && l->zone != NULL && strlen(l->zone) < 256 &&
	    (server || l->generate > 0);
}

int
main(int argc, char **argv)
{
	if (!options(&load, argc, argv))
		errx(2,
		    "usage: update_load -s ADDRESS[@PORT] -z ZONE "
		    "[-k KEYFILE] [-b RECORDS] [-n UPDATES] [-w N] | "
		    "-z ZONE -g COUNT [-a SECONDS] [-t TTL]");
	if (load.generate > 0)
		generate(&load);
	else
		run(&load);
	tsig_key_free(load.key);
	return 0;
}
