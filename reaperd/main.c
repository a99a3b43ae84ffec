/*
 * reaperd: has expired records removed. This file fills the form of its life,
 * and owns the order in which its parts are made.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/admins.h"
#include "common/credential.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/publishers_out.h"
#include "common/tsig.h"
#include "reaperd/config.h"
#include "reaperd/counters.h"
#include "reaperd/recall_in.h"
#include "reaperd/records_in.h"
#include "reaperd/sweep_out.h"

/* All that follows from one configuration: a reload makes another. */
struct work {
	struct zones zones;
	struct records *records;
	struct sweep *sweep;
	struct publishers_options publishers;
};

struct reaperd {
	struct tsig_key *key;    /* NULL: transfers are not signed */
	struct tls_context *tls; /* from open() to start() */
	struct work *work;
	struct recall_in *recall;
};

static const struct reaperd_config *
settings(const struct config *config)
{
	return config_section(config, &reaperd_section);
}

/* ---- the work ---- */

static void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	sweep_free(w->sweep);
	records_free(w->records);
	zones_free(&w->zones);
	tls_context_unref(w->publishers.tls);
	free(w);
}

static void
records_changed(void *arg)
{
	struct work *w = arg;

	sweep_wake(w->sweep);
}

static bool
records_take(void *arg, struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	struct work *w = arg;

	return sweep_take(w->sweep, zone, name, text);
}

static bool
records_full(void *arg)
{
	struct work *w = arg;

	return sweep_full(w->sweep);
}

static void
sweep_has_room(void *arg)
{
	struct work *w = arg;

	records_go_on(w->records);
}

static void
sweep_is_behind(void *arg, struct zone *zone)
{
	struct work *w = arg;

	records_whole(w->records, zone);
}

static int
work_begin(struct work *w, struct ev_loop *loop, const struct reaperd_config *c,
    const struct tsig_key *key)
{
	/* By then a poll or two should have told that a name is gone. */
	double again = 2 * c->poll + 30;

	w->sweep = sweep_new(&(struct sweep_options){
	    .loop = loop,
	    .zones = &w->zones,
	    .publishers = &w->publishers,
	    .per_second = (double)c->rate,
	    .again = again,
	    .room = sweep_has_room,
	    .behind = sweep_is_behind,
	    .arg = w,
	});
	if (w->sweep == NULL)
		return -1;
	w->records = records_new(&(struct records_options){
	    .loop = loop,
	    .zones = &w->zones,
	    .key = key,
	    .poll = c->poll,
	    .again = again,
	    .events = {
		.changed = records_changed,
		.take = records_take,
		.full = records_full,
		.arg = w,
	    },
	});
	return w->records != NULL ? 0 : -1;
}

/* NULL: out of memory (logged). */
static struct work *
work_new(struct ev_loop *loop, const struct config *config,
    const struct tsig_key *key, struct tls_context *tls)
{
	struct work *w = calloc(1, sizeof(*w));
	const struct config_domain *domains;
	uint8_t hash_key[EXPIRY_KEY];
	size_t n;

	domains = config_domains(config, &n);
	if (w != NULL) {
		STAILQ_INIT(&w->zones);
		w->publishers =
		    (struct publishers_options){ &settings(config)->publishers,
			    tls != NULL ? tls_context_ref(tls) : NULL,
			    &counters, COUNT_PUBLISHERS_UP, COUNT_ASKED_AGAIN,
			    COUNT_TLS_EXPIRES };
		if (getrandom(hash_key, sizeof(hash_key), 0) ==
			sizeof(hash_key) &&
		    zones_fill(&w->zones, domains, n, hash_key) == 0 &&
		    work_begin(w, loop, settings(config), key) == 0)
			return w;
	}
	work_free(w);
	log_warnx("out of memory");
	return NULL;
}

/* ---- the key ---- */

/* A file that the configuration chose is that file, whatever the unit has. */
static const char *
key_path(const struct config *config, char *credential, size_t size)
{
	const char *path = settings(config)->key_file;

	return path[0] == '\0' &&
		credential_find("transfer.key", credential, size)
	    ? credential
	    : path;
}

/* 0 and the key, NULL where there is none; or -1, errno set. */
static int
key_read(const struct config *config, struct tsig_key **key_r)
{
	char why[512], where[CONFIG_WHERE_MAX], credential[PATH_MAX];
	const char *path = key_path(config, credential, sizeof(credential));
	int saved;

	*key_r = NULL;
	if (path[0] == '\0')
		return 0;
	*key_r = tsig_key_read(path, why, sizeof(why));
	saved = errno;
	if (*key_r == NULL)
		log_warnx("%s: key-file: %s",
		    config_where(config, &reaperd_section, "key-file", where),
		    why);
	errno = saved;
	return *key_r != NULL ? 0 : -1;
}

/*
 * The key file may be root's alone: then the dropped daemon goes on with the
 * key that it has. A key that can be read but is none stops the reload.
 */
static int
key_reload(
    const struct daemon *d, const struct config *next, struct tsig_key **key_r)
{
	struct reaperd *r = d->state;

	if (key_read(next, key_r) == 0)
		return 0;
	if (errno != EACCES ||
	    strcmp(settings(d->config)->key_file, settings(next)->key_file) !=
		0)
		return -1;
	log_warnx("keeps the transfer key that it has; restart for a new one");
	*key_r = r->key;
	return 0;
}

static int
tls_read(const struct config *config, struct tls_context *was,
    struct tls_context **tls_r)
{
	const struct reaperd_config *c = settings(config);
	char where[CONFIG_WHERE_MAX];

	return publishers_out_tls(&c->publishers, &c->tls, was,
	    config_where(config, &reaperd_section, "publishers", where), tls_r);
}

/* ---- the life ---- */

static int
reaperd_check(const struct config *config)
{
	struct tls_context *tls = NULL;
	struct tsig_key *key;
	int result = key_read(config, &key);

	if (result == 0)
		result = tls_read(config, NULL, &tls);
	tls_context_unref(tls);
	tsig_key_free(key);
	return result;
}

static int
reaperd_open(struct daemon *d)
{
	struct reaperd *r = d->state = calloc(1, sizeof(*r));

	return r != NULL && key_read(d->config, &r->key) == 0
	    ? tls_read(d->config, NULL, &r->tls)
	    : -1;
}

static void
configure_recall(
    struct reaperd *r, const struct config *config, struct admins *admins)
{
	const struct reaperd_config *c = settings(config);

	recall_in_configure(r->recall, admins,
	    &(struct recall_setup){
		.zones = &r->work->zones,
		.key = r->key,
		.publishers = &r->work->publishers,
		.per_second = (double)c->rate,
	    });
}

static int
reaperd_start(struct daemon *d)
{
	struct reaperd *r = d->state;
	struct admins *admins = admins_new(&settings(d->config)->admins);

	r->work = work_new(d->loop, d->config, r->key, r->tls);
	r->recall = recall_in_new(d->loop, d->run_dir);
	if (r->work == NULL || r->recall == NULL || admins == NULL) {
		admins_free(admins);
		return -1;
	}
	configure_recall(r, d->config, admins);
	return 0;
}

/* Begins anew: the zones are transferred again. */
static int
reaperd_reload(struct daemon *d, struct config *next)
{
	struct reaperd *r = d->state;
	struct tsig_key *key, *old_key = r->key;
	struct work *work, *old = r->work;
	struct tls_context *tls;
	struct admins *admins;

	if (tls_read(next, old->publishers.tls, &tls) == -1)
		return -1;
	if (key_reload(d, next, &key) == -1) {
		tls_context_unref(tls);
		return -1;
	}
	admins = admins_new(&settings(next)->admins);
	work = work_new(d->loop, next, key, tls);
	tls_context_unref(tls);
	if (admins == NULL || work == NULL) {
		admins_free(admins);
		work_free(work);
		if (key != old_key)
			tsig_key_free(key);
		return -1;
	}
	r->work = work;
	r->key = key;
	configure_recall(r, next, admins);
	work_free(old);
	if (key != old_key)
		tsig_key_free(old_key);
	return 0;
}

/* Nothing has to be finished: what is not removed now is found again. */
static void
reaperd_stop(struct daemon *d)
{
	struct reaperd *r = d->state;

	recall_in_free(r->recall);
	r->recall = NULL;
	work_free(r->work);
	r->work = NULL;
	daemon_stopped(d);
}

static void
reaperd_close(struct daemon *d)
{
	struct reaperd *r = d->state;

	if (r == NULL)
		return;
	recall_in_free(r->recall);
	work_free(r->work);
	tls_context_unref(r->tls);
	tsig_key_free(r->key);
	free(r);
}

int
main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "reaperd",
		.section = &reaperd_section,
		.promises = JAIL_NET | JAIL_IPC,
		.metrics = &counters,
		.check = reaperd_check,
		.open = reaperd_open,
		.start = reaperd_start,
		.reload = reaperd_reload,
		.stop = reaperd_stop,
		.close = reaperd_close,
	};

	return daemon_main(&spec, argc, argv);
}
