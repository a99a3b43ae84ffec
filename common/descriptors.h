/*
 * How many descriptors a daemon may have (RLIMIT_NOFILE; systemd's
 * LimitNOFILE), and what its bounds come to where that is less than they want.
 */
#ifndef DNSMAIL_DESCRIPTORS_H
#define DNSMAIL_DESCRIPTORS_H

/* Takes all that the system allows this process, and says how many that is. */
unsigned descriptors_raise(void);

/*
 * `wanted`, or where `have` is less than that and `others` besides it, what is
 * left, at least 16; then the log says so of `option`.
 */
unsigned descriptors_fit(
    const char *option, unsigned wanted, unsigned others, unsigned have);

#endif
