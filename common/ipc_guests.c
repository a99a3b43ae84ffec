/*
 * Owns the list of a server's connections. Must not know what they ask, nor
 * how one is closed.
 */
#include "ipc_guests.h"

#include <stdlib.h>

int
ipc_guests_init(struct ipc_guests *g, unsigned max)
{
	*g = (struct ipc_guests){ .max = max > 0 ? max : 1 };
	g->v = calloc(2 * (size_t)g->max, sizeof(*g->v));
	return g->v != NULL ? 0 : -1;
}

void
ipc_guests_free(struct ipc_guests *g)
{
	free(g->v);
	*g = (struct ipc_guests){ 0 };
}

static bool
can_leave(const struct ipc_guest *guest)
{
	return guest->busy == 0 && !guest->leaving;
}

static unsigned
count_of(const struct ipc_guests *g, uid_t uid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->v[i].uid == uid && !g->v[i].leaving;
	return n;
}

/* Of those that could leave: the user with most, without those that wait. */
static struct ipc_guest *
of_most(const struct ipc_guests *g)
{
	struct ipc_guest *best = NULL;
	unsigned most = 0, n;

	for (unsigned i = 0; i < g->n; i++) {
		if (!can_leave(&g->v[i]) ||
		    (best != NULL && g->v[i].uid == best->uid))
			continue;
		n = count_of(g, g->v[i].uid);
		if (n > most) {
			most = n;
			best = &g->v[i];
		}
	}
	return best;
}

static struct ipc_guest *
longest_silent(const struct ipc_guests *g, uid_t uid, bool asked)
{
	struct ipc_guest *out = NULL;

	for (unsigned i = 0; i < g->n; i++)
		if (g->v[i].uid == uid && g->v[i].asked == asked &&
		    can_leave(&g->v[i]) &&
		    (out == NULL || g->v[i].since < out->since))
			out = &g->v[i];
	return out;
}

static unsigned
never_asked(const struct ipc_guests *g, uid_t uid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->v[i].uid == uid && !g->v[i].asked && !g->v[i].leaving;
	return n;
}

static struct ipc_guest *
who_leaves(const struct ipc_guests *g)
{
	struct ipc_guest *most = of_most(g), *out = NULL;

	if (most == NULL)
		return NULL;
	if (never_asked(g, most->uid) <= g->max / 4)
		out = longest_silent(g, most->uid, true);
	return out != NULL ? out : longest_silent(g, most->uid, false);
}

static struct ipc_guest *
find(struct ipc_guests *g, int fd)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->v[i].fd == fd)
			return &g->v[i];
	return NULL;
}

void
ipc_guests_leave(struct ipc_guests *g, int fd)
{
	struct ipc_guest *guest = find(g, fd);

	if (guest == NULL)
		return;
	g->n_leaving -= guest->leaving;
	*guest = g->v[--g->n];
}

void
ipc_guests_expel(struct ipc_guests *g, struct ipc_guest *guest)
{
	g->n_leaving += !guest->leaving;
	guest->leaving = true;
}

/* Those on their way out take room, too; the last quarter is for others than
 * the user who fills the rest. */
static bool
is_full(const struct ipc_guests *g, uid_t uid)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->v[i].uid == uid;
	return g->n >= (n > g->n / 2 ? g->max + g->max / 2 : 2 * g->max);
}

int
ipc_guests_enter(
    struct ipc_guests *g, int fd, uid_t uid, double now, int *out_r)
{
	struct ipc_guest *out;

	*out_r = -1;
	if (is_full(g, uid))
		return -1;
	if (g->n - g->n_leaving == g->max) {
		if ((out = who_leaves(g)) == NULL)
			return -1;
		ipc_guests_expel(g, out);
		*out_r = out->fd;
	}
	g->v[g->n++] = (struct ipc_guest){
		.number = ++g->number, .fd = fd, .uid = uid, .since = now
	};
	return 0;
}

struct ipc_guest *
ipc_guests_asks(struct ipc_guests *g, int fd, double now)
{
	struct ipc_guest *guest = find(g, fd);

	if (guest == NULL || guest->leaving)
		return NULL;
	guest->asked = true;
	guest->since = now;
	guest->busy++;
	return guest;
}

struct ipc_guest *
ipc_guests_answered(struct ipc_guests *g, uint64_t number)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->v[i].number == number && g->v[i].busy > 0 &&
		    !g->v[i].leaving) {
			g->v[i].busy--;
			return &g->v[i];
		}
	return NULL;
}
