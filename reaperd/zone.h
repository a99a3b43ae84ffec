/*
 * What is known of one zone of ours: its domains, and the names in them that
 * hold message records. Pure: the events of a transfer come in, names whose
 * time has come go out. All that is here comes from the zone and can be had
 * from it again.
 */
#ifndef DNSMAIL_REAPERD_ZONE_H
#define DNSMAIL_REAPERD_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/config.h"
#include "common/dns_message.h"
#include "common/net_address.h"
#include "reaperd/expired.h"
#include "reaperd/expiry.h"
#include "reaperd/zone_stream.h"

enum { ZONE_DOMAINS_MAX = UINT16_MAX };

STAILQ_HEAD(zones, zone);

struct zone_domain {
	char *text;
	struct dns_name name;
	double lifetime;
};

/*
 * Whoever wants expired records as a whole transfer brings them. True: it
 * takes the record, which then comes again only at `again`.
 */
struct zone_catch {
	bool (*take)(void *arg, struct zone *, const struct expiry_name *,
	    const struct zone_text *);
	void *arg;
	int64_t now, again; /* seconds since 1970 */
};

struct zone {
	char *text;
	struct dns_name name;
	struct net_address primaries[CONFIG_PRIMARIES_MAX];
	size_t n_primaries;
	size_t at;                   /* the primary that is asked */
	size_t of;                   /* the primary that `serial` is of */
	struct zone_domain *domains; /* expiry_name.domain is the index */
	size_t n_domains;
	struct expiry *index;
	struct expiry *filling; /* a whole transfer under way, or NULL */
	const struct zone_catch *catch; /* of that transfer, or NULL */
	bool known;                     /* index is the zone at `serial` */
	uint32_t serial; /* those of other primaries compare with none */
	uint8_t key[EXPIRY_KEY];
	STAILQ_ENTRY(zone) link;
};

/* Names are LDH, as configured. NULL: out of memory. */
struct zone *zone_new(const char *name, const struct net_addresses *primaries,
    const uint8_t key[EXPIRY_KEY]);
void zone_free(struct zone *);
/* The one whose zone is known. */
const struct net_address *zone_primary(const struct zone *);
/* 0, or -1: out of memory, or too many. */
int zone_add_domain(struct zone *, const char *domain, double lifetime);

/*
 * The zones that hold these domains, into an empty list: domains of one zone
 * at the same primaries share it. 0, or -1: out of memory; free the list
 * anyhow.
 */
int zones_fill(struct zones *, const struct config_domain *, size_t n,
    const uint8_t key[EXPIRY_KEY]);
void zones_free(struct zones *);

/* A message record at an ID name of a domain of ours. */
struct zone_found {
	struct expiry_name name;
	int64_t due;
	struct zone_text text;
};

/* false: this TXT record is none. */
bool zone_find(
    const struct zone *, const struct dns_rr *txt, struct zone_found *);

/* For a zone_stream whose arg is the zone; then one of commit and abandon. */
extern const struct zone_stream_events zone_events;
void zone_commit(struct zone *, uint32_t serial);
/*
 * Half a difference may be in the index: it is still good to ask by, but the
 * next transfer must be whole.
 */
void zone_abandon(struct zone *);

/*
 * Sets a name's time, whichever index it is in; gone meanwhile is fine.
 */
void zone_due(struct zone *, const struct expiry_name *, int64_t due);

/* The name in presentation form, buf[PUBLISH_NAME_MAX]; returns buf. */
const char *zone_owner(
    const struct zone *, const struct expiry_name *, char *buf);
/* The same in wire form. */
void zone_owner_name(
    const struct zone *, const struct expiry_name *, struct dns_name *);

#endif
