/*
 * dns_trouble PORT TARGET MODE-FILE: stands on 127.0.0.1:PORT in front of a
 * name server on 127.0.0.1:TARGET and relays DNS over TCP, with the trouble
 * that MODE-FILE names at that moment:
 *
 *   pass        none
 *   drop        answers are swallowed
 *   delay MS    answers come late
 *   close       the connection ends instead of an answer
 *   cut         the connection ends in the middle of an answer
 *   flip [N]    one bit of the answer's MAC is wrong, after N good answers
 *   no-ixfr     an IXFR is answered by NOTIMP, unsigned
 *   unsigned    the answer has lost its TSIG
 *   garbage     the answer is no DNS message
 *   foreign     the answer has another ID
 *   refuse N    rcode N, unsigned; the server is not asked
 *   shut        connections are closed as soon as they are made
 *
 * One process per connection, so that each can simply wait.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/dns_message.h"

enum { MESSAGE_MAX = 65535, HEADER = 12, TSIG_FIXED = 10 };

struct message {
	size_t len;
	uint8_t bytes[2 + MESSAGE_MAX]; /* with the length before it */
};

static const char *mode_file;

struct relay {
	int client, server;
	long argument; /* of the mode */
	long answers;  /* so far */
};

/* --- messages --- */

static bool
read_full(int fd, uint8_t *buf, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, buf, n);

		if (got <= 0)
			return false;
		buf += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
message_read(int fd, struct message *m)
{
	if (!read_full(fd, m->bytes, 2))
		return false;
	m->len = (size_t)m->bytes[0] << 8 | m->bytes[1];
	return m->len >= HEADER && read_full(fd, m->bytes + 2, m->len);
}

static bool
message_write(int fd, struct message *m)
{
	m->bytes[0] = (uint8_t)(m->len >> 8);
	m->bytes[1] = (uint8_t)m->len;
	return write(fd, m->bytes, m->len + 2) == (ssize_t)(m->len + 2);
}

/* The last record, if it is a TSIG. */
static bool
find_tsig(const struct message *m, struct dns_reader *r, struct dns_rr *rr)
{
	struct dns_header h;
	struct dns_name name;
	uint16_t type, class;

	if (dns_reader_open(r, m->bytes + 2, m->len, &h) == -1)
		return false;
	for (unsigned i = 0; i < h.qd; i++)
		if (dns_reader_question(r, &name, &type, &class) == -1)
			return false;
	for (unsigned i = 0; i < (unsigned)h.an + h.ns + h.ar; i++)
		if (dns_reader_rr(r, rr) == -1)
			return false;
	return h.ar > 0 && rr->type == DNS_TSIG;
}

/* --- the troubles: false ends the connection --- */

static bool
trouble_pass(struct relay *r, struct message *m)
{
	return message_write(r->client, m);
}

static bool
trouble_drop(struct relay *r, struct message *m)
{
	(void)r;
	(void)m;
	return true;
}

static bool
trouble_delay(struct relay *r, struct message *m)
{
	struct timespec ts = { r->argument / 1000,
		r->argument % 1000 * 1000000 };

	nanosleep(&ts, NULL);
	return message_write(r->client, m);
}

static bool
trouble_close(struct relay *r, struct message *m)
{
	(void)r;
	(void)m;
	return false;
}

static bool
trouble_cut(struct relay *r, struct message *m)
{
	m->bytes[0] = (uint8_t)(m->len >> 8);
	m->bytes[1] = (uint8_t)m->len;
	return write(r->client, m->bytes, m->len / 2) < 0;
}

static bool
trouble_flip(struct relay *r, struct message *m)
{
	struct dns_reader reader;
	struct dns_rr rr;
	struct dns_name algorithm;
	size_t pos;

	if (r->answers > r->argument && find_tsig(m, &reader, &rr)) {
		pos = (size_t)(rr.rdata - (m->bytes + 2));
		if (dns_reader_name(&reader, &pos, &algorithm) == 0)
			m->bytes[2 + pos + TSIG_FIXED] ^= 1;
	}
	return message_write(r->client, m);
}

static bool
trouble_unsigned(struct relay *r, struct message *m)
{
	struct dns_reader reader;
	struct dns_rr rr;

	if (find_tsig(m, &reader, &rr)) {
		m->len = rr.start;
		m->bytes[2 + 11]--; /* ARCOUNT */
	}
	return message_write(r->client, m);
}

static bool
trouble_garbage(struct relay *r, struct message *m)
{
	memset(m->bytes + 2, 0xff, m->len);
	return message_write(r->client, m);
}

static bool
trouble_foreign(struct relay *r, struct message *m)
{
	m->bytes[2] ^= 0x80;
	return message_write(r->client, m);
}

/* A bare header, as RFC 2136 3.8 allows. */
static bool
trouble_refuse(struct relay *r, struct message *m)
{
	memset(m->bytes + 2 + 4, 0, HEADER - 4);
	m->bytes[2 + 2] |= 0x80;
	m->bytes[2 + 3] = (uint8_t)r->argument;
	m->len = HEADER;
	return message_write(r->client, m);
}

static bool
trouble_no_ixfr(struct relay *r, struct message *m)
{
	struct dns_reader reader;
	struct dns_header header;
	struct dns_name name;
	uint16_t type, class;

	r->argument = DNS_NOTIMP;
	if (dns_reader_open(&reader, m->bytes + 2, m->len, &header) == 0 &&
	    dns_reader_question(&reader, &name, &type, &class) == 0 &&
	    type == DNS_IXFR)
		return trouble_refuse(r, m);
	return message_write(r->server, m);
}

static const struct trouble {
	const char *name;
	bool (*run)(struct relay *, struct message *);
	bool at_request; /* instead of asking the server */
	bool at_connect;
} troubles[] = {
	{ "pass", trouble_pass, false, false },
	{ "drop", trouble_drop, false, false },
	{ "delay", trouble_delay, false, false },
	{ "close", trouble_close, false, false },
	{ "cut", trouble_cut, false, false },
	{ "flip", trouble_flip, false, false },
	{ "unsigned", trouble_unsigned, false, false },
	{ "garbage", trouble_garbage, false, false },
	{ "foreign", trouble_foreign, false, false },
	{ "refuse", trouble_refuse, true, false },
	{ "shut", trouble_close, true, true },
	{ "no-ixfr", trouble_no_ixfr, true, false },
};

static const struct trouble *
trouble_now(long *argument_r)
{
	FILE *f = fopen(mode_file, "r");
	char word[16] = "pass";

	*argument_r = 0;
	if (f != NULL) {
		if (fscanf(f, "%15s %ld", word, argument_r) < 1)
			strcpy(word, "pass");
		fclose(f);
	}
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strcmp(troubles[i].name, word) == 0)
			return &troubles[i];
	fprintf(stderr, "dns_trouble: no such trouble: %s\n", word);
	exit(64);
}

/* --- relaying --- */

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static bool
from_client(struct relay *r)
{
	static struct message m;
	const struct trouble *t = trouble_now(&r->argument);

	if (!message_read(r->client, &m))
		return false;
	return t->at_request ? t->run(r, &m) : message_write(r->server, &m);
}

static bool
from_server(struct relay *r)
{
	static struct message m;
	const struct trouble *t = trouble_now(&r->argument);

	if (!message_read(r->server, &m))
		return false;
	r->answers++;
	return t->at_request ? message_write(r->client, &m) : t->run(r, &m);
}

static void
relay(int client, const char *target)
{
	struct sockaddr_in sin = loopback(target);
	struct relay r = { .client = client,
		.server = socket(AF_INET, SOCK_STREAM, 0) };
	long argument;

	if (trouble_now(&argument)->at_connect ||
	    connect(r.server, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		return;
	for (;;) {
		struct pollfd p[2] = { { .fd = r.client, .events = POLLIN },
			{ .fd = r.server, .events = POLLIN } };

		if (poll(p, 2, -1) == -1 ||
		    (p[0].revents != 0 && !from_client(&r)) ||
		    (p[1].revents != 0 && !from_server(&r)))
			return;
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (argc != 4) {
		fprintf(stderr, "usage: dns_trouble PORT TARGET MODE-FILE\n");
		return 64;
	}
	mode_file = argv[3];
	sin = loopback(argv[1]);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 64) == -1) {
		perror("dns_trouble");
		return 71;
	}
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client != -1 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			relay(client, argv[2]);
			_exit(0);
		}
		close(client);
	}
}
