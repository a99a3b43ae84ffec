/*
 * From the tree of the file to the typed structs: defaults, values, checks.
 * Does not know how a file or a value is written.
 */
#include "config_fill.h"

#include <stdlib.h>
#include <string.h>

#include "config_value.h"
#include "domain.h"

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

void
config_fill_clear(struct config_list *lists)
{
	for (size_t i = 0; config_sections[i] != NULL; i++)
		list_clear(config_sections[i], &lists[i]);
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
		    "the section that ends here lacks \"%s\"", o->name);
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
		    "the %s that ends here: \"%.80s\" is no domain name",
		    kind->name, b->title);
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

/* The first of its kind; NULL: the file has none. */
const struct config_block *
config_fill_block(
    const struct config_section *kind, const struct config_block *root)
{
	if (kind == config_sections[0])
		return root;
	for (size_t i = 0; i < root->n_children; i++)
		if (root->children[i].section == kind)
			return &root->children[i];
	return NULL;
}

/* A section without title: there is one, whether the file has it or not. */
static int
single_fill(struct config_complaints *c, const struct config_section *kind,
    struct config_list *list, const struct config_block *root)
{
	list->v = calloc(1, kind->size);
	if (list->v == NULL)
		return out_of_memory(c);
	list->n = 1;
	return section_fill(c, kind, list->v, config_fill_block(kind, root));
}

void
config_fill(struct config_complaints *c, struct config_list *lists,
    const struct config_block *root)
{
	for (size_t i = 0; config_sections[i] != NULL; i++) {
		const struct config_section *kind = config_sections[i];

		if (kind->titled)
			list_fill(c, kind, &lists[i], root);
		else
			single_fill(c, kind, &lists[i], root);
	}
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

static void kind_check(struct config_complaints *, const struct config *,
    const struct config_section *, const struct config_list *,
    const struct config_block *parent);

static void
section_check(struct config_complaints *c, const struct config *config,
    const struct config_section *kind, void *section,
    const struct config_block *b)
{
	const char *why =
	    kind->check != NULL ? kind->check(section, config) : NULL;

	if (why != NULL)
		config_text_complain(c, line_of(kind, b, why), "%s", why);
	if (kind->child != NULL && b != NULL)
		kind_check(c, config, kind->child,
		    field_of(section, kind->child_offset), b);
}

/* All sections of one kind, beside the blocks that they were filled from. */
static void
kind_check(struct config_complaints *c, const struct config *config,
    const struct config_section *kind, const struct config_list *list,
    const struct config_block *parent)
{
	size_t n = 0;

	for (size_t i = 0; i < parent->n_children; i++) {
		const struct config_block *b = &parent->children[i];

		if (b->section != kind)
			continue;
		if (kind->titled)
			section_check(c, config, kind,
			    field_of(list->v, n++ * kind->size), b);
	}
	if (!kind->titled)
		section_check(
		    c, config, kind, list->v, config_fill_block(kind, parent));
}

void
config_fill_check(struct config_complaints *c, const struct config *config,
    const struct config_list *lists, const struct config_block *root)
{
	for (size_t i = 0; config_sections[i] != NULL; i++)
		kind_check(c, config, config_sections[i], &lists[i], root);
}
