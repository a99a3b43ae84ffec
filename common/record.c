/*
 * Owns the form of message records and of blinded recipients. Knows no DNS,
 * and nothing of what a record proves.
 */
#include "record.h"

#include <openssl/evp.h>
#include <string.h>

#include "base64url.h"
#include "date_time.h"
#include "message_id.h"

static const char to_tag[] = "To:";
static const char from_tag[] = "*From:";
static const char date_tag[] = "*date=";
static const char bind_tag[] = "*bind=";

static char *
append(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

static char *
append_address(char *p, const struct address *a)
{
	return p + strlen(address_text(a, p));
}

/* The order of the fields is the protocol; record_get() reads it. */
size_t
record_put(char *buf, const struct record *r)
{
	char *p = append(buf, to_tag);

	if (r->blinded) {
		*p++ = '#';
		p = append(p, r->blind);
	} else {
		p = append_address(p, &r->to);
	}
	p = append_address(append(p, from_tag), &r->from);
	p = append(p, date_tag);
	p += date_time_put(p, r->date);
	if (r->bind[0] != '\0')
		p = append(append(p, bind_tag), r->bind);
	*p = '\0';
	return (size_t)(p - buf);
}

/* Keys are ours to choose; no other octet will ever be in one. */
static bool
is_key_octet(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	    (ch >= '0' && ch <= '9') || ch == '-' || ch == '_';
}

/* Past "*<key>=" at p, or NULL when that does not stand there. */
static const char *
skip_key(const char *p, const char *end)
{
	const char *key;

	if (p == end || *p++ != '*')
		return NULL;
	for (key = p; p < end && is_key_octet(*p); p++)
		;
	return p > key && p < end && *p == '=' ? p + 1 : NULL;
}

/* Where the next "*<key>=" begins, or the end. Never at a bare "*". */
static const char *
value_end(const char *p, const char *end)
{
	while ((p = memchr(p, '*', (size_t)(end - p))) != NULL) {
		if (skip_key(p, end) != NULL)
			return p;
		p++;
	}
	return end;
}

/*
 * The fields after the date. A binding that is none must not look like a
 * record without one: that would be "unbound" instead of an error.
 */
static bool
get_fields(struct record *r, const char *p, const char *end)
{
	while (p < end) {
		const char *value = skip_key(p, end);
		const char *next;
		size_t key;

		if (value == NULL)
			return false;
		next = value_end(value, end);
		key = (size_t)(value - p);
		if (key == sizeof(bind_tag) - 1 &&
		    memcmp(p, bind_tag, key) == 0) {
			if (r->bind[0] != '\0' ||
			    !base64url_is_digest(value, (size_t)(next - value)))
				return false;
			memcpy(r->bind, value, RECORD_DIGEST_TEXT - 1);
		}
		p = next;
	}
	return true;
}

/* A "#" may begin a local part, but no digest has an "@". */
static bool
get_to(struct record *r, const char *text, size_t n)
{
	r->blinded =
	    n > 0 && text[0] == '#' && base64url_is_digest(text + 1, n - 1);
	if (!r->blinded)
		return address_from_spec(&r->to, text, n) == ADDRESS_OK;
	memcpy(r->blind, text + 1, RECORD_DIGEST_TEXT - 1);
	return true;
}

/* Unlike in a header field, a line end behind it is an octet too many. */
static bool
get_date(time_t *date, const char *text, size_t n)
{
	return n > 0 && text[n - 1] != '\n' && text[n - 1] != '\r' &&
	    date_time_parse(text, n, date);
}

/*
 * An address holds no ":", so the first "*From:" is the right one. It may
 * hold "*date=", so the right one of these is the first that a date follows.
 */
bool
record_get(struct record *r, const char *text, size_t n)
{
	const char *end = text + n, *to = text + sizeof(to_tag) - 1;
	const char *from, *date;

	memset(r, 0, sizeof(*r));
	if (n < sizeof(to_tag) || memcmp(text, to_tag, sizeof(to_tag) - 1) != 0)
		return false;
	from = memmem(to, (size_t)(end - to), from_tag, sizeof(from_tag) - 1);
	if (from == NULL || !get_to(r, to, (size_t)(from - to)))
		return false;
	from += sizeof(from_tag) - 1;
	for (date = from;; date += sizeof(date_tag) - 1) {
		const char *after;

		date = memmem(
		    date, (size_t)(end - date), date_tag, sizeof(date_tag) - 1);
		if (date == NULL)
			return false;
		after = value_end(date + sizeof(date_tag) - 1, end);
		if (get_date(&r->date, date + sizeof(date_tag) - 1,
			(size_t)(after - date) - (sizeof(date_tag) - 1)))
			return address_from_spec(&r->from, from,
				   (size_t)(date - from)) == ADDRESS_OK &&
			    get_fields(r, after, end);
	}
}

void
record_blind(char out[RECORD_DIGEST_TEXT], const char *label,
    const struct address *recipient)
{
	char text[MESSAGE_ID_LABEL_MAX + 1 + ADDRESS_MAX];
	unsigned char digest[32];
	size_t n = 0;

	for (; n < MESSAGE_ID_LABEL_MAX - 1 && label[n] != '\0'; n++)
		text[n] = label[n] >= 'A' && label[n] <= 'Z'
		    ? (char)(label[n] + 'a' - 'A')
		    : label[n];
	text[n++] = ':';
	n += strlen(address_normal(recipient, text + n));
	out[0] = '\0';
	if (EVP_Digest(text, n, digest, NULL, EVP_sha256(), NULL) == 1)
		base64url_digest(out, digest);
}

bool
record_names(
    const struct record *r, const char *label, const struct address *recipient)
{
	char blind[RECORD_DIGEST_TEXT];

	if (!r->blinded)
		return address_equal(&r->to, recipient);
	record_blind(blind, label, recipient);
	return strcmp(r->blind, blind) == 0;
}
