/* A DNS-Mail-ID field. An ID that is read is a name, and reads as itself. */
#include <assert.h>
#include <string.h>

#include "common/message_id.h"
#include "tests/fuzz/fuzz.h"

static void
check(const struct message_id *id)
{
	char name[MESSAGE_ID_NAME_MAX];
	struct message_id again;

	message_id_name(id, name);
	assert(strlen(name) < DOMAIN_MAX);
	assert(name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] ==
	    '\0');
	assert(message_id_from_name(&again, name, strlen(name)));
	assert(message_id_equal(id, &again));
	assert(message_id_parse(&again, name, strlen(name)));
	assert(message_id_equal(id, &again));
}

/* RFC 4648 section 6. */
static int
bit_of_label(const char *label, size_t i)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const char *letter = strchr(letters, label[i / 5]);

	assert(letter != NULL);
	return (int)(letter - letters) >> (4 - i % 5) & 1;
}

/* An ID of ours from octets that the input takes the place of. */
static void
check_made(const uint8_t random[MESSAGE_ID_RANDOM])
{
	struct message_id id;

	message_id_make(&id, random, "example.test");
	assert(strlen(id.label) == 26);
	for (size_t i = 0; i < 8 * MESSAGE_ID_RANDOM; i++)
		assert(bit_of_label(id.label, i) ==
		    (random[i / 8] >> (7 - i % 8) & 1));
	check(&id);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct message_id id;

	if (size >= MESSAGE_ID_RANDOM)
		check_made(data);
	if (message_id_parse(&id, text, size))
		check(&id);
	if (message_id_from_name(&id, text, size))
		check(&id);
	return 0;
}
