/*
 * systemd's journal by its own socket, where a line can have fields. Without
 * libsystemd: see systemd.h.
 */
#ifndef DNSMAIL_JOURNAL_H
#define DNSMAIL_JOURNAL_H

#include <stddef.h>

/* Its socket, or -1: there is none. Before the jail. */
int journal_open(void);
/* Without waiting. 0, or -1: it does not read, or fd is -1. */
int journal_send(int fd, const char *program, int priority, const char *text);

/*
 * What is sent: PRIORITY, SYSLOG_IDENTIFIER, MESSAGE and DNSMAIL_DAEMON, and
 * for each word KEY=VALUE that the text begins with a field DNSMAIL_KEY. So an
 * address is shown there as it is in the text. Octets used of `size`; a field
 * that has no room is left out.
 */
size_t journal_entry(char *buf, size_t size, const char *program, int priority,
    const char *text);

#endif
