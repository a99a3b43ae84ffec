/*
 * What a process may still do once it has opened what it needs. Irreversible.
 * In this order: unplug, drop, enter.
 */
#ifndef DNSMAIL_JAIL_H
#define DNSMAIL_JAIL_H

#include <sys/types.h>

enum {
	JAIL_NET = 1 << 0, /* sockets to IP addresses */
	JAIL_IPC = 1 << 1, /* make and connect Unix sockets */
};

/*
 * Without JAIL_NET: into a network namespace of its own, where no address can
 * be reached. Sockets that are open stay where they were made. Needs root; not
 * permitted is no error (the systemd unit does the same).
 */
void jail_unplug(unsigned promises);

/* From root to `user`, its groups included; none for NULL, a bare number. 0,
   or -1 (logged). */
int jail_drop(uid_t, gid_t, const char *user);

/*
 * Lets the process keep: reading below `readable`, with JAIL_IPC making
 * sockets and files below `writable`, and the promises; NULL ends each list,
 * absent paths are skipped. Nothing can be executed. Takes no_new_privs,
 * undumpable, no core. landlock and seccomp (jail_calls.h) where the kernel has
 * them (absent is no error). Before any thread is made. 0, or -1 (logged).
 */
int jail_enter(unsigned promises, const char *const *readable,
    const char *const *writable);

/*
 * After jail_enter(): threads are still made, processes are not any more; one
 * that tries is killed. 0, or -1 (logged).
 */
int jail_no_processes(void);

#endif
