/* Items of a message, raw or made. */
#include "tests/fuzz/letter.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_results.h"
#include "common/record.h"

static const char *const addresses[] = { "martha@domain.com",
	"claire@nonprofit.org", "claire@my_isp.net", "joe@list.test",
	"joe@trusted.test", "Martha@DOMAIN.com", "j\xc3\xb6@b\xc3\xbc.test",
	"\"quoted\"@domain.com" };
static const char *const domains[] = { "domain.com", "nonprofit.org",
	"my_isp.net", "list.test", "trusted.test", "Sub.Domain.com",
	"b\xc3\xbc.test", "xn--b-xga.test" };
static const char *const binds[] = { "", LETTER_BIND,
	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA", LETTER_BIND };
static const long ages[] = { 0, LETTER_AGE, LETTER_AGE + 1, -3600, -3601, 60 };
static const char *const names[] = { "To", "Cc", AUTH_RESULTS_FIELD,
	"Delivered-To", "X-Original-To", "Subject", "from", "Reply-To" };
static const char *const results[] = { "pass", "none", "policy", "fail",
	"temperror", "permerror" };

/* Of a list by any number. */
#define PICK(list, i) (list[(i) % (sizeof(list) / sizeof(list[0]))])

/* In an input the octet modulo ITEMS. */
enum item {
	END,
	RAW_FROM,
	RAW_ID,
	RAW_RECIPIENT,
	MADE_FROM,
	MADE_ID,
	MADE_RECIPIENT,
	RAW_FIELD,
	MADE_FIELD,
	ITEMS
};

char *
letter_string(struct fuzz_input *in)
{
	struct fuzz_input part;
	uint8_t *octets = fuzz_part(in, &part.n);
	char *string;

	part.p = octets;
	string = fuzz_string(&part);
	free(octets);
	return string;
}

static void
add_field(struct letter *l, const char *name, char *value)
{
	assert(value != NULL);
	l->fields[l->n_fields++] = (struct letter_field){ name, value };
}

static void
add_recipient(struct letter *l, char *argument)
{
	assert(argument != NULL);
	l->recipients[l->n_recipients++] = argument;
}

/* The upper bits of a recipient are its ORCPT, if they are not zero. */
static void
made_recipient(struct letter *l, unsigned number)
{
	char text[128];
	int n =
	    snprintf(text, sizeof(text), "<%s>", PICK(addresses, number & 7));

	if (number > 7)
		snprintf(text + n, sizeof(text) - (size_t)n, " ORCPT=%s;%s",
		    (number & 0x80) != 0 ? "utf-8" : "rfc822",
		    PICK(addresses, number >> 3 & 7));
	add_recipient(l, strdup(text));
}

static void
made_id(struct letter *l, unsigned number)
{
	char text[128];

	snprintf(text, sizeof(text), "%c.%s", 'a' + (int)(number >> 4),
	    PICK(domains, number & 15));
	add_field(l, MESSAGE_ID_FIELD, strdup(text));
}

/* Two addresses, or a result. */
static void
made_field(struct letter *l, const char *name, unsigned number)
{
	char text[128];

	if (strcmp(name, AUTH_RESULTS_FIELD) == 0)
		snprintf(text, sizeof(text), "%s; %s=%s",
		    (number & 0x80) != 0 ? "other.test" : LETTER_SERVER,
		    (number & 0x40) != 0 ? "spf" : "dnsmail",
		    PICK(results, number & 7));
	else
		snprintf(text, sizeof(text), "<%s>, \"x\" <%s>",
		    PICK(addresses, number & 7),
		    PICK(addresses, number >> 3 & 7));
	add_field(l, name, strdup(text));
}

static void
made_from(struct letter *l, unsigned number)
{
	char text[128];

	snprintf(text, sizeof(text), "Somebody <%s>", PICK(addresses, number));
	add_field(l, "From", strdup(text));
}

static void
item_read(struct letter *l, enum item item, struct fuzz_input *in)
{
	const char *name = "";

	if (item == RAW_FIELD || item == MADE_FIELD)
		name = PICK(names, fuzz_u8(in));
	if (item == RAW_FROM)
		add_field(l, "From", letter_string(in));
	else if (item == RAW_ID)
		add_field(l, MESSAGE_ID_FIELD, letter_string(in));
	else if (item == RAW_RECIPIENT)
		add_recipient(l, letter_string(in));
	else if (item == RAW_FIELD)
		add_field(l, name, letter_string(in));
	else if (item == MADE_FROM)
		made_from(l, fuzz_u8(in));
	else if (item == MADE_ID)
		made_id(l, fuzz_u8(in));
	else if (item == MADE_RECIPIENT)
		made_recipient(l, fuzz_u8(in));
	else
		made_field(l, name, fuzz_u8(in));
}

void
letter_read(struct letter *l, struct fuzz_input *in)
{
	memset(l, 0, sizeof(*l));
	for (size_t n = 0; n < LETTER_MAX; n++) {
		enum item item = (enum item)(fuzz_u8(in) % ITEMS);

		if (item == END)
			return;
		item_read(l, item, in);
	}
}

void
letter_free(struct letter *l)
{
	for (size_t i = 0; i < l->n_fields; i++)
		free(l->fields[i].value);
	for (size_t i = 0; i < l->n_recipients; i++)
		free(l->recipients[i]);
}

size_t
letter_record(char *buf, struct fuzz_input *in, const struct message_id *id)
{
	unsigned numbers = fuzz_u8(in), dated = fuzz_u8(in);
	struct record r = { .date = LETTER_NOW - PICK(ages, dated & 7) };
	const char *to = PICK(addresses, numbers & 7);
	const char *from = PICK(addresses, numbers >> 3 & 7);

	if (address_from_spec(&r.to, to, strlen(to)) != ADDRESS_OK ||
	    address_from_spec(&r.from, from, strlen(from)) != ADDRESS_OK)
		return (size_t)sprintf(buf, "To:nobody");
	r.blinded = numbers >> 6 == 1;
	if (r.blinded)
		record_blind(r.blind, id->label, &r.to);
	strcpy(r.bind, PICK(binds, dated >> 3 & 3));
	return record_put(buf, &r);
}
