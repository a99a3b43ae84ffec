/*
 * Answers of dns_fake that have records, right ones and odd ones.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/dns_fake.h"
#include "tests/tools/octets.h"

/* All txt lines for the query together. */
static int
txt_line(void *arg, const struct fake_rule *rule)
{
	if (strcmp(rule->word, "txt") == 0)
		fake_put_txt(arg, NULL, rule->arg, 0);
	return 0;
}

void
fake_txt(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	(void)rule;
	fake_begin(&a, q, 0);
	fake_table_read(fake_options.table, q, txt_line, &a);
	if (!q->tcp && a.len > (q->edns > 512 ? q->edns : 512))
		fake_begin(&a, q, DNS_TC);
	fake_send(q, &a);
}

void
fake_ad(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	fake_begin(&a, q, DNS_AD);
	fake_put_txt(&a, NULL, rule->arg, 0);
	fake_send(q, &a);
}

void
fake_whole(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	fake_send(q, &a);
}

void
fake_many(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;
	char *text;
	unsigned long n = strtoul(rule->arg, &text, 10);

	fake_begin(&a, q, 0);
	for (unsigned i = 1; i <= n; i++)
		fake_put_txt(&a, NULL, text + 1, i);
	if (!q->tcp && a.len > q->edns)
		fake_begin(&a, q, DNS_TC);
	fake_send(q, &a);
}

/* "WORD REST": the word in buf, and where the rest begins. */
static const char *
cut_word(char *buf, size_t size, const char *arg)
{
	size_t n = strcspn(arg, " ");

	snprintf(buf, size, "%.*s", (int)n, arg);
	return arg[n] == ' ' ? arg + n + 1 : arg + n;
}

void
fake_rr(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;
	char *text;
	unsigned type = (unsigned)strtoul(rule->arg, &text, 10);
	struct octets o = octets_expand(*text == ' ' ? text + 1 : text, 0);

	fake_begin(&a, q, 0);
	fake_put_rr(&a, NULL, type, o.v, o.n);
	octets_free(&o);
	fake_put_soa(&a);
	fake_send(q, &a);
}

void
fake_cname(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;
	char target[256];
	struct dns_name name;
	const char *text = cut_word(target, sizeof(target), rule->arg);

	if (dns_name_parse(&name, target) != 0)
		errx(1, "%s: no name", target);
	fake_begin(&a, q, 0);
	fake_put_rr(&a, NULL, DNS_CNAME, name.wire, name.len);
	if (*text != '\0')
		fake_put_txt(&a, target, text, 0);
	fake_send(q, &a);
}

void
fake_owner(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;
	char owner[256];
	const char *text = cut_word(owner, sizeof(owner), rule->arg);

	fake_begin(&a, q, 0);
	fake_put_txt(&a, owner, text, 0);
	fake_put_soa(&a);
	fake_send(q, &a);
}

void
fake_authority(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	fake_to_authority(&a);
	fake_put_soa(&a);
	fake_send(q, &a);
}
