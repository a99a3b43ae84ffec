/*
 * Owns the normal form of a domain name. Knows no address and no DNS.
 */
#include "domain.h"

#include <idn2.h>
#include <stdint.h>
#include <string.h>

enum { LABEL_MAX = 63 };

char
domain_octet(char ch)
{
	if (ch >= 'A' && ch <= 'Z')
		return (char)(ch + 'a' - 'A');
	if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' ||
	    ch == '_')
		return ch;
	return '\0';
}

static bool
domain_ascii(char *out, const char *domain, size_t n)
{
	size_t label = 0;

	if (n > 0 && domain[n - 1] == '.')
		n--;
	if (n == 0 || n >= DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (domain[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
			out[i] = '.';
			continue;
		}
		out[i] = domain_octet(domain[i]);
		if (out[i] == '\0' || ++label > LABEL_MAX)
			return false;
	}
	out[n] = '\0';
	return label > 0;
}

/*
 * IDNA2008 with the mapping of UTS 46 (upper case, full-width forms), which
 * is what people's keyboards and clients need. What comes out is checked as
 * any other name: the mapping can make a dot or a slash out of one character.
 */
static bool
domain_idna(char *out, const char *domain, size_t n)
{
	char copy[4 * DOMAIN_MAX];
	uint8_t *ascii;
	bool ok;

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, domain, n);
	copy[n] = '\0';
	if (idn2_lookup_u8((const uint8_t *)copy, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	ok = domain_ascii(out, (char *)ascii, strlen((char *)ascii));
	idn2_free(ascii);
	return ok;
}

bool
domain_normal(char *out, const char *domain, size_t n)
{
	if (memchr(domain, '\0', n) != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)domain[i] >= 0x80)
			return domain_idna(out, domain, n);
	return domain_ascii(out, domain, n);
}
