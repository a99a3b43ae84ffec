/*
 * Owns the rules by which an answer becomes an action. Knows neither the
 * message nor how lists are asked.
 */
#include "verifyd/reputation.h"

#include <stdio.h>

const struct network reputation_answers = { AF_INET, { 127 }, 8 };
const struct network reputation_errors = { AF_INET, { 127, 255, 255 }, 24 };

bool
reputation_name(char out[DOMAIN_MAX], const char *domain, const char *zone)
{
	int n = snprintf(out, DOMAIN_MAX, "%s.%s", domain, zone);

	return n > 0 && n < DOMAIN_MAX;
}

/* What an address says that is no answer, or NULL. */
static const char *
trouble_of(const struct net_address *address)
{
	if (!network_contains(&reputation_answers, address))
		return "is outside of 127.0.0.0/8, so it is no answer (has the"
		       " list ended, or does a resolver invent addresses?)";
	if (network_contains(&reputation_errors, address))
		return "is a list's code for an error (is its name misspelt, is"
		       " the resolver a public one, was it asked too often?)";
	return NULL;
}

static enum verify_action
action_of(
    const struct reputation_config *list, const struct net_address *address)
{
	for (size_t i = 0; i < list->answers.n; i++)
		if (network_contains(&list->answers.v[i].network, address))
			return (enum verify_action)list->answers.v[i].word;
	return (enum verify_action)list->action_default;
}

bool
reputation_read(const struct reputation_config *list, const char *domain,
    const struct server_list *addresses, struct reputation_hit *hit,
    struct reputation_trouble *trouble)
{
	bool listed = false;

	*trouble = (struct reputation_trouble){ NULL, { 0 } };
	for (size_t i = 0; i < addresses->n; i++) {
		const struct net_address *a = &addresses->v[i];
		const char *words = trouble_of(a);
		enum verify_action action = action_of(list, a);

		if (words != NULL) {
			*trouble = (struct reputation_trouble){ words,
				a->in4.sin_addr };
			continue;
		}
		if (listed && action <= hit->action)
			continue;
		listed = true;
		*hit = (struct reputation_hit){ list->zone, domain,
			a->in4.sin_addr, action };
	}
	return listed;
}

void
reputation_add(struct reputation *r, const struct reputation_hit *hit)
{
	struct reputation_hit *mildest = r->hits;

	if (r->n < REPUTATION_HITS_MAX) {
		r->hits[r->n++] = *hit;
		return;
	}
	for (size_t i = 1; i < r->n; i++)
		if (r->hits[i].action <= mildest->action)
			mildest = &r->hits[i];
	if (hit->action > mildest->action)
		*mildest = *hit;
}

const struct reputation_hit *
reputation_strictest(const struct reputation *r)
{
	const struct reputation_hit *strictest = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (strictest == NULL || r->hits[i].action > strictest->action)
			strictest = &r->hits[i];
	return strictest;
}
