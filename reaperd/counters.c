/* The table of what reaperd counts. */
#include "reaperd/counters.h"

static const struct metric_row rows[] = {
	[COUNT_RECORDS] = { "records_live", METRIC_GAUGE,
	    "message records in our zones" },
	[COUNT_NAMES] = { "names_live", METRIC_GAUGE, "names that hold them" },
	[COUNT_MEMORY] = { "index_bytes", METRIC_GAUGE,
	    "memory of the index of names" },
	[COUNT_ZONES_UNKNOWN] = { "zones_unknown", METRIC_GAUGE,
	    "zones whose next transfer must be whole" },
	[COUNT_SERIAL_LAG] = { "serial_lag", METRIC_GAUGE,
	    "changes of our zones that are not known yet" },
	[COUNT_REMOVED] = { "records_removed", METRIC_COUNTER,
	    "expired records that publishd removed" },
	[COUNT_PUT_OFF] = { "records_put_off", METRIC_COUNTER,
	    "removals to be tried again" },
	[COUNT_REFUSED] = { "records_refused", METRIC_COUNTER,
	    "removals that publishd will never do" },
	[COUNT_RECALLED] = { "records_recalled", METRIC_COUNTER,
	    "records that dnsmail-recall had removed" },
	[COUNT_PUBLISHERS_UP] = { "publishers_up", METRIC_GAUGE,
	    "Publishers that are connected and answer" },
	[COUNT_ASKED_AGAIN] = { "publishers_asked_again", METRIC_COUNTER,
	    "Requests that went to another publisher, or to it again" },
	[COUNT_TLS_EXPIRES] = { "tls_certificate_expires", METRIC_MOMENT,
	    "When the certificate ends, or one that vouches for it" },
	[COUNT_LOOKUPS] = { "lookups", METRIC_COUNTER,
	    "names asked about when their time had come" },
	[COUNT_LOOKUPS_FAILED] = { "lookups_failed", METRIC_COUNTER,
	    "of these without an answer" },
	[COUNT_POLLS] = { "polls", METRIC_COUNTER,
	    "times a zone's serial was looked at" },
	[COUNT_TRANSFERS_WHOLE] = { "transfers_whole", METRIC_COUNTER,
	    "transfers of a whole zone" },
	[COUNT_TRANSFERS_DIFFERENCE] = { "transfers_difference", METRIC_COUNTER,
	    "transfers of what changed" },
	[COUNT_TRANSFERS_FAILED] = { "transfers_failed", METRIC_COUNTER,
	    "polls and transfers that came to nothing" },
	[COUNT_TRANSFER_TIME] = { "transfer", METRIC_LATENCY, "one transfer" },
	[COUNT_LOOKUP_TIME] = { "lookup", METRIC_LATENCY,
	    "one question for a name's records" },
	[COUNT_REMOVE_TIME] = { "remove", METRIC_LATENCY,
	    "one request to publishd" },
};
_Static_assert(
    sizeof(rows) / sizeof(rows[0]) == COUNT__COUNT, "counter without a row");

static int64_t values[COUNT__COUNT];
static struct metric_latency latencies[COUNT__COUNT];

struct metrics counters = {
	.rows = rows,
	.n = COUNT__COUNT,
	.values = values,
	.latencies = latencies,
};
