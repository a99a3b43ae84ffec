/*
 * Collects the directories that a daemon must still read and write. It must
 * read its configuration's directory, not only the file: an editor replaces
 * the file, and a rule on the old one would not know the new one.
 */
#include "daemon_jail.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "identity.h"
#include "log.h"

enum { WRITABLE_MAX = 32 };

struct paths {
	char *v[WRITABLE_MAX + 1]; /* NULL ends them */
	size_t n;
};

static int
paths_add(struct paths *paths, const char *path)
{
	char *copy;

	if (paths->n == WRITABLE_MAX) {
		log_warnx("more than %d directories of sockets", WRITABLE_MAX);
		return -1;
	}
	copy = strdup(path);
	if (copy == NULL)
		return -1;
	paths->v[paths->n++] = copy;
	return 0;
}

static void
paths_clear(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->v[i]);
}

/* The directory of `path`. */
static int
paths_add_dir(struct paths *paths, const char *path)
{
	char *copy = strdup(path);
	int result = copy != NULL ? paths_add(paths, dirname(copy)) : -1;

	free(copy);
	return result;
}

/* Of a socket that is listened on: unix:PATH or ipc://PATH; else none. */
static int
paths_add_socket(struct paths *paths, const char *text)
{
	static const char *const prefixes[] = { "unix:", "ipc://" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t n = strlen(prefixes[i]);

		if (strncmp(text, prefixes[i], n) == 0)
			return paths_add_dir(paths, text + n);
	}
	return 0;
}

/* Listening sockets may be configured outside the run directory. */
static int
add_listeners(
    struct paths *paths, const struct config_option *o, const char *section)
{
	const void *field = section + o->offset;
	int result = 0;

	if (o->type == CONFIG_ENDPOINTS) {
		const struct endpoints *list = field;

		for (size_t i = 0; result == 0 && i < list->n; i++)
			result = paths_add_socket(paths, list->v[i].text);
	} else if (o->type == CONFIG_STRINGS &&
	    strcmp(o->name, "listen") == 0) {
		const struct strings *list = field;

		for (size_t i = 0; result == 0 && i < list->n; i++)
			result = paths_add_socket(paths, list->v[i]);
	}
	return result;
}

static int
writable_paths(struct paths *paths, const struct daemon *d)
{
	const struct config_section *kind = d->spec->section;
	const char *section = config_section(d->config, kind);
	int result = paths_add(paths, d->run_dir);

	for (size_t i = 0; result == 0 && i < kind->n_options; i++)
		result = add_listeners(paths, &kind->options[i], section);
	return result;
}

static int
readable_paths(struct paths *paths, const struct daemon *d)
{
	/* Users, resolvers, time zones; libraries that are loaded late. What
	   is secret there is not for this user to read. */
	static const char *const system[] = { "/etc", "/usr", "/lib", "/lib64",
		"/dev", "/proc", "/sys", "/run" };
	int result = paths_add_dir(paths, d->config_path);

	for (size_t i = 0;
	     result == 0 && i < sizeof(system) / sizeof(system[0]); i++)
		result = paths_add(paths, system[i]);
	return result;
}

int
daemon_jail_enter(const struct daemon *d, const struct identity *id)
{
	struct paths readable = { 0 }, writable = { 0 };
	unsigned promises = d->spec->promises;
	int result = -1;

	if (d->spec->more_promises != NULL)
		promises |= d->spec->more_promises(d->config);

	if (readable_paths(&readable, d) == -1 ||
	    writable_paths(&writable, d) == -1) {
		log_warnx("jail: its paths could not be listed");
	} else {
		jail_unplug(promises);
		if (id == NULL || jail_drop(id->uid, id->gid, id->user) == 0)
			result = jail_enter(promises,
			    (const char *const *)readable.v,
			    (const char *const *)writable.v);
	}
	paths_clear(&readable);
	paths_clear(&writable);
	return result;
}
