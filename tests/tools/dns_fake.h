/*
 * dns_fake's parts: the table that says what happens to a query
 * (dns_fake_table.c), what then is done (dns_fake_behaviour.c), messages
 * (dns_fake_answer.c). Its sockets are dns_fake.c.
 */
#ifndef DNSMAIL_TESTS_DNS_FAKE_H
#define DNSMAIL_TESTS_DNS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/dns_message.h"
#include "common/net_address.h"

enum { FAKE_HEADER = 12, FAKE_ROOM = 65535 };

struct fake_query {
	bool tcp;
	int fd; /* where to answer */
	struct net_address from;
	struct net_address server; /* which of our addresses was asked */
	uint8_t msg[FAKE_ROOM];
	size_t len, question_end;
	char name[1024];
	uint16_t id, type, edns;
	unsigned seen; /* queries for that name before it */
};

/* ---- the table ---- */

struct fake_rule {
	const char *word; /* the behaviour's */
	const char *arg;  /* what stands behind it */
	bool any_way;     /* the line is for UDP or TCP alone */
};

/* The lines of the file that are for that query, until one gives not 0. */
typedef int fake_line_fn(void *arg, const struct fake_rule *);
int fake_table_read(
    const char *table, const struct fake_query *, fake_line_fn *, void *arg);

/* ---- what is done ---- */

struct fake_options {
	const char *table;
	uint32_t ttl;
	bool soa; /* where nothing is, a SOA of that TTL */
};
extern struct fake_options fake_options;

/* Does that take time, by UDP? */
bool fake_waits(const struct fake_query *);
/* As the table says. False: a TCP connection ends with it. */
bool fake_behave(const struct fake_query *);

/* Those of the behaviours that answer with records. */
typedef void fake_run_fn(const struct fake_query *, const struct fake_rule *);
fake_run_fn fake_txt, fake_ad, fake_whole, fake_many, fake_rr, fake_cname,
    fake_owner, fake_authority;

/* ---- messages ---- */

struct fake_answer {
	uint8_t msg[2 + FAKE_ROOM]; /* its length before it, for TCP */
	size_t len;
};

/* Header and question, with these flags besides QR and AA. */
void fake_begin(
    struct fake_answer *, const struct fake_query *, unsigned flags);
void fake_put(struct fake_answer *, const void *octets, size_t n);
/* A record in the answer section; owner NULL: the name that was asked for. */
void fake_put_rr(struct fake_answer *, const char *owner, unsigned type,
    const void *rdata, size_t n);
/* A TXT of a text in the form of octets.h. */
void fake_put_txt(
    struct fake_answer *, const char *owner, const char *text, unsigned number);
/* The last record is in the authority section instead. */
void fake_to_authority(struct fake_answer *);
/* The SOA of a name that has not what was asked for; after all records. */
void fake_put_soa(struct fake_answer *);
/* Its length is now known; how many octets are to be written. */
size_t fake_end(struct fake_answer *);
void fake_send(const struct fake_query *, struct fake_answer *);

#endif
