/*
 * Owns the octets of a message that ldns holds. Must not know what it says.
 */
#include "dns_packet.h"

#include <string.h>

size_t
dns_packet_put(const ldns_pkt *pkt, uint8_t *buf, size_t size)
{
	ldns_buffer *out = ldns_buffer_new(LDNS_MIN_BUFLEN);
	size_t len = 0;

	if (out == NULL)
		return 0;
	if (ldns_pkt2buffer_wire_compress(out, pkt, NULL) == LDNS_STATUS_OK &&
	    ldns_buffer_position(out) <= size) {
		len = ldns_buffer_position(out);
		memcpy(buf, ldns_buffer_begin(out), len);
	}
	ldns_buffer_free(out);
	return len;
}
