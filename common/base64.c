/*
 * Owns base64. Must not know what is written in it.
 */
#include "base64.h"

#include <stdbool.h>
#include <string.h>

static int
sextet(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : -1;
}

/* 4 characters to `octets` (1..3); bits left over must be zero (3.5). */
static int
quantum(uint8_t *out, const char *text, size_t octets)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int six = i <= octets ? sextet(text[i]) : 0;

		if (six == -1 || (i > octets && text[i] != '='))
			return -1;
		bits = bits << 6 | (uint32_t)six;
	}
	for (size_t i = 0; i < 3; i++) {
		uint8_t octet = (uint8_t)(bits >> (16 - 8 * i));

		if (i < octets)
			out[i] = octet;
		else if (octet != 0)
			return -1;
	}
	return 0;
}

int
base64_decode(uint8_t *out, size_t size, const char *text, size_t *n_r)
{
	size_t len = strlen(text), n = 0;

	if (len == 0 || len % 4 != 0)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		bool last = i + 4 == len;
		size_t octets = 3 - (last && text[i + 3] == '=') -
		    (last && text[i + 2] == '=' && text[i + 3] == '=');

		if (octets > size - n ||
		    quantum(out + n, text + i, octets) == -1)
			return -1;
		n += octets;
	}
	*n_r = n;
	return 0;
}
