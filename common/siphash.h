/*
 * SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables whose keys
 * strangers may choose.
 */
#ifndef DNSMAIL_SIPHASH_H
#define DNSMAIL_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY = 16 };

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *, size_t n);

#endif
