/*
 * Numbers and durations as a configuration writes them: decimal digits, no
 * sign, no fraction; a duration has a unit.
 */
#ifndef DNSMAIL_CONFIG_NUMBER_H
#define DNSMAIL_CONFIG_NUMBER_H

#include <stdint.h>

/* Takes a number off *text. 0, or -1: none there, or too many digits. */
int config_number_take(const char **text, int64_t *value_r);

/* Milliseconds, or -1. */
int64_t config_duration_ms(const char *text);

/* In the largest unit that leaves no fraction. Returns buf. */
enum { CONFIG_DURATION_TEXT = 32 };
const char *config_duration_text(char *buf, int64_t ms);

#endif
