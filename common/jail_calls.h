/*
 * The system calls that a process keeps: seccomp, by libseccomp.
 */
#ifndef DNSMAIL_JAIL_CALLS_H
#define DNSMAIL_JAIL_CALLS_H

/*
 * From here on, for all threads that are made later:
 * - what a daemon needs works: files, sockets of the families that the
 *   promises (JAIL_*) name, threads, fork, time;
 * - what only an intruder wants (another program, other processes' memory,
 *   mounts, namespaces, kernel modules, keys) kills the process;
 * - memory is writable or executable, never both;
 * - all else does not exist (ENOSYS), so that a library falls back to what it
 *   did on older kernels.
 * Irreversible; wants no_new_privs. 0, or -1 (logged). A kernel without
 * seccomp is no error.
 */
int jail_calls(unsigned promises);

/* As jail_no_processes(), in addition. */
int jail_calls_no_processes(void);

#endif
