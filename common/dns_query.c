/*
 * Owns the form of the queries that we send. Must not know where they go.
 */
#include "dns_message.h"

#include "dns_packet.h"

size_t
dns_query_put(uint8_t *buf, size_t size, uint16_t id,
    const struct dns_name *name, uint16_t type, uint16_t flags, unsigned edns)
{
	static const struct dns_name root = { .len = 1 };
	const struct dns_header h = {
		.id = id,
		.flags = (uint16_t)(flags & ~DNS_DO),
		.qd = 1,
		.ar = edns > 0,
	};
	struct dns_packet p;

	dns_packet_begin(&p, buf, size, &h);
	dns_packet_question(&p, name, type);
	if (edns > 0) /* RFC 6891 6.1.2: its class is the size */
		dns_packet_rr(
		    &p, &root, DNS_OPT, (uint16_t)edns, flags & DNS_DO, 0);
	return dns_packet_done(&p);
}
