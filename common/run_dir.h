/* The directory of a daemon's sockets, <run-dir>/<daemon>. */
#ifndef DNSMAIL_RUN_DIR_H
#define DNSMAIL_RUN_DIR_H

#include <sys/types.h>

/*
 * Makes what is missing of <run-dir>/<name>; as root it comes to belong to
 * uid and gid. Its path, for the caller to free, or NULL (logged).
 */
char *run_dir_make(const char *run_dir, const char *name, uid_t, gid_t);

#endif
