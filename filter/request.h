/* A question to signerd or verifyd by the line protocol. Pure. */
#ifndef FILTER_REQUEST_H
#define FILTER_REQUEST_H

#include <stddef.h>

struct buffer;
struct message;

/*
 * One line "name=value": the value's line breaks are dropped, so that it
 * stays one. 0, or -1: out of memory.
 */
int request_put(struct buffer *, const char *name, const char *value, size_t n);

/* The lines that tell of a message, and the empty line: the end. 0/-1. */
int request_put_message(struct buffer *, const struct message *);

#endif
