/* OpenMetrics 1.0 text, for Prometheus and what reads the same. */
#ifndef DNSMAIL_METRICS_TEXT_H
#define DNSMAIL_METRICS_TEXT_H

#include <stddef.h>
#include <stdio.h>

struct status;

/* Names are dnsmail_<daemon>_<what>; who is down has ..._up 0 and no more. */
void metrics_text_print(FILE *, const struct status *, size_t n);

#endif
