/* One question after the other at reaperd's door. */
#include "admin/recall_ask.h"

#include <stdio.h>
#include <unistd.h>

#include "admin/door.h"

enum { PATH_BYTES = 256, ANSWER_MS = 5000 };

const char *const recall_asked_words[RECALL_ASKED__COUNT] = {
	[RECALL_ANSWERED] = "it answered",
	[RECALL_ABSENT] = "reaperd does not run (or the configuration is "
			  "another one's: see run-dir)",
	[RECALL_SILENT] = "reaperd does not answer",
	[RECALL_FORBIDDEN] = "you may not ask: that is for root, and for the "
			     "users and groups in reaperd's option admins "
			     "(by default, and under systemd always, the group "
			     "dnsmail-admin)",
	[RECALL_STRANGE] = "reaperd's answer cannot be read: are both of the "
			   "same version?",
};

static struct door door;

static enum recall_asked
open_at(const char *run_dir, const char *dir)
{
	static const enum recall_asked asked[] = {
		[DOOR_OPEN] = RECALL_ANSWERED,
		[DOOR_ABSENT] = RECALL_ABSENT,
		[DOOR_SILENT] = RECALL_SILENT,
		[DOOR_FORBIDDEN] = RECALL_FORBIDDEN,
	};
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/reaperd/%srecall.ipc", run_dir, dir);
	return asked[door_open(&door, path, RECALL_ANSWER_MAX, ANSWER_MS)];
}

/* That one door is not there says nothing where the other is shut. */
static enum recall_asked
second_of(enum recall_asked first, enum recall_asked second)
{
	return second == RECALL_ABSENT ? first : second;
}

/*
 * Under systemd users are hidden from reaperd, so members of dnsmail-admin come
 * by the directory admins; root is seen anyway.
 */
enum recall_asked
recall_ask_open(const char *run_dir)
{
	const bool root = geteuid() == 0;
	enum recall_asked first = open_at(run_dir, root ? "" : "admins/");

	if (first != RECALL_ABSENT && first != RECALL_FORBIDDEN)
		return first;
	return second_of(first, open_at(run_dir, root ? "admins/" : ""));
}

enum recall_asked
recall_ask(const struct recall_req *req, struct recall_answer *answer)
{
	static uint8_t octets[RECALL_REQ_MAX];
	nng_msg *msg;
	struct wire w;
	int result;

	wire_init(&w, octets, sizeof(octets));
	recall_req_put(&w, req);
	if (!wire_done(&w) || door_ask(&door, octets, w.pos, ANSWER_MS) == -1 ||
	    (msg = door_answer(&door)) == NULL)
		return RECALL_SILENT;
	wire_init_read(&w, nng_msg_body(msg), nng_msg_len(msg));
	result = recall_answer_get(&w, answer);
	nng_msg_free(msg);
	return result == 0 ? RECALL_ANSWERED : RECALL_STRANGE;
}
