/*
 * The only file that knows libconfuse. Its tables are made from ours; every
 * option is a string or a list of strings to it, for its own numbers take nan
 * and read 010 as 8. Each string carries its line in front of it ("12 text"),
 * since libconfuse keeps no lines of values.
 */
#include "config_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "config_value.h"

/* Ours, in cfg_opt_t.flags: this option has had a value. */
#define OPTION_GIVEN (1 << 28)

/* Its callbacks take no argument, and its parser is not re-entrant. */
static struct {
	struct config_complaints *complaints;
	char *word; /* the last string given to it */
} parse;

const struct config_section *
config_file_child(const struct config_section *section, size_t i)
{
	/* The first of config_sections[] is the file itself. */
	if (section == config_sections[0])
		return config_sections[i + 1];
	return i == 0 ? section->child : NULL;
}

static size_t
count_children(const struct config_section *section)
{
	size_t n = 0;

	while (config_file_child(section, n) != NULL)
		n++;
	return n;
}

/* ---- our tables as libconfuse's ---- */

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	config_text_complain(parse.complaints, (unsigned)cfg->line, "%s", text);
}

/* One value of an option, before libconfuse copies it. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	bool list = (opt->flags & CFGF_LIST) != 0;
	size_t size = strlen(text) + 16;

	/* The values of an earlier "=" are gone by now; a "+=" keeps them. */
	if ((opt->flags & OPTION_GIVEN) != 0 && (!list || opt->nvalues == 1))
		config_text_complain(parse.complaints, (unsigned)cfg->line,
		    "\"%s\" is given twice", opt->name);
	opt->flags |= OPTION_GIVEN;
	free(parse.word);
	parse.word = malloc(size);
	if (parse.word == NULL)
		return -1;
	snprintf(parse.word, size, "%d %s", cfg->line, text);
	*(const char **)result = parse.word;
	return 0;
}

static void
options_free(cfg_opt_t *opts)
{
	if (opts == NULL)
		return;
	for (size_t i = 0; opts[i].name != NULL; i++)
		options_free(opts[i].subopts);
	free(opts);
}

/* NULL: out of memory. */
static cfg_opt_t *
options_make(const struct config_section *section)
{
	size_t n = section->n_options, n_children = count_children(section);
	cfg_opt_t *opts = calloc(n + n_children + 1, sizeof(*opts));

	if (opts == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		opts[i].name = section->options[i].name;
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT;
		if (config_value_is_list(section->options[i].type))
			opts[i].flags |= CFGF_LIST;
		opts[i].parsecb = on_value;
	}
	for (size_t i = 0; i < n_children; i++) {
		const struct config_section *child =
		    config_file_child(section, i);
		cfg_opt_t *opt = &opts[n + i];

		/* MULTI keeps all of a section given twice, to be told. */
		opt->name = child->name;
		opt->type = CFGT_SEC;
		opt->flags = CFGF_MULTI;
		if (child->titled)
			opt->flags |= CFGF_TITLE | CFGF_NO_TITLE_DUPES;
		opt->subopts = options_make(child);
		if (opt->subopts == NULL) {
			options_free(opts);
			return NULL;
		}
	}
	return opts;
}

/* ---- libconfuse's tree as ours ---- */

static int
word_read(struct config_word *w, const char *numbered)
{
	char *text;

	w->line = (unsigned)strtoul(numbered, &text, 10);
	w->text = strdup(text + 1);
	return w->text != NULL ? 0 : -1;
}

static int
given_read(struct config_given *g, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt);

	g->given = (opt->flags & CFGF_MODIFIED) != 0;
	if (n == 0)
		return 0;
	g->v = calloc(n, sizeof(*g->v));
	if (g->v == NULL)
		return -1;
	for (; g->n < n; g->n++)
		if (word_read(&g->v[g->n],
			cfg_opt_getnstr(opt, (unsigned)g->n)) == -1)
			return -1;
	return 0;
}

static int block_read(
    struct config_block *, const struct config_section *, cfg_t *);

/* All sections of one kind in `cfg`, appended to b's children. */
static int
children_read(
    struct config_block *b, const struct config_section *kind, cfg_t *cfg)
{
	unsigned n = cfg_size(cfg, kind->name);
	struct config_block *children;

	if (n == 0)
		return 0;
	children =
	    realloc(b->children, (b->n_children + n) * sizeof(*children));
	if (children == NULL)
		return -1;
	b->children = children;
	for (unsigned i = 0; i < n; i++) {
		struct config_block *child = &children[b->n_children++];

		memset(child, 0, sizeof(*child));
		if (block_read(child, kind, cfg_getnsec(cfg, kind->name, i)) ==
		    -1)
			return -1;
		if (i > 0 && !kind->titled)
			config_text_complain(parse.complaints, child->line,
			    "section \"%s\" is given twice", kind->name);
	}
	return 0;
}

/* `b` is zero before, and may be freed after, an error too. */
static int
block_read(
    struct config_block *b, const struct config_section *section, cfg_t *cfg)
{
	const struct config_section *kind;

	b->section = section;
	b->line = (unsigned)cfg->line;
	b->given = calloc(section->n_options + 1, sizeof(*b->given));
	if (cfg_title(cfg) != NULL)
		b->title = strdup(cfg_title(cfg));
	if (b->given == NULL || (section->titled && b->title == NULL))
		return -1;
	for (size_t i = 0; i < section->n_options; i++)
		if (given_read(&b->given[i],
			cfg_getopt(cfg, section->options[i].name)) == -1)
			return -1;
	for (size_t i = 0; (kind = config_file_child(section, i)) != NULL; i++)
		if (children_read(b, kind, cfg) == -1)
			return -1;
	return 0;
}

static void
block_clear(struct config_block *b)
{
	size_t n = b->given != NULL ? b->section->n_options : 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < b->given[i].n; j++)
			free(b->given[i].v[j].text);
		free(b->given[i].v);
	}
	for (size_t i = 0; i < b->n_children; i++)
		block_clear(&b->children[i]);
	free(b->children);
	free(b->given);
	free(b->title);
}

void
config_block_free(struct config_block *b)
{
	if (b == NULL)
		return;
	block_clear(b);
	free(b);
}

static struct config_block *
root_read(cfg_t *cfg)
{
	struct config_block *root = calloc(1, sizeof(*root));

	if (root == NULL || block_read(root, config_sections[0], cfg) == -1) {
		config_block_free(root);
		config_text_complain(parse.complaints, 0, "out of memory");
		return NULL;
	}
	return root;
}

struct config_block *
config_file_parse(struct config_complaints *c, char *text)
{
	cfg_opt_t *opts = options_make(config_sections[0]);
	cfg_t *cfg = opts != NULL ? cfg_init(opts, CFGF_NONE) : NULL;
	struct config_block *root = NULL;

	parse.complaints = c;
	if (cfg == NULL) {
		config_text_complain(c, 0, "out of memory");
	} else {
		size_t before = c->n;

		cfg_set_error_function(cfg, on_error);
		if (cfg_parse_buf(cfg, text) == CFG_SUCCESS)
			root = root_read(cfg);
		else if (c->n == before)
			config_text_complain(c, 0, "cannot be parsed");
		cfg_free(cfg);
	}
	free(parse.word);
	parse.word = NULL;
	options_free(opts);
	return root;
}
