/*
 * smtpd's lines, which come on one descriptor, and ours to it, which go out on
 * another; in between the sessions and their questions to the daemon.
 */
#ifndef FILTER_SMTPD_IN_H
#define FILTER_SMTPD_IN_H

#include <ev.h>

struct asker;
struct session_options;
struct smtpd_in;

/* Both descriptors become non-blocking. Options and asker must stay. The loop
   is broken when smtpd is gone. NULL (errno): it cannot begin. */
struct smtpd_in *smtpd_in_new(struct ev_loop *, int in, int out,
    const struct session_options *, struct asker *);
void smtpd_in_free(struct smtpd_in *);

#endif
