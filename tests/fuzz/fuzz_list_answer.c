/* A resolver's answer about dnsmail.example.test. */
#include <assert.h>

#include "tests/fuzz/fuzz.h"
#include "verifyd/list_answer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list_answer answer;
	struct dns_name name;

	dns_name_parse(&name, "dnsmail.example.test");
	list_answer_read(&answer, data, size, &name);
	assert(answer.keep <= LIST_KEEP_MAX);
	assert(answer.list.n <= SERVER_LIST_MAX);
	assert(answer.list.takes_part == (answer.outcome == LOOKUP_FOUND));
	assert(answer.list.takes_part || answer.list.n == 0);
	if (answer.outcome == LOOKUP_NO_RECORD)
		assert(answer.keep <= LIST_KEEP_NEGATIVE_MAX);
	assert(list_answer_size(&answer) <= sizeof(answer));
	return 0;
}
