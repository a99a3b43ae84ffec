/*
 * From the tree of the file to the typed structs: defaults, values, checks.
 * Does not know how a file or a value is written.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "config_file.h"
#include "config_value.h"

/* Parallel to config_sections[]: a list of one where it has no title. */
enum { SECTIONS_MAX = 16, GLOBAL = 0, DOMAIN = 1 };

struct config {
	unsigned refs;
	struct config_list sections[SECTIONS_MAX];
	const struct config_domain **by_name; /* sorted; of all domains */
};

static void *
field_of(void *section, size_t offset)
{
	return (char *)section + offset;
}

/* ---- freeing ---- */

static void list_clear(const struct config_section *, struct config_list *);

static void
section_clear(const struct config_section *kind, void *section)
{
	for (size_t i = 0; i < kind->n_options; i++)
		config_value_clear(&kind->options[i],
		    field_of(section, kind->options[i].offset));
	if (kind->titled)
		free(*(char **)field_of(section, kind->title_offset));
	if (kind->child != NULL)
		list_clear(kind->child, field_of(section, kind->child_offset));
}

static void
list_clear(const struct config_section *kind, struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		section_clear(kind, field_of(list->v, i * kind->size));
	free(list->v);
}

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
	for (size_t i = 0; config_sections[i] != NULL; i++)
		list_clear(config_sections[i], &config->sections[i]);
	free(config->by_name);
	free(config);
}

/* ---- filling ---- */

static int
out_of_memory(struct config_complaints *c)
{
	config_text_complain(c, 0, "out of memory");
	return -1;
}

static int
set_default(struct config_complaints *c, const struct config_option *o,
    void *field, unsigned line)
{
	if (o->fallback == NULL) {
		config_text_complain(c, line,
		    "\"%s\" is missing in the section before", o->name);
		return -1;
	}
	return config_value_default(o, field) == 0 ? 0 : out_of_memory(c);
}

/* Tells of every wrong value, not only of the first. */
static int
set_option(struct config_complaints *c, const struct config_option *o,
    void *field, const struct config_given *given, unsigned line)
{
	char why[CONFIG_WHY_MAX];
	int result = 0;

	if (given == NULL || !given->given)
		return set_default(c, o, field, line);
	for (size_t i = 0; i < given->n; i++)
		if (config_value_add(o, field, given->v[i].text, why) == -1) {
			config_text_complain(
			    c, given->v[i].line, "%s: %s", o->name, why);
			result = -1;
		}
	return result;
}

static int
set_title(struct config_complaints *c, const struct config_section *kind,
    void *section, const struct config_block *b)
{
	char name[DOMAIN_MAX];
	char **title = field_of(section, kind->title_offset);

	if (!domain_normal(name, b->title, strlen(b->title))) {
		config_text_complain(c, b->line,
		    "%s \"%.80s\" before: is no domain name", kind->name,
		    b->title);
		return -1;
	}
	*title = strdup(name);
	return *title != NULL ? 0 : out_of_memory(c);
}

static int list_fill(struct config_complaints *, const struct config_section *,
    struct config_list *, const struct config_block *parent);

/* `b` NULL: the file has no such section, all is default. */
static int
section_fill(struct config_complaints *c, const struct config_section *kind,
    void *section, const struct config_block *b)
{
	int result = 0;

	for (size_t i = 0; i < kind->n_options; i++)
		if (set_option(c, &kind->options[i],
			field_of(section, kind->options[i].offset),
			b != NULL ? &b->given[i] : NULL,
			b != NULL ? b->line : 0) == -1)
			result = -1;
	if (kind->titled && set_title(c, kind, section, b) == -1)
		result = -1;
	if (kind->child != NULL && b != NULL &&
	    list_fill(
		c, kind->child, field_of(section, kind->child_offset), b) == -1)
		result = -1;
	return result;
}

/* The parent's children of one kind. */
static int
list_fill(struct config_complaints *c, const struct config_section *kind,
    struct config_list *list, const struct config_block *parent)
{
	int result = 0;

	list->v = calloc(parent->n_children + 1, kind->size);
	if (list->v == NULL)
		return out_of_memory(c);
	for (size_t i = 0; i < parent->n_children; i++) {
		const struct config_block *b = &parent->children[i];

		if (b->section != kind)
			continue;
		if (section_fill(c, kind,
			field_of(list->v, list->n++ * kind->size), b) == -1)
			result = -1;
	}
	return result;
}

/* A section without title: there is one, whether the file has it or not. */
static int
single_fill(struct config_complaints *c, const struct config_section *kind,
    struct config_list *list, const struct config_block *root)
{
	const struct config_block *b =
	    kind == config_sections[GLOBAL] ? root : NULL;

	for (size_t i = 0; i < root->n_children; i++)
		if (root->children[i].section == kind)
			b = &root->children[i];
	list->v = calloc(1, kind->size);
	if (list->v == NULL)
		return out_of_memory(c);
	list->n = 1;
	return section_fill(c, kind, list->v, b);
}

/* ---- checking ---- */

/* The line of the option that `why` begins with, else of the section. */
static unsigned
line_of(const struct config_section *kind, const struct config_block *b,
    const char *why)
{
	size_t n = strcspn(why, ":");

	if (b == NULL)
		return 0;
	for (size_t i = 0; i < kind->n_options; i++) {
		const char *name = kind->options[i].name;

		if (strlen(name) == n && strncmp(name, why, n) == 0 &&
		    b->given[i].n > 0)
			return b->given[i].v[0].line;
	}
	return b->line;
}

static void
section_check(struct config_complaints *c, const struct config *config,
    const struct config_section *kind, void *section,
    const struct config_block *b)
{
	const char *why =
	    kind->check != NULL ? kind->check(section, config) : NULL;

	if (why != NULL)
		config_text_complain(c, line_of(kind, b, why), "%s", why);
}

/* All sections of one kind, beside the blocks that they were filled from. */
static void
kind_check(struct config_complaints *c, const struct config *config,
    size_t which, const struct config_block *root)
{
	const struct config_section *kind = config_sections[which];
	const struct config_list *list = &config->sections[which];
	const struct config_block *single = which == GLOBAL ? root : NULL;
	size_t n = 0;

	for (size_t i = 0; i < root->n_children; i++) {
		const struct config_block *b = &root->children[i];

		if (b->section != kind)
			continue;
		if (kind->titled)
			section_check(c, config, kind,
			    field_of(list->v, n++ * kind->size), b);
		else
			single = b;
	}
	if (!kind->titled)
		section_check(c, config, kind, list->v, single);
}

static int
compare_names(const void *a, const void *b)
{
	const struct config_domain *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Makes config_domain() work; complains of domains that are one. */
static int
index_domains(struct config_complaints *c, struct config *config)
{
	size_t n;
	const struct config_domain *domains = config_domains(config, &n);

	config->by_name = calloc(n + 1, sizeof(*config->by_name));
	if (config->by_name == NULL)
		return out_of_memory(c);
	for (size_t i = 0; i < n; i++)
		config->by_name[i] = &domains[i];
	qsort(config->by_name, n, sizeof(*config->by_name), compare_names);
	for (size_t i = 1; i < n; i++)
		if (compare_names(
			&config->by_name[i - 1], &config->by_name[i]) == 0)
			config_text_complain(c, 0,
			    "domain \"%s\" is given twice",
			    config->by_name[i]->name);
	return 0;
}

/* ---- loading ---- */

/* Checks look across sections, so they begin when all values are right. */
static void
config_fill(struct config_complaints *c, struct config *config,
    const struct config_block *root)
{
	for (size_t i = 0; config_sections[i] != NULL; i++) {
		const struct config_section *kind = config_sections[i];
		struct config_list *list = &config->sections[i];

		assert(i < SECTIONS_MAX);
		if (kind->titled)
			list_fill(c, kind, list, root);
		else
			single_fill(c, kind, list, root);
	}
	if (c->n > 0 || index_domains(c, config) == -1)
		return;
	for (size_t i = 0; config_sections[i] != NULL; i++)
		kind_check(c, config, i, root);
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
	if (root == NULL)
		return NULL;
	config = calloc(1, sizeof(*config));
	if (config == NULL) {
		out_of_memory(&c);
	} else {
		config->refs = 1;
		config_fill(&c, config, root);
	}
	config_block_free(root);
	if (c.n > 0) {
		config_unref(config);
		return NULL;
	}
	return config;
}

/* ---- looking ---- */

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

const struct config_domain *
config_domain(const struct config *config, const char *name)
{
	struct config_domain wanted = { .name = (char *)(uintptr_t)name };
	const struct config_domain *key = &wanted, **found;

	found = bsearch(&key, config->by_name, config->sections[DOMAIN].n,
	    sizeof(*config->by_name), compare_names);
	return found != NULL ? *found : NULL;
}

const void *
config_section(const struct config *config, const struct config_section *kind)
{
	size_t i = 0;

	while (config_sections[i] != kind) {
		assert(config_sections[i] != NULL);
		i++;
	}
	return config->sections[i].v;
}
