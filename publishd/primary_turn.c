/*
 * Owns the question whether an earlier primary is back: the zone's SOA, so
 * that no request has to wait for one that is still away. What the question
 * finds counts only between two UPDATEs.
 */
#include "publishd/primary_turn.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/monotonic.h"
#include "publishd/counters.h"

#define ASK_TIMEOUT 2.0 /* seconds */

static void
found(struct target *t, bool answers)
{
	t->asked = NULL;
	t->asked_ended = true;
	t->asked_answers = answers;
	if (t->id == -1)
		target_touch(t);
}

static void
answered(void *arg, const struct dns_reply *reply)
{
	found(
	    arg, reply->outcome == DNS_ANSWERED && reply->rcode == DNS_NOERROR);
}

static void
ask(struct target *t, double now)
{
	struct primary_ground *g = t->primary->ground;
	struct dns_question question = { .type = DNS_SOA };
	int which = primary_choice_ask(&t->choice, now);

	if (which == -1)
		return;
	t->asked_which = (size_t)which;
	if (dns_name_parse(&question.name, t->zone) == 0)
		t->asked =
		    dns_exchange_ask(g->exchange, &t->primaries[which]->address,
			&question, ASK_TIMEOUT, answered, t);
	if (t->asked == NULL)
		found(t, false);
}

void
turn_take(struct target *t, double now)
{
	if (t->asked_ended) {
		t->asked_ended = false;
		primary_choice_asked(
		    &t->choice, t->asked_which, t->asked_answers, now);
	}
	if (!batch_empty(t->batch))
		ask(t, now);
	if (t->primary == t->primaries[t->choice.at])
		return;
	TAILQ_REMOVE(&t->primary->targets, t, link);
	t->primary = t->primaries[t->choice.at];
	TAILQ_INSERT_TAIL(&t->primary->targets, t, link);
}

bool
turn_accepted(struct target *t)
{
	size_t before = t->choice.taken;

	if (!primary_choice_accepted(&t->choice))
		return false;
	metric_add(&counters, COUNT_PRIMARY_CHANGES, 1);
	metric_add(
	    &counters, COUNT_NOT_FIRST, (t->choice.taken > 0) - (before > 0));
	log_info("updates go to %s now, no longer to %s zone=%s",
	    t->primary->text, t->primaries[before]->text, t->zone);
	return true;
}

void
turn_init(struct target *t, struct primary *const *primaries, size_t n)
{
	primary_choice_init(&t->choice, n);
	memcpy(t->primaries, primaries, n * sizeof(*primaries));
	for (size_t i = 0; i < n; i++)
		primaries[i]->users++;
	t->primary = primaries[0];
	TAILQ_INSERT_TAIL(&t->primary->targets, t, link);
}

void
turn_end(struct target *t)
{
	dns_query_cancel(t->asked);
	metric_add(&counters, COUNT_NOT_FIRST, -(t->choice.taken > 0));
	TAILQ_REMOVE(&t->primary->targets, t, link);
	for (size_t i = 0; i < t->choice.n; i++)
		t->primaries[i]->users--;
}
