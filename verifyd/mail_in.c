/*
 * From the octets of a message to a verify and an inquiry. What is done with
 * the outcome is reply_out.c.
 */
#include "verifyd/mail_in.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/auth_results.h"
#include "common/canon.h"
#include "common/message_id.h"
#include "common/milter.h"
#include "common/record.h"
#include "verifyd/config.h"
#include "verifyd/counters.h"
#include "verifyd/inquiry_out.h"
#include "verifyd/reply_out.h"

enum { RECIPIENTS_MAX = 1000 }; /* of one transaction; over it: 451 */

static const char from_field[] = "From";

/* One message. Freed by forget(), whatever became of it. */
struct inspection {
	struct mail *mail;
	struct config *config;
	struct verify *verify; /* NULL: exempt, oversized or no memory */
	struct inquiry *inquiry;
	struct canon *canon; /* NULL: nothing is bound, no ID */
	bool exempt;
	double began; /* the end of the message, by ev_now() */
};

static const struct verifyd_config *
options(const struct inspection *in)
{
	return config_section(in->config, &verifyd_section);
}

static double
now(const struct inspection *in)
{
	const struct mail_in *m = mail_arg(in->mail);

	return ev_now(m->lookups->loop);
}

/* A client whose address the MTA does not tell is not exempt. */
static bool
is_exempt(const struct mail_message *m, const struct verifyd_config *c)
{
	struct net_address client;

	if (m->auth_authen[0] != '\0')
		return true;
	return net_address_parse(
		   &client, m->client_addr, strlen(m->client_addr)) == 0 &&
	    networks_contain(&c->exempt, &client);
}

/* All fields of that name; *n_r of them, in malloc'd memory. */
static struct verify_field *
collect(const struct mail_message *m, const char *name, size_t *n_r)
{
	struct verify_field *all = calloc(m->n_fields + 1, sizeof(*all));
	const struct mail_field *f;

	*n_r = 0;
	for (size_t i = 0; all != NULL && (f = mail_find(m, name, &i)) != NULL;
	     i++)
		all[(*n_r)++] = (struct verify_field){ f->value, f->len };
	return all;
}

static struct verify *
make_verify(const struct mail_message *m, const struct verifyd_config *c)
{
	const struct verify_limits limits = {
		.now = time(NULL),
		.max_age = c->max_age,
		.max_ids = (size_t)c->max_ids,
		.max_hops = (size_t)c->max_hops,
		.trusted_forwarders = &c->trusted_forwarders,
		.require = &c->require,
		.missing_matters = c->on_missing != ACTION_ACCEPT,
	};
	struct verify_input input = {
		.recipients = m->recipients,
		.n_recipients = m->n_recipients,
	};
	struct verify_field *from = collect(m, from_field, &input.n_from);
	struct verify_field *ids = collect(m, MESSAGE_ID_FIELD, &input.n_ids);
	struct verify *verify = NULL;

	input.from = from;
	input.ids = ids;
	if (from != NULL && ids != NULL)
		verify = verify_new(&limits, &input);
	free(from);
	free(ids);
	return verify;
}

/* The header fields that a binding covers go in before the body. */
static struct canon *
begin_canon(const struct mail_message *m)
{
	const char *values[CANON_FIELDS];
	size_t lengths[CANON_FIELDS];
	struct canon *canon = canon_new();

	mail_first_fields(m, canon_field_names, CANON_FIELDS, values, lengths);
	if (canon != NULL)
		canon_header(canon, values, lengths);
	return canon;
}

static void
inquiry_done(void *arg)
{
	struct inspection *in = arg;

	metric_observe(&counters, COUNT_MESSAGE_LATENCY, now(in) - in->began);
	reply_verified(in->mail, in->config, verify_verdict(in->verify),
	    now(in) - in->began);
}

/* -1: out of memory. */
static int
prepare(struct inspection *in, const struct mail_message *m)
{
	const struct mail_in *mi = mail_arg(in->mail);
	size_t i = 0;

	in->verify = make_verify(m, options(in));
	if (in->verify == NULL)
		return -1;
	if (!verify_done(in->verify) && mail_has_body(in->mail) &&
	    mail_find(m, MESSAGE_ID_FIELD, &i) != NULL &&
	    (in->canon = begin_canon(m)) == NULL)
		return -1;
	in->inquiry =
	    inquiry_new(mi->lookups, in->verify, options(in), inquiry_done, in);
	return in->inquiry != NULL ? 0 : -1;
}

static void
inspection_empty(struct inspection *in)
{
	inquiry_free(in->inquiry);
	verify_free(in->verify);
	canon_free(in->canon);
	in->inquiry = NULL;
	in->verify = NULL;
	in->canon = NULL;
}

static void
headers(struct mail *mail)
{
	struct mail_in *mi = mail_arg(mail);
	const struct mail_message *m = mail_message(mail);
	struct inspection *in = calloc(1, sizeof(*in));

	mail_set_data(mail, in);
	if (in == NULL)
		return;
	metric_add(&counters, COUNT_UNDER_WAY, 1);
	in->mail = mail;
	in->config = config_ref(mi->config);
	in->exempt = is_exempt(m, options(in));
	if (!in->exempt && m->overflow == MAIL_FITS && prepare(in, m) != 0)
		inspection_empty(in);
}

static void
body(struct mail *mail, const uint8_t *octets, size_t n)
{
	struct inspection *in = mail_data(mail);

	if (in != NULL && in->canon != NULL)
		canon_body(in->canon, octets, n);
}

/* -1: the library failed. */
static int
end_canon(struct inspection *in)
{
	const char *given = mail_message(in->mail)->digest;
	char digest[RECORD_DIGEST_TEXT];

	if (given[0] != '\0')
		verify_content(in->verify, given);
	if (in->canon == NULL)
		return 0;
	canon_end(in->canon, digest);
	verify_content(in->verify, digest);
	return digest[0] != '\0' ? 0 : -1;
}

static void
inspect(struct inspection *in)
{
	in->began = now(in);
	inquiry_start(in->inquiry, in->began + options(in)->timeout);
}

static void
eom(struct mail *mail)
{
	struct inspection *in = mail_data(mail);
	const struct mail_message *m = mail_message(mail);

	if (in != NULL && in->exempt)
		reply_exempt(mail);
	else if (m->overflow == MAIL_NO_ROOM)
		reply_no_memory(mail);
	else if (in != NULL && m->overflow != MAIL_FITS)
		reply_oversized(mail, in->config);
	else if (in == NULL || in->inquiry == NULL || end_canon(in) != 0)
		reply_no_memory(mail);
	else
		inspect(in);
}

static void
forget(struct mail *mail)
{
	struct inspection *in = mail_data(mail);

	if (in == NULL)
		return;
	metric_add(&counters, COUNT_UNDER_WAY, -1);
	inspection_empty(in);
	config_unref(in->config);
	free(in);
}

void
mail_in_handler(struct mail_handler *handler, struct mail_in *m)
{
	/* The fields that a binding covers, From among them, and ours. */
	static const char *fields[CANON_FIELDS + 3];
	size_t n = 0;

	for (; n < CANON_FIELDS; n++)
		fields[n] = canon_field_names[n];
	fields[n++] = MESSAGE_ID_FIELD;
	fields[n++] = AUTH_RESULTS_FIELD;
	*handler = (struct mail_handler){
		.name = "verifyd",
		.request = "verify",
		.actions =
		    MILTER_F_ADDHDRS | MILTER_F_CHGHDRS | MILTER_F_QUARANTINE,
		.fields = fields,
		.max_recipients = RECIPIENTS_MAX,
		.wants_body = true,
		.headers = headers,
		.body = body,
		.eom = eom,
		.forget = forget,
		.arg = m,
	};
}
