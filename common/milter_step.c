/*
 * What each packet of the MTA does to a session, and the table that says when
 * it may come. Knows neither what came before (the state does) nor what is
 * answered.
 */
#include "milter_step.h"

#include <stdlib.h>
#include <string.h>

#include "milter_macro.h"

enum { CONNECTION_VALUE_MAX = 4096 }; /* octets */

static const char out_of_memory[] = "out of memory";
static const char bad_strings[] = "a packet with the wrong strings";

/* ---- a message begins and ends ----------------------------------------------
 */

/* Once per message: by its first macros or by MAIL. */
static const char *
begin_message(struct milter_session *s)
{
	if (s->mail.begun)
		return NULL;
	mail_begin(&s->mail);
	for (int i = 0; i < MAIL_FACT__COUNT; i++)
		if (s->connection[i] != NULL &&
		    mail_kept_fact(&s->mail.kept, (enum mail_fact)i,
			s->connection[i]) == -1)
			return out_of_memory;
	return NULL;
}

/* ---- what each packet does: NULL, or why the connection is broken ---- */

/*
 * Every step that we can do without, and every reply that can be spared: so a
 * message costs one round trip. Where the header ends, the body or the end of
 * the message says.
 */
uint32_t
milter_step_wanted(const struct milter_session *s)
{
	return MILTER_P_NOHELO | MILTER_P_NOUNKNOWN | MILTER_P_NODATA |
	    MILTER_P_NOEOH | MILTER_P_NR_CONN | MILTER_P_NR_HELO |
	    MILTER_P_NR_MAIL | MILTER_P_NR_RCPT | MILTER_P_NR_DATA |
	    MILTER_P_NR_UNKN | MILTER_P_NR_HDR | MILTER_P_NR_EOH |
	    (s->mail.has_body ? MILTER_P_NR_BODY
			      : MILTER_P_NOBODY | MILTER_P_SKIP);
}

static const char *
put_negotiated(struct milter_session *s, uint32_t version)
{
	struct buffer lists = { 0 };
	int bad = 0;

	if (s->actions & MILTER_F_SETSYMLIST)
		bad = milter_macro_put_lists(&lists);
	if (bad == 0)
		bad = milter_put_optneg(s->mail.out, version, s->actions,
		    s->steps, lists.data, lists.len);
	buffer_free(&lists);
	return bad == 0 ? NULL : out_of_memory;
}

static const char *
take_optneg(struct milter_session *s, const struct milter_packet *p)
{
	struct milter_cursor c;
	uint32_t version, actions, steps;

	milter_cursor_init(&c, p);
	if (milter_u32(&c, &version) == -1 || milter_u32(&c, &actions) == -1 ||
	    milter_u32(&c, &steps) == -1)
		return "a short negotiation";
	if (version < 2)
		return "a milter protocol version below 2";
	/* Not allowed to do its work, a milter would let all mail pass. */
	if (s->mail.handler->actions & ~actions)
		return "the MTA does not offer the changes we make";
	s->mail.has_body = s->mail.handler->wants_body;
	s->steps = steps & milter_step_wanted(s);
	s->actions = actions & (s->mail.handler->actions | MILTER_F_SETSYMLIST);
	return put_negotiated(
	    s, version < MILTER_VERSION ? version : MILTER_VERSION);
}

/* It stays with the connection, beside the memory that max-memory bounds. */
const char *
milter_step_know(
    struct milter_session *s, enum mail_fact macro, const char *value)
{
	char *copy;

	if (strlen(value) > CONNECTION_VALUE_MAX)
		return "a value for the whole connection is too long";
	if ((copy = strdup(value)) == NULL)
		return out_of_memory;
	free(s->connection[macro]);
	s->connection[macro] = copy;
	return NULL;
}

void
milter_step_drop_connection(struct milter_session *s)
{
	for (int i = 0; i < MAIL_FACT__COUNT; i++) {
		free(s->connection[i]);
		s->connection[i] = NULL;
	}
	s->has_address = false;
}

static const char *
take_connect(struct milter_session *s, const struct milter_packet *p)
{
	const char *address = milter_connect_address(p);

	if (address == NULL)
		return bad_strings;
	s->has_address = address[0] != '\0';
	return milter_step_know(s, MAIL_CLIENT_ADDR, address);
}

/* Sent for CONNECT or HELO it holds for the connection, else for a message. */
static const char *
take_macro(struct milter_session *s, uint8_t stage, enum mail_fact macro,
    const char *value)
{
	if (macro == MAIL_FACT__COUNT)
		return NULL;
	if (macro == MAIL_CLIENT_ADDR) {
		if (s->has_address)
			return NULL;
		value = milter_bare_address(value);
	}
	if (stage == MILTER_CONNECT || stage == MILTER_HELO)
		return milter_step_know(s, macro, value);
	return s->mail.begun &&
		mail_kept_fact(&s->mail.kept, macro, value) == -1
	    ? out_of_memory
	    : NULL;
}

/* Macros come before the packet that they belong to. */
static const char *
take_macros(struct milter_session *s, const struct milter_packet *p)
{
	struct milter_cursor c;
	const char *name, *value, *why;
	size_t len;
	uint8_t stage;

	milter_cursor_init(&c, p);
	if (c.p == c.end)
		return "macros without a command";
	stage = *c.p++;
	if (stage == MILTER_MAIL && begin_message(s) != NULL)
		return out_of_memory;
	while (c.p != c.end) {
		if ((name = milter_string(&c, &len)) == NULL ||
		    (value = milter_string(&c, &len)) == NULL)
			return "a macro without its value";
		why = take_macro(s, stage, milter_macro_find(name), value);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static const char *
take_sender(struct milter_session *s, const struct milter_packet *p)
{
	struct milter_cursor c;
	const char *sender, *why;
	size_t len;

	milter_cursor_init(&c, p);
	if ((sender = milter_string(&c, &len)) == NULL)
		return bad_strings;
	if ((why = begin_message(s)) != NULL)
		return why;
	return mail_kept_sender(&s->mail.kept, sender, len) == 0
	    ? NULL
	    : out_of_memory;
}

static const char *
take_recipient(struct milter_session *s, const struct milter_packet *p)
{
	if (p->len == 0 || p->data[0] == '\0' || p->data[p->len - 1] != '\0')
		return bad_strings;
	return mail_kept_recipient(&s->mail.kept, p->data, p->len - 1,
		   s->mail.handler->max_recipients) == 0
	    ? NULL
	    : out_of_memory;
}

/* Nothing may hide behind the value: a NUL in it would end it early. */
static const char *
take_header(struct milter_session *s, const struct milter_packet *p)
{
	struct milter_cursor c;
	const char *name, *value;
	size_t name_len, len;

	milter_cursor_init(&c, p);
	if ((name = milter_string(&c, &name_len)) == NULL ||
	    (value = milter_string(&c, &len)) == NULL || c.p != c.end)
		return bad_strings;
	return mail_kept_field(&s->mail.kept, name, name_len, value, len) == 0
	    ? NULL
	    : out_of_memory;
}

static const char *
take_end_of_headers(struct milter_session *s, const struct milter_packet *p)
{
	(void)p;
	mail_tell_headers(&s->mail);
	return NULL;
}

static const char *
take_body(struct milter_session *s, const struct milter_packet *p)
{
	mail_tell_headers(&s->mail);
	if (s->mail.has_body && p->len > 0)
		s->mail.handler->body(&s->mail, p->data, p->len);
	return NULL;
}

/* The packet may carry the last piece of the body. */
static const char *
take_end(struct milter_session *s, const struct milter_packet *p)
{
	take_body(s, p);
	mail_tell_end(&s->mail);
	return NULL;
}

static const char *
take_abort(struct milter_session *s, const struct milter_packet *p)
{
	(void)p;
	mail_forget(&s->mail);
	return NULL;
}

/* Another client on the same socket; what was negotiated stays. */
static const char *
take_quit_nc(struct milter_session *s, const struct milter_packet *p)
{
	milter_step_drop_connection(s);
	return take_abort(s, p);
}

static const char *
take_nothing(struct milter_session *s, const struct milter_packet *p)
{
	(void)s;
	(void)p;
	return NULL;
}

#define IN(state)  (1u << MILTER_STATE_##state)
#define IN_MESSAGE (IN(ENVELOPE) | IN(HEADERS) | IN(BODY))
#define NEGOTIATED (IN(READY) | IN_MESSAGE | IN(WAIT))

static const struct milter_step steps[] = {
	[MILTER_OPTNEG] = { IN(START), MILTER_STATE_READY, 0, take_optneg },
	[MILTER_MACRO] = { IN(READY) | IN_MESSAGE, MILTER_STATE_SAME, 0,
	    take_macros },
	[MILTER_CONNECT] = { IN(READY), MILTER_STATE_SAME, MILTER_P_NR_CONN,
	    take_connect },
	[MILTER_HELO] = { IN(READY) | IN(ENVELOPE), MILTER_STATE_SAME,
	    MILTER_P_NR_HELO, take_nothing },
	[MILTER_UNKNOWN] = { IN(READY) | IN(ENVELOPE), MILTER_STATE_SAME,
	    MILTER_P_NR_UNKN, take_nothing },
	[MILTER_MAIL] = { IN(READY), MILTER_STATE_ENVELOPE, MILTER_P_NR_MAIL,
	    take_sender },
	[MILTER_RCPT] = { IN(ENVELOPE), MILTER_STATE_SAME, MILTER_P_NR_RCPT,
	    take_recipient },
	[MILTER_DATA] = { IN(ENVELOPE), MILTER_STATE_SAME, MILTER_P_NR_DATA,
	    take_nothing },
	[MILTER_HEADER] = { IN(ENVELOPE) | IN(HEADERS), MILTER_STATE_HEADERS,
	    MILTER_P_NR_HDR, take_header },
	[MILTER_EOH] = { IN(ENVELOPE) | IN(HEADERS), MILTER_STATE_BODY,
	    MILTER_P_NR_EOH, take_end_of_headers },
	[MILTER_BODY] = { IN_MESSAGE, MILTER_STATE_BODY, MILTER_P_NR_BODY,
	    take_body },
	[MILTER_EOM] = { IN_MESSAGE, MILTER_STATE_WAIT, 0, take_end },
	[MILTER_ABORT] = { NEGOTIATED, MILTER_STATE_READY, 0, take_abort },
	[MILTER_QUIT] = { NEGOTIATED | IN(START), MILTER_STATE_CLOSED, 0,
	    take_abort },
	[MILTER_QUIT_NC] = { NEGOTIATED, MILTER_STATE_READY, 0, take_quit_nc },
};

const struct milter_step *
milter_step_find(uint8_t command)
{
	if (command >= sizeof(steps) / sizeof(steps[0]) ||
	    steps[command].run == NULL)
		return NULL;
	return &steps[command];
}
