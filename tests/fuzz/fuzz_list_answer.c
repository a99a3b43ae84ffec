/*
 * A resolver's answer about dnsmail.example.test: the server list, the wish, or
 * the addresses that a domain list would answer.
 */
#include <arpa/inet.h>
#include <assert.h>

#include "tests/fuzz/fuzz.h"
#include "verifyd/list_answer.h"
#include "verifyd/reputation.h"

static void
check_answer(const struct list_answer *answer)
{
	assert(answer->keep <= LIST_KEEP_MAX);
	assert(answer->list.n <= SERVER_LIST_MAX);
	if (answer->outcome == LOOKUP_NO_RECORD)
		assert(answer->keep <= LIST_KEEP_NEGATIVE_MAX);
	assert(list_answer_size(answer) <= sizeof(*answer));
}

static void
check_wish(const struct wish *wish)
{
	assert(wish->missing < WISH__COUNT && wish->fail < WISH__COUNT);
	if (wish->texts != 1)
		assert(wish->missing == WISH_NONE && wish->fail == WISH_NONE);
}

/* 127.0.1.4 and 127.0.1.5 mean something, whatever else there is. */
static void
check_reputation(const struct server_list *addresses)
{
	struct net_word words[] = {
		{ { AF_INET, { 127, 0, 1, 4 }, 32 }, ACTION_REJECT },
		{ { AF_INET, { 127, 0, 1, 5 }, 32 }, ACTION_QUARANTINE },
	};
	const struct reputation_config config = {
		.zone = "list.test",
		.answers = { words, 2 },
		.action_default = ACTION_ACCEPT,
	};
	struct reputation all = { 0 };
	struct reputation_hit hit;
	char name[DOMAIN_MAX];
	struct reputation_trouble trouble;

	assert(reputation_name(name, "example.test", config.zone));

	if (!reputation_read(
		&config, "example.test", addresses, &hit, &trouble))
		return;
	assert(addresses->n > 0);
	assert((ntohl(hit.address.s_addr) >> 24) == 127);
	assert((hit.action == ACTION_REJECT) ==
	    (ntohl(hit.address.s_addr) == 0x7f000104));
	for (unsigned i = 0; i <= REPUTATION_HITS_MAX; i++)
		reputation_add(&all, &hit);
	assert(all.n == REPUTATION_HITS_MAX);
	assert(reputation_strictest(&all)->action == hit.action);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list_answer answer;
	struct dns_name name;

	dns_name_parse(&name, "dnsmail.example.test");
	list_answer_read(&answer, data, size, &name);
	check_answer(&answer);
	assert(answer.list.takes_part == (answer.outcome == LOOKUP_FOUND));
	assert(answer.list.takes_part || answer.list.n == 0);
	list_answer_wish(&answer, data, size, &name);
	check_answer(&answer);
	check_wish(&answer.wish);
	list_answer_addresses(&answer, data, size, &name);
	check_answer(&answer);
	check_reputation(&answer.list);
	return 0;
}
