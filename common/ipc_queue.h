/*
 * From nng's threads to the loop: what has completed waits here, and is run in
 * the loop in the order of completion. One wake-up of the loop serves a burst.
 * Only the other ipc_ modules use it.
 */
#ifndef DNSMAIL_IPC_QUEUE_H
#define DNSMAIL_IPC_QUEUE_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Part of the object that waits for it; zeroed but for run and arg. */
struct ipc_event {
	TAILQ_ENTRY(ipc_event) link;
	bool queued;
	void (*run)(void *arg); /* in the loop */
	void *arg;
};

/*
 * Each server and client attaches once, all to the same loop, and detaches
 * when no thread of nng can push for it any more. The first attach must come
 * before the first nng object.
 */
void ipc_queue_attach(struct ev_loop *);
void ipc_queue_detach(void);

/* From any thread. One that already waits is not queued twice. */
void ipc_queue_push(struct ipc_event *);
/* In the loop's thread: it will not run, and can be freed. */
void ipc_queue_remove(struct ipc_event *);

#endif
