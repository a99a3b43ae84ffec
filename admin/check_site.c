/*
 * Owns the order of the checks. Must not know how any is made, nor what makes
 * it good or bad.
 */
#include "admin/check_site.h"

#include <stdlib.h>

#include "admin/check_findings.h"

static void
complain(void *arg, const char *text)
{
	check_say(arg, CONFIG_INVALID, text, NULL);
}

static void
check_config(struct check_findings *f, const struct check_options *o,
    const struct config *config)
{
	size_t n;

	check_say(f, CONFIG_VALID, o->config, NULL);
	config_domains(config, &n);
	if (n == 0)
		check_say(f, CONFIG_NO_DOMAIN, NULL);
}

int
check_site_run(const struct check_options *o)
{
	struct check_findings found = { 0 };
	struct config *config = config_load(o->config, complain, &found);
	int code;

	if (config != NULL)
		check_config(&found, o, config);
	if (o->json)
		check_findings_json(&found);
	else
		check_findings_text(&found);
	code = check_findings_level(&found);
	config_unref(config);
	check_findings_free(&found);
	return code;
}
