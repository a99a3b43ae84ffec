/*
 * memory_seek [-x] PID SECRET...: how often each secret, given in base64, is
 * in the memory of that process: "raw=N base64=N" for each, in a line of its
 * own. Their second halves are looked for, since free(3) writes over the
 * beginning of what it takes back.
 *
 *   -x  end it with SIGTERM, and look when it has ended all but its memory
 *
 * Needs root where the process is not dumpable.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base64.h"

enum { CHUNK = 1 << 20, SECRET_MAX = 512, SECRETS_MAX = 8 };

struct pattern {
	uint8_t octets[SECRET_MAX];
	size_t n;
	unsigned long found;
};

static struct secret {
	struct pattern raw, base64;
} secrets[SECRETS_MAX];

static void
fail(const char *what)
{
	fprintf(stderr, "memory_seek: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
second_half(struct pattern *p, const uint8_t *octets, size_t n)
{
	p->n = n - n / 2;
	memcpy(p->octets, octets + n / 2, p->n);
}

static void
secret_read(struct secret *s, const char *text)
{
	uint8_t octets[SECRET_MAX];
	size_t n;

	if (base64_decode(octets, sizeof(octets), text, &n) == -1 || n < 16) {
		fprintf(
		    stderr, "memory_seek: no base64 of 16 octets: %s\n", text);
		exit(64);
	}
	second_half(&s->raw, octets, n);
	second_half(&s->base64, (const uint8_t *)text, strcspn(text, "="));
}

/* Those that begin in the first `n` of `have` octets. */
static void
count(struct pattern *p, const uint8_t *octets, size_t n, size_t have)
{
	const uint8_t *at = octets, *end = octets + have;

	while ((at = memmem(at, (size_t)(end - at), p->octets, p->n)) != NULL &&
	    at < octets + n) {
		p->found++;
		at++;
	}
}

static void
count_all(const uint8_t *octets, size_t n, size_t have)
{
	for (size_t i = 0; i < SECRETS_MAX && secrets[i].raw.n > 0; i++) {
		count(&secrets[i].raw, octets, n, have);
		count(&secrets[i].base64, octets, n, have);
	}
}

static void
look_through(int mem, off_t from, off_t to)
{
	static uint8_t octets[CHUNK + SECRET_MAX];

	for (; from < to; from += CHUNK) {
		size_t want = sizeof(octets);
		ssize_t n;

		if ((off_t)want > to - from)
			want = (size_t)(to - from);
		n = pread(mem, octets, want, from);
		if (n > 0)
			count_all(
			    octets, n < CHUNK ? (size_t)n : CHUNK, (size_t)n);
	}
}

static void
look(pid_t pid)
{
	char path[64], line[512], mode[8];
	unsigned long long from, to;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	if ((maps = fopen(path, "re")) == NULL)
		fail(path);
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	if ((mem = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fail(path);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%llx-%llx %7s", &from, &to, mode) == 3 &&
		    mode[0] == 'r' && strstr(line, "[vsyscall]") == NULL)
			look_through(mem, (off_t)from, (off_t)to);
	close(mem);
	fclose(maps);
}

/* ptrace(2): what it does on its way is passed on, its exit is held up. */
static void
end(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) == -1)
		fail("PTRACE_SEIZE");
	if (kill(pid, SIGTERM) == -1)
		fail("kill");
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			return;
		ptrace(PTRACE_CONT, pid, NULL, WSTOPSIG(status));
	}
	fail("its exit was not seen");
}

int
main(int argc, char **argv)
{
	bool ending = argc > 1 && strcmp(argv[1], "-x") == 0;
	int first = ending ? 2 : 1;
	pid_t pid = argc > first ? (pid_t)atol(argv[first]) : 0;

	if (pid <= 0 || argc < first + 2 || argc > first + 1 + SECRETS_MAX) {
		fprintf(stderr, "usage: memory_seek [-x] PID SECRET...\n");
		return 64;
	}
	for (int i = first + 1; i < argc; i++)
		secret_read(&secrets[i - first - 1], argv[i]);
	if (ending)
		end(pid);
	look(pid);
	for (int i = 0; i < argc - first - 1; i++)
		printf("raw=%lu base64=%lu\n", secrets[i].raw.found,
		    secrets[i].base64.found);
	return 0;
}
