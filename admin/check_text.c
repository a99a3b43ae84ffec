/* Knows how things are written, not what is said of them. */
#include "admin/check_text.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
check_put_octets(FILE *out, const char *octets, size_t n, size_t most)
{
	size_t shown = n < most ? n : most;

	for (size_t i = 0; i < shown; i++) {
		unsigned char c = (unsigned char)octets[i];

		if (is_blank(octets[i]) && i > 0 && is_blank(octets[i - 1]))
			continue;
		if (is_blank(octets[i]))
			fputc(' ', out);
		else if (c > ' ' && c < 0x7f && c != '\\')
			fputc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
	if (shown < n)
		fputs("...", out);
}

void
check_put_address(FILE *out, const struct address *a)
{
	char text[ADDRESS_MAX];

	address_text(a, text);
	check_put_octets(out, text, strlen(text), sizeof(text));
}

const char *
check_span(char buf[CHECK_SPAN_MAX], double seconds)
{
	static const struct {
		double seconds;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };
	const char *name = "second";
	double n = seconds;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (seconds >= 2 * units[i].seconds ||
		    seconds == units[i].seconds) {
			n = seconds / units[i].seconds;
			name = units[i].name;
			break;
		}
	n = (double)(long long)n;
	snprintf(buf, CHECK_SPAN_MAX, "%.0f %s%s", n, name, n == 1 ? "" : "s");
	return buf;
}

const char *
check_option(char buf[CHECK_OPTION_MAX], const struct config *config,
    const struct config_section *section, const char *name)
{
	char where[CONFIG_WHERE_MAX];
	const char *line =
	    strrchr(config_where(config, section, name, where), ':');

	if (line == NULL || strspn(line + 1, "0123456789") != strlen(line + 1))
		snprintf(where, sizeof(where), "by default");
	snprintf(buf, CHECK_OPTION_MAX, "%s, %s", name, where);
	return buf;
}
