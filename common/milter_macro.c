/*
 * The table of macros. Knows their names, not their meaning.
 */
#include "milter_macro.h"

#include <stdbool.h>
#include <string.h>

/* SMFIM_*, the numbers that SETSYMLIST gives the stages */
enum stage {
	STAGE_CONNECT = 0,
	STAGE_MAIL = 2,
	STAGE_RCPT = 3,
	STAGE_EOM = 5,
};

/* "": it has no macro. */
static const char *const names[MAIL_FACT__COUNT] = {
	[MAIL_CLIENT_ADDR] = "{client_addr}",
	[MAIL_LOGIN] = "{auth_authen}",
	[MAIL_QUEUE_ID] = "i",
	[MAIL_DIGEST] = "",
};

/* Postfix knows the queue ID from the second RCPT on, not at MAIL. */
static const struct {
	enum stage stage;
	enum mail_fact macro;
} asked[] = {
	{ STAGE_CONNECT, MAIL_CLIENT_ADDR },
	{ STAGE_MAIL, MAIL_LOGIN },
	{ STAGE_RCPT, MAIL_QUEUE_ID },
	{ STAGE_EOM, MAIL_QUEUE_ID },
};

static bool
same_name(const char *name, const char *ours)
{
	if (strcmp(name, ours) == 0)
		return name[0] != '\0';
	return strlen(ours) == 1 && strlen(name) == 3 && name[0] == '{' &&
	    name[1] == ours[0] && name[2] == '}';
}

enum mail_fact
milter_macro_find(const char *name)
{
	int i = 0;

	while (i < MAIL_FACT__COUNT && !same_name(name, names[i]))
		i++;
	return (enum mail_fact)i;
}

int
milter_macro_put_lists(struct buffer *b)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const uint8_t stage[4] = { 0, 0, 0, (uint8_t)asked[i].stage };
		const char *name = names[asked[i].macro];

		if (buffer_append(b, stage, sizeof(stage)) == -1 ||
		    buffer_append(b, name, strlen(name) + 1) == -1)
			return -1;
	}
	return 0;
}
