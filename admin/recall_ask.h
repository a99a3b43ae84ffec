/* How dnsmail-recall asks reaperd: one question at a time, and waits. */
#ifndef DNSMAIL_RECALL_ASK_H
#define DNSMAIL_RECALL_ASK_H

#include "common/recall_msg.h"

enum recall_asked {
	RECALL_ANSWERED,
	RECALL_ABSENT,    /* nobody is there */
	RECALL_SILENT,    /* somebody is there and says nothing */
	RECALL_FORBIDDEN, /* not for this user */
	RECALL_STRANGE,   /* an answer that we cannot read */
	RECALL_ASKED__COUNT
};

/* What to tell the administrator. */
extern const char *const recall_asked_words[RECALL_ASKED__COUNT];

/* Once, before the first question. */
enum recall_asked recall_ask_open(const char *run_dir);
enum recall_asked recall_ask(
    const struct recall_req *, struct recall_answer *answer_r);

#endif
