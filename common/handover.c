/* Owns who keeps the connections: systemd. Knows nothing of what is in them. */
#include "handover.h"

#include "fd_store.h"
#include "log.h"
#include "mail_server.h"
#include "milter_session.h"

static void
go_on(void *arg, int fd, const uint8_t *state, size_t n)
{
	mail_server_resume(arg, &milter_protocol, fd, state, n);
}

void
handover_begin(struct mail_server *server, const char *run_dir)
{
	size_t before = mail_server_connections(server), n;

	fd_store_take(go_on, server);
	n = mail_server_connections(server) - before;
	if (n > 0)
		log_info(
		    "goes on with %zu connections of the process before", n);
	if (fd_store_open(run_dir))
		mail_server_keep(server, fd_store_put);
}
