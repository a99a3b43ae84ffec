/*
 * The two small protocols between systemd and a service, without libsystemd
 * (7 more libraries and 1 MB): sd_notify(3) and sd_listen_fds_with_names(3).
 */
#ifndef DNSMAIL_SYSTEMD_H
#define DNSMAIL_SYSTEMD_H

#include <stddef.h>

/* No NOTIFY_SOCKET: does nothing. `state` is newline separated VAR=value. Waits
   up to half a second for a manager that is busy, then it is lost. */
void systemd_notify(const char *state);
/* The watchdog's beat, without waiting: it comes again. */
void systemd_beat(void);

/* The same with descriptors, a few. -1: it did not go out. */
int systemd_notify_with(const char *state, const int *fds, size_t n);

/* From now on this process says nothing: it is not the one that was started. */
void systemd_mute(void);

/* Seconds between WATCHDOG=1 that the unit asks for; 0: none. */
double systemd_watchdog(void);

/* How many descriptors are kept for the process after this one: FDSTORE=, which
   systemd before 254 does not set (our units do). */
unsigned systemd_store_max(void);

enum { SYSTEMD_FDS_MAX = 64 };

/*
 * A duplicate of the `i`-th of the sockets that were passed under that name,
 * or -1: there are not so many. The passed ones stay open: after a reload they
 * can be had again, and nobody else could open them, since systemd listens.
 */
int systemd_fd(const char *name, size_t i);

/* Each descriptor that was passed under that name, itself, however many. */
void systemd_passed(
    const char *name, void (*each)(void *arg, int fd), void *arg);

#endif
