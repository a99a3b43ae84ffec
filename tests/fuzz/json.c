/* A reader that keeps nothing. Octets from 0x80 on count as characters. */
#include "tests/fuzz/json.h"

#include <ctype.h>
#include <string.h>

static bool value(const char **p);

static void
skip_blanks(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

static bool
take(const char **p, char c)
{
	skip_blanks(p);
	if (**p != c)
		return false;
	++*p;
	return true;
}

static bool
string(const char **p)
{
	if (!take(p, '"'))
		return false;
	for (; **p != '"'; ++*p) {
		if ((unsigned char)**p < ' ')
			return false;
		if (**p != '\\')
			continue;
		++*p;
		if (**p == '\0' || strchr("\"\\/bfnrtu", **p) == NULL)
			return false;
		for (int i = 1; i <= 4 && **p == 'u'; i++)
			if (!isxdigit((unsigned char)(*p)[i]))
				return false;
	}
	++*p;
	return true;
}

static bool
digits(const char **p)
{
	size_t n = strspn(*p, "0123456789");

	*p += n;
	return n > 0;
}

static bool
number(const char **p)
{
	*p += **p == '-';
	if (**p == '0' ? !isdigit((unsigned char)*++*p) : digits(p)) {
		if (**p == '.' && (++*p, !digits(p)))
			return false;
		if (**p != 'e' && **p != 'E')
			return true;
		++*p;
		*p += **p == '+' || **p == '-';
		return digits(p);
	}
	return false;
}

/* What stands between the brackets, several with commas. */
static bool
list(const char **p, char end, bool named)
{
	if (take(p, end))
		return true;
	do {
		if (named && (!string(p) || !take(p, ':')))
			return false;
		if (!value(p))
			return false;
	} while (take(p, ','));
	return take(p, end);
}

static bool
value(const char **p)
{
	static const char *const words[] = { "null", "true", "false" };

	skip_blanks(p);
	if (**p == '"')
		return string(p);
	if (take(p, '{'))
		return list(p, '}', true);
	if (take(p, '['))
		return list(p, ']', false);
	for (int i = 0; i < 3; i++)
		if (strncmp(*p, words[i], strlen(words[i])) == 0) {
			*p += strlen(words[i]);
			return true;
		}
	return number(p);
}

bool
json_is_valid(const char *text)
{
	if (!value(&text))
		return false;
	skip_blanks(&text);
	return *text == '\0';
}
