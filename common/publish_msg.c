/*
 * Owns: how requests to publishd and its answers lie in a message. Must not
 * know what is done with them, nor what a good name or record looks like.
 */
#include "publish_msg.h"

#include <stdlib.h>
#include <string.h>

const char *const publish_status_names[PUB_STATUS__COUNT] = {
	[PUB_DONE] = "DONE",
	[PUB_BUSY] = "BUSY",
	[PUB_LATER] = "LATER",
	[PUB_REFUSED] = "REFUSED",
};

/* Octets of what is not a record: version, op, ttl, domain, count. */
enum { REQ_HEAD = 1 + 1 + 4 + 4 + 2, RECORD_HEAD = 4 + 4 + 4 };

size_t
publish_req_size(const struct publish_req *r)
{
	size_t size = REQ_HEAD + strlen(r->domain);

	for (size_t i = 0; i < r->n; i++)
		size += RECORD_HEAD + strlen(r->records[i].owner) +
		    r->records[i].text_len + r->records[i].n_lengths;
	return size;
}

static void
put_record(struct wire *w, const struct publish_record *p)
{
	if (strlen(p->owner) >= PUBLISH_NAME_MAX ||
	    p->text_len > PUBLISH_TEXT_MAX ||
	    p->n_lengths > PUBLISH_STRINGS_MAX)
		w->bad = true;
	wire_put_str(w, p->owner);
	wire_put_bytes(w, p->text, p->text_len);
	wire_put_bytes(w, p->lengths, p->n_lengths);
}

/* Field order here and in publish_req_get() is the protocol. */
void
publish_req_put(struct wire *w, const struct publish_req *r)
{
	size_t start = w->pos;

	if (r->n < 1 || r->n > PUBLISH_RECORDS_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u8(w, PUBLISH_MSG_VERSION);
	wire_put_u8(w, (uint8_t)r->op);
	wire_put_u32(w, r->ttl);
	wire_put_str(w, r->domain);
	wire_put_u16(w, (uint16_t)r->n);
	for (size_t i = 0; i < r->n; i++)
		put_record(w, &r->records[i]);
	if (w->pos - start > PUBLISH_REQ_MAX)
		w->bad = true;
}

/* A NUL-terminated copy at *to; *to moves behind it. */
static const char *
get_copy(struct wire *w, size_t max, char **to, size_t *n_r)
{
	const uint8_t *p = wire_get_bytes(w, max, n_r);
	char *copy = *to;

	if (*n_r > 0) {
		if (memchr(p, '\0', *n_r) != NULL)
			w->bad = true;
		memcpy(copy, p, *n_r);
	}
	copy[*n_r] = '\0';
	*to += *n_r + 1;
	return copy;
}

/* A copy of the lengths at *to, if they make up the text. */
static const uint8_t *
get_lengths(struct wire *w, size_t text_len, char **to, size_t *n_r)
{
	const uint8_t *p = wire_get_bytes(w, PUBLISH_STRINGS_MAX, n_r);
	uint8_t *copy = (uint8_t *)*to;
	size_t sum = 0;

	for (size_t i = 0; i < *n_r; i++)
		sum += copy[i] = p[i];
	if (*n_r > 0 && sum != text_len)
		w->bad = true;
	*to += *n_r;
	return copy;
}

/*
 * The strings lie behind the array of records. What is left of the message
 * bounds them: a NUL each needs less than the length field it came with.
 */
static int
get_records(struct wire *w, struct publish_req *r)
{
	char *text;
	size_t n;

	r->records = malloc(r->n * sizeof(*r->records) + (w->size - w->pos));
	if (r->records == NULL)
		return -1;
	text = (char *)(r->records + r->n);
	for (size_t i = 0; i < r->n && !w->bad; i++) {
		struct publish_record *p = &r->records[i];

		p->owner = get_copy(w, PUBLISH_NAME_MAX - 1, &text, &n);
		p->text = get_copy(w, PUBLISH_TEXT_MAX, &text, &p->text_len);
		p->lengths = get_lengths(w, p->text_len, &text, &p->n_lengths);
	}
	if (wire_done(w))
		return 0;
	free(r->records);
	r->records = NULL;
	return -1;
}

int
publish_req_get(struct wire *w, struct publish_req *r)
{
	uint8_t version = wire_get_u8(w);

	r->records = NULL;
	r->op = (enum publish_op)wire_get_u8(w);
	r->ttl = wire_get_u32(w);
	wire_get_str(w, r->domain, sizeof(r->domain));
	r->n = wire_get_u16(w);
	if (w->bad || w->size > PUBLISH_REQ_MAX ||
	    version != PUBLISH_MSG_VERSION || r->op >= PUB__COUNT || r->n < 1 ||
	    r->n > PUBLISH_RECORDS_MAX || r->n * RECORD_HEAD > w->size - w->pos)
		return -1;
	return get_records(w, r);
}

/* Field order here and in publish_answer_get() is the protocol. */
void
publish_answer_put(struct wire *w, const struct publish_answer *a)
{
	wire_put_u8(w, PUBLISH_MSG_VERSION);
	wire_put_u8(w, (uint8_t)a->status);
	wire_put_str(w, a->reason);
}

int
publish_answer_get(struct wire *w, struct publish_answer *a)
{
	uint8_t version = wire_get_u8(w);

	a->status = (enum publish_status)wire_get_u8(w);
	wire_get_str(w, a->reason, sizeof(a->reason));
	return wire_done(w) && version == PUBLISH_MSG_VERSION &&
		a->status < PUB_STATUS__COUNT
	    ? 0
	    : -1;
}
