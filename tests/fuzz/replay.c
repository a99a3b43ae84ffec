/*
 * replay FILE... - gives each file to a fuzz target. The name comes first, so
 * the last one that stands there is the one that it died of.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

enum { FILE_MAX = 1024 * 1024 };

static void
replay(const char *path)
{
	uint8_t *room = malloc(FILE_MAX), *exact;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (room == NULL || f == NULL)
		err(1, "%s", path);
	n = fread(room, 1, FILE_MAX, f);
	if (ferror(f) || !feof(f))
		errx(1, "%s: cannot be read, or is too long", path);
	fclose(f);
	exact = fuzz_copy(room, n);
	free(room);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		printf("%s\n", argv[i]);
		fflush(stdout);
		replay(argv[i]);
	}
	return 0;
}
