/*
 * What a name server sends over TCP, cut anywhere, while its reader pauses and
 * goes on: the messages are those of the octets, each once and in order.
 * Input: what the reader does at which message; cuts; the octets.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dns_stream.h"
#include "tests/fuzz/fuzz.h"

enum { READER_GOES_ON, READER_CLOSES, READER_FREES, READER_PAUSES };

static struct ev_loop *loop;
static int listener = -1;
static struct net_address address;

struct course {
	struct dns_stream *stream; /* NULL: freed */
	const uint8_t *octets;
	size_t n, at;          /* sent; and come as messages */
	unsigned reader, left; /* what it does, and after how many messages */
	bool paused;
	bool ended; /* by the reader */
	const char *closed;
};

static void
pause_reader(struct course *c, bool on)
{
	c->paused = on;
	dns_stream_pause(c->stream, on);
}

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct course *c = arg;
	const uint8_t *p = c->octets + c->at;

	assert(!c->ended && c->closed == NULL && c->stream != NULL);
	assert(!c->paused);
	assert(c->n - c->at >= len + 2);
	assert(len == ((size_t)p[0] << 8 | p[1]));
	assert(memcmp(msg, p + 2, len) == 0);
	c->at += len + 2;
	if (c->left-- > 0)
		return;
	switch (c->reader) {
	case READER_CLOSES:
		dns_stream_close(c->stream);
		c->ended = true;
		break;
	case READER_FREES:
		dns_stream_free(c->stream);
		c->stream = NULL;
		c->ended = true;
		break;
	case READER_PAUSES:
		pause_reader(c, true);
		break;
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct course *c = arg;

	assert(!c->ended && c->closed == NULL);
	c->closed = why;
}

static const struct dns_stream_events events = { on_message, on_closed };

/* Once. */
static void
listen_begin(void)
{
	socklen_t len = sizeof(address.in4);

	loop = ev_loop_new(EVFLAG_AUTO);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.in4.sin_family = AF_INET;
	address.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert(loop != NULL && listener != -1);
	assert(bind(listener, &address.sa, len) == 0);
	assert(getsockname(listener, &address.sa, &len) == 0);
	assert(listen(listener, 1) == 0);
}

/* The stream's question arrives, in its frame. */
static int
server_accept(struct course *c)
{
	static const uint8_t question[] = "a question";
	uint8_t seen[2 + sizeof(question)];
	int fd;

	assert(dns_stream_send(c->stream, question, sizeof(question)) == 0);
	assert(dns_stream_queued(c->stream) == sizeof(seen));
	fd = accept(listener, NULL, NULL);
	assert(fd != -1);
	while (dns_stream_queued(c->stream) > 0)
		ev_run(loop, EVRUN_ONCE);
	assert(
	    recv(fd, seen, sizeof(seen), MSG_WAITALL) == (ssize_t)sizeof(seen));
	assert(seen[0] == 0 && seen[1] == sizeof(question));
	assert(memcmp(seen + 2, question, sizeof(question)) == 0);
	return fd;
}

/* A cut is a length, and whether the reader pauses or goes on. */
static void
server_send(struct course *c, int fd, const uint8_t *cuts, size_t n_cuts)
{
	for (size_t at = 0, i = 0; at < c->n && !c->ended; i++) {
		size_t n = c->n - at;

		if (i < n_cuts && n > (size_t)(cuts[i] >> 1) + 1)
			n = (size_t)(cuts[i] >> 1) + 1;
		pause_reader(c, i < n_cuts && (cuts[i] & 1) != 0);
		assert(send(fd, c->octets + at, n, MSG_NOSIGNAL) == (ssize_t)n);
		at += n;
		ev_run(loop, EVRUN_NOWAIT);
	}
}

/* All that was sent is read; then why it was closed is told. */
static void
check_end(struct course *c)
{
	size_t left;

	while (!c->ended && c->closed == NULL) {
		pause_reader(c, false);
		ev_run(loop, EVRUN_ONCE);
	}
	if (c->ended) {
		ev_run(loop, EVRUN_NOWAIT);
		assert(c->closed == NULL);
		return;
	}
	left = c->n - c->at;
	if (left >= 2)
		assert(left - 2 <
		    ((size_t)c->octets[c->at] << 8 | c->octets[c->at + 1]));
	assert(strcmp(c->closed,
		   left > 0 ? "closed in the middle of a message"
			    : "closed by the server") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct course c = { 0 };
	unsigned reader = fuzz_u8(&in);
	size_t n_cuts;
	uint8_t *cuts = fuzz_part(&in, &n_cuts);
	int fd;

	if (listener == -1)
		listen_begin();
	c.reader = reader & 3;
	c.left = reader >> 2;
	c.octets = in.p;
	c.n = in.n;
	c.stream = dns_stream_new(loop, &address, &events, &c);
	assert(c.stream != NULL);
	fd = server_accept(&c);
	server_send(&c, fd, cuts, n_cuts);
	close(fd);
	check_end(&c);
	dns_stream_free(c.stream);
	free(cuts);
	return 0;
}

/* Kept from one input to the next, as a daemon does. */
__attribute__((destructor)) static void
end(void)
{
	if (loop != NULL)
		ev_loop_destroy(loop);
	if (listener != -1)
		close(listener);
}
