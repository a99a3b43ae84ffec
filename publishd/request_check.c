/*
 * Owns what a request must be. Must not know who asks, nor what follows.
 */
#include "publishd/request_check.h"

#include <string.h>
#include <strings.h>

#include "common/message_id.h"
#include "common/probe_msg.h"
#include "common/record.h"

/* Is `name` in the zone? Both are lower-case A-labels. */
static bool
in_zone(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	if (n < z || strcmp(name + n - z, zone) != 0)
		return false;
	return n == z || name[n - z - 1] == '.';
}

/* A removal is checked like an add: only message records can be removed
   (protocol, section 8). */
static const char *
check_record(const struct publish_record *r, const struct config_domain *domain)
{
	char name[MESSAGE_ID_NAME_MAX];
	struct message_id id;
	struct record record;

	if (!message_id_from_name(&id, r->owner, strlen(r->owner)))
		return "the name is no ID name";
	if (strcmp(id.domain, domain->name) != 0)
		return "the name is not right below the domain";
	/* As it is written it goes into the UPDATE. */
	if (strcasecmp(message_id_name(&id, name), r->owner) != 0)
		return "the name is not written as it stands in DNS";
	if (!record_get(&record, r->text, r->text_len))
		return "the text is no message record";
	return NULL;
}

const char *
request_check(const struct publish_req *req, const struct config_domain *domain,
    size_t *index_r)
{
	*index_r = 0;
	if (domain == NULL)
		return "the domain is none of ours";
	if (!in_zone(domain->name, domain->zone))
		return "the domain is outside of its zone";
	if (req->op == PUB_ADD && req->ttl > REQUEST_TTL_MAX)
		return "the TTL is over 3600";
	for (size_t i = 0; i < req->n; i++) {
		const char *wrong = check_record(&req->records[i], domain);

		*index_r = i;
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

bool
request_is_probe(const char *text)
{
	struct record record;
	char buf[ADDRESS_MAX];

	return record_get(&record, text, strlen(text)) && !record.blinded &&
	    strcmp(address_text(&record.from, buf), PROBE_ADDRESS) == 0 &&
	    strcmp(address_text(&record.to, buf), PROBE_ADDRESS) == 0;
}
