/* A batch of records to remove; knows nothing of how it is sent. */
#include "reaperd/removal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct removal *
removal_new(struct zone *zone, uint16_t domain)
{
	struct removal *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->zone = zone;
	r->domain = domain;
	return r;
}

void
removal_free(struct removal *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->records[i]);
	free(r);
}

/* Not less than they take in a request, whatever the name's length. */
static size_t
octets(size_t text_len)
{
	return PUBLISH_NAME_MAX + text_len + PUBLISH_STRINGS_MAX + 16;
}

bool
removal_full(const struct removal *r, size_t text_len)
{
	return r->n == REMOVAL_MAX ||
	    (r->n > 0 && r->octets + octets(text_len) > REMOVAL_OCTETS_MAX);
}

int
removal_add(struct removal *r, const struct expiry_name *name,
    const struct zone_text *text)
{
	struct removal_record *record =
	    malloc(sizeof(*record) + text->len + text->n_lengths);

	assert(!removal_full(r, text->len) && name->domain == r->domain);
	if (record == NULL)
		return -1;
	record->name = *name;
	record->text_len = text->len;
	record->n_lengths = text->n_lengths;
	memcpy(record->text, text->text, text->len);
	memcpy(record->text + text->len, text->lengths, text->n_lengths);
	r->records[r->n++] = record;
	r->octets += octets(text->len);
	return 0;
}

struct removal *
removal_halve(struct removal *r)
{
	struct removal *half = removal_new(r->zone, r->domain);
	size_t keep = r->n - r->n / 2;

	if (half == NULL)
		return NULL;
	while (r->n > keep) {
		struct removal_record *record = r->records[--r->n];

		half->records[half->n++] = record;
		half->octets += octets(record->text_len);
		r->octets -= octets(record->text_len);
	}
	return half;
}

static uint8_t *
put(const struct publish_req *req, size_t *len_r)
{
	size_t size = publish_req_size(req);
	uint8_t *data = malloc(size);
	struct wire w;

	if (data == NULL)
		return NULL;
	wire_init(&w, data, size);
	publish_req_put(&w, req);
	assert(wire_done(&w));
	*len_r = w.pos;
	return data;
}

uint8_t *
removal_request(const struct removal *r, size_t *len_r)
{
	struct publish_req req = { .op = PUB_REMOVE, .n = r->n };
	char(*owners)[PUBLISH_NAME_MAX] = calloc(r->n, sizeof(*owners));
	uint8_t *data = NULL;

	assert(r->n > 0);
	req.records = calloc(r->n, sizeof(*req.records));
	if (owners == NULL || req.records == NULL)
		goto out;
	snprintf(req.domain, sizeof(req.domain), "%s",
	    r->zone->domains[r->domain].text);
	for (size_t i = 0; i < r->n; i++) {
		const struct removal_record *record = r->records[i];

		req.records[i] = (struct publish_record){
			.owner = zone_owner(r->zone, &record->name, owners[i]),
			.text = record->text,
			.text_len = record->text_len,
			.lengths =
			    (const uint8_t *)record->text + record->text_len,
			.n_lengths = record->n_lengths,
		};
	}
	data = put(&req, len_r);
out:
	free(owners);
	free(req.records);
	return data;
}
