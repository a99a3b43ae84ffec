/*
 * SIGHUP: the configuration is read again, all or nothing. A child process
 * reads it first, so that neither its size nor the parser's faults can hurt
 * the daemon; the loop goes on meanwhile.
 */
#ifndef DNSMAIL_DAEMON_RELOAD_H
#define DNSMAIL_DAEMON_RELOAD_H

struct daemon;

/* At once, or after the one that is under way. */
void daemon_reload(struct daemon *);

/* Gives up what is under way. */
void daemon_reload_cancel(struct daemon *);

#endif
