/*
 * The configuration file as a tree: what stands in it, as text, with its line
 * numbers. What an option means is config_value's business.
 */
#ifndef DNSMAIL_CONFIG_FILE_H
#define DNSMAIL_CONFIG_FILE_H

#include "config_text.h"

struct config_word {
	char *text;
	unsigned line;
};

/* What the file gives for one option. */
struct config_given {
	struct config_word *v;
	size_t n;
	bool given; /* an empty list is given, and n is 0 */
};

struct config_block {
	const struct config_section *section;
	char *title;   /* NULL: none */
	unsigned line; /* where it ends; the library knows no better */
	struct config_given *given; /* [section->n_options] */
	struct config_block *children;
	size_t n_children;
};

/*
 * The whole file, checked against the tables of config_sections[]: unknown
 * names and bad syntax are complained of. NULL after a complaint that leaves
 * nothing to go on with; for config_block_free().
 */
struct config_block *config_file_parse(struct config_complaints *, char *text);
void config_block_free(struct config_block *);

/* The i-th section that may stand in a section; NULL: no more. */
const struct config_section *config_file_child(
    const struct config_section *, size_t i);

#endif
