/* One object with a key per daemon (RFC 8259), for programs. */
#include <inttypes.h>
#include <stdio.h>

#include "admin/status.h"

/* The length of the UTF-8 sequence (RFC 3629) at p, 0 when there is none. */
static unsigned
utf8_length(const unsigned char *p)
{
	/* First octets, and the narrowed range of the second. */
	static const struct {
		unsigned char from, to, low, high;
		unsigned length;
	} rows[] = {
		{ 0x20, 0x7e, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned n = 1;

		if (p[0] < rows[i].from || p[0] > rows[i].to)
			continue;
		if (rows[i].length > 1 &&
		    (p[1] < rows[i].low || p[1] > rows[i].high))
			return 0;
		for (n = 2; n < rows[i].length; n++)
			if ((p[n] & 0xc0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

/* JSON is UTF-8: an octet that is none becomes U+FFFD. */
static void
string_print(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putchar('"');
	while (*p != '\0') {
		unsigned n = utf8_length(p);

		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (n > 0)
			fwrite(p, 1, n, stdout);
		else if (*p < 0x80)
			printf("\\u%04x", *p);
		else
			printf("\\ufffd");
		p += n > 0 ? n : 1;
	}
	putchar('"');
}

static void
member_print(const char *name, const char *value)
{
	printf("\"%s\": ", name);
	string_print(value);
}

static void
value_print(const struct metrics *m, size_t i)
{
	printf("%" PRId64, m->values[i]);
}

static void
latency_print(const struct metrics *m, size_t i)
{
	const struct metric_latency *l = &m->latencies[i];

	printf("{\"count\": %" PRIu64 ", \"sum_seconds\": %.6f, "
	       "\"p50_seconds\": %.6f, \"p99_seconds\": %.6f}",
	    l->count, l->sum, metric_quantile(l, 0.5),
	    metric_quantile(l, 0.99));
}

static void
moment_print(const struct metrics *m, size_t i)
{
	if (m->values[i] == 0)
		printf("null");
	else
		value_print(m, i);
}

static void (*const prints[])(const struct metrics *, size_t i) = {
	[METRIC_COUNTER] = value_print,
	[METRIC_GAUGE] = value_print,
	[METRIC_LATENCY] = latency_print,
	[METRIC_MOMENT] = moment_print,
};
_Static_assert(sizeof(prints) / sizeof(prints[0]) == METRIC__COUNT,
    "metric_kind that is not shown");

static void
metrics_print(const struct metrics *m)
{
	printf(", \"metrics\": {");
	for (size_t i = 0; i < m->n; i++) {
		printf("%s", i > 0 ? ", " : "");
		string_print(m->rows[i].name);
		printf(": ");
		prints[m->rows[i].kind](m, i);
	}
	putchar('}');
}

static void
message_print(const struct status_msg *msg)
{
	printf(", ");
	member_print("version", msg->version);
	printf(", \"pid\": %" PRIu32 ", \"now\": %" PRIu64
	       ", \"started\": %" PRIu64,
	    msg->pid, msg->now, msg->started);
	printf(", \"last_error\": ");
	if (msg->last_error[0] == '\0') {
		printf("null");
	} else {
		printf("{\"at\": %" PRIu64 ", ", msg->last_error_at);
		member_print("text", msg->last_error);
		putchar('}');
	}
	metrics_print(&msg->metrics);
}

static void
silence_print(const struct status *s)
{
	char remedy[256];

	printf(", ");
	member_print("reason", s->why);
	if (s->since != 0)
		printf(", \"since\": %" PRIu64, s->since);
	printf(", ");
	member_print("remedy", status_remedy(remedy, sizeof(remedy), s));
}

static void
daemon_print(const struct status *s)
{
	string_print(s->daemon);
	printf(": {");
	member_print("state", status_state_names[s->state]);
	if (s->state == STATUS_DOWN || s->state == STATUS_UNKNOWN)
		silence_print(s);
	else
		message_print(&s->msg);
	putchar('}');
}

void
status_json_print(const struct status *s, size_t n)
{
	putchar('{');
	for (size_t i = 0; i < n; i++) {
		printf("%s", i > 0 ? ",\n " : "");
		daemon_print(&s[i]);
	}
	printf("}\n");
}
