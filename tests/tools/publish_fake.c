/*
 * publish_fake URL: plays publishd to signerd. Every request is well done at
 * once; its records are lines "OWNER TEXT" on stdout, before the answer.
 */
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/ipc.h"
#include "common/publish_msg.h"

static void
answer(struct ipc_request *request, enum publish_status status)
{
	struct publish_answer a = { .status = status };
	uint8_t data[1024];
	struct wire w;

	wire_init(&w, data, sizeof(data));
	publish_answer_put(&w, &a);
	ipc_answer(request, data, w.pos);
}

static void
asked(void *arg, struct ipc_request *request, const uint8_t *data, size_t n)
{
	struct publish_req r;
	struct wire w;

	(void)arg;
	wire_init_read(&w, data, n);
	if (publish_req_get(&w, &r) == -1) {
		printf("malformed\n");
		fflush(stdout);
		answer(request, PUB_REFUSED);
		return;
	}
	for (size_t i = 0; i < r.n; i++)
		printf("%s %s\n", r.records[i].owner, r.records[i].text);
	fflush(stdout);
	free(r.records);
	answer(request, PUB_DONE);
}

int
main(int argc, char **argv)
{
	struct ev_loop *loop = ev_default_loop(0);
	struct ipc_server_options options = { .mode = 0666,
		.max_message = PUBLISH_REQ_MAX,
		.max_requests = 100 };

	if (argc != 2) {
		fprintf(stderr, "usage: publish_fake URL\n");
		return 64;
	}
	options.url = argv[1];
	if (ipc_server_new(loop, &options, NULL, asked, NULL) == NULL)
		return 71;
	ev_run(loop, 0);
	return 0;
}
