/*
 * Questions to a name server that answers as the input says, by UDP and TCP,
 * while askers come and go: each is told once or not at all, only of a whole
 * answer to its question, and nothing is left. Input: limits, then steps.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dns_exchange.h"
#include "common/log.h"
#include "tests/fuzz/fuzz.h"

enum {
	ASKERS = 4,
	STEPS = 60,
	MESSAGE_MAX = 65535,
	HEADER = 12,
	TIMEOUT = 60,
	IN_NO_TIME = 16
};

struct asker {
	struct dns_query *query; /* NULL: none, or told */
	struct dns_question question;
	unsigned then; /* what it does when it is told */
};

static struct ev_loop *loop;
static int udp = -1, listener = -1, stranger = -1;
static struct net_address address;

static struct {
	struct dns_exchange *exchange;
	struct asker askers[ASKERS];
	uint8_t query[MESSAGE_MAX]; /* the last that came */
	size_t n;
	uint8_t ids[STEPS][2]; /* of all that came */
	size_t n_ids;
	struct sockaddr_in from; /* by UDP */
	int tcp;                 /* the last connection */
} now;

/* ---- askers ---- */

/* `which` modulo ASKERS; from IN_NO_TIME on it does not wait. */
static void ask(unsigned which, unsigned how);

static void
cancel(unsigned which)
{
	dns_query_cancel(now.askers[which % ASKERS].query);
	now.askers[which % ASKERS].query = NULL;
}

static bool
was_asked(const uint8_t *id)
{
	for (size_t i = 0; i < now.n_ids; i++)
		if (memcmp(now.ids[i], id, 2) == 0)
			return true;
	return false;
}

/* Read to its end, with an ID that the server saw. */
static void
check_answer(const struct asker *a, const struct dns_reply *reply)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	uint16_t type, class;
	struct dns_rr rr;

	assert(dns_reader_open(&r, reply->msg, reply->len, &h) == 0);
	assert(was_asked(reply->msg));
	assert((h.flags & (DNS_QR | DNS_TC)) == DNS_QR && h.qd == 1);
	assert(dns_reader_question(&r, &name, &type, &class) == 0);
	assert(dns_name_equal(&name, &a->question.name));
	assert(type == DNS_TXT && class == DNS_IN);
	for (unsigned i = 0; i < (unsigned)h.an + h.ns + h.ar; i++)
		assert(dns_reader_rr(&r, &rr) == 0);
	assert((reply->rcode & 0xf) == (h.flags & 0xf));
}

static void
on_reply(void *arg, const struct dns_reply *reply)
{
	struct asker *a = arg;

	assert(a->query != NULL && reply->outcome < DNS_OUTCOME__COUNT);
	assert(reply->why != NULL);
	assert((reply->outcome == DNS_ANSWERED) == (reply->msg != NULL));
	if (reply->outcome == DNS_ANSWERED)
		check_answer(a, reply);
	a->query = NULL;
	if ((a->then & 3) == 1)
		cancel(a->then >> 2);
	else if ((a->then & 3) == 2)
		ask(a->then >> 2, 0);
}

static void
ask(unsigned which, unsigned how)
{
	static const char *const names[] = { "a.test", "b.example.test" };
	struct asker *a = &now.askers[which % ASKERS];

	if (a->query != NULL)
		return;
	a->question = (struct dns_question){ .type = DNS_TXT,
		.flags = (how & 2) != 0 ? DNS_RD : 0,
		.tcp = (how & 4) != 0 };
	a->then = how >> 3;
	assert(dns_name_parse(&a->question.name, names[how & 1]) == 0);
	a->query = dns_exchange_ask(now.exchange, &address, &a->question,
	    which < IN_NO_TIME ? TIMEOUT : 0, on_reply, a);
	assert(a->query != NULL);
}

/* ---- the server ---- */

static void
query_came(size_t n)
{
	now.n = n;
	memcpy(now.ids[now.n_ids++], now.query, 2);
}

static void
udp_read(void)
{
	socklen_t len = sizeof(now.from);
	ssize_t n = recvfrom(udp, now.query, sizeof(now.query), MSG_DONTWAIT,
	    (struct sockaddr *)&now.from, &len);

	if (n >= HEADER)
		query_came((size_t)n);
}

static void
tcp_close(void)
{
	if (now.tcp != -1)
		close(now.tcp);
	now.tcp = -1;
}

static void
tcp_read(void)
{
	uint8_t frame[2 + 512];
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ssize_t n;

	if (fd != -1) {
		tcp_close();
		now.tcp = fd;
	}
	n = now.tcp != -1 ? recv(now.tcp, frame, sizeof(frame), 0) : -1;
	if (n < 2 + HEADER)
		return;
	memcpy(now.query, frame + 2, (size_t)n - 2);
	query_came((size_t)n - 2);
}

/*
 * What the input has, as it is, or behind the ID or the whole question of the
 * last query. Bits of `how`: 1 ID, 2 question; 16 then another ID, 32 another
 * question. free() it.
 */
static uint8_t *
answer_make(struct fuzz_input *in, unsigned how, size_t *len_r)
{
	size_t n, len = 0;
	uint8_t *part, *msg;
	uint16_t flags = (how & 2) != 0 ? fuzz_u16(in) : 0;
	uint8_t an = (how & 2) != 0 ? fuzz_u8(in) : 0;

	part = fuzz_part(in, &n);
	msg = malloc(now.n + n + 2);
	assert(msg != NULL);
	if ((how & 2) != 0 && now.n >= HEADER) {
		len = now.n;
		memcpy(msg, now.query, len);
		msg[2] = (uint8_t)(flags >> 8) | 0x80;
		msg[3] = (uint8_t)flags;
		msg[7] = an;
		if (msg[11] == 1) /* EDNS */
			len -= 11;
		msg[11] = 0;
	}
	memcpy(msg + len, part, n);
	len += n;
	if ((how & 1) != 0 && len >= 2)
		memcpy(msg, now.query, 2);
	free(part);
	if (len > HEADER + 1) {
		msg[1] ^= (how & 16) != 0;
		msg[HEADER + 1] ^= (how & 32) != 0;
	}
	*len_r = len < MESSAGE_MAX ? len : MESSAGE_MAX;
	return msg;
}

/* 4: from another port. */
static void
udp_answer(struct fuzz_input *in)
{
	unsigned how = fuzz_u8(in);
	size_t n;
	uint8_t *msg = answer_make(in, how, &n);

	sendto((how & 4) != 0 ? stranger : udp, msg, n, 0,
	    (struct sockaddr *)&now.from, sizeof(now.from));
	free(msg);
}

/* 4: not all of it; 8: in two pieces. */
static void
tcp_answer(struct fuzz_input *in)
{
	unsigned how = fuzz_u8(in);
	size_t n, cut;
	uint8_t *msg = answer_make(in, how, &n);
	uint8_t head[2] = { (uint8_t)(n >> 8), (uint8_t)n };

	cut = (how & 12) != 0 ? n / 2 : n;
	if (now.tcp != -1 && send(now.tcp, head, 2, MSG_NOSIGNAL) == 2 &&
	    send(now.tcp, msg, cut, MSG_NOSIGNAL) == (ssize_t)cut &&
	    (how & 12) == 8) {
		ev_run(loop, EVRUN_NOWAIT);
		send(now.tcp, msg + cut, n - cut, MSG_NOSIGNAL);
	}
	free(msg);
}

/* ---- one input ---- */

static void
step(struct fuzz_input *in)
{
	unsigned what = fuzz_u8(in);

	switch (what & 7) {
	case 0:
		ask(what >> 3, fuzz_u8(in));
		break;
	case 1:
		cancel(what >> 3);
		break;
	case 2:
		udp_read();
		break;
	case 3:
		udp_answer(in);
		break;
	case 4:
		tcp_read();
		break;
	case 5:
		tcp_answer(in);
		break;
	case 6:
		tcp_close();
		break;
	default:
		ev_run(loop, EVRUN_NOWAIT);
	}
	ev_run(loop, EVRUN_NOWAIT);
}

static int
bound(int type, const struct net_address *to)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert(fd != -1);
	if (bind(fd, &to->sa, sizeof(to->in4)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Once: the same port by UDP and TCP. */
static void
server_begin(void)
{
	struct net_address any = { .in4 = { .sin_family = AF_INET } };
	socklen_t len = sizeof(address.in4);

	any.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	log_open("fuzz", LOG_TO_SYSLOG, false);
	loop = ev_loop_new(EVFLAG_AUTO);
	stranger = bound(SOCK_DGRAM, &any);
	while (listener == -1) {
		if (udp != -1)
			close(udp);
		udp = bound(SOCK_DGRAM, &any);
		getsockname(udp, &address.sa, &len);
		listener = bound(SOCK_STREAM, &address);
	}
	assert(listen(listener, 16) == 0);
}

/* What is left of the input before. */
static void
server_drain(void)
{
	int fd;

	now.tcp = -1;
	now.n = now.n_ids = 0;
	while (recv(udp, now.query, sizeof(now.query), MSG_DONTWAIT) >= 0)
		;
	while ((fd = accept(listener, NULL, NULL)) != -1)
		close(fd);
}

static int
free_descriptor(void)
{
	int fd = dup(udp);

	close(fd);
	return fd;
}

/* Few of each, or no bound. */
static struct dns_limits
limits_of(unsigned options)
{
	return (struct dns_limits){ .queries = 1 + (options & 3),
		.per_server = options >> 2 & 3,
		.tcp = options >> 4 & 1,
		.tcp_per_server = options >> 5 & 1,
		.rate = options >> 6 & 1,
		.share = options >> 7 & 1 };
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned options = fuzz_u8(&in);
	const struct dns_limits limits = limits_of(options);
	int fd;

	if (loop == NULL)
		server_begin();
	server_drain();
	fd = free_descriptor();
	now.exchange = dns_exchange_new(loop, &limits);
	assert(now.exchange != NULL);
	for (int i = 0; in.n > 0 && i < STEPS; i++)
		step(&in);
	if ((options & 1) != 0)
		for (unsigned i = 0; i < ASKERS; i++)
			cancel(i);
	dns_exchange_free(now.exchange);
	memset(now.askers, 0, sizeof(now.askers));
	ev_run(loop, EVRUN_NOWAIT);
	tcp_close();
	assert(free_descriptor() == fd);
	return 0;
}
