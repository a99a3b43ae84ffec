/* Every finding that dnsmail-check knows, with its words. */
#ifndef DNSMAIL_CHECK_WORDS_H
#define DNSMAIL_CHECK_WORDS_H

#include "admin/check.h"

enum check_code {
	CONFIG_VALID,   /* file */
	CONFIG_INVALID, /* complaint, program to run, file */
	CONFIG_NO_DOMAIN,
	CHECK_CODE__COUNT
};

struct check_words {
	enum check_level level;
	const char *name; /* for scripts */
	const char *text;
	const char *remedy; /* NULL: nothing is to be done */
};

extern const struct check_words check_words[CHECK_CODE__COUNT];
extern const char *const check_level_names[CHECK_LEVEL__COUNT];

#endif
