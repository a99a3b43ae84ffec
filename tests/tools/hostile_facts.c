/*
 * What was seen, as words. Knows nothing of what they mean.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/hostile.h"

void
facts_add(struct facts *f, const char *key, size_t n, const char *value)
{
	f->v = realloc(f->v, (f->n + 1) * sizeof(*f->v));
	if (f->v == NULL)
		err(1, "facts");
	f->v[f->n++] =
	    (struct fact){ .key = strndup(key, n), .value = strdup(value) };
}

static struct fact *
find(const struct facts *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].key, key) == 0)
			return &f->v[i];
	return NULL;
}

const char *
facts_find(const struct facts *f, const char *key)
{
	const struct fact *fact = find(f, key);

	return fact != NULL ? fact->value : NULL;
}

void
facts_count(struct facts *f, const char *key)
{
	struct fact *fact = find(f, key);
	char text[16];

	if (fact == NULL) {
		facts_add(f, key, strlen(key), "1");
		return;
	}
	snprintf(text, sizeof(text), "%lu", strtoul(fact->value, NULL, 10) + 1);
	free(fact->value);
	fact->value = strdup(text);
}

void
facts_append(struct facts *f, const char *key, const char *value)
{
	struct fact *fact = find(f, key);
	char *all;

	if (fact == NULL) {
		facts_add(f, key, strlen(key), value);
		return;
	}
	if (asprintf(&all, "%s,%s", fact->value, value) == -1)
		err(1, "facts");
	free(fact->value);
	fact->value = all;
}

void
facts_words(struct facts *f, const char *text)
{
	static const char policy[] = "policy.";

	while (*text != '\0') {
		size_t word = strcspn(text, " "), key;
		char *value;

		if (strncmp(text, policy, sizeof(policy) - 1) == 0) {
			text += sizeof(policy) - 1;
			word -= sizeof(policy) - 1;
		}
		key = strcspn(text, "=");
		if (key < word) {
			value = strndup(text + key + 1, word - key - 1);
			facts_add(f, text, key, value);
			free(value);
		}
		text += word;
		text += strspn(text, " ");
	}
}

void
facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].key);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct facts){ 0 };
}
