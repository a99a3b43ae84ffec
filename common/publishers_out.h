/*
 * The publishds of a configuration, of this system and others; requests are
 * spread over them and go to another when one is away, silent or busy.
 */
#ifndef DNSMAIL_PUBLISHERS_OUT_H
#define DNSMAIL_PUBLISHERS_OUT_H

#include "config.h"
#include "ipc.h"
#include "tls_context.h"

/* What signerd and reaperd have of each: their counters and options. */
struct publishers_options {
	const struct strings *urls;
	struct tls_context *tls; /* NULL: none of them is by TLS; counted */
	struct metrics *metrics;
	size_t up_row, again_row, expires_row;
};

/* After the jail. NULL: logged, or out of memory. */
struct ipc_client *publishers_out_new(
    struct ev_loop *, const struct publishers_options *);

/*
 * The certificate that these urls need: *tls_r, NULL for none; 0 or -1
 * (logged). `was`: goes on with that where the files may not be read any more
 * (NULL: that is an error). `where` goes before what the log says.
 */
int publishers_out_tls(const struct strings *urls,
    const struct tls_files *files, struct tls_context *was, const char *where,
    struct tls_context **tls_r);

#endif
