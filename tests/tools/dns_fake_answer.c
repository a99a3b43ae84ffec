/*
 * Answers of dns_fake, octet by octet: wrong ones are the purpose.
 */
#include <err.h>
#include <string.h>
#include <unistd.h>

#include "tests/tools/dns_fake.h"
#include "tests/tools/octets.h"

enum { STRING_MAX = 255 };

void
fake_put(struct fake_answer *a, const void *octets, size_t n)
{
	if (a->len + n > FAKE_ROOM)
		errx(1, "the answer is too long");
	memcpy(a->msg + 2 + a->len, octets, n);
	a->len += n;
}

static void
put_u16(struct fake_answer *a, size_t v)
{
	uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	fake_put(a, octets, 2);
}

void
fake_begin(struct fake_answer *a, const struct fake_query *q, unsigned flags)
{
	unsigned rd = q->msg[2] & 1;

	a->len = 0;
	fake_put(a, q->msg, 2);
	put_u16(a, DNS_QR | DNS_AA | rd << 8 | flags);
	fake_put(a, "\0\1\0\0\0\0\0\0", 8);
	fake_put(a, q->msg + FAKE_HEADER, q->question_end - FAKE_HEADER);
}

static void
put_owner(struct fake_answer *a, const char *owner)
{
	struct dns_name name;

	if (owner == NULL) {
		fake_put(a, "\300\14", 2); /* of the question */
		return;
	}
	if (dns_name_parse(&name, owner) != 0)
		errx(1, "%s: no name", owner);
	fake_put(a, name.wire, name.len);
}

/* One more in the section whose count stands there in the header. */
static void
count(struct fake_answer *a, size_t at, int more)
{
	size_t n = (size_t)(a->msg[2 + at] << 8 | a->msg[2 + at + 1]);

	n = (size_t)((int)n + more);
	a->msg[2 + at] = (uint8_t)(n >> 8);
	a->msg[2 + at + 1] = (uint8_t)n;
}

void
fake_put_rr(struct fake_answer *a, const char *owner, unsigned type,
    const void *rdata, size_t n)
{
	put_owner(a, owner);
	put_u16(a, type);
	put_u16(a, DNS_IN);
	put_u16(a, fake_options.ttl >> 16);
	put_u16(a, fake_options.ttl);
	put_u16(a, n);
	fake_put(a, rdata, n);
	count(a, 6, 1);
}

void
fake_put_soa(struct fake_answer *a)
{
	uint8_t soa[22] = { 0 }; /* two roots, five numbers */

	if (!fake_options.soa)
		return;
	soa[21] = (uint8_t)fake_options.ttl;
	fake_put_rr(a, NULL, DNS_SOA, soa, sizeof(soa));
	fake_to_authority(a);
}

void
fake_to_authority(struct fake_answer *a)
{
	count(a, 6, -1);
	count(a, 8, 1);
}

/* ---- TXT ---- */

struct rdata {
	uint8_t v[FAKE_ROOM];
	size_t n;
};

static void
put_string(struct rdata *r, const char *text, size_t n)
{
	if (r->n + 1 + n > sizeof(r->v))
		errx(1, "the text is too long");
	r->v[r->n++] = (uint8_t)n;
	memcpy(r->v + r->n, text, n);
	r->n += n;
}

/* As strings of 255 octets and what is left; at least one. */
static void
put_piece(struct rdata *r, const char *text, size_t n)
{
	size_t most;

	do {
		most = n < STRING_MAX ? n : STRING_MAX;
		put_string(r, text, most);
		text += most;
		n -= most;
	} while (n > 0);
}

void
fake_put_txt(
    struct fake_answer *a, const char *owner, const char *text, unsigned number)
{
	static struct rdata r;
	struct octets o = octets_expand(text, number);
	size_t start = 0;

	r.n = 0;
	for (size_t i = 0; i < o.n_cuts; i++) {
		put_piece(&r, o.v + start, o.cuts[i] - start);
		start = o.cuts[i];
	}
	put_piece(&r, o.v + start, o.n - start);
	fake_put_rr(a, owner, DNS_TXT, r.v, r.n);
	octets_free(&o);
}

/* ---- on its way ---- */

size_t
fake_end(struct fake_answer *a)
{
	a->msg[0] = (uint8_t)(a->len >> 8);
	a->msg[1] = (uint8_t)a->len;
	return a->len + 2;
}

/* From the address that was asked: the socket may be bound to any. */
static void
send_udp(const struct fake_query *q, const void *msg, size_t n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)msg, n };
	struct msghdr m = { .msg_name = (void *)(uintptr_t)&q->from,
		.msg_namelen = net_address_len(&q->from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control };
	const struct in_pktinfo info4 = { .ipi_spec_dst =
					      q->server.in4.sin_addr };
	const struct in6_pktinfo info6 = { .ipi6_addr =
					       q->server.in6.sin6_addr };
	bool ipv4 = q->server.sa.sa_family == AF_INET;
	size_t size = ipv4 ? sizeof(info4) : sizeof(info6);

	control.head.cmsg_level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	control.head.cmsg_type = ipv4 ? IP_PKTINFO : IPV6_PKTINFO;
	control.head.cmsg_len = CMSG_LEN(size);
	m.msg_controllen = CMSG_SPACE(size);
	memcpy(CMSG_DATA(&control.head), ipv4 ? (const void *)&info4 : &info6,
	    size);
	if (sendmsg(q->fd, &m, 0) == -1)
		warn("sendmsg");
}

void
fake_send(const struct fake_query *q, struct fake_answer *a)
{
	size_t n = fake_end(a);

	if (!q->tcp)
		send_udp(q, a->msg + 2, a->len);
	else if (write(q->fd, a->msg, n) == -1)
		warn("write");
}
