/*
 * Two ends for the tests of ipc: servers and clients in one loop, and either
 * in a process of its own (the test program again) where it is to be killed.
 */
#ifndef DNSMAIL_TEST_IPC_ENDS_H
#define DNSMAIL_TEST_IPC_ENDS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/ipc.h"

enum { MESSAGE_MAX = 65536, HELD_MAX = 4096 };

extern struct ev_loop *ends_loop;

/* A server and what it was asked. */
struct served {
	struct ipc_server *server;
	bool hold;          /* answer at served_release() */
	size_t answer_size; /* 0: an echo */
	unsigned asked;
	uid_t uid; /* of the last that asked */
	struct ipc_request *held[HELD_MAX];
	struct {
		const uint8_t *data;
		size_t n;
	} said[HELD_MAX];
	unsigned n_held;
};

/* ipc://DIRECTORY/name; valid for some calls. */
const char *ends_url(const char *name);
/* The same without the scheme. */
const char *ends_path(const char *name);
struct ipc_server *served_at(const char *url, unsigned max_requests,
    ipc_peer_fn *peer_ok, struct served *);
void served_start(struct served *, const char *name);
/* The last one first, so that nobody gets what he asked for by chance. */
void served_release(struct served *);

/* A client and what it was answered. */
struct tally {
	unsigned results[IPC__COUNT];
	unsigned wrong; /* answers that are no echo of the question */
};

struct question {
	struct tally *tally;
	size_t n;
	uint8_t data[64];
};

/* ipc_answer_fn; arg is a malloc'd struct question. */
void question_answered(
    void *arg, enum ipc_result, const uint8_t *data, size_t n);
struct ipc_client *client_of(const char *first, const char *second);
/* The number makes it unlike any other. */
struct ipc_call *ask(
    struct ipc_client *, struct tally *, unsigned number, double timeout);
unsigned ended(const struct tally *);

/* Run the loop until something is so; false: not within so many seconds. */
bool run_until(const unsigned *counter, unsigned n, double seconds);
bool run_until_ended(const struct tally *, unsigned n, double seconds);
bool run_until_connected(struct ipc_client *, int n);
void run_for(double seconds);

/* A server in a process of its own; returns when it listens. */
pid_t server_spawn(const char *url);
/* A client in a process of its own that asks 64 questions at a time. */
pid_t client_spawn(const char *url);
/* One whose question is over the server's limit; ends soon, with 0 if that was
   not answered. */
pid_t rude_spawn(const char *url);
void process_kill(pid_t);

/* main() of the test: -1, or the exit status of such a process. */
int ends_process(int argc, char **argv);
int ends_setup(void **state);
int ends_teardown(void **state);

#endif
