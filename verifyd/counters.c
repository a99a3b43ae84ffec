/* Owns the names of verifyd's counters. */
#include "verifyd/counters.h"

#include "verifyd/config.h"
#include "verifyd/verification.h"

_Static_assert(COUNT_RESULT_LAST - COUNT_RESULT + 1 == VERIFY_RESULT__COUNT &&
	COUNT_ACTION_LAST - COUNT_ACTION + 1 == ACTION__COUNT,
    "a result or an action without a counter");

static const struct metric_row rows[COUNT__COUNT] = {
	[COUNT_RESULT + VERIFY_NONE] = { "messages_none", METRIC_COUNTER,
	    "Messages without an ID" },
	[COUNT_RESULT + VERIFY_PASS] = { "messages_pass", METRIC_COUNTER,
	    "Messages whose authors' domains vouch for them" },
	[COUNT_RESULT + VERIFY_POLICY] = { "messages_policy", METRIC_COUNTER,
	    "Messages with a complete chain through an untrusted forwarder" },
	[COUNT_RESULT + VERIFY_FAIL] = { "messages_fail", METRIC_COUNTER,
	    "Messages that nobody vouches for" },
	[COUNT_RESULT + VERIFY_TEMPERROR] = { "messages_temperror",
	    METRIC_COUNTER, "Messages that could not be verified for now" },
	[COUNT_RESULT + VERIFY_PERMERROR] = { "messages_permerror",
	    METRIC_COUNTER, "Messages that can never be verified" },
	[COUNT_ACTION + ACTION_ACCEPT] = { "messages_accepted", METRIC_COUNTER,
	    "Messages accepted" },
	[COUNT_ACTION + ACTION_QUARANTINE] = { "messages_quarantined",
	    METRIC_COUNTER, "Messages put into quarantine" },
	[COUNT_ACTION + ACTION_TEMPFAIL] = { "messages_tempfailed",
	    METRIC_COUNTER, "Messages refused for now" },
	[COUNT_ACTION + ACTION_REJECT] = { "messages_rejected", METRIC_COUNTER,
	    "Messages refused" },
	[COUNT_ACTION + ACTION_DISCARD] = { "messages_discarded",
	    METRIC_COUNTER, "Messages thrown away" },
	[COUNT_EXEMPT] = { "messages_exempt", METRIC_COUNTER,
	    "Messages of exempt clients and logins" },
	[COUNT_OVERSIZED] = { "messages_oversized", METRIC_COUNTER,
	    "Messages over a bound of what is read" },
	[COUNT_FORGED] = { "results_removed", METRIC_COUNTER,
	    "Authentication-Results in our name that came from outside" },
	[COUNT_IDS] = { "ids_looked_up", METRIC_COUNTER, "IDs looked up" },
	[COUNT_LISTS_KNOWN] = { "server_lists_known", METRIC_COUNTER,
	    "Server lists that were known already" },
	[COUNT_LISTS_ASKED] = { "server_lists_asked", METRIC_COUNTER,
	    "Server lists asked of a resolver" },
	[COUNT_LISTS_KEPT] = { "server_lists_kept", METRIC_GAUGE,
	    "Server lists and domains' wishes in the cache" },
	[COUNT_WISHES_KNOWN] = { "wishes_known", METRIC_COUNTER,
	    "Domains' wishes that were known already" },
	[COUNT_WISHES_ASKED] = { "wishes_asked", METRIC_COUNTER,
	    "Domains' wishes asked of a resolver" },
	[COUNT_WISHES_FOLLOWED] = { "wishes_followed", METRIC_COUNTER,
	    "Messages whose domain's wish decided what was done" },
	[COUNT_UNDER_WAY] = { "messages_under_way", METRIC_GAUGE,
	    "Messages being verified" },
	[COUNT_MESSAGE_LATENCY] = { "verify", METRIC_LATENCY,
	    "From the end of a message to its verdict" },
	[COUNT_ID_LATENCY] = { "lookup", METRIC_LATENCY,
	    "From asking for an ID to its outcome" },
};

static int64_t values[COUNT__COUNT];
static struct metric_latency latencies[COUNT__COUNT];

struct metrics counters = {
	.rows = rows,
	.n = COUNT__COUNT,
	.values = values,
	.latencies = latencies,
};
