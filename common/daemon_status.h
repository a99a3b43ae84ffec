/* The status socket of a daemon, <run-dir>/<daemon>/status.ipc. */
#ifndef DNSMAIL_DAEMON_STATUS_H
#define DNSMAIL_DAEMON_STATUS_H

struct daemon;

/* 0, or -1 when it cannot listen (logged). After the jail. */
int daemon_status_open(struct daemon *);
void daemon_status_close(void);

#endif
