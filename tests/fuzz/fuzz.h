/*
 * A fuzz target is one function: it takes any octets, and asserts what must
 * hold of whatever its parser makes of them. libFuzzer calls it (make fuzz),
 * and so does replay.c with the files of the corpus (make check).
 */
#ifndef DNSMAIL_FUZZ_H
#define DNSMAIL_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of an input that has parts. */
struct fuzz_input {
	const uint8_t *p;
	size_t n;
};

/* 0 at its end. */
uint8_t fuzz_u8(struct fuzz_input *);
uint16_t fuzz_u16(struct fuzz_input *);

/*
 * The next part: a u16 length and so many octets, fewer at the end. A copy in
 * memory of exactly that size, so that ASan sees who reads past it. free() it.
 */
uint8_t *fuzz_part(struct fuzz_input *, size_t *n_r);

/* All that is left, NUL-terminated. free() it. */
char *fuzz_string(struct fuzz_input *);

/* Exactly n octets, malloc'd. */
void *fuzz_copy(const void *, size_t n);

#endif
