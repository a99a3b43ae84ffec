/* Owns the names of verifyd's counters. */
#include "verifyd/counters.h"

#include "common/mail_server.h"
#include "common/dns_exchange.h"
#include "verifyd/config.h"
#include "verifyd/verification.h"

_Static_assert(COUNT_RESULT_LAST - COUNT_RESULT + 1 == VERIFY_RESULT__COUNT &&
	COUNT_ACTION_LAST - COUNT_ACTION + 1 == ACTION__COUNT,
    "a result or an action without a counter");
_Static_assert(COUNT_DNS_LAST - COUNT_DNS + 1 == DNS_COUNT__COUNT,
    "a count of dns_exchange without a counter");

_Static_assert(COUNT_MAIL_LAST - COUNT_MAIL + 1 == MAIL_COUNT__COUNT,
    "a count of mail_server without a counter");

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
	    "Authentication-Results in our name that came from outside; by "
	    "the line protocol they are found, and only the MTA can remove "
	    "them" },
	[COUNT_IDS] = { "ids_looked_up", METRIC_COUNTER, "IDs looked up" },
	[COUNT_LISTS_KNOWN] = { "server_lists_known", METRIC_COUNTER,
	    "Server lists that were known already" },
	[COUNT_LISTS_ASKED] = { "server_lists_asked", METRIC_COUNTER,
	    "Server lists asked of a resolver" },
	[COUNT_LISTS_KEPT] = { "server_lists_kept", METRIC_GAUGE,
	    "Server lists, domains' wishes and answers of domain lists in"
	    " the cache" },
	[COUNT_WISHES_KNOWN] = { "wishes_known", METRIC_COUNTER,
	    "Domains' wishes that were known already" },
	[COUNT_WISHES_ASKED] = { "wishes_asked", METRIC_COUNTER,
	    "Domains' wishes asked of a resolver" },
	[COUNT_WISHES_FOLLOWED] = { "wishes_followed", METRIC_COUNTER,
	    "Messages whose domain's wish decided what was done" },
	[COUNT_REPUTATION_KNOWN] = { "reputation_known", METRIC_COUNTER,
	    "Answers of domain lists that were known already" },
	[COUNT_REPUTATION_ASKED] = { "reputation_asked", METRIC_COUNTER,
	    "Verified domains asked of domain lists" },
	[COUNT_REPUTATION_LISTED] = { "reputation_listed", METRIC_COUNTER,
	    "Verified domains found in domain lists" },
	[COUNT_REPUTATION_SILENT] = { "reputation_unanswered", METRIC_COUNTER,
	    "Verified domains for which a domain list had no answer" },
	[COUNT_REPUTATION_ERRORS] = { "reputation_errors", METRIC_COUNTER,
	    "Answers of domain lists that tell of an error" },
	[COUNT_REPUTATION_TOO_LONG] = { "reputation_too_long", METRIC_COUNTER,
	    "Verified domains too long to be asked of a domain list" },
	[COUNT_REPUTATION_FOLLOWED] = { "reputation_followed", METRIC_COUNTER,
	    "Messages of which a domain list decided what was done" },
	[COUNT_DNS + DNS_COUNT_UNDER_WAY] = { "queries_under_way", METRIC_GAUGE,
	    "Questions to name servers under way" },
	[COUNT_DNS + DNS_COUNT_PACKETS] = { "query_packets", METRIC_COUNTER,
	    "Packets with questions to name servers" },
	[COUNT_DNS + DNS_COUNT_SHARED] = { "queries_shared", METRIC_COUNTER,
	    "Questions that were under way already, so not sent again" },
	[COUNT_DNS + DNS_COUNT_STRAYS] = { "answers_stray", METRIC_COUNTER,
	    "Answers to our port that were not to our question" },
	[COUNT_DNS + DNS_COUNT_TCP] = { "queries_tcp", METRIC_COUNTER,
	    "Questions sent by TCP" },
	[COUNT_DNS + DNS_COUNT_MADE_ROOM] = { "queries_made_room",
	    METRIC_COUNTER,
	    "Questions given up after a second for newer ones (max-queries)" },
	[COUNT_DNS + DNS_COUNT_REFUSED] = { "queries_over_max_queries",
	    METRIC_COUNTER, "Questions not sent: over max-queries" },
	[COUNT_DNS + DNS_COUNT_REFUSED + 1] = { "queries_over_per_server",
	    METRIC_COUNTER, "Questions not sent: over max-queries-per-server" },
	[COUNT_DNS + DNS_COUNT_REFUSED + 2] = { "queries_over_rate",
	    METRIC_COUNTER, "Packets not sent: over max-query-rate" },
	[COUNT_DNS + DNS_COUNT_REFUSED + 3] = { "queries_over_tcp",
	    METRIC_COUNTER,
	    "Questions not sent by TCP: over max-tcp-queries(-per-server)" },
	[COUNT_MAIL + MAIL_COUNT_OPEN] = { "connections_open", METRIC_GAUGE,
	    "Connections of the MTA" },
	[COUNT_MAIL + MAIL_COUNT_MEMORY] = { "connections_memory_bytes",
	    METRIC_GAUGE, "Octets held for them (max-memory)" },
	[COUNT_MAIL + MAIL_COUNT_EXPELLED] = { "connections_expelled",
	    METRIC_COUNTER,
	    "Connections closed for others (max-connections, max-memory)" },
	[COUNT_MAIL + MAIL_COUNT_REFUSED] = { "connections_refused",
	    METRIC_COUNTER, "Connections not let in (max-connections)" },
	[COUNT_MAIL + MAIL_COUNT_SLOW] = { "connections_slow", METRIC_COUNTER,
	    "Connections closed because they were idle or slow" },
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
