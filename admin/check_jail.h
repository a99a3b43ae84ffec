/* What strangers wrote is looked at with no more rights than a daemon has. */
#ifndef DNSMAIL_ADMIN_CHECK_JAIL_H
#define DNSMAIL_ADMIN_CHECK_JAIL_H

/*
 * Once all files are read: from root to that user of a daemon's, where there is
 * such a one, and into jail.h's jail with these promises. -1: logged.
 */
int check_jail_enter(unsigned promises, const char *user);

#endif
