/* Owns what counts as a proof. */
#include "admin/check_reach_verdict.h"

enum reach_verdict
reach_judge(enum publish_status status, bool good, bool powerdns)
{
	if (status == PUB_DONE)
		return powerdns ? REACH_VERDICT_UNKNOWN : REACH_VERDICT_FAR;
	return status == PUB_REFUSED && good ? REACH_VERDICT_NOT
					     : REACH_VERDICT_UNKNOWN;
}
