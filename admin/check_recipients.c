/* Knows which fields tell for whom a message was. */
#include "admin/check_recipients.h"

#include <stdlib.h>
#include <string.h>

#include "common/address.h"

/* Takes the string over, also when it fails. */
static int
keep(struct check_recipients *to, char *path)
{
	char **grown = realloc(to->v, (to->n + 1) * sizeof(*grown));

	if (grown != NULL)
		to->v = grown;
	if (grown == NULL || path == NULL) {
		free(path);
		return -1;
	}
	to->v[to->n++] = path;
	return 0;
}

int
check_recipients_add(struct check_recipients *to, const char *address)
{
	struct address a;
	enum address_result r = address_from_path(&a, address);

	if (r != ADDRESS_OK && r != ADDRESS_UNREPRESENTABLE)
		return -1;
	to->from = "--to";
	return keep(to, strdup(address));
}

struct walk {
	struct check_recipients *to;
	bool failed;
};

static bool
take(void *arg, const struct address *a)
{
	struct walk *w = arg;
	char *path = malloc(ADDRESS_MAX);

	if (path != NULL)
		address_text(a, path);
	w->failed = keep(w->to, path) != 0;
	return !w->failed;
}

static int
take_field(struct check_recipients *to, const struct saved_mail *m,
    const char *name, const char *from)
{
	const struct saved_field *f = saved_mail_find(m, name);
	struct walk w = { .to = to };
	size_t before = to->n;

	if (f != NULL)
		address_list(f->value, f->len, take, &w);
	if (to->n > before)
		to->from = from;
	return w.failed ? -1 : 0;
}

/* X-Original-To: is what Postfix got; Delivered-To: what it became of it. */
int
check_recipients_received(
    struct check_recipients *to, const struct saved_mail *m)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To",
		"To" };
	static const char *const words[] = { "by X-Original-To:",
		"by Delivered-To:", "by To:; --to names them" };

	for (size_t i = 0; i < 3 && to->n == 0; i++)
		if (take_field(to, m, names[i], words[i]) != 0)
			return -1;
	if (to->n == 0)
		to->from = "nobody is named";
	return 0;
}

int
check_recipients_shown(struct check_recipients *to, const struct saved_mail *m)
{
	if (to->n > 0)
		return 0;
	to->from = "nobody is named";
	return take_field(to, m, "To", "by To: and Cc:") == 0 &&
		take_field(to, m, "Cc", "by To: and Cc:") == 0
	    ? 0
	    : -1;
}

void
check_recipients_free(struct check_recipients *to)
{
	for (size_t i = 0; i < to->n; i++)
		free(to->v[i]);
	free(to->v);
	memset(to, 0, sizeof(*to));
}
