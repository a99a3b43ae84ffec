/*
 * SIGHUP: the configuration is read again, all or nothing. A child process
 * reads it first, so that neither its size nor the parser's faults can hurt
 * the daemon; the loop goes on meanwhile.
 */
#ifndef DNSMAIL_DAEMON_RELOAD_H
#define DNSMAIL_DAEMON_RELOAD_H

#include <stdbool.h>

struct daemon;

/* At once, or after the one that is under way. */
void daemon_reload(struct daemon *);

/* What workers_reload() began has ended. */
void daemon_reload_done(struct daemon *, bool taken);

/* After a fork: the parent's is not the child's. */
void daemon_reload_abandon(struct daemon *);

/* Gives up what is under way. */
void daemon_reload_cancel(struct daemon *);

#endif
