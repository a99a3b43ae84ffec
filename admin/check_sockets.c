/*
 * May the mail server connect to signerd and verifyd: each socket that the
 * configuration has, and each that Postfix is told to ask. By looking at modes
 * only: nobody is connected to but by TCP.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/check_access.h"
#include "admin/check_mta.h"
#include "admin/check_run.h"
#include "signerd/config.h"
#include "verifyd/config.h"

enum { STEPS_MAX = 64, GROUPS_MAX = 1024, CONNECT_MS = 3000 };

struct look {
	struct check_run *run;
	struct mta mta;
	const char *user_name;
	struct access_user user;
	gid_t groups[GROUPS_MAX];
};

/* ---- who connects ---- */

static int
user_find(struct look *l, const char *name)
{
	const struct passwd *pw = getpwnam(name);
	int n = GROUPS_MAX;

	if (pw == NULL)
		return -1;
	if (getgrouplist(name, pw->pw_gid, l->groups, &n) == -1)
		n = 1, l->groups[0] = pw->pw_gid;
	l->user_name = name;
	l->user = (struct access_user){
		.uid = pw->pw_uid, .groups = l->groups, .n_groups = (size_t)n
	};
	return 0;
}

/* ---- one socket file ---- */

struct way {
	struct access_step steps[STEPS_MAX];
	char paths[STEPS_MAX][sizeof(((struct sockaddr_un *)0)->sun_path) * 2];
	size_t n;
};

/* Every directory from the root on, and the socket. -1: errno. */
static int
way_read(struct way *w, const char *path)
{
	size_t len = 0;

	w->n = 0;
	while (path[len] != '\0') {
		char *part;
		struct stat st;

		len += strspn(path + len, "/");
		if (w->n > 0)
			len += strcspn(path + len, "/");
		if (w->n >= STEPS_MAX || len >= sizeof(w->paths[0])) {
			errno = ENAMETOOLONG;
			return -1;
		}
		part = w->paths[w->n];
		memcpy(part, path, len);
		part[len] = '\0';
		if (stat(part, &st) == -1)
			return -1;
		w->steps[w->n] = (struct access_step){ .path = part,
			.mode = st.st_mode,
			.uid = st.st_uid,
			.gid = st.st_gid };
		w->n++;
		if (S_ISSOCK(st.st_mode))
			break;
	}
	return 0;
}

static const char *
name_of_group(gid_t gid, char buf[32])
{
	const struct group *gr = getgrgid(gid);

	if (gr != NULL)
		return gr->gr_name;
	snprintf(buf, 32, "%lu", (unsigned long)gid);
	return buf;
}

static const char *
name_of_user(uid_t uid, char buf[32])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		return pw->pw_name;
	snprintf(buf, 32, "%lu", (unsigned long)uid);
	return buf;
}

/* "the directory /run/x is for others closed (mode 0750, dnsmail:dnsmail)" */
static void
say_denied(struct look *l, const char *daemon, const char *path,
    const struct access_refusal *r)
{
	const struct access_step *s = r->step;
	char user[32], group[32], why[400], remedy[400];

	name_of_user(s->uid, user);
	snprintf(why, sizeof(why),
	    "the %s %s has mode %04o and belongs to "
	    "%s:%s",
	    r->socket ? "socket" : "directory", s->path,
	    (unsigned)s->mode & 07777, name_of_user(s->uid, user),
	    name_of_group(s->gid, group));
	if (r->group_would && r->class == ACCESS_OTHERS && s->gid != 0)
		snprintf(remedy, sizeof(remedy),
		    "usermod -aG %s %s, and restart the mail server",
		    name_of_group(s->gid, group), l->user_name);
	else if (r->socket)
		snprintf(remedy, sizeof(remedy),
		    "socket-group = \"%s\" and socket-mode = 0660 in %s, or "
		    "SocketGroup= and SocketMode= of its socket unit",
		    l->user_name, daemon);
	else
		snprintf(remedy, sizeof(remedy), "chmod o+x %s", s->path);
	check_say(l->run->found, FOUND_SOCKET_DENIED, daemon, path,
	    l->user_name, why, remedy, NULL);
}

static void
say_no_way(struct look *l, const char *daemon, const char *path)
{
	int error = errno;

	check_say(l->run->found,
	    error == ENOENT || error == ENOTDIR ? FOUND_SOCKET_MISSING
						: FOUND_SOCKET_HIDDEN,
	    daemon, path, l->user_name, strerror(error), NULL);
}

static void
judge_way(
    struct look *l, const char *daemon, const char *path, const struct way *w)
{
	struct access_refusal refusal;

	if (w->n == 0 || !S_ISSOCK(w->steps[w->n - 1].mode))
		check_say(l->run->found, FOUND_SOCKET_MISSING, daemon, path,
		    l->user_name, "what is there is no socket", NULL);
	else if (!access_may(&l->user, w->steps, w->n, &refusal))
		say_denied(l, daemon, path, &refusal);
	else
		check_say(l->run->found, FOUND_SOCKET_GOOD, daemon, path,
		    l->user_name, NULL);
}

static void
check_path(struct look *l, const char *daemon, const char *path)
{
	static struct way w; /* too large for a stack */

	if (way_read(&w, path) == -1)
		say_no_way(l, daemon, path);
	else
		judge_way(l, daemon, path, &w);
}

/* ---- by TCP ---- */

static const char *
connect_trouble(const struct endpoint *e)
{
	int fd = endpoint_connect(e), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(error);

	if (fd == -1)
		return strerror(errno);
	if (poll(&p, 1, CONNECT_MS) != 1)
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	close(fd);
	return error != 0 ? strerror(error) : NULL;
}

static void
check_endpoint(struct look *l, const char *daemon, const struct endpoint *e)
{
	const struct sockaddr_un *sun = (const struct sockaddr_un *)&e->sa;
	const char *wrong;

	if (e->sa.ss_family == AF_UNIX) {
		check_path(l, daemon, sun->sun_path);
		return;
	}
	wrong = connect_trouble(e);
	check_say(l->run->found,
	    wrong != NULL ? FOUND_SOCKET_SILENT : FOUND_SOCKET_GOOD, daemon,
	    e->text, l->user_name, wrong, NULL);
}

/* The socket of the unit, where the configuration names none. */
static void
check_lines(struct look *l, const char *daemon)
{
	char *path;

	if (asprintf(&path, "%s/%s/policy.sock",
		config_global(l->run->config)->run_dir, daemon) == -1)
		return;
	if (access(path, F_OK) == -1 && errno == ENOENT)
		check_say(l->run->found, FOUND_SOCKET_LINES, daemon, path,
		    l->mta.name, NULL);
	else
		check_path(l, daemon, path);
	free(path);
}

static void
check_daemon(struct look *l, const char *daemon, const struct endpoints *milter,
    const struct endpoints *policy)
{
	if (milter->n + policy->n == 0)
		check_say(l->run->found, FOUND_SOCKET_NONE, daemon, NULL);
	for (size_t i = 0; i < milter->n; i++)
		check_endpoint(l, daemon, &milter->v[i]);
	for (size_t i = 0; i < policy->n; i++)
		check_endpoint(l, daemon, &policy->v[i]);
	if (l->mta.lines && policy->n == 0)
		check_lines(l, daemon);
}

/* ---- what Postfix asks ---- */

/* Other milters are none of our business. */
static const char *
daemon_of(const char *path)
{
	if (strstr(path, "signerd") != NULL)
		return "signerd";
	if (strstr(path, "verifyd") != NULL)
		return "verifyd";
	return strstr(path, "dnsmail") != NULL ? "sockets" : NULL;
}

static void
check_postfix(struct look *l, const struct mta_socket *s)
{
	const char *daemon = daemon_of(s->path);
	char *path = mta_socket_path(&l->mta, s);

	if (daemon != NULL && path != NULL) {
		if (s->chroot && access(path, F_OK) == -1 && errno == ENOENT)
			check_say(l->run->found, FOUND_SOCKET_CHROOT, daemon,
			    s->path, s->service, path, NULL);
		else
			check_path(l, daemon, path);
	}
	free(path);
}

/* The same socket is named by many services. */
static bool
named_before(const struct mta *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(m->sockets[k].path, m->sockets[i].path) == 0 &&
		    m->sockets[k].chroot == m->sockets[i].chroot)
			return true;
	return false;
}

/* ---- all of it ---- */

static void
look_at_all(struct look *l)
{
	const struct signerd_config *s =
	    config_section(l->run->config, &signerd_section);
	const struct verifyd_config *v =
	    config_section(l->run->config, &verifyd_section);

	check_daemon(l, "signerd", &s->milter, &s->policy);
	check_daemon(l, "verifyd", &v->milter, &v->policy);
	for (size_t i = 0; i < l->mta.n; i++)
		if (!named_before(&l->mta, i))
			check_postfix(l, &l->mta.sockets[i]);
}

void
check_sockets(struct check_run *run)
{
	static struct look l; /* groups: large */
	const char *user;

	l = (struct look){ .run = run };
	if (check_late(run, "sockets"))
		return;
	mta_find(&l.mta, check_left(run) / 4);
	user = run->options->mta_user != NULL ? run->options->mta_user
					      : l.mta.user;
	if (user == NULL || user[0] == '\0')
		check_say(run->found, FOUND_MTA_NONE, NULL);
	else if (user_find(&l, user) == -1)
		check_say(run->found, FOUND_MTA_USER, user, NULL);
	else
		look_at_all(&l);
	mta_free(&l.mta);
}
