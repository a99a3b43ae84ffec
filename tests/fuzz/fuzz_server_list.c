/*
 * The TXT records of dnsmail.<domain>: at most SERVER_LIST_MAX addresses, no
 * two of them equal, and saying it twice changes nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "verifyd/server_list.h"

static void
check(const struct server_list *list)
{
	char text[NET_ADDRESS_TEXT_MAX];
	struct net_address again;

	assert(list->n <= SERVER_LIST_MAX);
	for (size_t i = 0; i < list->n; i++) {
		net_address_text(&list->v[i], text);
		assert(net_address_parse(&again, text, strlen(text)) == 0);
		assert(net_address_equal(&again, &list->v[i]));
		for (size_t j = 0; j < i; j++)
			assert(!net_address_equal(&list->v[i], &list->v[j]));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server_list list = { 0 };
	size_t n;

	server_list_add(&list, data, size);
	assert(list.takes_part);
	check(&list);
	n = list.n;
	server_list_add(&list, data, size);
	assert(list.n == n);
	return 0;
}
