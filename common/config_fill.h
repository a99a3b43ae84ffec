/*
 * From the tree of the file to the typed structs. Lists are one per section,
 * in the order of config_sections[]; a section without title is a list of one.
 */
#ifndef DNSMAIL_CONFIG_FILL_H
#define DNSMAIL_CONFIG_FILL_H

#include "config_file.h"

/* Complains of every wrong value. `lists` is zero before, and may be cleared
   after a complaint too. */
void config_fill(struct config_complaints *, struct config_list *lists,
    const struct config_block *root);

/* What the sections themselves check: when all values are right. */
void config_fill_check(struct config_complaints *, const struct config *,
    const struct config_list *lists, const struct config_block *root);

void config_fill_clear(struct config_list *lists);

/* The block of a section without title; NULL: the file has none. */
const struct config_block *config_fill_block(
    const struct config_section *, const struct config_block *root);

#endif
