/*
 * dns_fake ADDRESS@PORT TABLE: a name server that misbehaves as told, on UDP
 * and TCP. TABLE is read anew for each query; its first line for the name (or
 * for *) says what happens. Names in lower case without a final dot.
 *
 *   NAME txt TEXT            that TXT record; all such lines of a name together
 *   NAME ad TEXT             that TXT record, with the AD bit
 *   NAME rcode N             that rcode, no record
 *   NAME silence             no answer, and TCP stays open
 *   NAME lose N TEXT         the first N queries get no answer
 *   NAME delay MS TEXT       the answer comes late
 *   NAME truncated TEXT      by UDP nothing but TC; whole by TCP
 *   NAME wrong-id TEXT       by UDP another ID; right by TCP
 *   NAME wrong-question TEXT by UDP another question; right by TCP
 *   NAME other-source TEXT   first a forged TXT from another address, 50 ms
 *                            later the right one from here
 *   NAME loop TEXT           by UDP a compression loop; right by TCP
 *   NAME garbage             no DNS message, by UDP and TCP
 *   NAME no-edns TEXT        FORMERR while the query has an OPT
 *   NAME slow-tcp TEXT       TC by UDP; by TCP octet by octet
 *   NAME endless-tcp         TC by UDP; by TCP octets for ever, no whole
 * message NAME close-tcp           TC by UDP; TCP is closed without an answer
 *
 * A name without a line gets NXDOMAIN. One line on stdout for each query:
 * "udp NAME TYPE edns=N rd=0 ad=0 id=N", so that tests can count them. Each
 * query gets a process of its own, which can simply wait.
 */
#include <err.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/dns_message.h"
#include "common/net_address.h"

enum { HEADER = 12, ROOM = 65535, COUNTED_MAX = 256 };

struct query {
	bool tcp;
	int fd; /* where to answer */
	struct sockaddr_storage from;
	socklen_t from_len;
	uint8_t msg[ROOM];
	size_t len, question_end;
	char name[1024];
	uint16_t id, type, edns;
	unsigned seen; /* queries for that name before it */
};

struct answer {
	uint8_t msg[2 + ROOM]; /* its length before it, for TCP */
	size_t len;
};

struct behaviour;

struct rule {
	const struct behaviour *behaviour;
	char arg[ROOM]; /* the rest of its line */
};

static const char *table;
static struct net_address own;

static void
pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* ---- messages -------------------------------------------------------------
 */

static void
put(struct answer *a, const void *octets, size_t n)
{
	if (a->len + n > ROOM)
		errx(1, "the answer is too long");
	memcpy(a->msg + 2 + a->len, octets, n);
	a->len += n;
}

static void
put_u16(struct answer *a, size_t v)
{
	uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(a, octets, 2);
}

/* Header and question of the query's answer. */
static void
answer_begin(struct answer *a, const struct query *q, unsigned flags)
{
	unsigned rd = q->msg[2] & 1;

	a->len = 0;
	put(a, q->msg, 2);
	put_u16(a, DNS_QR | DNS_AA | rd << 8 | flags);
	put(a, "\0\1\0\0\0\0\0\0", 8);
	put(a, q->msg + HEADER, q->question_end - HEADER);
}

static void
put_txt(struct answer *a, const char *text)
{
	size_t left = strlen(text), strings = left / 255 + 1;

	put(a, "\300\14\0\20\0\1\0\0\0\74", 10); /* the name, TXT, IN, 60 */
	put_u16(a, left + strings);
	for (; strings > 0; strings--) {
		uint8_t n = (uint8_t)(left < 255 ? left : 255);

		put(a, &n, 1);
		put(a, text, n);
		text += n;
		left -= n;
	}
	a->msg[2 + 7]++;
}

static void
transmit(const struct query *q, struct answer *a)
{
	a->msg[0] = (uint8_t)(a->len >> 8);
	a->msg[1] = (uint8_t)a->len;
	if (q->tcp) {
		if (write(q->fd, a->msg, a->len + 2) == -1)
			warn("write");
	} else {
		sendto(q->fd, a->msg + 2, a->len, 0,
		    (const struct sockaddr *)&q->from, q->from_len);
	}
}

static void
answer_txt(const struct query *q, const char *text)
{
	struct answer a;

	answer_begin(&a, q, 0);
	put_txt(&a, text);
	transmit(q, &a);
}

static void
answer_rcode(const struct query *q, unsigned flags)
{
	struct answer a;

	answer_begin(&a, q, flags);
	transmit(q, &a);
}

/* ---- behaviours -----------------------------------------------------------
 */

/* Calls back with each line for the name; stops when that is not 0. */
static int
table_lines(const char *name, int (*line)(void *, char *), void *arg)
{
	static char text[ROOM];
	FILE *f = fopen(table, "r");
	int stop = 0;

	if (f == NULL)
		err(1, "%s", table);
	while (!stop && fgets(text, sizeof(text), f) != NULL) {
		size_t n = strcspn(text, " ");

		text[strcspn(text, "\n")] = '\0';
		if (text[n] != '\0' &&
		    ((n == strlen(name) && strncmp(text, name, n) == 0) ||
			strncmp(text, "* ", 2) == 0))
			stop = line(arg, text + n + 1);
	}
	fclose(f);
	return stop;
}

static int
txt_line(void *arg, char *line)
{
	if (strncmp(line, "txt ", 4) == 0)
		put_txt(arg, line + 4);
	return 0;
}

static void
do_txt(const struct query *q, const char *arg)
{
	struct answer a;

	(void)arg;
	answer_begin(&a, q, 0);
	table_lines(q->name, txt_line, &a);
	if (!q->tcp && a.len > (q->edns > 512 ? q->edns : 512))
		answer_begin(&a, q, DNS_TC);
	transmit(q, &a);
}

static void
do_rcode(const struct query *q, const char *arg)
{
	answer_rcode(q, (unsigned)atoi(arg));
}

/* Until the other side closes. */
static void
do_silence(const struct query *q, const char *arg)
{
	char octet;

	(void)arg;
	while (q->tcp && read(q->fd, &octet, 1) > 0)
		;
}

static void
do_lose(const struct query *q, const char *arg)
{
	char *text;

	if (q->seen >= strtoul(arg, &text, 10))
		answer_txt(q, text + 1);
}

static void
do_delay(const struct query *q, const char *arg)
{
	char *text;

	pause_ms(strtol(arg, &text, 10));
	answer_txt(q, text + 1);
}

static void
do_truncated(const struct query *q, const char *arg)
{
	if (q->tcp)
		answer_txt(q, arg);
	else
		answer_rcode(q, DNS_TC);
}

static void
do_ad(const struct query *q, const char *arg)
{
	struct answer a;

	answer_begin(&a, q, DNS_AD);
	put_txt(&a, arg);
	transmit(q, &a);
}

/* By UDP an answer with one octet changed. */
static void
answer_changed(const struct query *q, const char *arg, size_t at, uint8_t mask)
{
	struct answer a;

	answer_begin(&a, q, 0);
	put_txt(&a, arg);
	if (!q->tcp)
		a.msg[2 + at] ^= mask;
	transmit(q, &a);
}

static void
do_wrong_id(const struct query *q, const char *arg)
{
	answer_changed(q, arg, 0, 0x55);
}

static void
do_wrong_question(const struct query *q, const char *arg)
{
	answer_changed(q, arg, HEADER + 1, 1);
}

/* The record's name, a pointer to the question, now leads to itself. */
static void
do_loop(const struct query *q, const char *arg)
{
	answer_changed(
	    q, arg, q->question_end + 1, (uint8_t)(HEADER ^ q->question_end));
}

static void
do_other_source(const struct query *q, const char *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 9) };
	struct query forged = *q;

	sin.sin_port = own.in4.sin_port;
	forged.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(forged.fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "bind");
	answer_txt(&forged, "forged");
	pause_ms(50);
	answer_txt(q, arg);
}

static void
do_garbage(const struct query *q, const char *arg)
{
	struct answer a = { .len = 0 };

	(void)arg;
	put(&a, "no DNS message at all", 21);
	transmit(q, &a);
}

static void
do_no_edns(const struct query *q, const char *arg)
{
	if (q->edns > 0)
		answer_rcode(q, DNS_FORMERR);
	else
		answer_txt(q, arg);
}

static void
do_slow_tcp(const struct query *q, const char *arg)
{
	struct answer a;

	if (!q->tcp) {
		answer_rcode(q, DNS_TC);
		return;
	}
	answer_begin(&a, q, 0);
	put_txt(&a, arg);
	a.msg[0] = (uint8_t)(a.len >> 8);
	a.msg[1] = (uint8_t)a.len;
	for (size_t i = 0; i < 2 + a.len; i++) {
		if (write(q->fd, a.msg + i, 1) != 1)
			return;
		pause_ms(2);
	}
}

static void
do_endless_tcp(const struct query *q, const char *arg)
{
	(void)arg;
	if (!q->tcp)
		answer_rcode(q, DNS_TC);
	else
		while (write(q->fd, "\377", 1) == 1)
			pause_ms(10);
}

static void
do_close_tcp(const struct query *q, const char *arg)
{
	(void)arg;
	if (!q->tcp)
		answer_rcode(q, DNS_TC);
}

static const struct behaviour {
	const char *word;
	void (*run)(const struct query *, const char *arg);
	bool closes; /* TCP, afterwards */
} behaviours[] = {
	{ "txt", do_txt, false },
	{ "ad", do_ad, false },
	{ "rcode", do_rcode, false },
	{ "silence", do_silence, false },
	{ "lose", do_lose, false },
	{ "delay", do_delay, false },
	{ "truncated", do_truncated, false },
	{ "wrong-id", do_wrong_id, false },
	{ "wrong-question", do_wrong_question, false },
	{ "other-source", do_other_source, false },
	{ "loop", do_loop, false },
	{ "garbage", do_garbage, false },
	{ "no-edns", do_no_edns, false },
	{ "slow-tcp", do_slow_tcp, false },
	{ "endless-tcp", do_endless_tcp, false },
	{ "close-tcp", do_close_tcp, true },
};

static int
rule_line(void *arg, char *line)
{
	struct rule *rule = arg;
	size_t word = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		if (strlen(behaviours[i].word) == word &&
		    strncmp(behaviours[i].word, line, word) == 0) {
			rule->behaviour = &behaviours[i];
			snprintf(rule->arg, sizeof(rule->arg), "%s",
			    line + word + (line[word] == ' '));
			return 1;
		}
	errx(1, "%s: what is \"%s\"?", table, line);
}

/* ---- queries --------------------------------------------------------------
 */

static int
query_parse(struct query *q)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t class;

	if (dns_reader_open(&r, q->msg, q->len, &h) == -1 || h.qd != 1 ||
	    dns_reader_question(&r, &name, &q->type, &class) == -1)
		return -1;
	q->id = h.id;
	q->question_end = r.pos;
	q->edns = 0;
	dns_name_text(&name, q->name);
	while (h.ar-- > 0 && dns_reader_rr(&r, &rr) == 0)
		if (rr.type == DNS_OPT)
			q->edns = rr.class;
	printf("%s %s %u edns=%u rd=%d ad=%d id=%u\n", q->tcp ? "tcp" : "udp",
	    q->name, q->type, q->edns, q->msg[2] & 1, q->msg[3] >> 5 & 1,
	    q->id);
	fflush(stdout);
	return 0;
}

/* False: a TCP connection ends with it. */
static bool
query_answer(const struct query *q)
{
	static struct rule rule;

	if (table_lines(q->name, rule_line, &rule) == 0) {
		answer_rcode(q, DNS_NXDOMAIN);
		return true;
	}
	rule.behaviour->run(q, rule.arg);
	return !rule.behaviour->closes;
}

/* How many queries came for the name before; 0 for those beyond COUNTED_MAX. */
static unsigned
count(const char *name)
{
	static struct {
		char name[1024];
		unsigned n;
	} seen[COUNTED_MAX];
	size_t i = 0;

	while (i < COUNTED_MAX && seen[i].name[0] != '\0' &&
	    strcmp(seen[i].name, name) != 0)
		i++;
	if (i == COUNTED_MAX)
		return 0;
	snprintf(seen[i].name, sizeof(seen[i].name), "%s", name);
	return seen[i].n++;
}

static bool
in_child(void)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid == 0;
}

static void
udp_query(int fd)
{
	static struct query q;
	ssize_t n;

	q.fd = fd;
	q.from_len = sizeof(q.from);
	n = recvfrom(fd, q.msg, sizeof(q.msg), 0, (struct sockaddr *)&q.from,
	    &q.from_len);
	q.len = n > 0 ? (size_t)n : 0;
	if (query_parse(&q) == -1)
		return;
	q.seen = count(q.name);
	if (in_child()) {
		query_answer(&q);
		_exit(0);
	}
}

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

/* Queries until the other side closes, or a behaviour has ended it. */
static void
tcp_connection(int listener)
{
	static struct query q = { .tcp = true, .seen = UINT_MAX };
	uint8_t head[2];

	q.fd = accept(listener, NULL, NULL);
	if (q.fd != -1 && in_child()) {
		while (read_full(q.fd, head, 2)) {
			q.len = (size_t)head[0] << 8 | head[1];
			if (!read_full(q.fd, q.msg, q.len) ||
			    query_parse(&q) == -1 || !query_answer(&q))
				break;
		}
		_exit(0);
	}
	close(q.fd);
}

static int
listener(int type)
{
	int on = 1, fd = socket(own.sa.sa_family, type, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd == -1 || bind(fd, &own.sa, net_address_len(&own)) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 64) == -1))
		err(1, "socket");
	return fd;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };

	if (argc != 3 || net_address_parse(&own, argv[1], strlen(argv[1])))
		errx(2, "usage: dns_fake ADDRESS@PORT TABLE");
	table = argv[2];
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fds[0].fd = listener(SOCK_DGRAM);
	fds[1].fd = listener(SOCK_STREAM);
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (poll(fds, 2, -1) == -1)
			err(1, "poll");
		if ((fds[0].revents & POLLIN) != 0)
			udp_query(fds[0].fd);
		if ((fds[1].revents & POLLIN) != 0)
			tcp_connection(fds[1].fd);
	}
}
