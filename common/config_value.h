/*
 * The types of options: text to value, with its range. The only place that
 * knows how a duration or a mode is written.
 */
#ifndef DNSMAIL_CONFIG_VALUE_H
#define DNSMAIL_CONFIG_VALUE_H

#include "config.h"

enum { CONFIG_WHY_MAX = 256 };

/*
 * Sets a value, or appends one to a list. `field` is what the option's offset
 * points to, zero at first. -1: `why` (CONFIG_WHY_MAX) says what is wrong.
 */
int config_value_add(
    const struct config_option *, void *field, const char *text, char *why);

bool config_value_is_list(enum config_type);

/* The option's default. 0, or -1: out of memory. */
int config_value_default(const struct config_option *, void *field);

/* Frees what the field owns and makes it zero. */
void config_value_clear(const struct config_option *, void *field);

#endif
