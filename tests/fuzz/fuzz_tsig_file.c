/* A key file: one key with a name that can be written, or words. */
#include <assert.h>
#include <string.h>

#include "common/tsig.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[200] = "";
	struct tsig_key *key =
	    tsig_key_parse((const char *)data, size, why, sizeof(why));
	struct dns_name name;

	if (key == NULL) {
		assert(strncmp(why, "line ", 5) == 0);
		return 0;
	}
	assert(dns_name_parse(&name, tsig_key_name(key)) == 0);
	tsig_key_free(key);
	return 0;
}
