/*
 * A daemon of several processes. The parent opens the sockets and keeps them,
 * and is in the jail; workers, which it forks, accept from them; one process
 * more answers on the status socket for all. The parent itself uses neither
 * threads nor nng, so that it can fork at any time.
 *
 * A reload makes new workers from the new configuration. When all of them are
 * ready those of the old one take no more connections and end with the last
 * they have; if one is not, the new ones end and nothing has changed.
 */
#ifndef DNSMAIL_WORKERS_H
#define DNSMAIL_WORKERS_H

#include <stdbool.h>

struct config;
struct daemon;

enum { WORKERS_MAX = 64 };

/* For so many; after the jail. 0, or -1 (logged). d->workers is set. */
int workers_open(struct daemon *, int n);

/*
 * The parent's life. True in each process that it forks, which is to go on by
 * worker_become(); false in the parent when all of them have ended.
 */
bool workers_run(struct daemon *);

/* Ends all: what is in flight has its time. */
void workers_stop(struct daemon *);

/* daemon_reload_done() tells what became of it, if this does not fail (-1,
   logged). Takes the configuration then. */
int workers_reload(struct daemon *, struct config *next);

/* Does each process show signs of life, or will end soon? */
bool workers_alive(const struct daemon *);

/* The sysexits code with which the parent ends. */
int workers_exit(const struct daemon *);

void workers_free(struct daemon *);

#endif
