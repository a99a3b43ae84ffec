/* Owns the names of signerd's counters. */
#include "signerd/counters.h"

#include "common/mail_server.h"
_Static_assert(COUNT_MAIL_LAST - COUNT_MAIL + 1 == MAIL_COUNT__COUNT,
    "a count of mail_server without a counter");

static const struct metric_row rows[COUNT__COUNT] = {
	[COUNT_SIGNED_AUTHOR] = { "messages_signed_author", METRIC_COUNTER,
	    "Messages signed for an author of ours" },
	[COUNT_SIGNED_FORWARDER] = { "messages_signed_forwarder",
	    METRIC_COUNTER, "Messages signed as their forwarder" },
	[COUNT_SKIPPED] = { "messages_skipped", METRIC_COUNTER,
	    "Messages that are not ours to sign" },
	[COUNT_TEMPFAILED] = { "messages_tempfailed", METRIC_COUNTER,
	    "Messages refused for now because they could not be signed" },
	[COUNT_UNSIGNED] = { "messages_unsigned", METRIC_COUNTER,
	    "Messages let go unsigned (on-error)" },
	[COUNT_ABANDONED] = { "messages_abandoned", METRIC_COUNTER,
	    "Messages that the MTA gave up while they were published" },
	[COUNT_RECORDS] = { "records_published", METRIC_COUNTER,
	    "Records published for signed messages" },
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
	[COUNT_WORKERS] = { "workers", METRIC_GAUGE,
	    "Processes that take the MTA's mail" },
	[COUNT_WORKERS_ENDED] = { "workers_ended", METRIC_COUNTER,
	    "Workers that ended unasked, and were made again" },
	[COUNT_PUBLISHERS_UP] = { "publishers_up", METRIC_GAUGE,
	    "Publishers that are connected and answer" },
	[COUNT_ASKED_AGAIN] = { "publishers_asked_again", METRIC_COUNTER,
	    "Requests that went to another publisher, or to it again" },
	[COUNT_TLS_EXPIRES] = { "tls_certificate_expires", METRIC_MOMENT,
	    "When the certificate ends, or one that vouches for it" },
	[COUNT_UNDER_WAY] = { "messages_under_way", METRIC_GAUGE,
	    "Messages being published" },
	[COUNT_PUBLISH_LATENCY] = { "publish", METRIC_LATENCY,
	    "From the request to publishd to its yes" },
};

static int64_t values[COUNT__COUNT];
static struct metric_latency latencies[COUNT__COUNT];

struct metrics counters = {
	.rows = rows,
	.n = COUNT__COUNT,
	.values = values,
	.latencies = latencies,
};
