/*
 * Tells who looks on, if anybody does.
 */
#include "verifyd/lookup_watch.h"

void
watch_list(const struct lookup_watcher *w, const char *domain,
    const struct list_answer *answer)
{
	if (w->watch != NULL)
		w->watch->list(w->arg, domain, answer);
}

void
watch_skipped(const struct lookup_watcher *w, const struct message_id *id,
    const struct net_address *address, enum lookup_skip why,
    enum reach_answer reach)
{
	if (w->watch != NULL)
		w->watch->skipped(w->arg, id, address, why, reach);
}

void
watch_reply(const struct lookup_watcher *w, const struct message_id *id,
    const struct net_address *address, const struct dns_reply *reply)
{
	if (w->watch != NULL)
		w->watch->reply(w->arg, id, address, reply);
}

void
watch_text(const struct lookup_watcher *w, const struct message_id *id,
    const char *text, size_t n)
{
	if (w->watch != NULL)
		w->watch->text(w->arg, id, text, n);
}

void
watch_looked_up(const struct lookup_watcher *w, const struct message_id *id,
    enum lookup_outcome outcome, bool ad)
{
	if (w->watch != NULL)
		w->watch->looked_up(w->arg, id, outcome, ad);
}

void
watch_wish(const struct lookup_watcher *w, const char *domain,
    const struct list_answer *answer)
{
	if (w->watch != NULL)
		w->watch->wish(w->arg, domain, answer);
}

void
watch_done(const struct lookup_watcher *w, const struct verify *v)
{
	if (w->watch != NULL)
		w->watch->done(w->arg, v);
}
