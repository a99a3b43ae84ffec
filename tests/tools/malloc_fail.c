/*
 * A library for LD_PRELOAD: memory runs out when a test says so. Only for the
 * program's first thread: nng ends the process where its own threads get none.
 *
 * The file named in MALLOC_FAIL is the switch, and is looked at in place:
 *
 *	once  00000007	the 7th allocation from now on fails, no other
 *	from  00000007	that one and all later ones
 *	every 00000007	each 7th
 *	none  00000000	none (so is what is not understood)
 *	00000012	how many failed since: written here
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ORDER = 14, DIGITS = 8 };

struct control {
	char order[ORDER + 1];   /* and a newline */
	char failed[DIGITS + 1]; /* and a newline */
};

static struct control *control;
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);

static __attribute__((constructor)) void
begin(void)
{
	const char *path = getenv("MALLOC_FAIL");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd != -1 ? mmap(NULL, sizeof(*control),
				   PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
			     : MAP_FAILED;

	if (map != MAP_FAILED)
		control = map;
	if (fd != -1)
		close(fd);
}

static void
put_number(char *digits, unsigned long n)
{
	for (int i = DIGITS; i-- > 0; n /= 10)
		digits[i] = (char)('0' + n % 10);
}

static int
fails(const char *order, unsigned long count)
{
	unsigned long n = strtoul(order + 6, NULL, 10);

	if (n == 0)
		return 0;
	if (memcmp(order, "once ", 5) == 0)
		return count == n;
	if (memcmp(order, "from ", 5) == 0)
		return count >= n;
	return memcmp(order, "every", 5) == 0 && count % n == 0;
}

/* Whether this allocation shall fail. A new order begins to count anew. */
static int
out_of_memory(void)
{
	static char order[ORDER + 1];
	static unsigned long count, failed;

	if (control == NULL || gettid() != getpid())
		return 0;
	if (memcmp(order, control->order, ORDER) != 0) {
		memcpy(order, control->order, ORDER);
		count = failed = 0;
		put_number(control->failed, 0);
	}
	if (!fails(order, ++count))
		return 0;
	put_number(control->failed, ++failed);
	errno = ENOMEM;
	return 1;
}

/* dlsym itself does without, should it want memory. */
static void *
next(const char *name)
{
	static _Thread_local int searching;
	void *function;

	if (searching)
		return NULL;
	searching = 1;
	function = dlsym(RTLD_NEXT, name);
	searching = 0;
	return function;
}

void *
malloc(size_t size)
{
	if (next_malloc == NULL)
		*(void **)&next_malloc = next("malloc");
	if (next_malloc == NULL || out_of_memory())
		return NULL;
	return next_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	if (next_calloc == NULL)
		*(void **)&next_calloc = next("calloc");
	if (next_calloc == NULL || out_of_memory())
		return NULL;
	return next_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	if (next_realloc == NULL)
		*(void **)&next_realloc = next("realloc");
	if (next_realloc == NULL || (size > 0 && out_of_memory()))
		return NULL;
	return next_realloc(old, size);
}
