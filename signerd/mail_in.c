/*
 * From the octets of a message to a plan and its publication. What is then
 * said to the MTA and the log is reply_out.c.
 */
#include "signerd/mail_in.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/canon.h"
#include "common/milter.h"
#include "common/monotonic.h"
#include "common/record.h"
#include "signerd/config.h"
#include "signerd/counters.h"
#include "signerd/reply_out.h"

/* One message. Freed by forget(), whatever became of it. */
struct signing {
	struct mail *mail;
	struct config *config;
	struct publishers *publishers;
	struct sign_decision decision;
	struct canon *canon; /* NULL: nothing is bound */
	struct plan *plan;
	struct publication *publication; /* while it is under way */
	double began;                    /* its end was there; monotonic */
};

static const struct signerd_config *
options(const struct signing *s)
{
	return config_section(s->config, &signerd_section);
}

static struct sign_rules
rules(const struct signing *s)
{
	return (struct sign_rules){ s->config, options(s) };
}

/* The header fields that a binding covers go in before the body. */
static int
begin_canon(struct signing *s, const struct mail_message *m)
{
	const char *values[CANON_FIELDS];
	size_t lengths[CANON_FIELDS];

	s->canon = canon_new();
	if (s->canon == NULL)
		return -1;
	mail_first_fields(m, canon_field_names, CANON_FIELDS, values, lengths);
	canon_header(s->canon, values, lengths);
	return 0;
}

static void
headers(struct mail *mail)
{
	struct mail_in *in = mail_arg(mail);
	const struct mail_message *m = mail_message(mail);
	struct signing *s = calloc(1, sizeof(*s));
	struct sign_rules r;

	mail_set_data(mail, s);
	if (s == NULL)
		return;
	s->mail = mail;
	s->config = config_ref(in->config);
	s->publishers = publishers_ref(in->publishers);
	r = rules(s);
	sign_decide(&s->decision, &r, m);
	if (s->decision.action == SIGN_SIGN && options(s)->bind &&
	    mail_has_body(mail) && begin_canon(s, m) != 0)
		sign_decision_set(&s->decision, SIGN_OUT_OF_MEMORY);
}

static void
body(struct mail *mail, const uint8_t *octets, size_t n)
{
	struct signing *s = mail_data(mail);

	if (s != NULL && s->canon != NULL)
		canon_body(s->canon, octets, n);
}

/* The content's digest, the MTA side's where that made it; "": none. -1: the
   library failed. */
static int
end_canon(struct signing *s, char bind[RECORD_DIGEST_TEXT])
{
	const char *given = mail_message(s->mail)->digest;

	bind[0] = '\0';
	if (options(s)->bind)
		memcpy(bind, given, strlen(given) + 1);
	if (s->canon == NULL)
		return 0;
	canon_end(s->canon, bind);
	return bind[0] != '\0' ? 0 : -1;
}

static int
make_plan(struct signing *s)
{
	uint8_t random[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM];
	char bind[RECORD_DIGEST_TEXT];
	struct sign_rules r = rules(s);

	if (end_canon(s, bind) != 0 ||
	    getrandom(random, sizeof(random), 0) != sizeof(random)) {
		sign_decision_set(&s->decision, SIGN_OUT_OF_MEMORY);
		return -1;
	}
	s->plan = plan_new(&s->decision, &r, mail_message(s->mail),
	    bind[0] != '\0' ? bind : NULL, random, time(NULL));
	return s->plan != NULL ? 0 : -1;
}

static struct reply
reply_for(const struct signing *s)
{
	return (struct reply){
		.mail = s->mail,
		.options = options(s),
		.decision = &s->decision,
		.plan = s->plan,
		.seconds = monotonic_now() - s->began,
	};
}

static void
published(void *arg, enum publish_outcome outcome)
{
	struct signing *s = arg;
	struct reply reply = reply_for(s);

	metric_add(&counters, COUNT_UNDER_WAY, -1);
	publication_free(s->publication);
	s->publication = NULL;
	reply_published(&reply, outcome);
}

static void
publish(struct signing *s)
{
	s->publication = publication_new(
	    s->publishers, s->plan, options(s)->timeout, published, s);
	if (s->publication == NULL) {
		struct reply reply = reply_for(s);

		reply_published(&reply, PUBLISH_NO_ANSWER);
		return;
	}
	metric_add(&counters, COUNT_UNDER_WAY, 1);
}

static void
eom(struct mail *mail)
{
	struct signing *s = mail_data(mail);
	struct reply reply;

	if (s == NULL || mail_message(mail)->overflow == MAIL_NO_ROOM) {
		reply_no_memory(mail);
		return;
	}
	s->began = monotonic_now();
	if (s->decision.action == SIGN_SIGN && make_plan(s) == 0) {
		publish(s);
		return;
	}
	reply = reply_for(s);
	reply_decided(&reply);
}

/* Records that publishd makes all the same are harmless: they expire. */
static void
forget(struct mail *mail)
{
	struct signing *s = mail_data(mail);

	if (s == NULL)
		return;
	if (s->publication != NULL) {
		metric_add(&counters, COUNT_UNDER_WAY, -1);
		metric_add(&counters, COUNT_ABANDONED, 1);
	}
	publication_free(s->publication);
	plan_free(s->plan);
	canon_free(s->canon);
	publishers_unref(s->publishers);
	config_unref(s->config);
	free(s);
}

void
mail_in_handler(struct mail_handler *handler, struct mail_in *in)
{
	*handler = (struct mail_handler){
		.name = "signerd",
		.request = "sign",
		.actions = MILTER_F_ADDHDRS,
		.fields = sign_fields,
		.headers = headers,
		.body = body,
		.eom = eom,
		.forget = forget,
		.arg = in,
	};
}
