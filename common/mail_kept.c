/*
 * The message under way: its strings and lists, and their bounds. Knows no
 * protocol and no daemon.
 */
#include "mail_kept.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	CHUNK = 4096,   /* holds an ordinary message */
	LIST_KEEP = 64, /* longer lists are given back after the message */
};

struct mail_chunk {
	struct mail_chunk *next; /* the one filled before */
	size_t used, size;
	char data[];
};

static void
free_chunks(struct mail_kept *k, struct mail_chunk *last)
{
	while (k->chunks != last) {
		struct mail_chunk *next = k->chunks->next;

		free(k->chunks);
		k->chunks = next;
	}
}

/* Gives back all but one chunk of the usual size, which the first one is. */
static void
reset_chunks(struct mail_kept *k)
{
	struct mail_chunk *first = k->chunks;

	while (first != NULL && first->next != NULL)
		first = first->next;
	free_chunks(k, first);
	if (first != NULL && first->size > CHUNK)
		free_chunks(k, NULL);
	else if (first != NULL)
		first->used = 0;
}

static void
reset_lists(struct mail_kept *k)
{
	if (k->recipients_cap > LIST_KEEP) {
		free(k->recipients);
		k->recipients = NULL;
		k->recipients_cap = 0;
	}
	if (k->fields_cap > LIST_KEEP) {
		free(k->fields);
		k->fields = NULL;
		k->fields_cap = 0;
	}
}

void
mail_kept_begin(struct mail_kept *k, const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	assert(n <= MAIL_NAMES_MAX);
	reset_chunks(k);
	reset_lists(k);
	memset(k->seen, 0, sizeof(k->seen));
	k->names = names;
	k->octets = k->n_headers = 0;
	k->message = (struct mail_message){
		.client_addr = "",
		.auth_authen = "",
		.queue_id = "",
		.digest = "",
		.sender = "",
		.recipients = k->recipients,
		.fields = k->fields,
	};
}

void
mail_kept_end(struct mail_kept *k)
{
	if (mail_kept_octets(k) > MAIL_KEPT_IDLE)
		mail_kept_begin(k, k->names);
}

void
mail_kept_free(struct mail_kept *k)
{
	free_chunks(k, NULL);
	free(k->recipients);
	free(k->fields);
}

size_t
mail_kept_octets(const struct mail_kept *k)
{
	size_t n = k->recipients_cap * sizeof(*k->recipients) +
	    k->fields_cap * sizeof(*k->fields);

	for (const struct mail_chunk *c = k->chunks; c != NULL; c = c->next)
		n += sizeof(*c) + c->size;
	return n;
}

static void
overflow(struct mail_kept *k, enum mail_overflow what)
{
	if (k->message.overflow == MAIL_FITS)
		k->message.overflow = what;
}

static struct mail_chunk *
add_chunk(struct mail_kept *k, size_t n)
{
	size_t size = n > CHUNK ? n : CHUNK;
	struct mail_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk == NULL)
		return NULL;
	*chunk = (struct mail_chunk){ .next = k->chunks, .size = size };
	k->chunks = chunk;
	return chunk;
}

/*
 * A copy with a NUL behind it: 0 and *copy_r, which is NULL when the message
 * would be over its bound; -1 when memory is out.
 */
static int
keep(struct mail_kept *k, const void *bytes, size_t len, char **copy_r)
{
	struct mail_chunk *chunk = k->chunks;
	char *copy;

	*copy_r = NULL;
	if (len + 1 > MAIL_KEPT_MAX - k->octets) {
		overflow(k, MAIL_KEPT_TOO_MUCH);
		return 0;
	}
	if ((chunk == NULL || chunk->size - chunk->used < len + 1) &&
	    (chunk = add_chunk(k, len + 1)) == NULL)
		return -1;
	copy = chunk->data + chunk->used;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	chunk->used += len + 1;
	k->octets += len + 1;
	*copy_r = copy;
	return 0;
}

static bool
full(const struct mail_kept *k)
{
	return k->message.overflow != MAIL_FITS;
}

/* The list with room for an element n, NULL when memory is out. */
static void *
extend(void *list, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap == 0 ? 16 : 2 * *cap;

	if (n < *cap)
		return list;
	if ((list = realloc(list, more * size)) != NULL)
		*cap = more;
	return list;
}

int
mail_kept_sender(struct mail_kept *k, const char *sender, size_t len)
{
	char *copy;

	if (keep(k, sender, len, &copy) == -1)
		return -1;
	if (copy != NULL)
		k->message.sender = copy;
	return 0;
}

/* The strings of a packet become one, with blanks between them. */
static void
join_strings(char *p, size_t len)
{
	for (char *end = p + len; p < end; p++)
		if (*p == '\0')
			*p = ' ';
}

static int
add_recipient(struct mail_kept *k, const uint8_t *strings, size_t len)
{
	struct mail_message *m = &k->message;
	const char **list;
	char *copy;

	if (keep(k, strings, len, &copy) == -1)
		return -1;
	if (copy == NULL)
		return 0;
	join_strings(copy, len);
	list = extend(
	    k->recipients, &k->recipients_cap, m->n_recipients, sizeof(*list));
	if (list == NULL)
		return -1;
	list[m->n_recipients++] = copy;
	m->recipients = k->recipients = list;
	return 0;
}

int
mail_kept_recipient(
    struct mail_kept *k, const uint8_t *strings, size_t len, size_t most)
{
	if (k->no_room)
		overflow(k, MAIL_NO_ROOM);
	if (k->message.n_recipients >= most)
		overflow(k, MAIL_TOO_MANY_RECIPIENTS);
	return full(k) ? 0 : add_recipient(k, strings, len);
}

/*
 * RFC 5322 4.5: "From :" is a From field, too. Mail servers that we know close
 * the gap; one that does not must not hide a second From from us.
 */
static size_t
without_blanks(const char *name, size_t n)
{
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	return n;
}

/* Its place in the list of names to keep, -1 if it is not there. */
static int
find_name(const struct mail_kept *k, const char *name, size_t n)
{
	for (int i = 0; k->names[i] != NULL; i++)
		if (strlen(k->names[i]) == n &&
		    strncasecmp(k->names[i], name, n) == 0)
			return i;
	return -1;
}

static int
add_field(struct mail_kept *k, int which, const char *name, size_t name_len,
    const char *value, size_t len)
{
	struct mail_message *m = &k->message;
	struct mail_field *list;
	unsigned nth = ++k->seen[which];
	char *name_copy, *copy;

	if (keep(k, name, name_len, &name_copy) == -1 ||
	    keep(k, value, len, &copy) == -1)
		return -1;
	if (full(k))
		return 0;
	list = extend(k->fields, &k->fields_cap, m->n_fields, sizeof(*list));
	if (list == NULL)
		return -1;
	list[m->n_fields++] = (struct mail_field){
		.name = name_copy, .value = copy, .len = len, .nth = nth
	};
	m->fields = k->fields = list;
	return 0;
}

int
mail_kept_field(struct mail_kept *k, const char *name, size_t name_len,
    const char *value, size_t len)
{
	int which;

	if (k->no_room)
		overflow(k, MAIL_NO_ROOM);
	if (++k->n_headers > MAIL_FIELDS_MAX)
		overflow(k, MAIL_TOO_MANY_FIELDS);
	if (name_len + len > MAIL_FIELD_MAX)
		overflow(k, MAIL_FIELD_TOO_LONG);
	name_len = without_blanks(name, name_len);
	if (full(k) || (which = find_name(k, name, name_len)) == -1)
		return 0;
	return add_field(k, which, name, name_len, value, len);
}

int
mail_kept_fact(struct mail_kept *k, enum mail_fact fact, const char *value)
{
	struct mail_message *m = &k->message;
	const char **const slots[MAIL_FACT__COUNT] = {
		[MAIL_CLIENT_ADDR] = &m->client_addr,
		[MAIL_LOGIN] = &m->auth_authen,
		[MAIL_QUEUE_ID] = &m->queue_id,
		[MAIL_DIGEST] = &m->digest,
	};
	char *copy;

	/* The queue ID comes again with each recipient. */
	if (strcmp(*slots[fact], value) == 0)
		return 0;
	if (keep(k, value, strlen(value), &copy) == -1)
		return -1;
	if (copy != NULL)
		*slots[fact] = copy;
	return 0;
}
