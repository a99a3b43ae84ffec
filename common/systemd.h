/*
 * The two small protocols between systemd and a service, without libsystemd
 * (7 more libraries and 1 MB): sd_notify(3) and sd_listen_fds_with_names(3).
 */
#ifndef DNSMAIL_SYSTEMD_H
#define DNSMAIL_SYSTEMD_H

/* No NOTIFY_SOCKET: does nothing. `state` is newline separated VAR=value. */
void systemd_notify(const char *state);

/* Seconds between WATCHDOG=1 that the unit asks for; 0: none. */
double systemd_watchdog(void);

/* A passed socket of that name that was not taken before, or -1. */
int systemd_take_fd(const char *name);

#endif
