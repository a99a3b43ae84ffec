/*
 * What a process may still do once it has opened what it needs. Irreversible.
 */
#ifndef DNSMAIL_JAIL_H
#define DNSMAIL_JAIL_H

#include <sys/types.h>

enum {
	JAIL_NET = 1 << 0, /* sockets to IP addresses */
	JAIL_IPC = 1 << 1, /* make and connect Unix sockets */
};

/*
 * Lets the process keep: reading `read_only` (NULL ends the list; absent
 * paths are skipped), making sockets and files under `run_dir`, and the
 * promises. Takes no_new_privs, undumpable, no core. landlock where the
 * kernel has it (absent is no error: the systemd unit does the same).
 * Before any thread is made. 0, or -1 (logged).
 */
int jail_enter(
    unsigned promises, const char *const *read_only, const char *run_dir);

/* From root to `user`, its groups included. 0, or -1 (logged). */
int jail_drop(uid_t, gid_t, const char *user);

#endif
