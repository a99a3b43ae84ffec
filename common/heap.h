/*
 * The memory that messages give back stays with the process while there is
 * mail, and goes back to the system a moment later. By itself glibc gives back
 * what is free at the end of the heap as soon as it is 128 KiB, and the next
 * message of some size pays for each page again.
 */
#ifndef DNSMAIL_HEAP_H
#define DNSMAIL_HEAP_H

/* From now on, in this process: nothing goes back but by the other one. */
void heap_keep(void);

/* All that is free. */
void heap_give_back(void);

#endif
