/*
 * Octets put aside until it is known what becomes of them: a few in memory,
 * more in a file without a name, which is gone with the process.
 */
#ifndef FILTER_SPOOL_OUT_H
#define FILTER_SPOOL_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPOOL_MEMORY = 64 * 1024 }; /* octets that need no file */

struct spool;

/* directory: where the file is made; it must stay. NULL: out of memory. */
struct spool *spool_new(const char *directory);
void spool_free(struct spool *);

/* 0, or -1 with errno. Not after the first read. */
int spool_add(struct spool *, const void *octets, size_t n);
uint64_t spool_size(const struct spool *);

/* The next octets, in order; 0: that was all; -1 with errno. */
ssize_t spool_read(struct spool *, void *octets, size_t most);

#endif
