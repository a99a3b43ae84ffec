/*
 * What signerd or verifyd answers by the line protocol: lines "action=..." and
 * an empty line. Pure.
 */
#ifndef FILTER_ANSWER_H
#define FILTER_ANSWER_H

#include <stddef.h>

enum { ANSWER_MAX = 256 * 1024, ANSWER_FIELDS_MAX = 128 };

enum answer_action {
	ANSWER_DUNNO, /* leave it as it is */
	ANSWER_PREPEND,
	ANSWER_HOLD,
	ANSWER_DISCARD,
	ANSWER_DEFER,
	ANSWER_REJECT,
	ANSWER__COUNT
};

struct answer {
	enum answer_action action;             /* the gravest that was said */
	const char *fields[ANSWER_FIELDS_MAX]; /* to prepend, "Name: value" */
	size_t n_fields;
	const char *text; /* of the gravest; "" if there was none */
};

/* Octets up to and with the empty line, 0 while it is not there. */
size_t answer_length(const char *octets, size_t n);

/*
 * Of n octets as answer_length() says; they are written into and must stay. 0,
 * or -1: no answer of this protocol.
 */
int answer_parse(struct answer *, char *octets, size_t n);

#endif
