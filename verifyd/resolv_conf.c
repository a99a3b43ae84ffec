/*
 * resolv.conf's "nameserver" lines. Its other options are for those who
 * search for names; ours are complete.
 */
#include "verifyd/resolv_conf.h"

#include <string.h>

static const char keyword[] = "nameserver";

static size_t
word_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
		i++;
	return i;
}

static bool
parse_line(struct net_address *address, const char *p, size_t n)
{
	size_t len = word_length(p, n);

	if (len != strlen(keyword) || memcmp(p, keyword, len) != 0)
		return false;
	while (len < n && (p[len] == ' ' || p[len] == '\t'))
		len++;
	return net_address_parse(
		   address, p + len, word_length(p + len, n - len)) == 0;
}

size_t
resolv_conf_parse(
    struct net_address v[RESOLV_CONF_MAX], const char *text, size_t n)
{
	const char *end = text + n, *eol;
	size_t found = 0;

	while (text < end && found < RESOLV_CONF_MAX) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		if (parse_line(&v[found], text, (size_t)(eol - text)))
			found++;
		text = eol < end ? eol + 1 : end;
	}
	return found;
}
