/*
 * The names of the line protocol. Knows nothing of the answer.
 */
#include "filter/request.h"

#include <string.h>

#include "common/auth_results.h"
#include "common/buffer.h"
#include "common/message_id.h"
#include "filter/message.h"

/* The fields that the daemons look at, and how they are told. */
static const struct {
	const char *field;
	const char *name; /* NULL: header=Field: value */
} told[] = {
	{ "From", "from" },
	{ MESSAGE_ID_FIELD, "dns_mail_id" },
	{ "To", NULL },
	{ "Cc", NULL },
	{ "Delivered-To", NULL },
	{ "X-Original-To", NULL },
	{ AUTH_RESULTS_FIELD, NULL },
};

/*
 * Of a field that is longer only so much is told: a line has 64 KiB at most.
 * Who stands in the rest of To: is taken for hidden, which hurts nobody.
 */
enum { TOLD_MOST = 60000 };

/* Without the octets that would end a line. */
static int
put_flat(struct buffer *b, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		const char *run = p;

		while (p < end && *p != '\n' && *p != '\r')
			p++;
		if (buffer_append(b, run, (size_t)(p - run)) == -1)
			return -1;
		while (p < end && (*p == '\n' || *p == '\r'))
			p++;
	}
	return 0;
}

int
request_put(struct buffer *b, const char *name, const char *value, size_t n)
{
	if (buffer_append(b, name, strlen(name)) == -1 ||
	    buffer_append(b, "=", 1) == -1 || put_flat(b, value, n) == -1)
		return -1;
	return buffer_append(b, "\n", 1);
}

static int
put_header(struct buffer *b, const char *field, const char *value, size_t n)
{
	if (buffer_append(b, "header=", strlen("header=")) == -1 ||
	    buffer_append(b, field, strlen(field)) == -1 ||
	    buffer_append(b, ": ", 2) == -1 ||
	    put_flat(b, value, n < TOLD_MOST ? n : TOLD_MOST) == -1)
		return -1;
	return buffer_append(b, "\n", 1);
}

static int
put_field(struct buffer *b, const struct message_field *f)
{
	size_t n;
	const char *value = message_field_value(f, &n);

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (!message_field_is(f, told[i].field))
			continue;
		while (n > 0 && (*value == ' ' || *value == '\t')) {
			value++;
			n--;
		}
		return told[i].name != NULL
		    ? request_put(b, told[i].name, value, n)
		    : put_header(b, told[i].field, value, n);
	}
	return 0;
}

int
request_put_message(struct buffer *b, const struct message *m)
{
	const char *bind = message_bind(m);

	for (size_t i = 0; i < message_n_fields(m); i++) {
		struct message_field f = message_field(m, i);

		if (put_field(b, &f) == -1)
			return -1;
	}
	if (bind[0] != '\0' && request_put(b, "bind", bind, strlen(bind)) == -1)
		return -1;
	return buffer_append(b, "\n", 1);
}
