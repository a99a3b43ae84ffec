/*
 * systemd's store for descriptors (FileDescriptorStoreMax=): a connection, and
 * what must be known of it, go from a process to the one that is started after
 * it. See sd_pid_notify_with_fds(3), FDSTORE=1.
 */
#ifndef DNSMAIL_FD_STORE_H
#define DNSMAIL_FD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is there one? Then what must be known lies in files without names in `dir`,
   which must outlive all that follows. */
bool fd_store_open(const char *dir);

/* 0: it is kept there, and this process may close it. -1: there is no room, or
   no memory. */
int fd_store_put(int fd, const uint8_t *state, size_t n);

/* Once: what the process before put there. `take` owns the descriptor; the
   store is empty afterwards. */
typedef void fd_store_fn(void *arg, int fd, const uint8_t *state, size_t n);
void fd_store_take(fd_store_fn *take, void *arg);

/* In its place, by who cannot use any of it: closes all. */
void fd_store_drop(void);

#endif
