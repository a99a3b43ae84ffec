/* Must not know what an UPDATE is, nor how a primary is asked. */
#include "publishd/primary_choice.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define PAUSE_FIRST 30.0 /* seconds */
#define PAUSE_LAST  480.0

enum { TRIES = 2 };

void
primary_choice_init(struct primary_choice *c, size_t n)
{
	assert(n > 0 && n <= CONFIG_PRIMARIES_MAX);
	memset(c, 0, sizeof(*c));
	c->n = n;
}

static void
go_to(struct primary_choice *c, size_t which)
{
	c->at = which;
	c->failures = c->refusals = 0;
}

static void
leave_alone(struct primary_choice *c, size_t which, double now)
{
	double pause = fmax(c->left[which].pause, PAUSE_FIRST);

	c->left[which].until = now + pause;
	c->left[which].pause = fmin(pause * 2, PAUSE_LAST);
}

/* The first that is not left alone; else the one whose pause ends first. */
static size_t
best(const struct primary_choice *c, double now)
{
	size_t found = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->left[i].until <= now)
			return i;
		else if (c->left[i].until < c->left[found].until)
			found = i;
	return found;
}

void
primary_choice_failed(struct primary_choice *c, bool silent, double now)
{
	if (c->n == 1 || (++c->failures < TRIES && !silent))
		return;
	leave_alone(c, c->at, now);
	go_to(c, best(c, now));
}

/* Not in turns: what all of them refuse would go round for ever. */
void
primary_choice_refused(struct primary_choice *c, double now)
{
	size_t next;

	if (c->n == 1 || ++c->refusals < TRIES)
		return;
	c->refusals = 0;
	for (next = 0; next < c->n; next++)
		if (next != c->at && c->left[next].until <= now)
			break;
	if (next == c->n)
		return;
	leave_alone(c, c->at, now);
	go_to(c, next);
}

bool
primary_choice_accepted(struct primary_choice *c)
{
	bool changed = c->taken != c->at;

	c->failures = c->refusals = 0;
	c->left[c->at].until = c->left[c->at].pause = 0;
	c->taken = c->at;
	return changed;
}

int
primary_choice_ask(struct primary_choice *c, double now)
{
	if (c->asking)
		return -1;
	for (size_t i = 0; i < c->at; i++)
		if (c->left[i].until <= now) {
			c->asking = true;
			return (int)i;
		}
	return -1;
}

void
primary_choice_asked(
    struct primary_choice *c, size_t which, bool answers, double now)
{
	c->asking = false;
	if (which >= c->at)
		return;
	if (answers)
		go_to(c, which);
	else
		leave_alone(c, which, now);
}
