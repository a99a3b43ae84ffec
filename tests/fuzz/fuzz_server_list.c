/*
 * The TXT records of dnsmail.<domain>: at most SERVER_LIST_MAX addresses, no
 * two of them equal, and saying it twice changes nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "verifyd/reach.h"
#include "verifyd/server_list.h"

/* Protocol.md 8.1, its simplest rows, read from the text. */
static bool
is_private(const char *text)
{
	static const char *const heads[] = { "0.", "10.", "127.", "169.254.",
		"192.168.", "f", ":", "2001:db8:", "2002:a00:" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(text, heads[i], strlen(heads[i])) == 0)
			return true;
	return strchr(text, ':') == NULL && atoi(text) >= 224;
}

/* Our own is not asked, unless that is allowed. */
static void
check_own(const struct net_address *a, const struct ports *ports)
{
	static struct network all[] = { { .family = AF_INET },
		{ .family = AF_INET6 } };
	static const struct networks any = { all, 2 };
	struct net_address host = *a;
	const struct net_addresses own = { &host, 1 };
	const struct networks nothing = { all, 0 };
	const struct reach as_it_is = { &nothing, ports, &own };
	const struct reach allowed = { &any, ports, &own };

	assert(reach_check(&as_it_is, a) != REACH_OK);
	assert(reach_check(&allowed, a) ==
	    (net_address_port(a) == 53 ? REACH_OK : REACH_PORT));
}

static void
check_reach(const struct net_address *a, const char *text)
{
	static const struct networks none;
	static uint16_t ports[] = { 53 };
	static const struct ports port_53 = { ports, 1 };
	static const struct net_addresses own;
	const struct reach reach = { &none, &port_53, &own };
	enum reach_answer answer = reach_check(&reach, a);

	assert(answer < REACH__COUNT);
	if (answer == REACH_OK)
		assert(net_address_port(a) == 53 && !is_private(text));
	assert(net_address_len(a) > 0);
	check_own(a, &port_53);
}

/* A network of as many bits as the input says holds the address. */
static void
check_network(const struct net_address *a, const char *text)
{
	char host[NET_ADDRESS_TEXT_MAX];
	struct network network;
	const struct networks networks = { &network, 1 };

	memcpy(host, text, strcspn(text, "@"));
	host[strcspn(text, "@")] = '\0';
	assert(network_parse(&network, host) == 0);
	assert(networks_contain(&networks, a));
	if (a->sa.sa_family == AF_INET)
		strcpy(host, "0.0.0.0/0");
	else
		strcpy(host, "::/0");
	assert(network_parse(&network, host) == 0);
	assert(networks_contain(&networks, a));
}

/* Any text: as the options read it. */
static void
check_text(const char *text)
{
	struct net_address zero = { .in4 = { .sin_family = AF_INET } };
	struct network network;

	if (network_parse(&network, text) == -1)
		return;
	assert(network.bits <= (network.family == AF_INET ? 32 : 128));
	assert(!network_contains(&network, &zero) || network.bytes[0] == 0);
}

static void
check(const struct server_list *list)
{
	char text[NET_ADDRESS_TEXT_MAX];
	struct net_address again;

	assert(list->n <= SERVER_LIST_MAX);
	for (size_t i = 0; i < list->n; i++) {
		net_address_text(&list->v[i], text);
		check_reach(&list->v[i], text);
		check_network(&list->v[i], text);
		assert(net_address_parse(&again, text, strlen(text)) == 0);
		assert(net_address_equal(&again, &list->v[i]));
		for (size_t j = 0; j < i; j++)
			assert(!net_address_equal(&list->v[i], &list->v[j]));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct server_list list = { 0 };
	char *text = fuzz_string(&in);
	size_t n;

	check_text(text);
	free(text);

	server_list_add(&list, data, size);
	assert(list.takes_part);
	check(&list);
	n = list.n;
	server_list_add(&list, data, size);
	assert(list.n == n);
	return 0;
}
