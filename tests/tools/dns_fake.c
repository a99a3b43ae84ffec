/*
 * dns_fake [-t TTL] ADDRESS@PORT TABLE: a name server that misbehaves as told,
 * on UDP and TCP. ADDRESS may be 0.0.0.0 or ::, it then answers from the
 * address that was asked. TABLE is read anew for each query; its first line
 * that is for the query says what happens:
 *
 *   NAME[@SERVER][/udp|/tcp] BEHAVIOUR
 *
 * NAME is in lower case without a final dot, or *; SERVER is the address that
 * was asked. TEXT is written as octets.h says.
 *
 *   txt TEXT            that TXT record; all such lines for it together
 *   ad TEXT             that TXT record, with the AD bit
 *   whole TEXT          that TXT record, never truncated
 *   many N TEXT         N of them; \# is the number
 *   rr TYPE OCTETS      a record of that type (a number) and rdata
 *   cname NAME [TEXT]   a CNAME, and a TXT where it leads
 *   owner NAME TEXT     a TXT record of another name
 *   authority TEXT      a TXT record in the wrong section
 *   rcode N             that rcode, no record
 *   silence             no answer, and TCP stays open
 *   lose N TEXT         the first N queries get no answer
 *   appear N TEXT       the first N queries get NXDOMAIN
 *   delay MS TEXT       the answer comes late
 *   delay-rr MS TYPE OCTETS    likewise a record of that type
 *   truncated TEXT      by UDP nothing but TC; whole by TCP
 *   wrong-id TEXT       by UDP another ID; right by TCP
 *   wrong-question TEXT by UDP another question; right by TCP
 *   loop TEXT           by UDP a compression loop; right by TCP
 *   cut TEXT            by UDP without its last octet; whole by TCP
 *                       (a line for /tcp has the last five by TCP, too)
 *   other-source TEXT   first a forged TXT from another address, 50 ms
 *                       later the right one from here
 *   other-port TEXT     from the next port, and nothing from here
 *   garbage             no DNS message, by UDP and TCP
 *   echo                the query itself
 *   no-edns TEXT        FORMERR while the query has an OPT
 *   slow-tcp TEXT       TC by UDP; by TCP octet by octet
 *   endless-tcp         TC by UDP; by TCP octets for ever, no whole
 *                       message
 *   close-tcp           TC by UDP; TCP is closed without an answer
 *   half-tcp TEXT       TC by UDP; TCP is closed amid the answer
 *
 * A name without a line gets NXDOMAIN. With -t that is the TTL of all, and "not
 * there" comes with a SOA of it; else it is 60, and without. One line on
 * stdout for each query: "udp NAME TYPE edns=N rd=0 ad=0 id=N", so that tests
 * can count them. What takes time gets a process of its own, which can simply
 * wait.
 */
#include <err.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/tools/dns_fake.h"

enum { COUNTED_MAX = 256 };

struct fake_options fake_options = { .ttl = 60 };
static struct net_address own;

static int
query_parse(struct fake_query *q)
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

/* ---- UDP ---- */

/* Which of our addresses it was sent to. */
static void
read_info(struct fake_query *q, struct msghdr *m)
{
	struct in_pktinfo info4;
	struct in6_pktinfo info6;

	q->server = own;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info4, CMSG_DATA(c), sizeof(info4));
			q->server.in4.sin_addr = info4.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			q->server.in6.sin6_addr = info6.ipi6_addr;
		}
	}
}

static void
udp_query(int fd)
{
	static struct fake_query q;
	char control[256];
	struct iovec iov = { q.msg, sizeof(q.msg) };
	struct msghdr m = { .msg_name = &q.from,
		.msg_namelen = sizeof(q.from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, 0);

	q.fd = fd;
	q.len = n > 0 ? (size_t)n : 0;
	read_info(&q, &m);
	if (query_parse(&q) == -1)
		return;
	q.seen = count(q.name);
	if (!fake_waits(&q)) {
		fake_behave(&q);
	} else if (in_child()) {
		fake_behave(&q);
		_exit(0);
	}
}

/* ---- TCP ---- */

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
	static struct fake_query q = { .tcp = true, .seen = UINT_MAX };
	socklen_t len = sizeof(q.server);
	uint8_t head[2];

	q.fd = accept(listener, NULL, NULL);
	if (q.fd != -1 && in_child()) {
		getsockname(q.fd, &q.server.sa, &len);
		while (read_full(q.fd, head, 2)) {
			q.len = (size_t)head[0] << 8 | head[1];
			if (!read_full(q.fd, q.msg, q.len) ||
			    query_parse(&q) == -1 || !fake_behave(&q))
				break;
		}
		_exit(0);
	}
	close(q.fd);
}

/* ---- all ---- */

static int
listener(int type)
{
	int on = 1, fd = socket(own.sa.sa_family, type, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (own.sa.sa_family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
		/* The address that was asked need not be an interface's. */
		setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
	if (fd == -1 || bind(fd, &own.sa, net_address_len(&own)) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 64) == -1))
		err(1, "socket");
	return fd;
}

static void
read_arguments(int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "t:")) == 't') {
		fake_options.ttl = (uint32_t)strtoul(optarg, NULL, 10);
		fake_options.soa = true;
	}
	if (ch != -1 || argc - optind != 2 ||
	    net_address_parse(&own, argv[optind], strlen(argv[optind])) != 0)
		errx(2, "usage: dns_fake [-t TTL] ADDRESS@PORT TABLE");
	fake_options.table = argv[optind + 1];
}

int
main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };

	read_arguments(argc, argv);
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
