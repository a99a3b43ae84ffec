#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_ends.h"

struct fixture f;

static size_t numbers[QUERIES] = { 0, 1, 2, 3 };

static void
reply(void *arg, const struct dns_reply *r)
{
	assert_false(f.asking);
	f.told++;
	f.outcome = r->outcome;
	assert_non_null(r->why);
	if (f.on_reply != NULL)
		f.on_reply(&f, *(size_t *)arg);
}

void
ask(size_t which, double timeout)
{
	f.asking = true;
	f.queries[which] = dns_exchange_ask(f.exchange, &f.address, &f.question,
	    timeout, reply, &numbers[which]);
	f.asking = false;
	assert_non_null(f.queries[which]);
}

int
dns_ends_setup(void **state)
{
	socklen_t len = sizeof(f.address.in4);
	struct timeval soon = { .tv_sec = 5 };

	(void)state;
	f = (struct fixture){ .loop = ev_loop_new(EVFLAG_AUTO) };
	f.exchange = dns_exchange_new(
	    f.loop, &(struct dns_limits){ .queries = QUERIES });
	dns_name_parse(&f.question.name, "a.test");
	f.question.type = DNS_TXT;
	f.address.in4.sin_family = AF_INET;
	f.address.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f.server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(f.server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	return bind(f.server, &f.address.sa, len) == -1 ||
		getsockname(f.server, &f.address.sa, &len) == -1
	    ? -1
	    : 0;
}

int
dns_ends_teardown(void **state)
{
	(void)state;
	dns_exchange_free(f.exchange);
	close(f.server);
	ev_loop_destroy(f.loop);
	return 0;
}

/* Until no question is under way; each ends by its own deadline. */
void
run(void)
{
	ev_run(f.loop, 0);
}

/* The server takes one query and sends it back as its answer. */
void
serve(void)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	uint8_t msg[512];
	ssize_t n = recvfrom(
	    f.server, msg, sizeof(msg), 0, (struct sockaddr *)&from, &from_len);

	assert_true(n > 12);
	msg[2] |= 0x80; /* QR */
	sendto(f.server, msg, (size_t)n, 0, (struct sockaddr *)&from, from_len);
}

/* The lowest descriptor that is free: the same before and after. */
int
free_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

void
cancel_all(struct fixture *x, size_t which)
{
	for (size_t i = 0; i < QUERIES; i++)
		if (x->queries[i] != NULL)
			dns_query_cancel(x->queries[i]);
	(void)which;
}

void
free_exchange(struct fixture *x, size_t which)
{
	(void)which;
	dns_exchange_free(x->exchange);
	x->exchange = NULL;
}
