/*
 * The index of names by time: about 56 octets for a record with an ID of 26
 * characters. Three runs of chunks, all by 32-bit references:
 *
 *   pool     the entries, sized by their label; freed ones are kept in a
 *            list per size and used again
 *   heap     { time, entry }, a binary heap; an entry knows its place in it
 *   buckets  heads of the hash chains; linear hashing (Litwin 1980): one
 *            bucket more per name more, so no insertion ever pays for all
 */
#include "reaperd/expiry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/siphash.h"

#include "reaperd/chunks.h"

enum {
	UNIT = 4, /* octets that a reference counts in */
	CHUNK_UNITS = CHUNK_BYTES / UNIT,
};

struct entry {
	uint32_t next; /* in its hash chain or free list; 0: last */
	uint32_t at;   /* place in the heap */
	uint32_t records;
	uint16_t domain;
	uint8_t len;
	char label[];
};

enum { ENTRY_HEAD = offsetof(struct entry, label) };
enum { UNITS_MAX = (ENTRY_HEAD + EXPIRY_LABEL_MAX + UNIT - 1) / UNIT };

struct place {
	uint32_t due;
	uint32_t entry;
};

struct expiry {
	uint8_t key[EXPIRY_KEY];
	struct chunks pool, heap, buckets;
	uint32_t used;                /* units of the pool */
	uint32_t free[UNITS_MAX + 1]; /* heads of free lists, by units */
	size_t names, n_buckets, records;
};
_Static_assert(sizeof(((struct expiry *)0)->key) == SIPHASH_KEY, "hash key");

static struct entry *
entry_of(const struct expiry *x, uint32_t ref)
{
	return chunks_at(&x->pool, (size_t)ref * UNIT);
}

static struct place *
place_of(const struct expiry *x, size_t i)
{
	return chunks_at(&x->heap, i * sizeof(struct place));
}

static uint32_t *
bucket_of(const struct expiry *x, size_t i)
{
	return chunks_at(&x->buckets, i * sizeof(uint32_t));
}

static uint32_t
clamp(int64_t t)
{
	return t < 0 ? 0 : t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

/* ---- the pool ---- */

static unsigned
units(size_t label_len)
{
	return (unsigned)((ENTRY_HEAD + label_len + UNIT - 1) / UNIT);
}

/* A new entry's reference, 0 when memory is out. */
static uint32_t
entry_new(struct expiry *x, const struct expiry_name *name, size_t len)
{
	unsigned n = units(len);
	uint32_t ref = x->free[n], at = x->used;
	struct entry *e;

	if (ref == 0) {
		if (at / CHUNK_UNITS != (at + n - 1) / CHUNK_UNITS)
			at = (at / CHUNK_UNITS + 1) * CHUNK_UNITS;
		if (at > UINT32_MAX - CHUNK_UNITS ||
		    chunks_reserve(&x->pool, ((size_t)at + n) * UNIT) == -1)
			return 0;
		ref = at;
		x->used = at + n;
		e = entry_of(x, ref);
	} else {
		e = entry_of(x, ref);
		x->free[n] = e->next;
	}
	e->domain = name->domain;
	e->records = 0;
	e->len = (uint8_t)len;
	memcpy(e->label, name->label, len);
	return ref;
}

static void
entry_free(struct expiry *x, uint32_t ref)
{
	struct entry *e = entry_of(x, ref);
	unsigned n = units(e->len);

	e->next = x->free[n];
	x->free[n] = ref;
}

/* ---- the heap ---- */

static void
heap_set(struct expiry *x, size_t i, struct place p)
{
	*place_of(x, i) = p;
	entry_of(x, p.entry)->at = (uint32_t)i;
}

static void
heap_up(struct expiry *x, size_t i, struct place p)
{
	while (i > 0 && p.due < place_of(x, (i - 1) / 2)->due) {
		heap_set(x, i, *place_of(x, (i - 1) / 2));
		i = (i - 1) / 2;
	}
	heap_set(x, i, p);
}

static void
heap_down(struct expiry *x, size_t i, struct place p)
{
	for (size_t child; (child = 2 * i + 1) < x->names; i = child) {
		if (child + 1 < x->names &&
		    place_of(x, child + 1)->due < place_of(x, child)->due)
			child++;
		if (p.due <= place_of(x, child)->due)
			break;
		heap_set(x, i, *place_of(x, child));
	}
	heap_set(x, i, p);
}

/* Puts p at place i, and from there where it belongs. */
static void
heap_fix(struct expiry *x, size_t i, struct place p)
{
	if (i > 0 && p.due < place_of(x, (i - 1) / 2)->due)
		heap_up(x, i, p);
	else
		heap_down(x, i, p);
}

/* ---- the table of names ---- */

static uint32_t
hash(const struct expiry *x, uint16_t domain, const char *label, size_t len)
{
	uint8_t bytes[sizeof(domain) + EXPIRY_LABEL_MAX];

	memcpy(bytes, &domain, sizeof(domain));
	memcpy(bytes + sizeof(domain), label, len);
	return (uint32_t)siphash(x->key, bytes, sizeof(domain) + len);
}

/* Of n buckets: the hash's low bits, one fewer where those say too much. */
static size_t
bucket_index(size_t n, uint32_t h)
{
	size_t size = 1;

	while (size < n)
		size *= 2;
	return (h & (size - 1)) < n ? h & (size - 1) : h & (size / 2 - 1);
}

static uint32_t *
chain_of(const struct expiry *x, uint16_t domain, const char *label, size_t len)
{
	uint32_t h = hash(x, domain, label, len);

	return bucket_of(x, bucket_index(x->n_buckets, h));
}

/* The link that names the entry, or the chain's end (0). */
static uint32_t *
find(const struct expiry *x, const struct expiry_name *name)
{
	size_t len = strlen(name->label);
	uint32_t *link = chain_of(x, name->domain, name->label, len);

	for (; *link != 0; link = &entry_of(x, *link)->next) {
		const struct entry *e = entry_of(x, *link);

		if (e->domain == name->domain && e->len == len &&
		    memcmp(e->label, name->label, len) == 0)
			break;
	}
	return link;
}

/* One bucket more; the names of the bucket it splits are dealt out again. */
static int
add_bucket(struct expiry *x)
{
	size_t size = 1;
	uint32_t ref, next, *head;

	if (chunks_reserve(
		&x->buckets, (x->n_buckets + 1) * sizeof(uint32_t)) == -1)
		return -1;
	while (size <= x->n_buckets)
		size *= 2;
	head = bucket_of(x, x->n_buckets - size / 2);
	ref = *head;
	*head = 0;
	x->n_buckets++;
	for (; ref != 0; ref = next) {
		struct entry *e = entry_of(x, ref);

		head = chain_of(x, e->domain, e->label, e->len);
		next = e->next;
		e->next = *head;
		*head = ref;
	}
	return 0;
}

/* A new name's entry, in all three runs; NULL when memory is out. */
static struct entry *
insert(struct expiry *x, const struct expiry_name *name, int64_t due)
{
	size_t len = strlen(name->label);
	uint32_t ref, *head;
	struct entry *e;

	assert(len > 0 && len <= EXPIRY_LABEL_MAX);
	if (chunks_reserve(&x->heap, (x->names + 1) * sizeof(struct place)) ==
		-1 ||
	    (x->n_buckets <= x->names && add_bucket(x) == -1) ||
	    (ref = entry_new(x, name, len)) == 0)
		return NULL;
	e = entry_of(x, ref);
	head = chain_of(x, e->domain, e->label, len);
	e->next = *head;
	*head = ref;
	heap_up(
	    x, x->names++, (struct place){ .due = clamp(due), .entry = ref });
	return e;
}

static void
forget(struct expiry *x, uint32_t *link)
{
	uint32_t ref = *link;
	struct entry *e = entry_of(x, ref);
	size_t at = e->at;
	struct place last = *place_of(x, --x->names);

	*link = e->next;
	if (last.entry != ref)
		heap_fix(x, at, last);
	entry_free(x, ref);
}

/* ---- outside ---- */

struct expiry *
expiry_new(const uint8_t key[EXPIRY_KEY])
{
	struct expiry *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	memcpy(x->key, key, EXPIRY_KEY);
	x->used = 1; /* reference 0 means none */
	x->n_buckets = 1;
	if (chunks_reserve(&x->buckets, sizeof(uint32_t)) == -1) {
		expiry_free(x);
		return NULL;
	}
	return x;
}

void
expiry_free(struct expiry *x)
{
	if (x == NULL)
		return;
	chunks_free(&x->pool);
	chunks_free(&x->heap);
	chunks_free(&x->buckets);
	free(x);
}

int
expiry_add(struct expiry *x, const struct expiry_name *name, int64_t due)
{
	uint32_t ref = *find(x, name);
	struct entry *e = ref != 0 ? entry_of(x, ref) : insert(x, name, due);

	if (e == NULL)
		return -1;
	e->records++;
	x->records++;
	if (clamp(due) < place_of(x, e->at)->due)
		heap_up(x, e->at,
		    (struct place){ .due = clamp(due), .entry = ref });
	return 0;
}

bool
expiry_remove(struct expiry *x, const struct expiry_name *name)
{
	uint32_t *link = find(x, name);
	struct entry *e;

	if (*link == 0)
		return false;
	e = entry_of(x, *link);
	x->records--;
	if (--e->records == 0)
		forget(x, link);
	return true;
}

bool
expiry_take(
    struct expiry *x, int64_t now, int64_t again, struct expiry_name *name_r)
{
	const struct entry *e;
	struct place first;

	if (x->names == 0 || place_of(x, 0)->due > now)
		return false;
	first = *place_of(x, 0);
	e = entry_of(x, first.entry);
	name_r->domain = e->domain;
	memcpy(name_r->label, e->label, e->len);
	name_r->label[e->len] = '\0';
	first.due = clamp(again);
	heap_down(x, 0, first);
	return true;
}

void
expiry_move(struct expiry *x, const struct expiry_name *name, int64_t due)
{
	uint32_t ref = *find(x, name);

	if (ref != 0)
		heap_fix(x, entry_of(x, ref)->at,
		    (struct place){ .due = clamp(due), .entry = ref });
}

int64_t
expiry_due(const struct expiry *x, const struct expiry_name *name)
{
	uint32_t ref = *find(x, name);

	if (ref == 0)
		return -1;
	return place_of(x, entry_of(x, ref)->at)->due;
}

int64_t
expiry_next(const struct expiry *x)
{
	return x->names == 0 ? INT64_MAX : place_of(x, 0)->due;
}

size_t
expiry_names(const struct expiry *x)
{
	return x->names;
}

size_t
expiry_records(const struct expiry *x)
{
	return x->records;
}

size_t
expiry_memory(const struct expiry *x)
{
	return sizeof(*x) + chunks_memory(&x->pool) + chunks_memory(&x->heap) +
	    chunks_memory(&x->buckets);
}
