/*
 * Owns the form of the queries that we send; ldns builds them. Must not know
 * where they go.
 */
#include "dns_message.h"

#include <ldns/ldns.h>

#include "dns_packet.h"

size_t
dns_query_put(uint8_t *buf, size_t size, uint16_t id,
    const struct dns_name *name, uint16_t type, uint16_t flags, unsigned edns)
{
	ldns_rdf *owner = ldns_dname_new_frm_data(name->len, name->wire);
	ldns_pkt *pkt;
	size_t len;

	if (owner == NULL)
		return 0;
	pkt =
	    ldns_pkt_query_new(owner, (ldns_rr_type)type, LDNS_RR_CLASS_IN, 0);
	if (pkt == NULL) {
		ldns_rdf_deep_free(owner);
		return 0;
	}
	ldns_pkt_set_id(pkt, id);
	ldns_pkt_set_rd(pkt, (flags & DNS_RD) != 0);
	ldns_pkt_set_ad(pkt, (flags & DNS_AD) != 0);
	ldns_pkt_set_edns_udp_size(pkt, (uint16_t)edns);
	len = dns_packet_put(pkt, buf, size);
	ldns_pkt_free(pkt);
	return len;
}
