/*
 * Owns the form of a stored session. Must not know where it is kept.
 *
 * A message is stored while its header has not begun: a client may take
 * minutes for its content, which Postfix keeps until it is whole. From then on
 * all comes in one go.
 */
#include "milter_store.h"

#include <string.h>

#include "milter_step.h"
#include "wire.h"

enum {
	FORM = 1, /* another one when this file changes, or what is negotiated
		     besides actions and steps: the macros */
	TEXT_MAX = MILTER_PACKET_MAX,
};

enum {
	HAS_BODY = 1,
	HAS_ADDRESS = 2,
	BEGUN = 4,
	ENVELOPE = 8,
};

/* ---- texts, with their NUL ---- */

static void
put_text(struct wire *w, const char *text)
{
	wire_put_bytes(w, text, strlen(text) + 1);
}

/* NULL: it is none. */
static const char *
get_text(struct wire *w)
{
	size_t n;
	const uint8_t *text = wire_get_bytes(w, TEXT_MAX, &n);

	return text != NULL && n > 0 && memchr(text, '\0', n) == text + n - 1
	    ? (const char *)text
	    : NULL;
}

/* ---- what holds for the connection ---- */

static void
put_connection(struct wire *w, const struct milter_session *s)
{
	wire_put_u8(w,
	    (uint8_t)((s->mail.has_body ? HAS_BODY : 0) |
		(s->has_address ? HAS_ADDRESS : 0) |
		(s->mail.begun ? BEGUN : 0) |
		(s->state == MILTER_STATE_ENVELOPE ? ENVELOPE : 0)));
	wire_put_u32(w, s->actions);
	wire_put_u32(w, s->steps);
	for (int i = 0; i < MAIL_FACT__COUNT; i++)
		put_text(w, s->connection[i] != NULL ? s->connection[i] : "");
}

/* Would this process have agreed to that? */
static bool
is_agreeable(const struct milter_session *s)
{
	return (s->mail.handler->actions & ~s->actions) == 0 &&
	    (s->steps & ~milter_step_wanted(s)) == 0;
}

static int
get_connection(struct wire *w, struct milter_session *s)
{
	unsigned flags = wire_get_u8(w);

	s->mail.has_body = flags & HAS_BODY;
	s->has_address = flags & HAS_ADDRESS;
	s->mail.begun = flags & BEGUN;
	s->state =
	    flags & ENVELOPE ? MILTER_STATE_ENVELOPE : MILTER_STATE_READY;
	s->actions = wire_get_u32(w);
	s->steps = wire_get_u32(w);
	for (int i = 0; i < MAIL_FACT__COUNT; i++) {
		const char *text = get_text(w);

		if (text == NULL ||
		    milter_step_know(s, (enum mail_fact)i, text) != NULL)
			return -1;
	}
	return is_agreeable(s) ? 0 : -1;
}

/* ---- the message under way ---- */

/* In the order of enum mail_fact. */
static void
put_facts(struct wire *w, const struct mail_message *m)
{
	put_text(w, m->client_addr);
	put_text(w, m->auth_authen);
	put_text(w, m->queue_id);
	put_text(w, m->digest);
}

static void
put_message(struct wire *w, const struct mail_message *m)
{
	put_facts(w, m);
	put_text(w, m->sender);
	wire_put_u32(w, (uint32_t)m->n_recipients);
	for (size_t i = 0; i < m->n_recipients; i++)
		put_text(w, m->recipients[i]);
	wire_put_u8(w, (uint8_t)m->overflow);
}

static int
get_facts(struct wire *w, struct mail_kept *k)
{
	for (int i = 0; i < MAIL_FACT__COUNT; i++) {
		const char *text = get_text(w);

		if (text == NULL ||
		    mail_kept_fact(k, (enum mail_fact)i, text) == -1)
			return -1;
	}
	return 0;
}

static int
get_recipients(struct wire *w, struct mail *m)
{
	for (uint32_t n = wire_get_u32(w); n > 0; n--) {
		const char *text = get_text(w);

		if (text == NULL ||
		    mail_kept_recipient(&m->kept, (const uint8_t *)text,
			strlen(text), m->handler->max_recipients) == -1)
			return -1;
	}
	return 0;
}

/* Another configuration may have other bounds: both count. */
static int
get_message(struct wire *w, struct mail *m)
{
	const char *sender;
	unsigned overflow;

	mail_begin(m);
	if (get_facts(w, &m->kept) == -1 || (sender = get_text(w)) == NULL ||
	    mail_kept_sender(&m->kept, sender, strlen(sender)) == -1 ||
	    get_recipients(w, m) == -1)
		return -1;
	overflow = wire_get_u8(w);
	if (overflow > MAIL_NO_ROOM)
		return -1;
	if (m->kept.message.overflow == MAIL_FITS)
		m->kept.message.overflow = (enum mail_overflow)overflow;
	return 0;
}

/* ---- all ---- */

/* Each text is in the message or the connection, or empty. */
static size_t
size_most(const struct milter_session *s)
{
	enum { FIXED = 64, EACH = sizeof(uint32_t) + 1 };
	const struct mail_kept *k = &s->mail.kept;
	size_t n = FIXED + mail_kept_octets(k) +
	    EACH * (2 * MAIL_FACT__COUNT + 1 + k->message.n_recipients);

	for (int i = 0; i < MAIL_FACT__COUNT; i++)
		if (s->connection[i] != NULL)
			n += strlen(s->connection[i]);
	return n;
}

int
milter_store(const struct mail *m, struct buffer *state)
{
	const struct milter_session *s = (const struct milter_session *)m;
	size_t size = size_most(s);
	struct wire w;

	if ((s->state != MILTER_STATE_READY &&
		s->state != MILTER_STATE_ENVELOPE) ||
	    m->waiting || buffer_reserve(state, size) == NULL)
		return -1;
	wire_init(&w, state->data, size);
	wire_put_u8(&w, FORM);
	put_connection(&w, s);
	if (m->begun)
		put_message(&w, &m->kept.message);
	state->len = w.pos;
	return wire_done(&w) ? 0 : -1;
}

int
milter_resume(struct mail *m, const uint8_t *state, size_t n)
{
	struct milter_session *s = (struct milter_session *)m;
	struct wire w;

	wire_init_read(&w, state, n);
	if (wire_get_u8(&w) != FORM || get_connection(&w, s) == -1 ||
	    (m->begun && get_message(&w, m) == -1))
		return -1;
	return wire_done(&w) ? 0 : -1;
}
