/* The terminal that a live view has for itself, and gives back as it was. */
#ifndef DNSMAIL_TERMINAL_H
#define DNSMAIL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Opens it, for reading and writing that never waits. -1: why_r says why this
 * is none.
 */
int terminal_open(const char **why_r);
int terminal_fd(void);

/* Whether we are in the foreground of it: 1, 0; -1: the terminal is gone. Safe
   in a signal handler. */
int terminal_ours(void);

/* Only while it is ours: a screen of its own, keys as they are pressed; and
   back, which leaves the terminal alone when it is another's now. */
void terminal_enter(void);
void terminal_leave(void);
/* Where the program itself is in trouble; from then on it is given back. */
void terminal_guard(void);

void terminal_size(int *columns_r, int *rows_r);
bool terminal_is_utf8(void);
bool terminal_has_colour(void);

#endif
