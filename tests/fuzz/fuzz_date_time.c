/* A date is refused, or written and read again it is the same. */
#include <assert.h>

#include "common/date_time.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DATE_TIME_MAX];
	time_t date, again;
	size_t n;

	if (!date_time_parse((const char *)data, size, &date))
		return 0;
	n = date_time_put(text, date);
	assert(n < sizeof(text));
	assert(date_time_parse(text, n, &again) && again == date);
	return 0;
}
