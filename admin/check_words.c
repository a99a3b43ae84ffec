/* Owns the words. doc/dnsmail-check.8 has each of them. */
#include "admin/check_words.h"

const char *const check_level_names[CHECK_LEVEL__COUNT] = {
	[CHECK_OK] = "ok",
	[CHECK_WARNING] = "warning",
	[CHECK_CRITICAL] = "critical",
	[CHECK_CANNOT_TELL] = "cannot tell",
};

const struct check_words check_words[CHECK_CODE__COUNT] = {
	[CONFIG_VALID] = { CHECK_OK, "config-valid",
	    "configuration: $1 is valid", NULL },
	[CONFIG_INVALID] = { CHECK_CRITICAL, "config-invalid",
	    "configuration: $1",
	    "mend that line; man dnsmail.conf has every option" },
	[CONFIG_NO_DOMAIN] = { CHECK_WARNING, "config-no-domain",
	    "configuration: no section domain, so no mail is signed",
	    "dnsmail-setup DOMAIN writes one" },
};
