/*
 * nng's waiting is the only waiting here. The socket is left to the end of the
 * process: nng 1.5.2 panics now and then when a connection is taken down while
 * its handshake lasts.
 */
#include "admin/recall_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

enum { URL_BYTES = 256, ANSWER_MS = 5000 };

const char *const recall_asked_words[RECALL_ASKED__COUNT] = {
	[RECALL_ANSWERED] = "it answered",
	[RECALL_ABSENT] = "reaperd does not run (or the configuration is "
			  "another one's: see run-dir)",
	[RECALL_SILENT] = "reaperd does not answer",
	[RECALL_FORBIDDEN] = "you may not ask: that is for root, and for the "
			     "users and groups in reaperd's option admins "
			     "(by default the group dnsmail-admin)",
	[RECALL_STRANGE] = "reaperd's answer cannot be read: are both of the "
			   "same version?",
};

static nng_socket requests;

/*
 * nng would try for ever where it is shown out. Whoever is let in is greeted
 * by nng; whoever is not finds the connection closed.
 */
static enum recall_asked
greeted(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char octet;
	ssize_t n;

	if (poll(&p, 1, ANSWER_MS) != 1)
		return RECALL_SILENT;
	n = recv(fd, &octet, 1, 0);
	return n == 1 ? RECALL_ANSWERED : RECALL_FORBIDDEN;
}

/* With a deadline: nobody may be taking connections, and the backlog full. */
static int
connect_within(int fd, const struct sockaddr_un *sun, int ms)
{
	const struct timeval most = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) == -1)
		return -1;
	return connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
}

static enum recall_asked
knock(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	enum recall_asked asked;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return RECALL_ABSENT;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return RECALL_SILENT;
	if (connect_within(fd, &sun, ANSWER_MS) == 0)
		asked = greeted(fd);
	else if (errno == EAGAIN)
		asked = RECALL_SILENT;
	else
		asked = errno == EACCES ? RECALL_FORBIDDEN : RECALL_ABSENT;
	close(fd);
	return asked;
}

enum recall_asked
recall_ask_open(const char *run_dir)
{
	char url[URL_BYTES];
	enum recall_asked asked;

	snprintf(url, sizeof(url), "ipc://%s/reaperd/recall.ipc", run_dir);
	if ((asked = knock(url + strlen("ipc://"))) != RECALL_ANSWERED)
		return asked;
	if (nng_req0_open(&requests) != 0 ||
	    nng_socket_set_size(
		requests, NNG_OPT_RECVMAXSZ, RECALL_ANSWER_MAX) != 0 ||
	    nng_socket_set_ms(requests, NNG_OPT_SENDTIMEO, ANSWER_MS) != 0 ||
	    nng_socket_set_ms(requests, NNG_OPT_RECVTIMEO, ANSWER_MS) != 0 ||
	    nng_dial(requests, url, NULL, NNG_FLAG_NONBLOCK) != 0)
		return RECALL_SILENT;
	return RECALL_ANSWERED;
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
	if (!wire_done(&w) || nng_msg_alloc(&msg, 0) != 0)
		return RECALL_SILENT;
	if (nng_msg_append(msg, octets, w.pos) != 0 ||
	    nng_sendmsg(requests, msg, 0) != 0) {
		nng_msg_free(msg);
		return RECALL_SILENT;
	}
	if (nng_recvmsg(requests, &msg, 0) != 0)
		return RECALL_SILENT;
	wire_init_read(&w, nng_msg_body(msg), nng_msg_len(msg));
	result = recall_answer_get(&w, answer);
	nng_msg_free(msg);
	return result == 0 ? RECALL_ANSWERED : RECALL_STRANGE;
}
