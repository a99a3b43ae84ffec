/* Which of its primaries a zone goes to. Only primary_out uses this. */
#ifndef DNSMAIL_PUBLISHD_PRIMARY_TURN_H
#define DNSMAIL_PUBLISHD_PRIMARY_TURN_H

#include "publishd/primary_out.h"

void turn_init(struct target *, struct primary *const *, size_t n);
void turn_end(struct target *);

/* Before an UPDATE, while none is under way: to the one that is chosen. */
void turn_take(struct target *, double now);
/* An UPDATE was accepted. True: by another than before, and the log has it. */
bool turn_accepted(struct target *);

#endif
