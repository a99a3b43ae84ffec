/*
 * A breadth-first walk over places. Pure.
 */
#include "verifyd/chain.h"

#include <string.h>

enum { NOWHERE = -1 };

/* Where a walk can be: at an ID, having kept this much. */
struct place {
	uint8_t id;
	uint8_t content; /* of the first hop; UNKNOWN while on it */
	bool trusted;    /* every forwarder so far is */
};

enum { PLACES = VERIFY_IDS_MAX * CONTENT__COUNT * 2 };

struct walk {
	const struct evidence *e;
	size_t recipient, max_hops;
	struct chain *chain;
	unsigned best;     /* of the complete chains */
	unsigned worst;    /* of the failures, the one to tell */
	uint64_t unasked;  /* IDs no walk has needed */
	size_t head, tail; /* of the queue */
	struct step {
		struct place place;
		int16_t from; /* step before it */
		uint16_t hop; /* from 1 */
	} queue[PLACES];
	bool visited[PLACES];
};

static size_t
place_index(const struct place *p)
{
	return ((size_t)p->id * CONTENT__COUNT + p->content) * 2 + p->trusted;
}

static bool
on_path(const struct walk *w, int step, uint8_t id)
{
	for (; step != NOWHERE; step = w->queue[step].from)
		if (w->queue[step].place.id == id)
			return true;
	return false;
}

/* false: an ID is used once in a chain, and a place is visited once. */
static bool
push(struct walk *w, int from, struct place place)
{
	struct step *step = &w->queue[w->tail];

	if (on_path(w, from, place.id) || w->visited[place_index(&place)])
		return false;
	w->visited[place_index(&place)] = true;
	step->place = place;
	step->from = (int16_t)from;
	step->hop = from == NOWHERE ? 1 : w->queue[from].hop + 1;
	w->tail++;
	return true;
}

/* Remembers the failure that is to be told: see verify.h for the order. */
static void
fail(struct walk *w, unsigned hop, enum verify_reason reason)
{
	enum verify_result result = verify_reason_result(reason);
	unsigned rank = (result == VERIFY_TEMPERROR ? 1U << 16 : 0) +
	    hop * REASON__COUNT + reason;

	if (rank < w->worst)
		return;
	w->worst = rank;
	if (w->best == 0) {
		w->chain->result = result;
		w->chain->reason = reason;
	}
}

static void
keep_path(struct walk *w, int step)
{
	struct chain *chain = w->chain;

	chain->hops = w->queue[step].hop;
	for (; step != NOWHERE; step = w->queue[step].from)
		chain->path[w->queue[step].hop - 1] = w->queue[step].place.id;
}

/* A record here names the recipient: the chain is complete. */
static void
complete(struct walk *w, int at, enum verify_content sealed)
{
	const struct step *step = &w->queue[at];
	enum verify_content content =
	    step->hop == 1 ? sealed : (enum verify_content)step->place.content;
	bool pass =
	    step->hop == 1 || step->place.trusted || content == CONTENT_INTACT;
	unsigned rank = (pass ? 1U << 16 : 0) +
	    (CONTENT__COUNT - content) * 2 * VERIFY_IDS_MAX +
	    (VERIFY_IDS_MAX - step->hop);

	if (rank <= w->best)
		return;
	w->best = rank;
	w->chain->result = pass ? VERIFY_PASS : VERIFY_POLICY;
	w->chain->reason = pass ? REASON_NONE : REASON_UNTRUSTED_FORWARDER;
	w->chain->content = content;
	w->chain->sealed = sealed;
	keep_path(w, at);
}

static bool
complete_all(struct walk *w, int at)
{
	const struct step *step = &w->queue[at];
	unsigned names = w->e->ids[step->place.id].names[w->recipient];
	bool done = false;

	for (unsigned c = CONTENT_INTACT; c < CONTENT__COUNT; c++) {
		if ((names & 1U << c) == 0)
			continue;
		complete(w, at, (enum verify_content)c);
		done = true;
	}
	if ((names & NAMED_EXPIRED) != 0)
		fail(w, step->hop, REASON_EXPIRED);
	if ((names & NAMED_FUTURE) != 0)
		fail(w, step->hop, REASON_FUTURE_DATE);
	return done;
}

/* To the IDs of the domains that the records at this one name. */
static bool
follow(struct walk *w, int at, enum verify_content content)
{
	const struct place *here = &w->queue[at].place;
	uint64_t links = w->e->ids[here->id].links[content];
	bool went = false;

	for (uint8_t i = 0; i < w->e->n_ids; i++) {
		struct place next = { .id = i };

		if ((links & UINT64_C(1) << i) == 0)
			continue;
		next.content = here->content == CONTENT_UNKNOWN
		    ? (uint8_t)content
		    : here->content;
		next.trusted = here->trusted && w->e->ids[i].trusted;
		went |= push(w, at, next);
	}
	return went;
}

static bool
follow_all(struct walk *w, int at)
{
	bool went = false;

	if (w->queue[at].hop == w->max_hops)
		return false;
	for (unsigned c = CONTENT_INTACT; c < CONTENT__COUNT; c++)
		went |= follow(w, at, (enum verify_content)c);
	return went;
}

/* The records here lead no further and do not name the recipient. */
static void
dead_end(struct walk *w, int at)
{
	const struct step *step = &w->queue[at];
	unsigned stale = w->e->ids[step->place.id].stale;

	if ((stale & NAMED_EXPIRED) != 0)
		fail(w, step->hop, REASON_EXPIRED);
	else if ((stale & NAMED_FUTURE) != 0)
		fail(w, step->hop, REASON_FUTURE_DATE);
	else
		fail(w, step->hop,
		    w->unasked != 0 ? REASON_UNLINKED
				    : REASON_RECIPIENT_MISMATCH);
}

static void
visit(struct walk *w, int at)
{
	const struct step *step = &w->queue[at];
	const struct evidence_id *id = &w->e->ids[step->place.id];
	bool completed, went;

	switch (id->state) {
	case EVIDENCE_UNASKED:
		w->chain->wanted |= UINT64_C(1) << step->place.id;
		w->chain->open = true;
		break;
	case EVIDENCE_ASKED:
		w->chain->open = true;
		break;
	case EVIDENCE_FAILED:
		fail(w, step->hop, id->reason);
		break;
	case EVIDENCE_FOUND:
		completed = complete_all(w, at);
		went = follow_all(w, at);
		if (!completed && !went)
			dead_end(w, at);
		break;
	}
}

static uint64_t
unasked(const struct evidence *e)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < e->n_ids; i++)
		if (e->ids[i].state == EVIDENCE_UNASKED)
			mask |= UINT64_C(1) << i;
	return mask;
}

void
chain_walk(const struct evidence *e, size_t recipient, size_t max_hops,
    struct chain *chain)
{
	struct walk w = {
		.e = e,
		.recipient = recipient,
		.max_hops = max_hops,
		.chain = chain,
		.unasked = unasked(e),
	};

	memset(chain, 0, sizeof(*chain));
	fail(&w, 0, REASON_UNLINKED);
	for (uint8_t i = 0; i < e->n_ids; i++)
		if ((e->first & UINT64_C(1) << i) != 0)
			push(&w, NOWHERE,
			    (struct place){ .id = i, .trusted = true });
	for (; w.head < w.tail; w.head++)
		visit(&w, (int)w.head);
}
