/* Inputs of several parts. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint8_t
fuzz_u8(struct fuzz_input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

uint16_t
fuzz_u16(struct fuzz_input *in)
{
	unsigned high = fuzz_u8(in);

	return (uint16_t)(high << 8 | fuzz_u8(in));
}

void *
fuzz_copy(const void *octets, size_t n)
{
	void *copy = malloc(n);

	assert(copy != NULL || n == 0);
	if (n > 0)
		memcpy(copy, octets, n);
	return copy;
}

uint8_t *
fuzz_part(struct fuzz_input *in, size_t *n_r)
{
	size_t n = fuzz_u16(in);
	uint8_t *copy;

	if (n > in->n)
		n = in->n;
	copy = fuzz_copy(in->p, n);
	in->p += n;
	in->n -= n;
	*n_r = n;
	return copy;
}

char *
fuzz_string(struct fuzz_input *in)
{
	char *copy = malloc(in->n + 1);

	assert(copy != NULL);
	memcpy(copy, in->p, in->n);
	copy[in->n] = '\0';
	in->p += in->n;
	in->n = 0;
	return copy;
}
