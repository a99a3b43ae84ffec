/* The servers of one look-up, and what follows from their replies. */
#include "verifyd/servers_asked.h"

/* Seconds between rounds: first, and at most. */
static const double pause_first = 0.25, pause_most = 1.0;

static size_t
count(const struct servers_asked *s, enum server_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->states[i] == state)
			n++;
	return n;
}

static void
begin_round(struct servers_asked *s)
{
	s->trouble = LOOKUP_FOUND;
	for (size_t i = 0; i < s->n; i++)
		s->states[i] = SERVER_UNASKED;
}

void
servers_asked_begin(struct servers_asked *s, size_t n, double until)
{
	s->n = n;
	s->until = until;
	s->pause = pause_first;
	begin_round(s);
}

void
servers_asked_again(struct servers_asked *s)
{
	s->pause = s->pause * 2 < pause_most ? s->pause * 2 : pause_most;
	begin_round(s);
}

int
servers_asked_next(struct servers_asked *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->states[i] == SERVER_UNASKED) {
			s->states[i] = SERVER_OPEN;
			return (int)i;
		}
	return -1;
}

bool
servers_asked_all(const struct servers_asked *s)
{
	return count(s, SERVER_UNASKED) == 0;
}

enum lookup_outcome
lookup_trouble(const struct dns_reply *reply)
{
	static const enum lookup_outcome troubles[DNS_OUTCOME__COUNT] = {
		[DNS_ANSWERED] = LOOKUP_SERVFAIL,
		[DNS_TIMED_OUT] = LOOKUP_TIMEOUT,
		[DNS_UNREACHABLE] = LOOKUP_TIMEOUT,
		[DNS_GARBLED] = LOOKUP_SERVFAIL,
		[DNS_OVER_BUDGET] = LOOKUP_OVER_BUDGET,
	};

	if (reply->outcome == DNS_ANSWERED && reply->rcode == DNS_REFUSED)
		return LOOKUP_REFUSED;
	return troubles[reply->outcome];
}

static enum server_state
state_after(const struct dns_reply *reply)
{
	if (reply->away)
		return SERVER_AWAY;
	if (reply->outcome != DNS_ANSWERED)
		return SERVER_FAILED;
	if (reply->rcode == DNS_NOERROR || reply->rcode == DNS_NXDOMAIN)
		return SERVER_NONE;
	return reply->rcode == DNS_SERVFAIL ? SERVER_AWAY : SERVER_FAILED;
}

enum server_state
servers_asked_reply(
    struct servers_asked *s, size_t i, const struct dns_reply *reply)
{
	enum lookup_outcome trouble = lookup_trouble(reply);

	s->states[i] = state_after(reply);
	if (s->states[i] != SERVER_NONE &&
	    (s->trouble == LOOKUP_FOUND || trouble < s->trouble))
		s->trouble = trouble;
	return s->states[i];
}

static bool
may_change(const struct servers_asked *s)
{
	if (count(s, SERVER_FAILED) > 0)
		return false;
	return count(s, SERVER_AWAY) > 0 || s->several;
}

enum servers_next
servers_asked_then(const struct servers_asked *s, double now)
{
	if (!servers_asked_all(s))
		return SERVERS_NEXT;
	if (count(s, SERVER_OPEN) > 0)
		return SERVERS_OPEN;
	return may_change(s) && now + s->pause < s->until ? SERVERS_AGAIN
							  : SERVERS_END;
}

/* With a server that failed or was not asked nothing is known. */
enum lookup_outcome
servers_asked_outcome(const struct servers_asked *s)
{
	if (s->trouble != LOOKUP_FOUND)
		return s->trouble;
	return s->all_listed ? LOOKUP_NO_RECORD : LOOKUP_OVER_BUDGET;
}
