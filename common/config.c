/*
 * A configuration as a whole: how it is loaded, shared and looked at. Does not
 * know how a file is written nor what the options are.
 */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_fill.h"

enum { SECTIONS_MAX = 16, GLOBAL = 0, DOMAIN = 1 }; /* config_sections[] */

struct config {
	unsigned refs;
	char *path;
	struct config_list sections[SECTIONS_MAX];
	unsigned *lines[SECTIONS_MAX];        /* of the options; 0: not given;
						 NULL: titled */
	const struct config_domain **by_name; /* sorted; of all domains */
};

struct config *
config_ref(struct config *config)
{
	config->refs++;
	return config;
}

void
config_unref(struct config *config)
{
	if (config == NULL || --config->refs > 0)
		return;
	config_fill_clear(config->sections);
	for (size_t i = 0; i < SECTIONS_MAX; i++)
		free(config->lines[i]);
	free(config->by_name);
	free(config->path);
	free(config);
}

static struct config *
config_new(const char *path)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return NULL;
	config->refs = 1;
	config->path = strdup(path);
	if (config->path != NULL)
		return config;
	config_unref(config);
	return NULL;
}

/* ---- domains by name ---- */

static int
compare_names(const void *a, const void *b)
{
	const struct config_domain *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	/* Equal ones in the order of the file: the later one is wrong. */
	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* Where the nth section of a kind ends. */
static unsigned
line_of_nth(const struct config_block *root, const struct config_section *kind,
    size_t nth)
{
	for (size_t i = 0; i < root->n_children; i++)
		if (root->children[i].section == kind && nth-- == 0)
			return root->children[i].line;
	return 0;
}

/* Makes config_domain() work; complains of domains that are one. */
static int
index_domains(struct config_complaints *c, struct config *config,
    const struct config_block *root)
{
	size_t n;
	const struct config_domain *domains = config_domains(config, &n);

	config->by_name = calloc(n + 1, sizeof(*config->by_name));
	if (config->by_name == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		config->by_name[i] = &domains[i];
	qsort(config->by_name, n, sizeof(*config->by_name), compare_names);
	for (size_t i = 1; i < n; i++) {
		const struct config_domain *d = config->by_name[i];

		if (strcmp(config->by_name[i - 1]->name, d->name) == 0)
			config_text_complain(c,
			    line_of_nth(root, config_sections[DOMAIN],
				(size_t)(d - domains)),
			    "domain \"%s\", which ends here, is given twice",
			    d->name);
	}
	return 0;
}

/* ---- loading ---- */

static int
keep_lines(struct config *config, const struct config_block *root)
{
	for (size_t i = 0; config_sections[i] != NULL; i++) {
		const struct config_section *kind = config_sections[i];
		const struct config_block *b = config_fill_block(kind, root);

		if (kind->titled)
			continue;
		config->lines[i] =
		    calloc(kind->n_options, sizeof(*config->lines[i]));
		if (config->lines[i] == NULL)
			return -1;
		for (size_t j = 0; b != NULL && j < kind->n_options; j++)
			if (b->given[j].n > 0)
				config->lines[i][j] = b->given[j].v[0].line;
	}
	return 0;
}

static struct config *
config_make(struct config_complaints *c, const struct config_block *root)
{
	struct config *config = config_new(c->path);

	if (config == NULL || keep_lines(config, root) == -1) {
		config_text_complain(c, 0, "out of memory");
		return config;
	}
	config_fill(c, config->sections, root);
	if (c->n == 0 && index_domains(c, config, root) == -1)
		config_text_complain(c, 0, "out of memory");
	/* Checks look across sections: only when all values are right. */
	if (c->n == 0)
		config_fill_check(c, config, config->sections, root);
	return config;
}

struct config *
config_load(const char *path, config_complain_fn *fn, void *arg)
{
	struct config_complaints c = { .path = path, .fn = fn, .arg = arg };
	char *text = config_text_read(&c);
	struct config_block *root = NULL;
	struct config *config = NULL;

	if (text != NULL && config_text_check(&c, text) == 0)
		root = config_file_parse(&c, text);
	free(text);
	if (root != NULL)
		config = config_make(&c, root);
	config_block_free(root);
	if (c.n == 0)
		return config;
	config_unref(config);
	return NULL;
}

/* ---- looking ---- */

static size_t
index_of(const struct config_section *kind)
{
	size_t i = 0;

	while (config_sections[i] != kind) {
		i++;
		assert(i < SECTIONS_MAX && config_sections[i] != NULL);
	}
	return i;
}

const struct config_global *
config_global(const struct config *config)
{
	return config->sections[GLOBAL].v;
}

const struct config_domain *
config_domains(const struct config *config, size_t *n_r)
{
	*n_r = config->sections[DOMAIN].n;
	return config->sections[DOMAIN].v;
}

static int
compare_to_name(const void *name, const void *b)
{
	const struct config_domain *const *domain = b;

	return strcmp(name, (*domain)->name);
}

const struct config_domain *
config_domain(const struct config *config, const char *name)
{
	const struct config_domain **found =
	    bsearch(name, config->by_name, config->sections[DOMAIN].n,
		sizeof(*config->by_name), compare_to_name);

	return found != NULL ? *found : NULL;
}

const void *
config_section(const struct config *config, const struct config_section *kind)
{
	return config->sections[index_of(kind)].v;
}

const char *
config_where(const struct config *config, const struct config_section *kind,
    const char *option, char *buf)
{
	const unsigned *lines = config->lines[index_of(kind)];
	unsigned line = 0;

	assert(!kind->titled);
	for (size_t i = 0; i < kind->n_options; i++)
		if (strcmp(kind->options[i].name, option) == 0)
			line = lines[i];
	if (line > 0)
		snprintf(buf, CONFIG_WHERE_MAX, "%s:%u", config->path, line);
	else
		snprintf(buf, CONFIG_WHERE_MAX, "%s", config->path);
	return buf;
}
