/*
 * Names of results, reasons and contents, and which domains vouch. Pure.
 */
#include "verifyd/verification.h"

#include <string.h>

const char *const verify_result_names[VERIFY_RESULT__COUNT] = {
	[VERIFY_NONE] = "none",
	[VERIFY_PASS] = "pass",
	[VERIFY_POLICY] = "policy",
	[VERIFY_FAIL] = "fail",
	[VERIFY_TEMPERROR] = "temperror",
	[VERIFY_PERMERROR] = "permerror",
};

const char *const verify_reason_names[REASON__COUNT] = {
	[REASON_NONE] = "none",
	[REASON_NO_USABLE_SERVER] = "no-usable-server",
	[REASON_NO_RECORD] = "no-record",
	[REASON_BAD_RECORD] = "bad-record",
	[REASON_SENDER_MISMATCH] = "sender-mismatch",
	[REASON_UNLINKED] = "unlinked",
	[REASON_RECIPIENT_MISMATCH] = "recipient-mismatch",
	[REASON_FUTURE_DATE] = "future-date",
	[REASON_EXPIRED] = "expired",
	[REASON_OVER_BUDGET] = "over-budget",
	[REASON_DNS_REFUSED] = "dns-refused",
	[REASON_DNS_SERVFAIL] = "dns-servfail",
	[REASON_DNS_TIMEOUT] = "dns-timeout",
	[REASON_BAD_FROM] = "bad-from",
	[REASON_BAD_ID] = "bad-id",
	[REASON_TOO_MANY_IDS] = "too-many-ids",
	[REASON_DUPLICATE_ID] = "duplicate-id",
	[REASON_UNTRUSTED_FORWARDER] = "untrusted-forwarder",
};

const char *const verify_content_names[CONTENT__COUNT] = {
	[CONTENT_UNKNOWN] = "unknown",
	[CONTENT_INTACT] = "intact",
	[CONTENT_UNBOUND] = "unbound",
	[CONTENT_CHANGED] = "changed",
};

static const enum verify_result results[REASON__COUNT] = {
	[REASON_NONE] = VERIFY_PASS,
	[REASON_NO_USABLE_SERVER] = VERIFY_PERMERROR,
	[REASON_NO_RECORD] = VERIFY_FAIL,
	[REASON_BAD_RECORD] = VERIFY_PERMERROR,
	[REASON_SENDER_MISMATCH] = VERIFY_FAIL,
	[REASON_UNLINKED] = VERIFY_FAIL,
	[REASON_RECIPIENT_MISMATCH] = VERIFY_FAIL,
	[REASON_FUTURE_DATE] = VERIFY_PERMERROR,
	[REASON_EXPIRED] = VERIFY_FAIL,
	[REASON_OVER_BUDGET] = VERIFY_TEMPERROR,
	[REASON_DNS_REFUSED] = VERIFY_TEMPERROR,
	[REASON_DNS_SERVFAIL] = VERIFY_TEMPERROR,
	[REASON_DNS_TIMEOUT] = VERIFY_TEMPERROR,
	[REASON_BAD_FROM] = VERIFY_PERMERROR,
	[REASON_BAD_ID] = VERIFY_PERMERROR,
	[REASON_TOO_MANY_IDS] = VERIFY_PERMERROR,
	[REASON_DUPLICATE_ID] = VERIFY_PERMERROR,
	[REASON_UNTRUSTED_FORWARDER] = VERIFY_POLICY,
};

enum verify_result
verify_reason_result(enum verify_reason reason)
{
	return results[reason];
}

void
verification_add_via(struct verification *v, const char *domain)
{
	for (size_t i = 0; i < v->n_via; i++)
		if (strcmp(v->via[i], domain) == 0)
			return;
	v->via[v->n_via++] = domain;
}

size_t
verification_domains(
    const struct verification *v, const char *domains[VERIFICATION_DOMAINS_MAX])
{
	size_t n = 0;

	if (v->result != VERIFY_PASS && v->result != VERIFY_POLICY)
		return 0;
	domains[n++] = v->author.domain;
	for (size_t i = 0; i < v->n_via; i++)
		if (strcmp(v->via[i], v->author.domain) != 0)
			domains[n++] = v->via[i];
	return n;
}
