/*
 * How a request is answered depends on the way it came: by nng (ipc_server.c)
 * or by TLS (publishd's tls_in.c). Part of what each of them knows of it.
 */
#ifndef DNSMAIL_IPC_REQUEST_H
#define DNSMAIL_IPC_REQUEST_H

#include <stddef.h>
#include <sys/types.h>

struct ipc_request {
	void (*answer)(struct ipc_request *, const void *data, size_t n);
	uid_t uid;
	pid_t pid;
	const char *names; /* of a certificate; NULL: a process here */
};

#endif
