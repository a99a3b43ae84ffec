/*
 * Asks evidence.c what it makes of a text alone, and says so. What is written
 * in the text is read for showing it only.
 */
#include "admin/check_message_record.h"

#include <string.h>

#include "admin/check_text.h"
#include "common/date_time.h"
#include "verifyd/config.h"

enum { TEXT_SHOWN = 1500, RECIPIENTS_SHOWN = 5 };

/* A record, what evidence.c made of it, and of which ID. */
struct comparison {
	const struct check_view *view;
	struct record record;
	const struct evidence *evidence;
	const struct evidence_id *id;
};

/* The same facts, no text taken in yet. NULL: out of memory. */
static struct evidence *
evidence_again(const struct evidence *e)
{
	struct evidence *again = evidence_new(e->n_ids, e->n_recipients);

	if (again == NULL)
		return NULL;
	again->author = e->author;
	again->now = e->now;
	again->max_age = e->max_age;
	again->first = e->first;
	memcpy(again->content, e->content, sizeof(again->content));
	memcpy(again->recipients, e->recipients,
	    e->n_recipients * sizeof(*e->recipients));
	for (size_t i = 0; i < e->n_ids; i++) {
		again->ids[i].id = e->ids[i].id;
		again->ids[i].trusted = e->ids[i].trusted;
	}
	return again;
}

static void
put_from(FILE *out, const struct comparison *c)
{
	bool same = c->id->state == EVIDENCE_FOUND;

	fprintf(out, "      From: ");
	check_put_address(out, &c->record.from);
	fprintf(out, "%s\n",
	    same ? " is the author" : " is not the author: it does not count");
}

/* The recipients that it names: bits of evidence.c. false: none. */
static bool
put_named(FILE *out, const struct comparison *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->evidence->n_recipients; i++) {
		if (c->id->names[i] == 0 || n++ >= RECIPIENTS_SHOWN)
			continue;
		fprintf(out, "      To: is the recipient ");
		check_put_address(out, &c->evidence->recipients[i]);
		fprintf(out, "%s\n", c->record.blinded ? " (blinded)" : "");
	}
	if (n > RECIPIENTS_SHOWN)
		fprintf(
		    out, "      and %zu more of them\n", n - RECIPIENTS_SHOWN);
	return n > 0;
}

static bool
leads_on(const struct evidence_id *id)
{
	uint64_t links = id->stale;

	for (size_t i = 0; i < CONTENT__COUNT; i++)
		links |= id->links[i];
	return links != 0;
}

static void
put_to(FILE *out, const struct comparison *c)
{
	if (put_named(out, c))
		return;
	fprintf(out, "      To: ");
	if (c->record.blinded)
		fprintf(out, "is blinded, and none of the recipients here");
	else
		check_put_address(out, &c->record.to);
	if (c->record.blinded || c->id->state != EVIDENCE_FOUND)
		fprintf(out, "\n");
	else if (leads_on(c->id))
		fprintf(out, " is another hop: an ID of %s is to vouch next\n",
		    c->record.to.domain);
	else
		fprintf(out,
		    " is no recipient here, and no ID of %s is there to go on "
		    "with\n",
		    c->record.to.domain);
}

static unsigned
all_bits(const struct comparison *c)
{
	unsigned bits = c->id->stale;

	for (size_t i = 0; i < c->evidence->n_recipients; i++)
		bits |= c->id->names[i];
	return bits;
}

static void
put_date(FILE *out, const struct comparison *c)
{
	double age = difftime(c->evidence->now, c->record.date);
	char date[DATE_TIME_MAX], span[CHECK_SPAN_MAX], most[CHECK_SPAN_MAX];
	char option[CHECK_OPTION_MAX];
	unsigned bits = all_bits(c);

	date_time_put(date, c->record.date);
	fprintf(out, "      date: %s, %s %s", date,
	    check_span(span, age < 0 ? -age : age), age < 0 ? "ahead" : "old");
	if ((bits & NAMED_EXPIRED) != 0)
		fprintf(out, ": too old, %s count (%s)",
		    check_span(most, c->evidence->max_age),
		    check_option(
			option, c->view->config, &verifyd_section, "max-age"));
	if ((bits & NAMED_FUTURE) != 0)
		fprintf(out,
		    ": more than an hour ahead does not count; is a "
		    "clock wrong?");
	fprintf(out, "\n");
}

static void
put_bind(FILE *out, const struct comparison *c)
{
	const char *words = "fits the content of this message";

	if (c->record.bind[0] == '\0')
		words = "none: the content is not bound";
	else if (strcmp(c->record.bind, c->evidence->content) != 0)
		words = "differs: the content was changed after this hop";
	fprintf(out, "      bind: %s\n", words);
	if (strcmp(c->record.bind, c->evidence->content) != 0 &&
	    c->record.bind[0] != '\0' && c->view->saved->quoted)
		fprintf(out,
		    "            (the mbox may have done so: it writes \"From "
		    "\""
		    " as \">From \")\n");
}

static void
put_comparison(FILE *out, const struct comparison *c)
{
	put_from(out, c);
	if (c->id->state != EVIDENCE_FOUND)
		return;
	put_to(out, c);
	put_date(out, c);
	put_bind(out, c);
}

void
check_message_record(FILE *out, const struct check_view *v,
    const struct evidence *e, size_t which, const struct seen_text *text)
{
	struct evidence *again = evidence_again(e);
	struct comparison c = { .view = v, .evidence = again };

	fprintf(out, "    TXT \"");
	check_put_octets(out, text->octets, text->n, TEXT_SHOWN);
	fprintf(out, "\"\n");
	if (again != NULL &&
	    evidence_text(again, which, text->octets, text->n) == 0) {
		c.id = &again->ids[which];
		if (record_get(&c.record, text->octets, text->n))
			put_comparison(out, &c);
		else
			fprintf(out, "      is no message record\n");
	}
	evidence_free(again);
}
