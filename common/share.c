/* Owns how a bound is divided. */
#include "share.h"

unsigned
share_of(int64_t total, int64_t workers, unsigned least)
{
	int64_t share = (total + workers - 1) / workers;

	if (total == 0)
		return 0;
	return share < least ? least : (unsigned)share;
}
