/*
 * Owns the reading of DNS messages that others made. Every octet is checked
 * before it is used, nothing is allocated, and the work for a message is
 * bounded by its length. Must not know sockets, nor what an answer means.
 */
#include "dns_message.h"

#include <stdio.h>
#include <string.h>

enum {
	HEADER_LEN = 12,
	MESSAGE_MAX = 65535,
	NAME_MAX_OCTETS = 255, /* RFC 1035 2.3.4 */
	LABEL_MAX = 63,
	/* A name of 255 octets has at most 127 labels; a chain of more
	   pointers than that only wants to cost us time. */
	POINTERS_MAX = 127,
};

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

int
dns_reader_open(
    struct dns_reader *r, const uint8_t *msg, size_t len, struct dns_header *h)
{
	if (len < HEADER_LEN || len > MESSAGE_MAX)
		return -1;
	*r = (struct dns_reader){ .msg = msg, .len = len, .pos = HEADER_LEN };
	h->id = (uint16_t)u16(msg);
	h->flags = (uint16_t)u16(msg + 2);
	h->qd = (uint16_t)u16(msg + 4);
	h->an = (uint16_t)u16(msg + 6);
	h->ns = (uint16_t)u16(msg + 8);
	h->ar = (uint16_t)u16(msg + 10);
	return 0;
}

/* ---- names ----------------------------------------------------------------
 */

/* The label of n octets at `at`, its length octet included. */
static int
name_append(struct dns_name *name, const uint8_t *at, size_t n)
{
	/* The root octet must still fit, unless this is it. */
	if (name->len + 1 + n + (n > 0) > NAME_MAX_OCTETS)
		return -1;
	name->wire[name->len++] = (uint8_t)n;
	for (size_t i = 1; i <= n; i++)
		name->wire[name->len++] = lower(at[i]);
	return 0;
}

/*
 * Where a pointer at `at` leads (RFC 1035 4.1.4), or -1. It must lead to
 * before `start`, where the labels that it ends began: so no chain can loop.
 */
static int
pointer_target(const struct dns_reader *r, size_t at, size_t start)
{
	size_t target;

	if (at + 2 > r->len)
		return -1;
	target = u16(r->msg + at) & 0x3fff;
	return target >= HEADER_LEN && target < start ? (int)target : -1;
}

int
dns_reader_name(const struct dns_reader *r, size_t *pos, struct dns_name *name)
{
	size_t at = *pos, start = at, end = 0;
	unsigned pointers = 0;

	name->len = 0;
	while (at < r->len) {
		uint8_t n = r->msg[at];

		if (n >= 0xc0) {
			int target = pointer_target(r, at, start);

			if (target == -1 || ++pointers > POINTERS_MAX)
				return -1;
			if (end == 0)
				end = at + 2;
			at = start = (size_t)target;
			continue;
		}
		if (n > LABEL_MAX || at + 1 + n > r->len ||
		    name_append(name, r->msg + at, n) == -1)
			return -1;
		at += 1 + (size_t)n;
		if (n == 0) {
			*pos = end != 0 ? end : at;
			return 0;
		}
	}
	return -1;
}

static bool
label_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_';
}

static int
label_parse(struct dns_name *name, const char *text, size_t n)
{
	uint8_t label[1 + LABEL_MAX];

	if (n == 0 || n > LABEL_MAX)
		return -1;
	memcpy(label + 1, text, n);
	for (size_t i = 1; i <= n; i++)
		if (!label_char(lower(label[i])))
			return -1;
	return name_append(name, label, n);
}

int
dns_name_parse(struct dns_name *name, const char *text)
{
	static const uint8_t root[1] = { 0 };

	name->len = 0;
	if (strcmp(text, ".") == 0)
		return name_append(name, root, 0);
	do {
		size_t n = strcspn(text, ".");

		if (label_parse(name, text, n) == -1)
			return -1;
		text += n;
		if (*text == '.')
			text++;
	} while (*text != '\0');
	return name_append(name, root, 0);
}

/* 4 characters for each of at most 253 octets: 1024 are enough. */
const char *
dns_name_text(const struct dns_name *name, char *buf)
{
	char *out = buf;

	for (size_t at = 0; name->wire[at] != 0;) {
		size_t end = at + 1 + name->wire[at];

		if (at++ > 0)
			*out++ = '.';
		for (; at < end; at++) {
			uint8_t c = name->wire[at];

			if (label_char(lower(c)))
				*out++ = (char)c;
			else
				out += sprintf(out, "\\%03u", c);
		}
	}
	if (out == buf)
		*out++ = '.';
	*out = '\0';
	return buf;
}

bool
dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

bool
dns_name_below(const struct dns_name *name, const struct dns_name *top)
{
	size_t at = 0;

	while ((size_t)name->len - at > top->len)
		at += 1 + (size_t)name->wire[at];
	return (size_t)name->len - at == top->len &&
	    memcmp(name->wire + at, top->wire, top->len) == 0;
}

/* ---- what follows the header ----------------------------------------------
 */

int
dns_reader_question(struct dns_reader *r, struct dns_name *name,
    uint16_t *type_r, uint16_t *class_r)
{
	size_t at = r->pos;

	if (dns_reader_name(r, &at, name) == -1 || r->len - at < 4)
		return -1;
	*type_r = (uint16_t)u16(r->msg + at);
	*class_r = (uint16_t)u16(r->msg + at + 2);
	r->pos = at + 4;
	return 0;
}

int
dns_reader_rr(struct dns_reader *r, struct dns_rr *rr)
{
	size_t at = r->pos;
	const uint8_t *p;

	rr->start = at;
	if (dns_reader_name(r, &at, &rr->owner) == -1 || r->len - at < 10)
		return -1;
	p = r->msg + at;
	rr->type = (uint16_t)u16(p);
	rr->class = (uint16_t)u16(p + 2);
	rr->ttl = (uint32_t)u16(p + 4) << 16 | u16(p + 6);
	rr->rdlen = (uint16_t)u16(p + 8);
	rr->rdata = p + 10;
	at += 10;
	if (r->len - at < rr->rdlen)
		return -1;
	r->pos = at + rr->rdlen;
	return 0;
}

int
dns_txt(const struct dns_rr *rr, char *buf, size_t size, size_t *len_r)
{
	size_t at = 0, len = 0;

	if (rr->rdlen == 0) /* one string at least */
		return -1;
	while (at < rr->rdlen) {
		size_t n = rr->rdata[at++];

		if (n > rr->rdlen - at || n >= size - len)
			return -1;
		memcpy(buf + len, rr->rdata + at, n);
		at += n;
		len += n;
	}
	buf[len] = '\0';
	*len_r = len;
	return 0;
}

const char *
dns_rcode_text(unsigned rcode)
{
	static const char *const names[] = {
		[DNS_NOERROR] = "NOERROR",
		[DNS_FORMERR] = "FORMERR",
		[DNS_SERVFAIL] = "SERVFAIL",
		[DNS_NXDOMAIN] = "NXDOMAIN",
		[DNS_NOTIMP] = "NOTIMP",
		[DNS_REFUSED] = "REFUSED",
		[DNS_YXDOMAIN] = "YXDOMAIN",
		[DNS_YXRRSET] = "YXRRSET",
		[DNS_NXRRSET] = "NXRRSET",
		[DNS_NOTAUTH] = "NOTAUTH",
		[DNS_NOTZONE] = "NOTZONE",
		[DNS_BADVERS] = "BADVERS",
	};
	const char *name = NULL;

	if (rcode < sizeof(names) / sizeof(names[0]))
		name = names[rcode];
	return name != NULL ? name : "an unknown rcode";
}
