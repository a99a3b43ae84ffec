/* Owns the alphabet of RFC 4648 section 5. Knows no meaning of a digest. */
#include "base64url.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_digest(char out[44], const uint8_t digest[32])
{
	uint32_t bits = 0;
	unsigned have = 0;
	char *o = out;

	for (size_t i = 0; i < 32; i++) {
		bits = bits << 8 | digest[i];
		for (have += 8; have >= 6; have -= 6)
			*o++ = alphabet[bits >> (have - 6) & 63];
	}
	/* 256 = 42 * 6 + 4: the last character has two zero bits. */
	*o++ = alphabet[bits << (6 - have) & 63];
	*o = '\0';
}

bool
base64url_is_digest(const char *text, size_t n)
{
	if (n != 43)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\0' || strchr(alphabet, text[i]) == NULL)
			return false;
	return true;
}
