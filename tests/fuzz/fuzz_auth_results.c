/*
 * Authentication-Results. Whatever a stranger writes: a field that begins
 * with our id is ours, and case makes no difference.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_results.h"
#include "tests/fuzz/fuzz.h"

static const char id[] = "mx.example.test";

/* A field of `head` and the input, exactly as long. */
static char *
join(const char *head, const uint8_t *data, size_t size)
{
	size_t n = strlen(head);
	char *field = malloc(n + size);

	assert(field != NULL);
	memcpy(field, head, n);
	memcpy(field + n, data, size);
	return field;
}

static void
check_ours(const char *head, const uint8_t *data, size_t size)
{
	char *field = join(head, data, size);

	assert(auth_results_is_ours(field, strlen(head) + size, id));
	free(field);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *field = (const char *)data;
	enum auth_dnsmail said = auth_results_dnsmail(field, size);
	bool ours = auth_results_is_ours(field, size, id);
	char *upper = fuzz_copy(data, size);

	assert(said < AUTH_DNSMAIL__COUNT);
	for (size_t i = 0; i < size; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)toupper(upper[i]);
	assert(auth_results_is_ours(upper, size, id) == ours);
	assert(auth_results_dnsmail(upper, size) == said);
	free(upper);
	check_ours("mx.example.test;", data, size);
	check_ours("MX.Example.test. 1; ", data, size);
	check_ours(" (x) \"mx.example.test\" ;", data, size);
	return 0;
}
