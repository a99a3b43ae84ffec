/*
 * Composes a line and hands it on in one write. Knows the targets and how a
 * foreign text is made harmless; knows nothing of who logs what. For the
 * loop's thread only.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "journal.h"

enum { LINE_MAX_BYTES = 2048, HASH_BYTES = 8 };

static struct {
	const char *program; /* NULL before log_open() */
	enum log_target target;
	bool debug, journal;
	enum log_addresses addresses;
	unsigned char key[32]; /* of the address hash */
	struct log_last *last;
	int syslog_fd;
	int journal_fd;    /* -1: not there, or not for us */
	unsigned missing;  /* lines that the journal did not take */
	log_sink_fn *sink; /* NULL: as `target` says */
	void *sink_arg;
} state = { .syslog_fd = -1, .journal_fd = -1 };
static struct log_last last_of_own;

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the stream. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	    st.st_ino == ino;
}

static void
syslog_close(void)
{
	if (state.syslog_fd != -1)
		close(state.syslog_fd);
	state.syslog_fd = -1;
}

static void
syslog_connect(void)
{
	const struct sockaddr_un to = { AF_UNIX, "/dev/log" };

	syslog_close();
	state.syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (state.syslog_fd != -1 &&
	    connect(state.syslog_fd, (const struct sockaddr *)&to,
		sizeof(to)) == -1)
		syslog_close();
}

void
log_open(const char *program, enum log_target target, bool debug)
{
	state.program = program;
	state.target = target;
	state.debug = debug;
	state.journal = stderr_is_journal();
	if (state.journal && state.journal_fd == -1)
		state.journal_fd = journal_open(); /* kept */
	tzset(); /* the jail may hide the zone's file */
	syslog_close();
	if (target == LOG_TO_SYSLOG)
		syslog_connect();
}

void
log_divert(log_sink_fn *sink, void *arg)
{
	state.sink = sink;
	state.sink_arg = arg;
}

bool
log_is_debug(void)
{
	return state.debug;
}

void
log_addresses(enum log_addresses how)
{
	static bool keyed;

	if (how == LOG_ADDRESSES_HASH && !keyed) {
		if (getrandom(state.key, sizeof(state.key), 0) !=
		    (ssize_t)sizeof(state.key))
			how = LOG_ADDRESSES_NO; /* no key, no hash */
		else
			keyed = true;
	}
	state.addresses = how;
}

/* One line stays one line, whatever slipped into it. */
static void
flatten(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* The journal's end of stderr must not make us wait, either. */
static int
write_stderr(const char *line, size_t n)
{
	ssize_t done = -1;

	errno = ENOTSOCK;
	if (state.journal)
		done =
		    send(STDERR_FILENO, line, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done == -1 && errno == ENOTSOCK)
		done = write(STDERR_FILENO, line, n);
	return done == -1 ? -1 : 0;
}

static int
to_stderr(int priority, const char *text)
{
	char line[LINE_MAX_BYTES + 64];
	int n;

	if (state.journal)
		n = snprintf(line, sizeof(line), "<%d>%s\n", priority, text);
	else if (state.program != NULL)
		n = snprintf(
		    line, sizeof(line), "%s: %s\n", state.program, text);
	else
		n = snprintf(line, sizeof(line), "%s\n", text);
	return write_stderr(line, (size_t)n);
}

/*
 * Not by syslog(3), which waits for a logger that does not read. A line that
 * finds it full is lost; a logger that is new is found by the next line.
 */
static void
to_syslog(int priority, const char *text)
{
	char line[LINE_MAX_BYTES + 128], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm) == 0)
		return;
	n = snprintf(line, sizeof(line), "<%d>%s %s[%ld]: %s",
	    LOG_MAIL | priority, when, state.program, (long)getpid(), text);
	for (int try = 0; try < 2; try++) {
		if (state.syslog_fd == -1)
			syslog_connect();
		if (state.syslog_fd == -1 ||
		    send(state.syslog_fd, line, (size_t)n,
			MSG_DONTWAIT | MSG_NOSIGNAL) != -1 ||
		    errno == EAGAIN || errno == ENOBUFS)
			return;
		syslog_close();
	}
}

static void
remember(const char *text)
{
	struct log_last *last = state.last != NULL ? state.last : &last_of_own;

	snprintf(last->text, sizeof(last->text), "%.*s",
	    (int)sizeof(last->text) - 1, text);
	last->at = time(NULL);
}

/* What was missing is told once there is room again. */
static void
to_journal_or_stderr(int priority, const char *text)
{
	char line[80];

	if (state.missing > 0) {
		snprintf(line, sizeof(line),
		    "%u lines are missing here: "
		    "the journal did not take them",
		    state.missing);
		if (journal_send(state.journal_fd, state.program, LOG_WARNING,
			line) == 0 ||
		    to_stderr(LOG_WARNING, line) == 0)
			state.missing = 0;
	}
	if (journal_send(state.journal_fd, state.program, priority, text) ==
		-1 &&
	    to_stderr(priority, text) == -1 && state.journal)
		state.missing++;
}

static void __attribute__((format(printf, 3, 0)))
log_line(int priority, int error, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	size_t used;

	vsnprintf(text, sizeof(text), fmt, ap);
	used = strlen(text);
	if (error != 0)
		snprintf(
		    text + used, sizeof(text) - used, ": %s", strerror(error));
	flatten(text);
	if (priority <= LOG_WARNING)
		remember(text);
	if (state.sink != NULL)
		state.sink(state.sink_arg, priority, text);
	else if (state.program != NULL && state.target == LOG_TO_SYSLOG)
		to_syslog(priority, text);
	else
		to_journal_or_stderr(priority, text);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!state.debug)
		return;
	va_start(ap, fmt);
	log_line(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_WARNING, error, fmt, ap);
	va_end(ap);
	errno = error;
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_WARNING, 0, fmt, ap);
	va_end(ap);
}

void
fatal(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_CRIT, 0, fmt, ap);
	va_end(ap);
	exit(code);
}

const char *
log_quote(char *buf, size_t size, const char *bytes, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool plain = c > ' ' && c < 0x7f && c != '"' && c != '\\';
		size_t need = plain ? 1 : 4;

		if (used + need >= size)
			break;
		if (plain) {
			buf[used] = (char)c;
		} else {
			buf[used] = '\\';
			buf[used + 1] = 'x';
			buf[used + 2] = hex[c >> 4];
			buf[used + 3] = hex[c & 15];
		}
		used += need;
	}
	buf[used] = '\0';
	return buf;
}

/* ASCII letters compare without case, so that equal addresses hash equal. */
static void
hash_address(char *buf, const char *address)
{
	char lower[LOG_ADDRESS_MAX];
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t n = strnlen(address, sizeof(lower));

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(address[i] >= 'A' && address[i] <= 'Z'
			? address[i] + ('a' - 'A')
			: address[i]);
	if (HMAC(EVP_sha256(), state.key, sizeof(state.key),
		(unsigned char *)lower, n, mac, NULL) == NULL) {
		strcpy(buf, "-");
		return;
	}
	for (size_t i = 0; i < HASH_BYTES; i++)
		snprintf(buf + 2 * i, 3, "%02x", mac[i]);
}

const char *
log_address(char *buf, const char *address)
{
	switch (state.addresses) {
	case LOG_ADDRESSES_YES:
		return log_quote(
		    buf, LOG_ADDRESS_MAX, address, strlen(address));
	case LOG_ADDRESSES_HASH:
		hash_address(buf, address);
		return buf;
	case LOG_ADDRESSES_NO:
		break;
	}
	strcpy(buf, "-");
	return buf;
}

const struct log_last *
log_last(void)
{
	return state.last != NULL ? state.last : &last_of_own;
}

void
log_keep_last(struct log_last *last)
{
	state.last = last;
}
