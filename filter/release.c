/*
 * The order of what is said: new fields, header section, body, ".". Knows
 * nothing of why.
 */
#include "filter/release.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_results.h"
#include "common/buffer.h"
#include "filter/message.h"
#include "filter/spool_out.h"

enum { CHUNK = 8192, PREFIX_MAX = 64 };

enum stage { STAGE_FIELDS, STAGE_HEADER, STAGE_BODY, STAGE_END };

struct release {
	struct release_plan plan;
	enum stage stage;
	size_t field;  /* the next of the header section */
	const char *p; /* the piece at hand */
	size_t n;
	bool in_line; /* the prefix of this line was said */
	bool broken;
	size_t prefix_len;
	char prefix[PREFIX_MAX];
	char chunk[CHUNK];
};

static int
put_prefix(char prefix[PREFIX_MAX], uint64_t session, uint64_t token)
{
	return snprintf(prefix, PREFIX_MAX,
	    "filter-dataline|%016" PRIx64 "|%016" PRIx64 "|", session, token);
}

struct release *
release_new(const struct release_plan *plan)
{
	struct release *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->plan = *plan;
	r->stage = plan->message != NULL ? STAGE_FIELDS : STAGE_END;
	r->prefix_len =
	    (size_t)put_prefix(r->prefix, plan->session, plan->token);
	return r;
}

void
release_free(struct release *r)
{
	if (r == NULL)
		return;
	free(r->plan.fields);
	free(r);
}

int
release_nothing(uint64_t session, uint64_t token, struct buffer *out)
{
	char prefix[PREFIX_MAX];
	int n = put_prefix(prefix, session, token);

	memcpy(prefix + n, ".\n", 2);
	return buffer_append(out, prefix, (size_t)n + 2);
}

/* ---- pieces ---- */

/* Each puts the next piece of its stage at hand; false: there is none. */
static bool
next_fields(struct release *r)
{
	if (r->p != NULL || r->plan.fields == NULL)
		return false;
	r->p = r->plan.fields;
	r->n = strlen(r->plan.fields);
	return r->n > 0;
}

static bool
is_forged(const struct release *r, const struct message_field *f)
{
	size_t n;
	const char *value = message_field_value(f, &n);

	return r->plan.forged != NULL &&
	    message_field_is(f, AUTH_RESULTS_FIELD) &&
	    auth_results_is_ours(value, n, r->plan.forged);
}

static bool
next_header(struct release *r)
{
	while (r->field < message_n_fields(r->plan.message)) {
		struct message_field f =
		    message_field(r->plan.message, r->field++);

		if (is_forged(r, &f))
			continue;
		r->p = f.text;
		r->n = f.n;
		return true;
	}
	return false;
}

static bool
next_body(struct release *r)
{
	ssize_t n = spool_read(
	    message_body(r->plan.message), r->chunk, sizeof(r->chunk));

	if (n == -1) /* then the line at hand ends here */
		r->broken = true;
	r->p = n == -1 && r->in_line ? "\n" : r->chunk;
	r->n = n == -1 ? r->in_line : (size_t)n;
	return r->n > 0;
}

static bool
next_piece(struct release *r)
{
	static bool (*const nexts[STAGE_END])(struct release *) = {
		[STAGE_FIELDS] = next_fields,
		[STAGE_HEADER] = next_header,
		[STAGE_BODY] = next_body,
	};

	while (r->stage != STAGE_END) {
		if (!(r->broken && !r->in_line) && nexts[r->stage](r))
			return true;
		r->stage++;
	}
	return false;
}

/* ---- lines ---- */

/* Memory is out: the line that was begun is taken back, the rest is not said.
 */
static void
give_up(struct release *r, struct buffer *out, size_t line)
{
	out->len = line;
	r->broken = true;
	r->in_line = false;
	r->stage = STAGE_END;
	r->n = 0;
}

/* Up to the end of the line or of the piece. */
static int
put_some(struct release *r, struct buffer *out)
{
	const char *lf = memchr(r->p, '\n', r->n);
	size_t n = lf != NULL ? (size_t)(lf + 1 - r->p) : r->n;

	if (!r->in_line) {
		if (buffer_append(out, r->prefix, r->prefix_len) == -1)
			return -1;
		if (*r->p == '.' && /* RFC 5321 4.5.2 */
		    buffer_append(out, ".", 1) == -1)
			return -1;
	}
	if (buffer_append(out, r->p, n) == -1)
		return -1;
	r->in_line = lf == NULL;
	r->p += n;
	r->n -= n;
	return 0;
}

/* Others write into the same buffer: only whole lines are left in it. */
enum release_state
release_some(struct release *r, struct buffer *out, size_t most)
{
	size_t limit = out->len + most, line = out->len;

	while (out->len < limit || r->in_line) {
		if (!r->in_line)
			line = out->len;
		if (r->n > 0 || next_piece(r)) {
			if (put_some(r, out) == -1)
				give_up(r, out, line);
		} else if (release_nothing(
			       r->plan.session, r->plan.token, out) == 0) {
			return r->broken ? RELEASE_BROKEN : RELEASE_DONE;
		} else {
			return RELEASE_MORE;
		}
	}
	return RELEASE_MORE;
}
