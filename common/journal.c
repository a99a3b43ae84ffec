/*
 * Owns what systemd.io/JOURNAL_NATIVE_PROTOCOL describes. Must not know what is
 * logged.
 */
#include "journal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { KEY_MAX = 32, ENTRY_MAX = 8192 };

struct entry {
	char *octets;
	size_t size, used;
};

static void
put(struct entry *e, const void *octets, size_t n)
{
	memcpy(e->octets + e->used, octets, n);
	e->used += n;
}

/* NAME=value, or where that has a newline NAME, its length and the value. */
static void
put_field(struct entry *e, const char *name, const char *value, size_t n)
{
	size_t len = strlen(name);
	uint8_t length[8];

	if (len + n + sizeof(length) + 2 > e->size - e->used)
		return;
	put(e, name, len);
	if (memchr(value, '\n', n) == NULL) {
		put(e, "=", 1);
	} else {
		put(e, "\n", 1);
		for (size_t i = 0; i < sizeof(length); i++)
			length[i] = (uint8_t)((uint64_t)n >> (8 * i));
		put(e, length, sizeof(length));
	}
	put(e, value, n);
	put(e, "\n", 1);
}

static void
put_text(struct entry *e, const char *name, const char *value)
{
	put_field(e, name, value, strlen(value));
}

/* "DNSMAIL_MAX_AGE" for "max-age=..."; false: the word is no KEY=VALUE. */
static bool
field_name(char name[KEY_MAX + sizeof("DNSMAIL_")], const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz-");

	if (n == 0 || n > KEY_MAX || word[n] != '=')
		return false;
	name += sprintf(name, "DNSMAIL_");
	for (size_t i = 0; i < n; i++)
		name[i] = word[i] == '-' ? '_' : (char)(word[i] - 'a' + 'A');
	name[n] = '\0';
	return true;
}

/* A colon ends the words: what follows is said in a sentence. */
static void
put_words(struct entry *e, const char *text)
{
	char name[KEY_MAX + sizeof("DNSMAIL_")];

	while (field_name(name, text)) {
		const char *value = strchr(text, '=') + 1;
		size_t n = strcspn(value, " ");
		bool last = n > 0 && value[n] == ' ' && value[n - 1] == ':';

		put_field(e, name, value, last ? n - 1 : n);
		if (last || value[n] == '\0')
			return;
		text = value + n + 1;
	}
}

size_t
journal_entry(
    char *buf, size_t size, const char *program, int priority, const char *text)
{
	struct entry e = { .octets = buf, .size = size };
	const char digit = (char)('0' + priority);

	put_field(&e, "PRIORITY", &digit, 1);
	put_text(&e, "SYSLOG_IDENTIFIER", program);
	put_text(&e, "DNSMAIL_DAEMON", program);
	put_text(&e, "MESSAGE", text);
	put_words(&e, text);
	return e.used;
}

/* Where stderr is no socket it is called the journal, but is none. */
int
journal_open(void)
{
	const struct sockaddr_un to = { AF_UNIX,
		"/run/systemd/journal/socket" };
	struct stat st;
	int fd;

	if (fstat(STDERR_FILENO, &st) == -1 || !S_ISSOCK(st.st_mode))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1 &&
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
journal_send(int fd, const char *program, int priority, const char *text)
{
	char entry[ENTRY_MAX];
	size_t n;

	if (fd == -1)
		return -1;
	n = journal_entry(entry, sizeof(entry), program, priority, text);
	return send(fd, entry, n, MSG_DONTWAIT | MSG_NOSIGNAL) != -1 ? 0 : -1;
}
