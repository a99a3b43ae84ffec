/* How far the update key reaches, and what time the primary has. */
#include <stdio.h>
#include <string.h>

#include "admin/check_publish.h"
#include "admin/check_reach_verdict.h"
#include "admin/check_software.h"

enum { CLOCK_NEAR = 5, CLOCK_FAR = 60 }; /* seconds; TSIG takes 300 */
enum { WORDS_MAX = 512 };

#define SOFTWARE_SECONDS 2.0

static const enum check_code codes[REACH_VERDICT__COUNT] = {
	[REACH_VERDICT_FAR] = FOUND_REACH_FAR,
	[REACH_VERDICT_UNKNOWN] = FOUND_REACH_UNKNOWN,
	[REACH_VERDICT_NOT] = FOUND_REACH_GOOD,
};

/* ---- words: % is the domain, @ the zone ---- */

static const char *const reach_words[PROBE_REACH__COUNT] = {
	[PROBE_APEX_MX] = "MX of @",
	[PROBE_APEX_TXT] = "TXT of @",
	[PROBE_WWW] = "AAAA of www.%",
	[PROBE_DMARC] = "TXT of _dmarc.%",
	[PROBE_LIST] = "TXT of dnsmail.%",
};

struct words {
	char text[WORDS_MAX];
	size_t len;
};

static void
put(struct words *w, const char *text)
{
	size_t n = strlen(text), room = WORDS_MAX - 1 - w->len;

	n = n < room ? n : room;
	memcpy(w->text + w->len, text, n);
	w->len += n;
}

static void
add(struct words *w, enum probe_reach which, const struct config_domain *d)
{
	if (w->len > 0)
		put(w, ", ");
	for (const char *in = reach_words[which]; *in != '\0'; in++) {
		char one[2] = { *in, '\0' };

		put(w, *in == '%' ? d->name : *in == '@' ? d->zone : one);
	}
}

/* ---- asking ---- */

static void
ask(struct probe *p, enum probe_reach which, struct probe_answer *a)
{
	struct probe_req req = { .op = PROBE_REACH, .reach = which };
	struct probe_answer got;
	nng_msg *msg;
	struct wire w;

	*a = (struct probe_answer){ .status = PUB_LATER };
	snprintf(a->reason, sizeof(a->reason), "publishd did not answer");
	snprintf(req.domain, sizeof(req.domain), "%s", p->domain->name);
	net_address_text(p->at, req.primary);
	if (probe_ask(p, &req) == -1 || (msg = door_answer(p->door)) == NULL)
		return;
	wire_init_read(&w, nng_msg_body(msg), nng_msg_len(msg));
	if (probe_answer_get(&w, &got) == 0)
		*a = got;
	nng_msg_free(msg);
}

/* PowerDNS, which does not tell: what it would have said, if it did. */
static const char *
unknown_why(const struct probe_answer *a)
{
	if (a->status == PUB_DONE)
		return "PowerDNS says yes also to what its "
		       "lua-dnsupdate-policy-script leaves out; without one, "
		       "the key may";
	return a->reason;
}

static void
say_clock(struct probe *p, const struct probe_answer *a)
{
	int64_t skew = a->skew < 0 ? -a->skew : a->skew;
	enum check_code code = FOUND_CLOCK_FAR;
	char seconds[32];

	if (skew < CLOCK_FAR)
		code = FOUND_CLOCK_DIFFERS;
	if (skew < CLOCK_NEAR) {
		code = FOUND_CLOCK_AGREES;
		skew = CLOCK_NEAR;
	}
	snprintf(seconds, sizeof(seconds), "%lld", (long long)skew);
	check_say(p->run->found, code, p->domain->name, p->primary, seconds,
	    a->skew < 0 ? "behind" : "ahead of", NULL);
}

/* Of a primary that does not answer one question is enough. */
static void
ask_all(struct probe *p, struct words said[REACH_VERDICT__COUNT],
    char why[PUBLISH_REASON_MAX], struct probe_answer *timed)
{
	bool powerdns = software_ask_powerdns(p->at, SOFTWARE_SECONDS);
	struct probe_answer a = { .status = PUB_DONE };

	for (int i = 0; i < PROBE_REACH__COUNT; i++) {
		enum reach_verdict verdict;

		if (i == 0 || p->good || a.status == PUB_DONE)
			ask(p, (enum probe_reach)i, &a);
		verdict = reach_judge(a.status, p->good, powerdns);
		add(&said[verdict], (enum probe_reach)i, p->domain);
		if (verdict == REACH_VERDICT_UNKNOWN)
			snprintf(
			    why, PUBLISH_REASON_MAX, "%s", unknown_why(&a));
		if (a.timed)
			*timed = a;
	}
}

void
check_reach(struct probe *p)
{
	struct words said[REACH_VERDICT__COUNT] = { 0 };
	struct probe_answer timed = { .timed = false };
	char why[PUBLISH_REASON_MAX] = "";

	ask_all(p, said, why, &timed);
	for (size_t i = 0; i < REACH_VERDICT__COUNT; i++)
		if (said[i].len > 0)
			check_say(p->run->found, codes[i], p->domain->name,
			    p->primary, said[i].text, why, NULL);
	if (timed.timed)
		say_clock(p, &timed);
}
