/*
 * To whom verifyd may send a packet at all. Strangers write the server lists;
 * without this anybody could make us query inside our own network
 * (protocol.md section 4, "Asking").
 */
#ifndef DNSMAIL_VERIFYD_REACH_H
#define DNSMAIL_VERIFYD_REACH_H

#include "common/config.h"
#include "common/net_address.h"

struct reach {
	const struct networks *allow_networks; /* may be asked after all */
	const struct ports *allow_ports;       /* 0 in it: any */
	const struct net_addresses *own;       /* this host's addresses */
};

enum reach_answer {
	REACH_OK,
	REACH_PORT,       /* not a port that may be asked */
	REACH_NOT_GLOBAL, /* no global unicast address */
	REACH_OWN,        /* our own */
	REACH__COUNT
};

/* Never REACH_OK for what is not global unicast unless allow_networks says. */
enum reach_answer reach_check(const struct reach *, const struct net_address *);

extern const char *const reach_answer_names[REACH__COUNT];

#endif
