/*
 * Owns where query IDs come from. Must not know what they are used for.
 */
#include "dns_ids.h"

#include <sys/random.h>

int
dns_ids_next(struct dns_ids *r, uint16_t *id_r)
{
	if (r->left == 0) {
		if (getrandom(r->ids, sizeof(r->ids), 0) !=
		    (ssize_t)sizeof(r->ids))
			return -1;
		r->left = DNS_IDS_AT_ONCE;
	}
	*id_r = r->ids[--r->left];
	return 0;
}
