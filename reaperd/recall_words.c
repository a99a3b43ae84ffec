/* Knows how a request is told, not what it does. */
#include "reaperd/recall_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"

enum { TAIL = 40 }; /* room for " and N more" */

static size_t
put_moment(char *buf, size_t at, const char *name, int64_t when)
{
	time_t t = (time_t)when;
	char text[40];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(text, sizeof(text), "@%lld", (long long)when);
	return at +
	    (size_t)snprintf(buf + at, RECALL_WORDS_MAX - at, "%s%s=%s",
		at > 0 ? " " : "", name, text);
}

/* false: it does not fit any more. */
static bool
put_value(char *buf, size_t *at, enum recall_key key, const char *text)
{
	char shown[LOG_ADDRESS_MAX];
	size_t n;

	if (key == RECALL_FROM || key == RECALL_TO)
		log_address(shown, text);
	else
		log_quote(shown, sizeof(shown), text, strlen(text));
	n = strlen(shown) + strlen(recall_key_names[key]) + 2;
	if (*at + n + TAIL >= RECALL_WORDS_MAX)
		return false;
	*at += (size_t)snprintf(buf + *at, RECALL_WORDS_MAX - *at, "%s%s=%s",
	    *at > 0 ? " " : "", recall_key_names[key], shown);
	return true;
}

const char *
recall_words(char *buf, const struct recall_req *r)
{
	size_t at = 0, left_out = 0;

	buf[0] = '\0';
	if (r->since != INT64_MIN)
		at = put_moment(buf, at, "since", r->since);
	if (r->until != INT64_MAX)
		at = put_moment(buf, at, "until", r->until);
	for (size_t key = 0; key < RECALL_KEY__COUNT; key++)
		for (size_t i = 0; i < r->keys[key].n; i++)
			left_out += !put_value(
			    buf, &at, (enum recall_key)key, r->keys[key].v[i]);
	if (left_out > 0)
		snprintf(
		    buf + at, RECALL_WORDS_MAX - at, " and %zu more", left_out);
	return buf;
}
