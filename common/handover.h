/*
 * An MTA's connections outlive a restart of their daemon: what one process
 * leaves, the next one goes on with. No protocol between MTAs and us can move
 * to another connection, and an MTA puts off all mail of a session whose
 * connection ends.
 */
#ifndef DNSMAIL_HANDOVER_H
#define DNSMAIL_HANDOVER_H

struct mail_server;

/* Goes on with those of the process before, and will leave its own, where
   there is somebody to keep them. Once. run_dir: as daemon.h has it. */
void handover_begin(struct mail_server *, const char *run_dir);

#endif
