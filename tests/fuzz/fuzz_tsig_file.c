/* A key file: one key with a name that can be written, or words. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/tsig.h"
#include "tests/fuzz/fuzz.h"

enum { KEY_FILE_MAX = 16 * 1024 };

/*
 * The same from a file; a longer one, one that others may read, and what is no
 * file hold no key.
 */
static void
check_file(const uint8_t *data, size_t size, bool good)
{
	char path[64], why[400];
	int fd = memfd_create("key", MFD_CLOEXEC);
	struct tsig_key *key;

	assert(fd != -1 && fchmod(fd, 0600) == 0);
	assert(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	key = tsig_key_read(path, why, sizeof(why));
	assert(key == NULL || good);
	assert(key != NULL || !good || size > KEY_FILE_MAX);
	assert(key != NULL || strncmp(why, path, strlen(path)) == 0);
	tsig_key_free(key);
	assert(fchmod(fd, 0640) == 0);
	assert(tsig_key_read(path, why, sizeof(why)) == NULL);
	assert(tsig_key_read("/dev/null", why, sizeof(why)) == NULL);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[200] = "";
	struct tsig_key *key =
	    tsig_key_parse((const char *)data, size, why, sizeof(why));
	struct dns_name name;

	check_file(data, size, key != NULL);
	if (key == NULL) {
		assert(strncmp(why, "line ", 5) == 0);
		return 0;
	}
	assert(dns_name_parse(&name, tsig_key_name(key)) == 0);
	tsig_key_free(key);
	return 0;
}
