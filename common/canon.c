/*
 * Owns the canonical form of a message's content and its digest. Knows
 * nothing of records or of who compares.
 */
#include "canon.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"

enum { OUT_SIZE = 4096 };

struct canon {
	EVP_MD_CTX *digest;
	size_t out_len;
	uint64_t empty_lines; /* not written yet: dropped at the end */
	bool blank;           /* WSP not written yet: dropped at a line's end */
	bool cr;              /* a CR whose LF may come */
	bool in_line;         /* this line has octets already */
	bool failed;
	unsigned char out[OUT_SIZE]; /* canonical octets not digested yet */
};

/* The order is the protocol. */
const char *const canon_field_names[CANON_FIELDS] = {
	"From",
	"To",
	"Cc",
	"Reply-To",
	"Subject",
	"Date",
	"Message-ID",
	"MIME-Version",
	"Content-Type",
	"Content-Transfer-Encoding",
};

/* The same as they stand in the canonical form (RFC 6376 3.4.2). */
static const char *const field_tags[CANON_FIELDS] = {
	"from:",
	"to:",
	"cc:",
	"reply-to:",
	"subject:",
	"date:",
	"message-id:",
	"mime-version:",
	"content-type:",
	"content-transfer-encoding:",
};

/* What ends a run of ordinary octets. */
static const bool special[256] = {
	['\t'] = true,
	['\n'] = true,
	['\r'] = true,
	[' '] = true,
};

/* Once it has failed for want of memory libcrypto must not be asked again. */
static void
digest(struct canon *c, const void *octets, size_t n)
{
	if (!c->failed && EVP_DigestUpdate(c->digest, octets, n) != 1)
		c->failed = true;
}

static void
flush(struct canon *c)
{
	digest(c, c->out, c->out_len);
	c->out_len = 0;
}

/* Gathered, because a digest update costs as much as 50 octets. */
static void
put(struct canon *c, const void *octets, size_t n)
{
	if (n > OUT_SIZE - c->out_len)
		flush(c);
	if (n > OUT_SIZE) {
		digest(c, octets, n);
		return;
	}
	memcpy(c->out + c->out_len, octets, n);
	c->out_len += n;
}

void
canon_reset(struct canon *c)
{
	/* Without a type: the one of canon_new(), not looked up again. */
	c->failed = EVP_DigestInit_ex(c->digest, NULL, NULL) != 1;
	c->out_len = 0;
	c->empty_lines = 0;
	c->blank = c->cr = c->in_line = false;
}

struct canon *
canon_new(void)
{
	struct canon *c = malloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	c->digest = EVP_MD_CTX_new();
	if (c->digest == NULL ||
	    EVP_DigestInit_ex(c->digest, EVP_sha256(), NULL) != 1) {
		canon_free(c);
		return NULL;
	}
	canon_reset(c);
	return c;
}

void
canon_free(struct canon *c)
{
	if (c == NULL)
		return;
	EVP_MD_CTX_free(c->digest);
	free(c);
}

/*
 * The end of the run at p: no CR, LF or HT in it, and a space only between
 * two ordinary octets, so that it is canonical as it stands.
 */
static const uint8_t *
run_end(const uint8_t *p, const uint8_t *end)
{
	for (;;) {
		while (p < end && !special[*p])
			p++;
		if (end - p < 2 || *p != ' ' || special[p[1]])
			return p;
		p += 2;
	}
}

/* Unfolded, each run of WSP one space, none at either end (3.4.2). */
static void
put_value(struct canon *c, const char *value, size_t n)
{
	const uint8_t *p = (const uint8_t *)value, *end = p + n;
	bool any = false, blank = false;

	while (p < end) {
		const uint8_t *run = p;

		if (special[*p]) {
			blank |= *p == ' ' || *p == '\t';
			p++;
			continue;
		}
		p = run_end(run, end);
		if (blank && any)
			put(c, " ", 1);
		put(c, run, (size_t)(p - run));
		any = true;
		blank = false;
	}
}

void
canon_header(struct canon *c, const char *const values[CANON_FIELDS],
    const size_t lengths[CANON_FIELDS])
{
	for (size_t i = 0; i < CANON_FIELDS; i++) {
		if (values[i] != NULL) {
			put(c, field_tags[i], strlen(field_tags[i]));
			put_value(c, values[i], lengths[i]);
		}
		put(c, "\r\n", 2);
	}
	put(c, "\r\n", 2);
}

/* Octets of a line's content, after all that was held back before them. */
static void
put_content(struct canon *c, const uint8_t *octets, size_t n)
{
	for (; c->empty_lines > 0; c->empty_lines--)
		put(c, "\r\n", 2);
	if (c->blank)
		put(c, " ", 1);
	c->blank = false;
	c->in_line = true;
	put(c, octets, n);
}

/* Empty lines wait: at the body's end they do not count (3.4.4). */
static void
end_line(struct canon *c)
{
	if (c->in_line)
		put(c, "\r\n", 2);
	else
		c->empty_lines++;
	c->in_line = c->blank = c->cr = false;
}

/* A CR that turned out not to belong to a line's end. */
static void
settle_cr(struct canon *c)
{
	if (c->cr)
		put_content(c, (const uint8_t *)"\r", 1);
	c->cr = false;
}

/* All that a piece leaves open (a CR, WSP, empty lines) is in the struct. */
void
canon_body(struct canon *c, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;

	while (p < end) {
		const uint8_t *run = p;

		if (*p == '\n') {
			end_line(c);
			p++;
			continue;
		}
		settle_cr(c);
		if (*p == '\r') {
			c->cr = true;
			p++;
		} else if (special[*p]) {
			c->blank = true;
			p++;
		} else {
			p = run_end(run, end);
			put_content(c, run, (size_t)(p - run));
		}
	}
}

void
canon_end(struct canon *c, char out[44])
{
	unsigned char sum[32];

	settle_cr(c);
	if (c->in_line)
		end_line(c); /* "add a CRLF if there is none" (3.4.4) */
	flush(c);
	if (!c->failed && EVP_DigestFinal_ex(c->digest, sum, NULL) != 1)
		c->failed = true;
	out[0] = '\0';
	if (!c->failed)
		base64url_digest(out, sum);
	canon_reset(c);
}
