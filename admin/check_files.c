/* The files that the configuration names, and the users. Nothing is read. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/check_run.h"
#include "common/identity.h"
#include "publishd/config.h"
#include "reaperd/config.h"
#include "signerd/config.h"
#include "verifyd/config.h"

static void
check_config_file(struct check_run *run)
{
	const char *path = run->options->config;
	struct stat st;

	if (stat(path, &st) == 0 &&
	    (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0))
		check_say(run->found, FOUND_CONFIG_WRITABLE, path, NULL);
}

static bool
is_user(uid_t uid, const char *user)
{
	struct identity id;
	bool is = identity_find(&id, user) == 0 && id.uid == uid;

	identity_clear(&id);
	return is;
}

static void
judge_key(struct check_run *run, const char *daemon, const char *user,
    const char *path, const struct stat *st)
{
	const struct passwd *pw = getpwuid(st->st_uid);
	char mode[16];

	snprintf(mode, sizeof(mode), "%04o", (unsigned)st->st_mode & 07777);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		check_say(run->found, FOUND_KEY_OPEN, daemon, path, mode, NULL);
	else if (st->st_uid != 0 && !is_user(st->st_uid, user))
		check_say(run->found, FOUND_KEY_OWNER, daemon, path,
		    pw != NULL ? pw->pw_name : "a user without a name", NULL);
	else
		check_say(run->found, FOUND_KEY_GOOD, daemon, path, NULL);
}

static void
check_key(struct check_run *run, const char *daemon, const char *user,
    const char *path)
{
	struct stat st;

	if (path[0] == '\0')
		return;
	if (stat(path, &st) == 0)
		judge_key(run, daemon, user, path, &st);
	else if (errno == ENOENT || errno == ENOTDIR)
		check_say(run->found, FOUND_KEY_MISSING, daemon, path, NULL);
	else
		check_say(run->found, FOUND_KEY_HIDDEN, daemon, path,
		    strerror(errno), NULL);
}

static void
check_user(struct check_run *run, const char *daemon, const char *user)
{
	struct identity id;

	if (identity_find(&id, user) == -1)
		check_say(run->found, FOUND_USER_MISSING, daemon, user, NULL);
	identity_clear(&id);
}

void
check_files(struct check_run *run)
{
	const struct config *c = run->config;
	const struct signerd_config *s = config_section(c, &signerd_section);
	const struct publishd_config *p = config_section(c, &publishd_section);
	const struct verifyd_config *v = config_section(c, &verifyd_section);
	const struct reaperd_config *r = config_section(c, &reaperd_section);

	check_config_file(run);
	check_user(run, "signerd", s->user);
	check_user(run, "publishd", p->user);
	check_user(run, "verifyd", v->user);
	check_user(run, "reaperd", r->user);
	check_key(run, "publishd", p->user, p->key_file);
	check_key(run, "reaperd", r->user, r->key_file);
}
