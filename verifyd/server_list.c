/*
 * dnsmail.<domain> TXT rdata to addresses. Pure.
 */
#include "verifyd/server_list.h"

#include <string.h>

enum { STRING_FULL = 255 }; /* RFC 1035 3.3: a character-string's most */

/* What stands between two commas; longer than the longest address: none. */
struct element {
	size_t n;
	char text[NET_ADDRESS_TEXT_MAX];
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
has(const struct server_list *list, const struct net_address *address)
{
	for (size_t i = 0; i < list->n; i++)
		if (net_address_equal(&list->v[i], address))
			return true;
	return false;
}

static void
element_end(struct element *e, struct server_list *list)
{
	struct net_address address;
	size_t n = e->n;

	e->n = 0;
	while (n > 0 && is_blank(e->text[n - 1]))
		n--;
	if (n == 0 || n >= sizeof(e->text) ||
	    net_address_parse(&address, e->text, n) != 0 || has(list, &address))
		return;
	if (list->n == SERVER_LIST_MAX)
		list->more = true;
	else
		list->v[list->n++] = address;
}

static void
element_octet(struct element *e, struct server_list *list, char c)
{
	if (c == ',')
		element_end(e, list);
	else if (e->n < sizeof(e->text) && (e->n > 0 || !is_blank(c)))
		e->text[e->n++] = c;
}

void
server_list_add(struct server_list *list, const uint8_t *rdata, size_t n)
{
	struct element e = { 0 };
	size_t len;

	list->takes_part = true;
	for (const uint8_t *end = rdata + n; rdata < end; rdata += len) {
		len = *rdata++;
		if (len > (size_t)(end - rdata))
			break;
		for (size_t i = 0; i < len; i++)
			element_octet(&e, list, (char)rdata[i]);
		if (len < STRING_FULL)
			element_end(&e, list);
	}
	element_end(&e, list);
}
