/* dnsmail-status --watch: the live view. */
#ifndef DNSMAIL_WATCH_H
#define DNSMAIL_WATCH_H

#include <stddef.h>

struct status;

/*
 * Until a key or a signal ends it. Ends the process: with the exit code of
 * what was seen last, by the signal, or with 64 where there is no terminal.
 */
void watch_run(const struct status *, size_t n, const char *run_dir)
    __attribute__((noreturn));

#endif
