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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct message_id id;

	if (message_id_parse(&id, text, size))
		check(&id);
	if (message_id_from_name(&id, text, size))
		check(&id);
	return 0;
}
