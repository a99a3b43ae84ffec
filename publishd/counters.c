/* Owns the names of publishd's counters. */
#include "publishd/counters.h"

static const struct metric_row rows[COUNT__COUNT] = {
	[COUNT_DONE] = { "requests_done", METRIC_COUNTER,
	    "Requests whose records are published or removed" },
	[COUNT_BUSY] = { "requests_busy", METRIC_COUNTER,
	    "Requests turned away because too much was waiting" },
	[COUNT_LATER] = { "requests_later", METRIC_COUNTER,
	    "Requests whose time was over first" },
	[COUNT_REFUSED] = { "requests_refused", METRIC_COUNTER,
	    "Requests that can never succeed" },
	[COUNT_ADDED] = { "records_added", METRIC_COUNTER,
	    "Records that a primary has taken" },
	[COUNT_REMOVED] = { "records_removed", METRIC_COUNTER,
	    "Records that a primary has removed" },
	[COUNT_PENDING] = { "records_pending", METRIC_GAUGE,
	    "Records of requests not yet answered" },
	[COUNT_UPDATES] = { "updates_sent", METRIC_COUNTER,
	    "UPDATE messages sent" },
	[COUNT_UPDATES_REFUSED] = { "updates_refused", METRIC_COUNTER,
	    "UPDATE messages that a primary refused" },
	[COUNT_UPDATES_FAILED] = { "updates_failed", METRIC_COUNTER,
	    "UPDATE messages without an answer that counts" },
	[COUNT_NOT_FIRST] = { "zones_not_at_first", METRIC_GAUGE,
	    "Zones whose updates go to another than their first primary" },
	[COUNT_PRIMARY_CHANGES] = { "primary_changes", METRIC_COUNTER,
	    "Times that a zone's updates went to another primary" },
	[COUNT_BATCH] = { "batch_records", METRIC_GAUGE,
	    "Records in the last UPDATE" },
	[COUNT_CONFIRM_QUESTIONS] = { "confirm_questions", METRIC_COUNTER,
	    "Questions to further servers whether they show a record" },
	[COUNT_CONFIRM_UNDER_WAY] = { "confirm_under_way", METRIC_GAUGE,
	    "Requests that wait for further servers" },
	[COUNT_EXPELLED] = { "connections_expelled", METRIC_COUNTER,
	    "Connections closed: silent over max-connections, or not reading" },
	[COUNT_TLS_OPEN] = { "tls_connections_open", METRIC_GAUGE,
	    "Connections by TLS" },
	[COUNT_TLS_REFUSED] = { "tls_connections_refused", METRIC_COUNTER,
	    "Connections by TLS that were refused or too slow" },
	[COUNT_TLS_EXPIRES] = { "tls_certificate_expires", METRIC_MOMENT,
	    "When the certificate ends, or one that vouches for it" },
	[COUNT_REQUEST_LATENCY] = { "request", METRIC_LATENCY,
	    "From request to answer" },
	[COUNT_UPDATE_LATENCY] = { "update", METRIC_LATENCY,
	    "From UPDATE to the primary's answer" },
	[COUNT_CONFIRM_LATENCY] = { "confirm", METRIC_LATENCY,
	    "From the primary's answer until every server shows it" },
};

static int64_t values[COUNT__COUNT];
static struct metric_latency latencies[COUNT__COUNT];

struct metrics counters = {
	.rows = rows,
	.n = COUNT__COUNT,
	.values = values,
	.latencies = latencies,
};
