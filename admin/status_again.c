/* A second look, so that the table can say how much happens now. */
#include <time.h>

#include "admin/history.h"
#include "admin/status.h"
#include "common/monotonic.h"

/* The later look counts; the earlier one is what it is compared with. */
static void
take(struct status *s, struct status *again, double apart)
{
	struct history *h = again->reason == REASON_NONE ? history_new() : NULL;

	if (h != NULL)
		history_add(h, &s->msg, 0);
	else
		status_msg_free(&s->msg);
	*s = *again;
	if (h != NULL)
		history_add(h, &s->msg, apart);
	s->lately = h;
}

void
status_again(struct status *s, size_t n, const char *run_dir)
{
	static const struct timespec pause = { .tv_sec = 1 };
	struct status again[STATUS_DAEMONS_MAX];
	size_t which[STATUS_DAEMONS_MAX], n_again = 0;
	double began = monotonic_now();

	if (status_worst(s, n) == STATUS_DOWN)
		return;
	for (size_t i = 0; i < n && i < STATUS_DAEMONS_MAX; i++)
		if (s[i].reason == REASON_NONE) {
			again[n_again] =
			    (struct status){ .daemon = s[i].daemon };
			which[n_again++] = i;
		}
	if (n_again == 0)
		return;
	nanosleep(&pause, NULL);
	status_ask(again, n_again, run_dir);
	for (size_t i = 0; i < n_again; i++)
		take(&s[which[i]], &again[i], monotonic_now() - began);
}

void
status_free(struct status *s)
{
	status_msg_free(&s->msg);
	history_free(s->lately);
	s->lately = NULL;
}
