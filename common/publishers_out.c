/* Owns what is common to those who ask publishd. Must not know why they do. */
#include "publishers_out.h"

#include <errno.h>

#include "log.h"
#include "metrics.h"
#include "publish_msg.h"
#include "tls_peer.h"
#include "tls_url.h"

/* What another publishd may do at once. */
static bool
not_now(const uint8_t *data, size_t n)
{
	struct publish_answer answer;
	struct wire w;

	wire_init_read(&w, data, n);
	return publish_answer_get(&w, &answer) == 0 &&
	    (answer.status == PUB_BUSY || answer.status == PUB_LATER);
}

struct ipc_client *
publishers_out_new(struct ev_loop *loop, const struct publishers_options *o)
{
	const struct ipc_client_options options = {
		.connect = o->tls != NULL ? tls_peer_new : NULL,
		.connect_arg = o->tls,
		.again = not_now,
		.metrics = o->metrics,
		.up_row = o->up_row,
		.again_row = o->again_row,
	};

	if (o->metrics != NULL)
		metric_set(o->metrics, o->expires_row,
		    tls_context_until(o->tls, false));
	return ipc_client_new_with(loop, (const char *const *)o->urls->v,
	    o->urls->n, PUBLISH_REQ_MAX, &options);
}

int
publishers_out_tls(const struct strings *urls, const struct tls_files *files,
    struct tls_context *was, const char *where, struct tls_context **tls_r)
{
	char why[512];

	*tls_r = NULL;
	if (!tls_urls_any(urls))
		return 0;
	*tls_r = tls_context_new(files, why, sizeof(why));
	if (*tls_r != NULL)
		return 0;
	if (errno != EACCES || was == NULL) {
		log_warnx("%s: tls: %s", where, why);
		return -1;
	}
	log_warnx("keeps the certificate that it has: %s", why);
	*tls_r = tls_context_ref(was);
	return 0;
}
