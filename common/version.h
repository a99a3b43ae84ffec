/* The version of all programs; the Makefile is the one place that sets it. */
#ifndef DNSMAIL_VERSION_H
#define DNSMAIL_VERSION_H

extern const char dnsmail_version[];

#endif
