/*
 * The only question that is not of class IN, so it goes its own way: one
 * datagram, one answer.
 */
#include "admin/check_software.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/dns_message.h"

enum { CLASS_CHAOS = 3, ANSWER_MAX = 4096, TEXT_MAX = 1024 };

bool
software_is_powerdns(const uint8_t *msg, size_t len)
{
	char text[TEXT_MAX];
	uint16_t type, class;
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	size_t n;

	if (dns_reader_open(&r, msg, len, &h) == -1 || h.qd != 1 ||
	    dns_reader_question(&r, &name, &type, &class) == -1)
		return false;
	for (unsigned i = 0; i < h.an && dns_reader_rr(&r, &rr) == 0; i++)
		if (rr.type == DNS_TXT &&
		    dns_txt(&rr, text, sizeof(text), &n) == 0 &&
		    strstr(text, "PowerDNS") != NULL)
			return true;
	return false;
}

/* Without EDNS the class is what a query ends with. */
static size_t
query_put(uint8_t *buf, size_t size)
{
	struct dns_name name;
	uint16_t id;
	size_t len;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id) ||
	    dns_name_parse(&name, "version.bind") == -1)
		return 0;
	len = dns_query_put(buf, size, id, &name, DNS_TXT, 0, 0);
	if (len > 0)
		buf[len - 1] = CLASS_CHAOS;
	return len;
}

bool
software_ask_powerdns(const struct net_address *server, double seconds)
{
	int fd = socket(server->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t query[64], answer[ANSWER_MAX] = { 0 };
	size_t len = query_put(query, sizeof(query));
	ssize_t n = -1;

	if (fd == -1)
		return false;
	if (len > 0 && connect(fd, &server->sa, net_address_len(server)) == 0 &&
	    send(fd, query, len, 0) == (ssize_t)len &&
	    poll(&p, 1, (int)(seconds * 1000)) == 1)
		n = recv(fd, answer, sizeof(answer), 0);
	close(fd);
	return n >= 2 && memcmp(answer, query, 2) == 0 &&
	    software_is_powerdns(answer, (size_t)n);
}
