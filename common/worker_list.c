/* Owns the list. Must not know what a process is but its number. */
#include "worker_list.h"

int
worker_list_add(struct worker_list *list, size_t n,
    enum worker_standing standing, bool status)
{
	size_t room = worker_list_count(list, WORKER_VACANT);

	if (n > room)
		return -1;
	for (struct worker *w = list->v; n > 0; w++)
		if (w->standing == WORKER_VACANT) {
			*w = (struct worker){ .standing = standing,
				.status = status };
			n--;
		}
	return 0;
}

static size_t
count(const struct worker_list *list, enum worker_standing standing, bool ready)
{
	size_t n = 0;

	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		const struct worker *w = &list->v[i];

		n += w->standing == standing && (w->ready || !ready) &&
		    (!w->status || standing == WORKER_VACANT);
	}
	return n;
}

size_t
worker_list_count(const struct worker_list *list, enum worker_standing standing)
{
	return count(list, standing, false);
}

size_t
worker_list_ready(const struct worker_list *list, enum worker_standing standing)
{
	return count(list, standing, true);
}

/* Is it to begin, sooner or later? */
static bool
is_waiting(const struct worker_list *list, const struct worker *w)
{
	enum worker_standing which = worker_list_count(list, WORKER_COMING) > 0
	    ? WORKER_COMING
	    : WORKER_CURRENT;

	return w->standing == which && w->pid == 0;
}

struct worker *
worker_list_due(struct worker_list *list, double now)
{
	for (struct worker *w = list->v; w < list->v + WORKER_LIST_MAX; w++)
		if (is_waiting(list, w) && w->due <= now)
			return w;
	return NULL;
}

double
worker_list_next(const struct worker_list *list, double never)
{
	double next = never;

	for (size_t i = 0; i < WORKER_LIST_MAX; i++)
		if (is_waiting(list, &list->v[i]) && list->v[i].due < next)
			next = list->v[i].due;
	return next;
}

struct worker *
worker_list_find(struct worker_list *list, pid_t pid)
{
	for (struct worker *w = list->v; w < list->v + WORKER_LIST_MAX; w++)
		if (w->standing != WORKER_VACANT && w->pid == pid)
			return w;
	return NULL;
}

bool
worker_list_any(const struct worker_list *list, bool status)
{
	for (size_t i = 0; i < WORKER_LIST_MAX; i++)
		if (list->v[i].standing != WORKER_VACANT &&
		    list->v[i].pid != 0 && list->v[i].status == status)
			return true;
	return false;
}

void
worker_list_stand(struct worker_list *list, enum worker_standing from,
    enum worker_standing to)
{
	for (struct worker *w = list->v; w < list->v + WORKER_LIST_MAX; w++)
		if (w->standing == from && !w->status)
			w->standing = w->pid != 0 ? to : WORKER_VACANT;
}

const char *
worker_word(const struct worker *w)
{
	return w->status ? "status process" : "worker";
}
