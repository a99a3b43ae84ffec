/*
 * Owns the users who may ask. Must not know requests or sockets. It never
 * changes after it was made, so threads may read it.
 */
#include "publishd/peers_in.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/config.h"
#include "common/identity.h"
#include "common/log.h"
#include "common/tls_user.h"
#include "publishd/config.h"

struct uids {
	uid_t *v;
	size_t n;
};

/* Of certificates: as a configuration has them, and those of its list. */
struct peers {
	struct config *config;
	const struct strings *options[PUB__COUNT];
	struct uids may[PUB__COUNT];
};

/* A name of this system, or a number. 0 or -1. */
static int
uid_find(const char *user, uid_t *uid_r)
{
	struct passwd *pw = getpwnam(user);
	unsigned long n;
	char *end;

	if (pw != NULL) {
		*uid_r = pw->pw_uid;
		return 0;
	}
	errno = 0;
	n = strtoul(user, &end, 10);
	if (errno != 0 || end == user || *end != '\0' || n >= (uid_t)-1)
		return -1;
	*uid_r = (uid_t)n;
	return 0;
}

/* Whom a user namespace hides must not be taken for whom it shows instead. */
static bool
may_be_known(const char *user, uid_t uid, const char *option)
{
	if (identity_is_seen(uid))
		return true;
	log_info("%s: %s is hidden here (PrivateUsers=), and may only come "
		 "through the door",
	    option, user);
	return false;
}

/* One that is unknown does not stop the others: packages make their users
   one by one. */
static int
uids_find(struct uids *uids, const struct strings *users, const char *option)
{
	uids->v = calloc(users->n + 1, sizeof(uids->v[0]));
	if (uids->v == NULL)
		return -1;
	for (size_t i = 0; i < users->n; i++) {
		uid_t uid;

		if (tls_user_name(users->v[i]) != NULL)
			continue;
		if (uid_find(users->v[i], &uid) == -1)
			log_warnx("%s: this system has no user %s", option,
			    users->v[i]);
		else if (may_be_known(users->v[i], uid, option))
			uids->v[uids->n++] = uid;
	}
	return 0;
}

struct peers *
peers_new(struct config *config)
{
	const struct publishd_config *pc =
	    config_section(config, &publishd_section);
	struct peers *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->config = config_ref(config);
	p->options[PUB_ADD] = &pc->signers;
	p->options[PUB_REMOVE] = &pc->removers;
	if (uids_find(&p->may[PUB_ADD], &pc->signers, "signers") == -1 ||
	    uids_find(&p->may[PUB_REMOVE], &pc->removers, "removers") == -1) {
		peers_free(p);
		return NULL;
	}
	return p;
}

void
peers_free(struct peers *p)
{
	if (p == NULL)
		return;
	for (size_t op = 0; op < PUB__COUNT; op++)
		free(p->may[op].v);
	config_unref(p->config);
	free(p);
}

bool
peers_may(const struct peers *p, uid_t uid, enum publish_op op)
{
	for (size_t i = 0; i < p->may[op].n; i++)
		if (p->may[op].v[i] == uid)
			return true;
	return false;
}

bool
peers_may_any(const struct peers *p, uid_t uid)
{
	for (size_t op = 0; op < PUB__COUNT; op++)
		if (peers_may(p, uid, op))
			return true;
	return false;
}

/* Names of hosts: without regard to case. */
static bool
has_name(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = names; *s != '\0'; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		if (n == len && strncasecmp(s, name, n) == 0)
			return true;
		s += n;
	}
	return false;
}

bool
peers_may_names(const struct peers *p, const char *names, enum publish_op op)
{
	const struct strings *users = p->options[op];

	for (size_t i = 0; i < users->n; i++) {
		const char *name = tls_user_name(users->v[i]);

		if (name != NULL && has_name(names, name))
			return true;
	}
	return false;
}

bool
peers_may_names_any(const struct peers *p, const char *names)
{
	for (size_t op = 0; op < PUB__COUNT; op++)
		if (peers_may_names(p, names, op))
			return true;
	return false;
}
