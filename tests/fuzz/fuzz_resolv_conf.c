/* resolv.conf: addresses, and no more of them than there is room. */
#include <assert.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "verifyd/resolv_conf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_address v[RESOLV_CONF_MAX], again;
	char text[NET_ADDRESS_TEXT_MAX];
	size_t n = resolv_conf_parse(v, (const char *)data, size);

	assert(n <= RESOLV_CONF_MAX);
	for (size_t i = 0; i < n; i++) {
		net_address_text(&v[i], text);
		assert(net_address_parse(&again, text, strlen(text)) == 0);
		assert(net_address_equal(&again, &v[i]));
	}
	return 0;
}
