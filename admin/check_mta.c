/* Owns what is known of mail servers. Must not know DNS Mail's sockets. */
#include "admin/check_mta.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/monotonic.h"

extern char **environ;

enum { OUTPUT_MAX = 256 * 1024 };

/* ---- asking a program ---- */

static pid_t
spawn(char *const argv[], int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(
	    &files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (posix_spawn(&pid, argv[0], &files, NULL, argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* Until its end, `end` on the clock, or OUTPUT_MAX octets. */
static size_t
read_all(int fd, char *buf, double end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	double left;

	while (len + 1 < OUTPUT_MAX && (left = end - monotonic_now()) > 0 &&
	    poll(&p, 1, (int)(left * 1000) + 1) == 1) {
		ssize_t n = read(fd, buf + len, OUTPUT_MAX - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	buf[len] = '\0';
	return len;
}

/* malloc'd, never NULL but without memory: "" where it says nothing. */
static char *
output_of(char *const argv[], double seconds)
{
	char *buf = calloc(1, OUTPUT_MAX);
	int ends[2];
	pid_t pid;

	if (buf == NULL || pipe2(ends, O_CLOEXEC) == -1)
		return buf;
	pid = spawn(argv, ends[1]);
	close(ends[1]);
	if (pid != -1) {
		read_all(ends[0], buf, monotonic_now() + seconds);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(ends[0]);
	return buf;
}

static char *
postconf(const char *a, const char *b, double seconds)
{
	char program[] = "/usr/sbin/postconf", one[64], two[64];
	char *argv[] = { program, one, b != NULL ? two : NULL, NULL };

	snprintf(one, sizeof(one), "%s", a);
	snprintf(two, sizeof(two), "%s", b != NULL ? b : "");
	return output_of(argv, seconds);
}

/* ---- what postconf says ---- */

/* Of lines "SERVICE/TYPE/WHAT = VALUE": the value, malloc'd, or NULL. */
static char *
value_of(const char *lines, const char *service, const char *what)
{
	char key[256];
	size_t n =
	    (size_t)snprintf(key, sizeof(key), "%s/%s = ", service, what);

	for (const char *at = lines; n < sizeof(key) && at != NULL; at++) {
		if (strncmp(at, key, n) == 0)
			return strndup(at + n, strcspn(at + n, "\n"));
		if ((at = strchr(at, '\n')) == NULL)
			return NULL;
	}
	return NULL;
}

static void
add_socket(
    struct mta *m, const char *service, const char *path, size_t n, bool chroot)
{
	struct mta_socket *v = realloc(m->sockets, (m->n + 1) * sizeof(*v));

	if (v == NULL)
		return;
	m->sockets = v;
	v[m->n++] = (struct mta_socket){ .service = strdup(service),
		.path = strndup(path, n),
		.chroot = chroot };
}

/* "unix:PATH, { unix:PATH, default_action=accept }, inet:..." */
static void
add_milters(
    struct mta *m, const char *service, const char *milters, bool chroot)
{
	static const char ends[] = ", \t\n{}";

	for (const char *at = milters; *at != '\0';) {
		size_t n = strcspn(at, ends);

		if (n > 5 && strncmp(at, "unix:", 5) == 0)
			add_socket(m, service, at + 5, n - 5, chroot);
		at += n;
		at += strspn(at, ends);
	}
}

static void
add_service(struct mta *m, const char *service, const char *global,
    const char *overrides, const char *fields)
{
	char *command = value_of(fields, service, "command");
	char *chroot = value_of(fields, service, "chroot");
	char *own = value_of(overrides, service, "smtpd_milters");

	if (command != NULL && strncmp(command, "smtpd", 5) == 0)
		add_milters(m, service, own != NULL ? own : global,
		    chroot != NULL && chroot[0] == 'y');
	free(command);
	free(chroot);
	free(own);
}

/* Each service has one line SERVICE/TYPE/service. */
void
mta_postfix_read(struct mta *m, const char *global, const char *overrides,
    const char *fields)
{
	static const char end[] = "/service = ";

	for (const char *at = fields; *at != '\0';) {
		size_t n = strcspn(at, "\n");
		const char *key = strstr(at, end);

		if (key != NULL && key < at + n) {
			char *service = strndup(at, (size_t)(key - at));

			if (service != NULL)
				add_service(
				    m, service, global, overrides, fields);
			free(service);
		}
		at += n + (at[n] == '\n');
	}
}

static char *
line_of(char *output)
{
	if (output != NULL)
		output[strcspn(output, "\n")] = '\0';
	return output;
}

static void
find_postfix(struct mta *m, double seconds)
{
	char *global = postconf("-h", "smtpd_milters", seconds);
	char *overrides = postconf("-P", NULL, seconds);
	char *fields = postconf("-F", NULL, seconds);

	m->user = line_of(postconf("-h", "mail_owner", seconds));
	m->queue = line_of(postconf("-h", "queue_directory", seconds));
	if (global != NULL && overrides != NULL && fields != NULL)
		mta_postfix_read(m, global, overrides, fields);
	free(global);
	free(overrides);
	free(fields);
}

char *
mta_socket_path(const struct mta *m, const struct mta_socket *s)
{
	char *path;

	if (s->path[0] == '/' && !s->chroot)
		return strdup(s->path);
	if (asprintf(&path, "%s%s%s", m->queue != NULL ? m->queue : "",
		s->path[0] == '/' ? "" : "/", s->path) == -1)
		return NULL;
	return path;
}

/* ---- all mail servers ---- */

/* Sendmail connects before it drops anything. */
static const struct {
	const char *name, *program, *file, *user;
	bool lines;
} known[] = {
	{ "Postfix", "/usr/sbin/postconf", "/etc/postfix/main.cf", NULL,
	    false },
	{ "Exim", "/usr/sbin/exim4", "/etc/exim4", "Debian-exim", true },
	{ "OpenSMTPD", "/usr/sbin/smtpd", "/etc/smtpd.conf", "opensmtpd",
	    true },
	{ "Sendmail", "/usr/sbin/sendmail-mta", "/etc/mail/sendmail.mc", "root",
	    false },
};

void
mta_find(struct mta *m, double seconds)
{
	*m = (struct mta){ .name = NULL };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (access(known[i].program, X_OK) == -1 ||
		    access(known[i].file, F_OK) == -1)
			continue;
		m->name = known[i].name;
		m->lines = known[i].lines;
		if (known[i].user != NULL)
			m->user = strdup(known[i].user);
		else
			find_postfix(m, seconds);
		return;
	}
}

void
mta_free(struct mta *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->sockets[i].service);
		free(m->sockets[i].path);
	}
	free(m->sockets);
	free(m->user);
	free(m->queue);
}
