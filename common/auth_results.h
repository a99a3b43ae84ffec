/*
 * Authentication-Results fields, RFC 8601: whose they are and what they say
 * of the method "dnsmail". Used to remove forged ones and as signerd's gate.
 */
#ifndef DNSMAIL_AUTH_RESULTS_H
#define DNSMAIL_AUTH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#define AUTH_RESULTS_FIELD "Authentication-Results"

/*
 * Does this field bear our authserv-id? In case of doubt the answer is yes:
 * it is used to remove. Yes, if the id stands anywhere before the results as
 * a word of its own, whatever its case, quoting, comments within it, final
 * dot, version; and anywhere at all if that part cannot be read.
 */
bool auth_results_is_ours(const char *value, size_t n, const char *authserv_id);

enum auth_dnsmail {
	AUTH_DNSMAIL_ABSENT, /* ours, but no dnsmail method in it */
	AUTH_DNSMAIL_NONE,
	AUTH_DNSMAIL_PASS,
	AUTH_DNSMAIL_POLICY,
	AUTH_DNSMAIL_FAIL,
	AUTH_DNSMAIL_TEMPERROR,
	AUTH_DNSMAIL_PERMERROR,
	AUTH_DNSMAIL__COUNT
};

/*
 * The result of the dnsmail method in a field that is ours. A field that
 * cannot be read, a result of another name, and two methods that disagree are
 * a permerror: none of ours looks so, and nothing is to be gained by it.
 */
enum auth_dnsmail auth_results_dnsmail(const char *value, size_t n);

extern const char *const auth_dnsmail_names[AUTH_DNSMAIL__COUNT];

#endif
