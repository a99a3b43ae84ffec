/*
 * The table of dns_fake: which of its lines are for a query. Knows no
 * behaviour.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/dns_fake.h"

/* The end of a key's part: what begins the next one, or the key's end. */
static const char *
part_end(const char *p, const char *end, const char *stops)
{
	while (p < end && strchr(stops, *p) == NULL)
		p++;
	return p;
}

static bool
is_part(const char *p, const char *end, const char *text)
{
	return strlen(text) == (size_t)(end - p) &&
	    strncmp(p, text, (size_t)(end - p)) == 0;
}

static bool
is_server(const char *p, const char *end, const struct fake_query *q)
{
	struct net_address a;

	if (net_address_parse(&a, p, (size_t)(end - p)) != 0)
		errx(1, "%s: no address", p);
	if (a.sa.sa_family == AF_INET)
		a.in4.sin_port = q->server.in4.sin_port;
	else
		a.in6.sin6_port = q->server.in6.sin6_port;
	return net_address_equal(&a, &q->server);
}

/* NAME[@ADDRESS][/udp|/tcp] */
static bool
is_for(const char *key, const char *end, const struct fake_query *q,
    bool *any_way_r)
{
	const char *at = part_end(key, end, "@/");
	const char *slash = part_end(at, end, "/");

	*any_way_r = slash < end;
	if (!is_part(key, at, q->name) && !is_part(key, at, "*"))
		return false;
	if (at < slash && !is_server(at + 1, slash, q))
		return false;
	return slash == end || is_part(slash + 1, end, q->tcp ? "tcp" : "udp");
}

static int
read_line(char *line, const struct fake_query *q, fake_line_fn *each, void *arg)
{
	struct fake_rule rule;
	char *key_end = strchr(line, ' '), *end;

	if (key_end == NULL || !is_for(line, key_end, q, &rule.any_way))
		return 0;
	rule.word = key_end + 1;
	end = key_end + 1 + strcspn(key_end + 1, " ");
	rule.arg = *end == ' ' ? end + 1 : end;
	*end = '\0';
	return each(arg, &rule);
}

int
fake_table_read(const char *table, const struct fake_query *q,
    fake_line_fn *each, void *arg)
{
	FILE *f = fopen(table, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int stop = 0;

	if (f == NULL)
		err(1, "%s", table);
	while (!stop && (n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		stop = read_line(line, q, each, arg);
	}
	free(line);
	fclose(f);
	return stop;
}
