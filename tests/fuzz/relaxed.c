/* RFC 6376 3.4.2 and 3.4.4, an octet at a time. */
#include "tests/fuzz/relaxed.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool
is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t';
}

/* Runs of blanks become a space, those at the end nothing. */
static size_t
squeeze(const uint8_t *p, size_t n, uint8_t *out)
{
	size_t len = 0;

	while (n > 0 && is_blank(p[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++) {
		if (!is_blank(p[i]))
			out[len++] = p[i];
		else if (!is_blank(p[i + 1]))
			out[len++] = ' ';
	}
	return len;
}

size_t
relaxed_body(const uint8_t *body, size_t n, uint8_t *out)
{
	size_t len = 0, end = 0; /* of the last line that is not empty */

	for (size_t at = 0; at < n;) {
		const uint8_t *lf = memchr(body + at, '\n', n - at);
		size_t line = lf != NULL ? (size_t)(lf - body) - at : n - at;
		bool cr = lf != NULL && line > 0 && lf[-1] == '\r';
		size_t before = len;

		len += squeeze(body + at, line - cr, out + len);
		if (len > before)
			end = len + 2;
		memcpy(out + len, "\r\n", 2);
		len += 2;
		at += line + 1;
	}
	return end;
}

size_t
relaxed_field(const char *name, const char *value, size_t n, uint8_t *out)
{
	size_t len = 0, skip = 0;
	uint8_t *unfolded = out + strlen(name) + 1;

	for (size_t i = 0; i < n; i++)
		if (value[i] != '\r' && value[i] != '\n')
			unfolded[len++] = (uint8_t)value[i];
	while (skip < len && is_blank(unfolded[skip]))
		skip++;
	len = squeeze(unfolded + skip, len - skip, unfolded);
	for (size_t i = 0; name[i] != '\0'; i++)
		out[i] = (uint8_t)tolower((unsigned char)name[i]);
	unfolded[-1] = ':';
	return strlen(name) + 1 + len;
}
