/*
 * What dns_fake does with a query, a row each.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/dns_fake.h"

static void
pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void
answer_txt(const struct fake_query *q, const char *text)
{
	static struct fake_answer a;

	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, text, 0);
	fake_send(q, &a);
}

static void
answer_flags(const struct fake_query *q, unsigned flags)
{
	static struct fake_answer a;

	fake_begin(&a, q, flags);
	fake_send(q, &a);
}

/* No record; where so wanted with the SOA that such an answer should have. */
static void
answer_nothing(const struct fake_query *q, unsigned rcode)
{
	static struct fake_answer a;

	fake_begin(&a, q, rcode);
	if (rcode == DNS_NOERROR || rcode == DNS_NXDOMAIN)
		fake_put_soa(&a);
	fake_send(q, &a);
}

/* ---- without a record ---- */

static void
do_rcode(const struct fake_query *q, const struct fake_rule *rule)
{
	answer_nothing(q, (unsigned)atoi(rule->arg));
}

/* Until the other side closes. */
static void
do_silence(const struct fake_query *q, const struct fake_rule *rule)
{
	char octet;

	(void)rule;
	while (q->tcp && read(q->fd, &octet, 1) > 0)
		;
}

static void
do_garbage(const struct fake_query *q, const struct fake_rule *rule)
{
	static const char text[] = "no DNS message at all";
	static struct fake_answer a;

	(void)rule;
	a.len = 0;
	fake_put(&a, text, sizeof(text) - 1);
	fake_send(q, &a);
}

static void
do_echo(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	(void)rule;
	a.len = 0;
	fake_put(&a, q->msg, q->len);
	fake_send(q, &a);
}

static void
do_no_edns(const struct fake_query *q, const struct fake_rule *rule)
{
	if (q->edns > 0)
		answer_flags(q, DNS_FORMERR);
	else
		answer_txt(q, rule->arg);
}

/* ---- at another time ---- */

static void
do_lose(const struct fake_query *q, const struct fake_rule *rule)
{
	char *text;

	if (q->seen >= strtoul(rule->arg, &text, 10))
		answer_txt(q, text + 1);
}

static void
do_appear(const struct fake_query *q, const struct fake_rule *rule)
{
	char *text;

	if (q->seen >= strtoul(rule->arg, &text, 10))
		answer_txt(q, text + 1);
	else
		answer_nothing(q, DNS_NXDOMAIN);
}

static void
do_delay(const struct fake_query *q, const struct fake_rule *rule)
{
	char *text;

	pause_ms(strtol(rule->arg, &text, 10));
	answer_txt(q, text + 1);
}

static void
do_delay_rr(const struct fake_query *q, const struct fake_rule *rule)
{
	struct fake_rule rr = *rule;
	char *rest;

	pause_ms(strtol(rule->arg, &rest, 10));
	rr.arg = rest;
	fake_rr(q, &rr);
}

/* ---- not what was asked ---- */

static void
do_truncated(const struct fake_query *q, const struct fake_rule *rule)
{
	if (q->tcp && !rule->any_way)
		answer_txt(q, rule->arg);
	else
		answer_flags(q, DNS_TC);
}

/* An answer with one octet changed; by TCP only if the line is for TCP. */
static void
answer_changed(const struct fake_query *q, const struct fake_rule *rule,
    size_t at, uint8_t mask)
{
	static struct fake_answer a;

	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	if (!q->tcp || rule->any_way)
		a.msg[2 + at] ^= mask;
	fake_send(q, &a);
}

static void
do_wrong_id(const struct fake_query *q, const struct fake_rule *rule)
{
	answer_changed(q, rule, 0, 0x55);
}

static void
do_wrong_question(const struct fake_query *q, const struct fake_rule *rule)
{
	answer_changed(q, rule, FAKE_HEADER + 1, 1);
}

static void
do_cut(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	a.len -= !q->tcp || rule->any_way;
	fake_send(q, &a);
}

/* The record's name, a pointer to the question, now leads to itself. */
static void
do_loop(const struct fake_query *q, const struct fake_rule *rule)
{
	answer_changed(q, rule, q->question_end + 1,
	    (uint8_t)(FAKE_HEADER ^ q->question_end));
}

/* A TXT for the asker, from a socket bound to `source`. */
static void
forge(struct fake_query *forged, const struct net_address *source,
    const char *text)
{
	int on = 1;

	forged->fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(forged->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(forged->fd, &source->sa, net_address_len(source)) == -1)
		err(1, "bind");
	answer_txt(forged, text);
	close(forged->fd);
}

static void
do_other_source(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_query forged;

	forged = *q;
	forged.server.in4.sin_family = AF_INET;
	forged.server.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 9);
	forge(&forged, &forged.server, "forged");
	pause_ms(50);
	answer_txt(q, rule->arg);
}

static void
do_other_port(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_query forged;
	struct net_address source = { .in4 = { .sin_family = AF_INET } };

	forged = *q;
	source.in4.sin_port =
	    htons((uint16_t)(ntohs(q->server.in4.sin_port) + 1));
	forge(&forged, &source, rule->arg);
}

/* ---- odd TCP ---- */

static void
do_slow_tcp(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;
	size_t n;

	if (!q->tcp) {
		answer_flags(q, DNS_TC);
		return;
	}
	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	n = fake_end(&a);
	for (size_t i = 0; i < n; i++) {
		if (write(q->fd, a.msg + i, 1) != 1)
			return;
		pause_ms(2);
	}
}

static void
do_endless_tcp(const struct fake_query *q, const struct fake_rule *rule)
{
	(void)rule;
	if (!q->tcp)
		answer_flags(q, DNS_TC);
	else
		while (write(q->fd, "\377", 1) == 1)
			pause_ms(10);
}

static void
do_close_tcp(const struct fake_query *q, const struct fake_rule *rule)
{
	(void)rule;
	if (!q->tcp)
		answer_flags(q, DNS_TC);
}

static void
do_half_tcp(const struct fake_query *q, const struct fake_rule *rule)
{
	static struct fake_answer a;

	if (!q->tcp) {
		answer_flags(q, DNS_TC);
		return;
	}
	fake_begin(&a, q, 0);
	fake_put_txt(&a, NULL, rule->arg, 0);
	if (write(q->fd, a.msg, fake_end(&a) / 2) == -1)
		warn("write");
}

static const struct behaviour {
	const char *word;
	fake_run_fn *run;
	bool closes; /* TCP, afterwards */
	bool waits;  /* by UDP, too */
} behaviours[] = {
	{ "txt", fake_txt, false, false },
	{ "ad", fake_ad, false, false },
	{ "whole", fake_whole, false, false },
	{ "many", fake_many, false, false },
	{ "rr", fake_rr, false, false },
	{ "cname", fake_cname, false, false },
	{ "owner", fake_owner, false, false },
	{ "authority", fake_authority, false, false },
	{ "rcode", do_rcode, false, false },
	{ "silence", do_silence, false, false },
	{ "garbage", do_garbage, false, false },
	{ "echo", do_echo, false, false },
	{ "no-edns", do_no_edns, false, false },
	{ "lose", do_lose, false, false },
	{ "appear", do_appear, false, false },
	{ "delay", do_delay, false, true },
	{ "delay-rr", do_delay_rr, false, true },
	{ "truncated", do_truncated, false, false },
	{ "wrong-id", do_wrong_id, false, false },
	{ "wrong-question", do_wrong_question, false, false },
	{ "other-source", do_other_source, false, true },
	{ "other-port", do_other_port, false, false },
	{ "loop", do_loop, false, false },
	{ "cut", do_cut, false, false },
	{ "slow-tcp", do_slow_tcp, false, false },
	{ "endless-tcp", do_endless_tcp, false, false },
	{ "close-tcp", do_close_tcp, true, false },
	{ "half-tcp", do_half_tcp, true, false },
};

static const struct behaviour *
find(const char *word)
{
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		if (strcmp(behaviours[i].word, word) == 0)
			return &behaviours[i];
	errx(1, "what is \"%s\"?", word);
}

/* The first line for a query says what is done. */
struct doing {
	const struct fake_query *q;
	bool closes, waits;
};

static int
run_line(void *arg, const struct fake_rule *rule)
{
	struct doing *doing = arg;
	const struct behaviour *b = find(rule->word);

	b->run(doing->q, rule);
	doing->closes = b->closes;
	return 1;
}

static int
look_at_line(void *arg, const struct fake_rule *rule)
{
	struct doing *doing = arg;

	doing->waits = find(rule->word)->waits;
	return 1;
}

bool
fake_waits(const struct fake_query *q)
{
	struct doing doing = { .q = q };

	fake_table_read(fake_options.table, q, look_at_line, &doing);
	return doing.waits;
}

bool
fake_behave(const struct fake_query *q)
{
	struct doing doing = { .q = q };

	if (fake_table_read(fake_options.table, q, run_line, &doing) == 0)
		answer_nothing(q, DNS_NXDOMAIN);
	return !doing.closes;
}
