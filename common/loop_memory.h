/*
 * libev ends the process where it gets no memory for its lists of watchers.
 * Here it gets some that was kept back, so that only a session ends.
 */
#ifndef DNSMAIL_LOOP_MEMORY_H
#define DNSMAIL_LOOP_MEMORY_H

/* Before the first loop is made. */
void loop_memory_keep(void);

#endif
