/*
 * Owns the names of the doors. Must not know sockets.
 */
#include "publishd/doors_in.h"

static const char *const names[PUB__COUNT] = {
	[PUB_ADD] = "signers",
	[PUB_REMOVE] = "removers",
};

int
doors_find(const char *run_dir, struct door doors[DOORS_MAX], size_t *n_r)
{
	*n_r = 0;
	for (size_t op = 0; op < PUB__COUNT; op++) {
		struct door *door = &doors[*n_r];
		int found =
		    door_find(run_dir, names[op], "publish.ipc", door->url);

		if (found == -1)
			return -1;
		door->op = (enum publish_op)op;
		*n_r += (size_t)found;
	}
	return 0;
}
