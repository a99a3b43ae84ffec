/* The octets of a file that holds a message. */
#ifndef DNSMAIL_ADMIN_SAVED_FILE_IN_H
#define DNSMAIL_ADMIN_SAVED_FILE_IN_H

#include "common/buffer.h"

/* "-" is the standard input. -1: said on stderr why. */
int saved_file_read(const char *path, struct buffer *);

#endif
