/*
 * publishd: takes records from signerd and removals from reaperd, and brings
 * them to the primaries by UPDATE. This file fills the form of its life, and
 * owns the order in which its parts are made.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/credential.h"
#include "common/daemon.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/tls_url.h"
#include "publishd/config.h"
#include "publishd/counters.h"
#include "publishd/peers_in.h"
#include "publishd/request_in.h"
#include "publishd/update_key.h"

/* What open() made with the first rights waits here for start(). */
struct publishd {
	struct update_key *key;
	struct peers *peers;
	struct tls_context *tls; /* the one in force; NULL: none is needed */
	struct request_in *requests;
};

static const struct publishd_config *
settings(const struct config *config)
{
	return config_section(config, &publishd_section);
}

/* A file that the configuration chose is that file, whatever the unit has. */
static const char *
key_path(const struct config *config, char *credential, size_t size)
{
	const char *path = settings(config)->key_file;

	return strcmp(path, PUBLISHD_KEY_FILE) == 0 &&
		credential_find("update.key", credential, size)
	    ? credential
	    : path;
}

static struct update_key *
key_read(const struct config *config)
{
	char why[512], where[CONFIG_WHERE_MAX], credential[PATH_MAX];
	struct update_key *key = update_key_read(
	    key_path(config, credential, sizeof(credential)), why, sizeof(why));
	int saved = errno;

	if (key == NULL)
		log_warnx("%s: key-file: %s",
		    config_where(config, &publishd_section, "key-file", where),
		    why);
	else
		log_debug("update key %s", update_key_name(key));
	errno = saved;
	return key;
}

/* As key_reload() below: what may not be read any more is kept. */
static int
tls_read(const struct config *config, struct tls_context *was,
    struct tls_context **tls_r)
{
	const struct publishd_config *c = settings(config);
	char why[512], where[CONFIG_WHERE_MAX];

	*tls_r = NULL;
	if (!tls_urls_any(&c->listen) ||
	    (*tls_r = tls_context_new(&c->tls, why, sizeof(why))) != NULL)
		return 0;
	if (errno != EACCES || was == NULL) {
		log_warnx("%s: tls: %s",
		    config_where(config, &publishd_section, "listen", where),
		    why);
		return -1;
	}
	log_warnx("keeps the certificate that it has: %s", why);
	*tls_r = tls_context_ref(was);
	return 0;
}

static int
publishd_check(const struct config *config)
{
	struct update_key *key = key_read(config);
	struct tls_context *tls = NULL;
	int result = key != NULL && tls_read(config, NULL, &tls) == 0 ? 0 : -1;

	tls_context_unref(tls);
	update_key_free(key);
	return result;
}

static int
publishd_open(struct daemon *d)
{
	struct publishd *p = d->state = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	p->key = key_read(d->config);
	p->peers = peers_new(d->config);
	return p->key != NULL && p->peers != NULL &&
		tls_read(d->config, NULL, &p->tls) == 0
	    ? 0
	    : -1;
}

static int
publishd_start(struct daemon *d)
{
	struct publishd *p = d->state;

	p->requests = request_in_new(d->loop, d->run_dir, daemon_group(d));
	if (p->requests == NULL ||
	    request_in_configure(
		p->requests, d->config, p->peers, p->tls, p->key) == -1)
		return -1;
	p->peers = NULL;
	p->key = NULL;
	return 0;
}

/*
 * The key file may be root's alone: then the dropped daemon goes on with the
 * key that it has. A key that can be read but is none stops the reload.
 */
static int
key_reload(
    struct daemon *d, const struct config *next, struct update_key **key_r)
{
	const char *was = settings(d->config)->key_file;

	*key_r = key_read(next);
	if (*key_r != NULL)
		return 0;
	if (errno != EACCES || strcmp(was, settings(next)->key_file) != 0)
		return -1;
	log_warnx("keeps the update key that it has; restart for a new one");
	return 0;
}

static int
publishd_reload(struct daemon *d, struct config *next)
{
	struct publishd *p = d->state;
	struct update_key *key = NULL;
	struct tls_context *tls = NULL;
	struct peers *peers;

	if (key_reload(d, next, &key) == -1)
		return -1;
	peers = peers_new(next);
	if (peers != NULL && tls_read(next, p->tls, &tls) == 0 &&
	    request_in_configure(p->requests, next, peers, tls, key) == 0) {
		tls_context_unref(p->tls);
		p->tls = tls;
		return 0;
	}
	tls_context_unref(tls);
	peers_free(peers);
	update_key_free(key);
	return -1;
}

static void
idle(void *arg)
{
	daemon_stopped(arg);
}

static void
publishd_stop(struct daemon *d)
{
	struct publishd *p = d->state;

	request_in_stop(p->requests, idle, d);
}

static void
publishd_close(struct daemon *d)
{
	struct publishd *p = d->state;

	if (p == NULL)
		return;
	request_in_free(p->requests);
	peers_free(p->peers);
	tls_context_unref(p->tls);
	update_key_free(p->key);
	free(p);
}

int
main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "publishd",
		.section = &publishd_section,
		.promises = JAIL_NET | JAIL_IPC,
		.metrics = &counters,
		.check = publishd_check,
		.open = publishd_open,
		.start = publishd_start,
		.reload = publishd_reload,
		.stop = publishd_stop,
		.close = publishd_close,
	};

	return daemon_main(&spec, argc, argv);
}
