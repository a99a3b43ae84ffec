/*
 * zone_transfer [-f] [-p] ADDRESS@PORT ZONE KEYFILE: asks for the zone (AXFR)
 * over dns_stream, verifies it with tsig_stream and tells how it went, and
 * what it was: so that both can be tested against real servers.
 *
 *  -f  flips one bit in the middle of the second message
 *  -p  pauses the stream at each message, and reads on a millisecond later
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/dns_message.h"
#include "common/dns_stream.h"
#include "common/tsig.h"

static struct transfer {
	struct ev_loop *loop;
	struct dns_stream *stream;
	struct tsig_stream *tsig;
	struct ev_timer resume;
	bool flip, pauses;
	long messages, signed_messages, records, soas, octets;
	enum tsig_result result; /* of the last message, as is detail */
	struct tsig_detail detail;
} transfer;

static void
finish(struct transfer *t, const char *how)
{
	printf(
	    "%s: %s messages=%ld signed=%ld records=%ld octets=%ld skew=%lld\n",
	    how, tsig_result_names[t->result], t->messages, t->signed_messages,
	    t->records, t->octets, (long long)t->detail.skew);
	ev_break(t->loop, EVBREAK_ALL);
}

/* False: it cannot be read. */
static bool
count_records(struct transfer *t, const uint8_t *msg, size_t len)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;

	if (dns_reader_open(&r, msg, len, &h) == -1)
		return false;
	for (; h.qd > 0; h.qd--)
		if (dns_reader_question(&r, &name, &type, &class) == -1)
			return false;
	for (; h.an > 0; h.an--, t->records++) {
		if (dns_reader_rr(&r, &rr) == -1)
			return false;
		t->soas += rr.type == DNS_SOA;
	}
	return true;
}

static void
message(void *arg, const uint8_t *msg, size_t len)
{
	static uint8_t copy[65535];
	struct transfer *t = arg;

	memcpy(copy, msg, len);
	t->messages++;
	t->octets += (long)len;
	if (t->flip && t->messages == 2)
		copy[len / 2] ^= 1;
	t->result = tsig_stream_message(
	    t->tsig, copy, len, (uint64_t)time(NULL), &t->detail);
	t->signed_messages += t->result == TSIG_OK;
	if (t->result != TSIG_OK && t->result != TSIG_UNSIGNED)
		finish(t, "refused");
	else if (!count_records(t, copy, len))
		finish(t, "malformed");
	else if (t->soas >= 2)
		finish(t, "whole");
	if (t->pauses) {
		dns_stream_pause(t->stream, 1);
		ev_timer_set(&t->resume, .001, 0.);
		ev_timer_start(t->loop, &t->resume);
	}
}

static void
resume(struct ev_loop *loop, struct ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	dns_stream_pause(transfer.stream, 0);
}

static void
closed(void *arg, const char *why)
{
	finish(arg, why);
}

static void
ask(struct transfer *t, const char *zone, const struct tsig_key *key)
{
	uint8_t query[1024];
	struct dns_name name;
	struct tsig_mac mac;
	size_t len = 0;

	if (dns_name_parse(&name, zone) == 0)
		len = dns_query_put(
		    query, sizeof(query), 4711, &name, DNS_AXFR, 0, 0);
	if (len == 0 ||
	    tsig_sign(key, query, &len, sizeof(query), (uint64_t)time(NULL),
		&mac) == -1)
		errx(1, "%s: no query can be made", zone);
	t->tsig = tsig_stream_new(key, &mac);
	if (t->tsig == NULL || dns_stream_send(t->stream, query, len) == -1)
		errx(1, "out of memory");
}

int
main(int argc, char **argv)
{
	static const struct dns_stream_events events = { message, closed };
	struct transfer *t = &transfer;
	struct net_address server;
	struct tsig_key *key;
	char why[512];

	for (int c; (c = getopt(argc, argv, "fp")) != -1;) {
		t->flip |= c == 'f';
		t->pauses |= c == 'p';
	}
	argv += optind;
	if (argc - optind != 3 ||
	    net_address_parse(&server, argv[0], strlen(argv[0])) == -1)
		errx(2, "usage: zone_transfer ADDRESS@PORT ZONE KEYFILE");
	if ((key = tsig_key_read(argv[2], why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	t->loop = ev_default_loop(0);
	ev_timer_init(&t->resume, resume, 0., 0.);
	t->stream = dns_stream_new(t->loop, &server, &events, t);
	if (t->stream == NULL)
		errx(1, "out of memory");
	ask(t, argv[1], key);
	ev_run(t->loop, 0);
	dns_stream_free(t->stream);
	tsig_stream_free(t->tsig);
	tsig_key_free(key);
	ev_loop_destroy(t->loop);
	return 0;
}
