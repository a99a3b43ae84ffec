/*
 * A directory below a daemon's own in which it also listens. The kernel says
 * who comes: only who may enter the directory does. So users need not be seen,
 * and the systemd unit hides them.
 */
#ifndef DNSMAIL_DOOR_DIR_H
#define DNSMAIL_DOOR_DIR_H

enum { DOOR_URL_MAX = 128 };

/*
 * The url of the socket `file` in the one of that name: 1, 0: there is none,
 * -1 (logged): one that is not ours alone to give, or that others may enter.
 */
int door_find(const char *run_dir, const char *name, const char *file,
    char url[DOOR_URL_MAX]);

#endif
