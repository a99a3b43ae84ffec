/* One row per type; a list is a pointer and a count, whatever it lists. */
#include "config_value.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_number.h"
#include "domain.h"

enum { NETWORK_TEXT = 64 };

static int
wrong(char *why, const char *text, const char *wanted)
{
	snprintf(why, CONFIG_WHY_MAX, "\"%.80s\" is not %s", text, wanted);
	return -1;
}

/* ---- one function per type ---- */

static int
parse_bool(
    const struct config_option *o, void *field, const char *text, char *why)
{
	static const char *const words[][2] = {
		{ "false", "true" },
		{ "no", "yes" },
		{ "off", "on" },
	};

	(void)o;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (int value = 0; value < 2; value++)
			if (strcmp(text, words[i][value]) == 0) {
				*(bool *)field = value;
				return 0;
			}
	return wrong(why, text, "true or false");
}

static int
parse_int(
    const struct config_option *o, void *field, const char *text, char *why)
{
	const char *p = text;
	char wanted[80];
	int64_t value;

	if (config_number_take(&p, &value) == 0 && *p == '\0' &&
	    value >= o->min && value <= o->max) {
		*(int64_t *)field = value;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a number from %lld to %lld",
	    (long long)o->min, (long long)o->max);
	return wrong(why, text, wanted);
}

static int
parse_mode(
    const struct config_option *o, void *field, const char *text, char *why)
{
	size_t n = strspn(text, "01234567");

	(void)o;
	if (n < 3 || n > 4 || text[n] != '\0' || (n == 4 && text[0] != '0'))
		return wrong(why, text, "a mode from 0000 to 0777");
	*(mode_t *)field = (mode_t)strtoul(text, NULL, 8);
	return 0;
}

static int
parse_string(
    const struct config_option *o, void *field, const char *text, char *why)
{
	char *copy;

	if (o->max > 0 && strlen(text) > (size_t)o->max) {
		snprintf(why, CONFIG_WHY_MAX, "is longer than %lld octets",
		    (long long)o->max);
		return -1;
	}
	if ((int64_t)strlen(text) < o->min) {
		snprintf(why, CONFIG_WHY_MAX, "is empty");
		return -1;
	}
	copy = strdup(text);
	if (copy == NULL)
		return wrong(why, text, "kept: out of memory");
	free(*(char **)field);
	*(char **)field = copy;
	return 0;
}

static int
parse_word(
    const struct config_option *o, void *field, const char *text, char *why)
{
	char wanted[160] = "one of";

	for (int i = 0; o->words[i] != NULL; i++) {
		size_t used = strlen(wanted);

		if (strcmp(text, o->words[i]) == 0) {
			*(int *)field = i;
			return 0;
		}
		snprintf(
		    wanted + used, sizeof(wanted) - used, " %s", o->words[i]);
	}
	return wrong(why, text, wanted);
}

static int
parse_duration(
    const struct config_option *o, void *field, const char *text, char *why)
{
	char low[CONFIG_DURATION_TEXT], high[CONFIG_DURATION_TEXT], wanted[128];
	int64_t ms = config_duration_ms(text);

	if (ms >= o->min && ms <= o->max) {
		*(double *)field = (double)ms / 1000;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a duration from %s to %s",
	    config_duration_text(low, o->min),
	    config_duration_text(high, o->max));
	return wrong(why, text, wanted);
}

/* "" is no domain and stays "": whether it may, the section says. */
static int
parse_domain(
    const struct config_option *o, void *field, const char *text, char *why)
{
	char name[DOMAIN_MAX] = "";

	if (*text != '\0' && !domain_normal(name, text, strlen(text)))
		return wrong(why, text, "a domain name");
	return parse_string(o, field, name, why);
}

static int
parse_server(
    const struct config_option *o, void *field, const char *text, char *why)
{
	(void)o;
	if (net_address_parse(field, text, strlen(text)) == -1)
		return wrong(why, text, "ADDRESS or ADDRESS@PORT");
	return 0;
}

static int
parse_network(
    const struct config_option *o, void *field, const char *text, char *why)
{
	(void)o;
	if (network_parse(field, text) == -1)
		return wrong(why, text, "a network ADDRESS/BITS");
	return 0;
}

/* NETWORK=WORD */
static int
parse_net_word(
    const struct config_option *o, void *field, const char *text, char *why)
{
	struct net_word *pair = field;
	const char *equal = strrchr(text, '=');
	char network[NETWORK_TEXT];

	if (equal == NULL || equal - text >= NETWORK_TEXT)
		return wrong(why, text, "ADDRESS=WORD or ADDRESS/BITS=WORD");
	memcpy(network, text, (size_t)(equal - text));
	network[equal - text] = '\0';
	if (parse_network(o, &pair->network, network, why) == -1)
		return -1;
	return parse_word(o, &pair->word, equal + 1, why);
}

static int
parse_port(
    const struct config_option *o, void *field, const char *text, char *why)
{
	int64_t value;

	(void)o;
	if (config_number_take(&text, &value) == -1 || *text != '\0' ||
	    value > UINT16_MAX)
		return wrong(why, text, "a port from 0 to 65535");
	*(uint16_t *)field = (uint16_t)value;
	return 0;
}

static int
parse_member(
    const struct config_option *o, void *field, const char *text, char *why)
{
	(void)o;
	if (*text == '\0')
		return wrong(why, text, "allowed in this list");
	return parse_string(&(struct config_option){ 0 }, field, text, why);
}

static int
parse_domain_member(
    const struct config_option *o, void *field, const char *text, char *why)
{
	if (*text == '\0')
		return wrong(why, text, "a domain name");
	return parse_domain(o, field, text, why);
}

static int
parse_endpoint(
    const struct config_option *o, void *field, const char *text, char *why)
{
	struct endpoint *e = field;
	const char *reason;

	if (endpoint_parse(e, text, &reason) == -1) {
		snprintf(why, CONFIG_WHY_MAX, "\"%.80s\": %s", text, reason);
		return -1;
	}
	return parse_member(o, &e->text, text, why);
}

static void
clear_string(void *field)
{
	free(*(char **)field);
}

static void
clear_endpoint(void *field)
{
	free(((struct endpoint *)field)->text);
}

/* ---- types ---- */

static const struct value_type {
	int (*parse)(const struct config_option *, void *field,
	    const char *text, char *why);
	void (*clear)(void *field); /* NULL: owns nothing */
	size_t size;                /* of one value */
	bool list;
} types[] = {
	[CONFIG_BOOL] = { parse_bool, NULL, sizeof(bool), false },
	[CONFIG_INT] = { parse_int, NULL, sizeof(int64_t), false },
	[CONFIG_MODE] = { parse_mode, NULL, sizeof(mode_t), false },
	[CONFIG_STRING] = { parse_string, clear_string, sizeof(char *), false },
	[CONFIG_WORD] = { parse_word, NULL, sizeof(int), false },
	[CONFIG_DURATION] = { parse_duration, NULL, sizeof(double), false },
	[CONFIG_DOMAIN] = { parse_domain, clear_string, sizeof(char *), false },
	[CONFIG_STRINGS] = { parse_member, clear_string, sizeof(char *), true },
	[CONFIG_DOMAINS] = { parse_domain_member, clear_string, sizeof(char *),
	    true },
	[CONFIG_SERVERS] = { parse_server, NULL, sizeof(struct net_address),
	    true },
	[CONFIG_NETWORKS] = { parse_network, NULL, sizeof(struct network),
	    true },
	[CONFIG_NET_WORDS] = { parse_net_word, NULL, sizeof(struct net_word),
	    true },
	[CONFIG_PORTS] = { parse_port, NULL, sizeof(uint16_t), true },
	[CONFIG_ENDPOINTS] = { parse_endpoint, clear_endpoint,
	    sizeof(struct endpoint), true },
};
_Static_assert(sizeof(types) / sizeof(types[0]) == CONFIG__COUNT,
    "config_type without a row");

/* Every list struct looks like struct config_list. */
static struct config_list
list_of(const void *field)
{
	struct config_list list;

	memcpy(&list, field, sizeof(list));
	return list;
}

static int
list_add(
    const struct config_option *o, void *field, const char *text, char *why)
{
	const struct value_type *type = &types[o->type];
	struct config_list list = list_of(field);
	char *v = realloc(list.v, (list.n + 1) * type->size);

	if (v == NULL)
		return wrong(why, text, "kept: out of memory");
	list.v = v;
	memset(v + list.n * type->size, 0, type->size);
	memcpy(field, &list, sizeof(list));
	if (type->parse(o, v + list.n * type->size, text, why) == -1) {
		if (type->clear != NULL)
			type->clear(v + list.n * type->size);
		return -1;
	}
	list.n++;
	memcpy(field, &list, sizeof(list));
	return 0;
}

bool
config_value_is_list(enum config_type type)
{
	return types[type].list;
}

int
config_value_add(
    const struct config_option *o, void *field, const char *text, char *why)
{
	if (types[o->type].list)
		return list_add(o, field, text, why);
	return types[o->type].parse(o, field, text, why);
}

/* The blank separated words of a list's default. */
static int
list_default(const struct config_option *o, void *field)
{
	char *words = strdup(o->fallback), *rest = words, *word;
	char why[CONFIG_WHY_MAX];
	int result = words != NULL ? 0 : -1;

	while (result == 0 && (word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			result = list_add(o, field, word, why);
	free(words);
	return result;
}

int
config_value_default(const struct config_option *o, void *field)
{
	char why[CONFIG_WHY_MAX];

	assert(o->fallback != NULL);
	if (types[o->type].list)
		return list_default(o, field);
	return types[o->type].parse(o, field, o->fallback, why);
}

void
config_value_clear(const struct config_option *o, void *field)
{
	const struct value_type *type = &types[o->type];

	if (type->list) {
		struct config_list list = list_of(field);

		for (size_t i = 0; type->clear != NULL && i < list.n; i++)
			type->clear((char *)list.v + i * type->size);
		free(list.v);
		memset(field, 0, sizeof(list));
		return;
	}
	if (type->clear != NULL)
		type->clear(field);
	memset(field, 0, type->size);
}
