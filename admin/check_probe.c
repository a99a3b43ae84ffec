/*
 * A probe record comes and goes. publishd adds it and removes it; meanwhile
 * the domain's servers are asked, to see when each shows it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "admin/check_list.h"
#include "admin/check_publish.h"
#include "admin/check_whom.h"
#include "common/message_id.h"
#include "common/record.h"

enum { SLOW_MS = 2000 };

static const char *
number(char buf[32], double value)
{
	snprintf(buf, 32, "%.0f", value);
	return buf;
}

/* ---- the record ---- */

int
probe_record(struct probe_req *req, const char *domain)
{
	uint8_t random[MESSAGE_ID_RANDOM];
	char text[RECORD_TEXT_MAX];
	struct record record = { .date = time(NULL) };
	struct message_id id = { 0 };

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	message_id_make(&id, random, domain);
	address_from_path(&record.from, PROBE_ADDRESS);
	record.to = record.from;
	record_put(text, &record);
	*req = (struct probe_req){ .op = PROBE_ADD };
	snprintf(req->domain, sizeof(req->domain), "%s", domain);
	message_id_name(&id, req->owner);
	snprintf(
	    req->text, sizeof(req->text), "%.*s", PROBE_TEXT_MAX - 1, text);
	return 0;
}

/* ---- one request, watched ---- */

static void
take_answer(struct probe *p, struct publish_answer *a)
{
	nng_msg *msg = door_answer(p->door);
	struct publish_answer got;
	struct wire w;

	if (msg == NULL)
		return;
	wire_init_read(&w, nng_msg_body(msg), nng_msg_len(msg));
	if (publish_answer_get(&w, &got) == 0)
		*a = got;
	nng_msg_free(msg);
}

void
probe_step(struct probe *p, struct probe_req *req, enum probe_op op,
    double more, struct publish_answer *a)
{
	bool want = op == PROBE_ADD;

	*a = (struct publish_answer){ .status = PUB_LATER };
	snprintf(
	    a->reason, sizeof(a->reason), "publishd did not answer in time");
	check_look_begin(p->look, want);
	req->op = op;
	if (probe_ask(p, req) == -1)
		return;
	while (door_busy(p->door))
		check_look_again(p->look, req->owner, want);
	p->answered = check_look_ms(p->look);
	take_answer(p, a);
	check_look_wait(
	    p->look, req->owner, want, a->status == PUB_DONE ? more : 0);
}

/* ---- what is said of it ---- */

static void
say_server(struct probe *p, const char *server, double shown, double gone)
{
	struct check_findings *f = p->run->found;
	const char *domain = p->domain->name;
	char ms[32], gone_ms[32];

	if (shown < 0)
		check_say(f, FOUND_PROBE_UNSEEN, domain, server, NULL);
	else if (shown > SLOW_MS)
		check_say(f, FOUND_PROBE_SLOW, domain, server,
		    number(ms, shown), NULL);
	else if (gone < 0)
		check_say(f, FOUND_PROBE_STAYS, domain, server,
		    number(ms, CHECK_LOOK_MAX * 1000), NULL);
	else
		check_say(f, FOUND_PROBE_SHOWN, domain, server,
		    number(ms, shown), number(gone_ms, gone), NULL);
}

/* Of several primaries publishd says which it was. */
static const char *
taken_by(const struct probe *p, const struct publish_answer *a,
    char buf[NET_ADDRESS_TEXT_MAX])
{
	struct net_address address;

	if (p->domain->primaries.n == 1 ||
	    net_address_parse(&address, a->reason, strlen(a->reason)) == -1)
		return p->primary;
	return check_server_text(&address, buf);
}

static void
say_step(struct probe *p, enum check_code done, enum check_code failed,
    const struct publish_answer *a)
{
	char text[32], primary[NET_ADDRESS_TEXT_MAX];

	if (a->status == PUB_DONE)
		check_say(p->run->found, done, p->domain->name,
		    taken_by(p, a, primary), number(text, p->answered), NULL);
	else
		check_say(p->run->found, failed, p->domain->name, p->primary,
		    a->reason, NULL);
}

/* publishd waits for no primary that is away, while another is there. */
static bool
is_excused(const struct config_domain *d, const struct check_look_at *at,
    const struct net_address *server)
{
	return at->ms[true] < 0 && !at->answered && d->primaries.n > 1 &&
	    check_is_primary(d, server);
}

static void
say_servers(struct probe *p)
{
	char text[NET_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < p->look->n; i++) {
		const struct check_look_at *at = &p->look->at[i];
		const struct net_address *server = &p->look->servers[i];

		if (check_is_listed(p->domain, server) &&
		    !is_excused(p->domain, at, server))
			say_server(p, check_server_text(server, text),
			    at->ms[true], at->ms[false]);
	}
}

static bool
any_shown(const struct check_look *look)
{
	for (size_t i = 0; i < look->n; i++)
		if (look->at[i].ms[true] >= 0)
			return true;
	return false;
}

/*
 * It is removed also where it could not be added in time: the primary may have
 * it all the same. Where that cannot be done either there is nothing to say.
 */
void
check_probe(struct probe *p)
{
	struct publish_answer added, removed;
	struct probe_req req;

	if (probe_record(&req, p->domain->name) == -1)
		return;
	probe_step(p, &req, PROBE_ADD, 0, &added);
	say_step(p, FOUND_PROBE_ADDED, FOUND_PROBE_UPDATE, &added);
	if (added.status == PUB_REFUSED)
		return;
	probe_step(p, &req, PROBE_REMOVE, CHECK_LOOK_MAX, &removed);
	p->good = added.status == PUB_DONE || removed.status == PUB_DONE;
	if (!p->good && !any_shown(p->look))
		return;
	say_step(p, FOUND_PROBE_REMOVED, FOUND_PROBE_LEFT, &removed);
	if (removed.status == PUB_DONE)
		say_servers(p);
}
