/*
 * A connection of an MTA, by milter or by lines: what the daemon is told of
 * its messages is in order and within bounds, and neither that nor what goes
 * out depends on how the octets were cut, nor on its going from one process to
 * the next behind each packet. Input: options, cuts, the octets.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/milter_session.h"
#include "common/policy_session.h"
#include "tests/fuzz/fuzz.h"

/* The options; the two lowest bits of the verdict are its enum. */
enum {
	LINES = 1,
	WANTS_BODY = 2,
	FINISHES_LATER = 4,
	NEVER_FINISHES = 8,
	VERDICT = 0x30,
	CHANGES = 0x40,
	HOLDS = 0x80,
};
#define NOW 1.5

enum { RECIPIENTS_MAX = 70, WITHOUT_ROOM = 2, FIELDS_CHECKED = 100 };

static const char *const names[] = { "From", "DNS-Mail-ID", "To",
	"Authentication-Results", NULL };

/* One connection, and all that was seen of it. */
struct course {
	unsigned options;
	struct mail *mail;
	struct buffer in, out;
	bool told, ended, moves;
	uint64_t seen; /* a hash of the events */
	size_t verdicts, bodies, awaited;
	enum mail_next next;
	const char *why;
};

static void
see(struct course *c, const void *octets, size_t n)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < n; i++)
		c->seen = (c->seen ^ p[i]) * 0x100000001b3;
}

static void
see_string(struct course *c, const char *string)
{
	assert(string != NULL);
	see(c, string, strlen(string) + 1);
}

static bool
is_kept(const char *name)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

/* It is the nth of its name, if none was left out. */
static void
check_field(const struct mail_message *m, size_t i)
{
	const struct mail_field *f = &m->fields[i];
	unsigned nth = 1;

	assert(is_kept(f->name) && strlen(f->value) == f->len);
	assert(f->len <= MAIL_FIELD_MAX);
	for (size_t k = 0; k < i; k++)
		nth += strcasecmp(m->fields[k].name, f->name) == 0;
	assert(f->nth == nth);
}

static void
see_message(struct course *c)
{
	const struct mail_message *m = mail_message(c->mail);
	const char *values[4];
	size_t lengths[4];

	assert(m->overflow <= MAIL_NO_ROOM);
	assert(m->n_recipients <= RECIPIENTS_MAX);
	assert(c->verdicts < WITHOUT_ROOM || m->n_recipients == 0);
	assert(mail_kept_octets(&c->mail->kept) <
	    2 * (size_t)MAIL_KEPT_MAX + 100000);
	assert(m->n_fields <= MAIL_FIELDS_MAX);
	assert(mail_began(c->mail) == NOW);
	see_string(c, m->client_addr);
	see_string(c, m->auth_authen);
	see_string(c, m->queue_id);
	see_string(c, m->digest);
	assert(m->digest[0] == '\0' || strlen(m->digest) == 43);
	see_string(c, m->sender);
	for (size_t i = 0; i < m->n_recipients; i++)
		see_string(c, m->recipients[i]);
	for (size_t i = 0; i < m->n_fields; i++) {
		if (i < FIELDS_CHECKED)
			check_field(m, i);
		see_string(c, m->fields[i].name);
		see_string(c, m->fields[i].value);
	}
	mail_first_fields(m, names, 4, values, lengths);
	for (size_t i = 0; i < 4; i++)
		assert(values[i] != NULL ? strlen(values[i]) == lengths[i]
					 : lengths[i] == 0);
}

/* ---- the daemon; from the third message on there is no room ---- */

static void
on_headers(struct mail *mail)
{
	struct course *c = mail_arg(mail);

	assert(!c->told && mail_data(mail) == NULL);
	c->told = true;
	mail_set_data(mail, c);
	see(c, "h", 1);
	see_message(c);
}

static void
on_body(struct mail *mail, const uint8_t *octets, size_t n)
{
	struct course *c = mail_arg(mail);

	assert(c->told && !c->ended && mail_data(mail) == c);
	assert(mail_has_body(mail) && (c->options & WANTS_BODY) != 0);
	see(c, octets, n);
	c->bodies++;
}

static void
finish(struct course *c)
{
	enum mail_verdict verdict =
	    (enum mail_verdict)((c->options & VERDICT) >> 4);
	static const char *const texts[MAIL_VERDICT__COUNT] = {
		[MAIL_TEMPFAIL] = "451 4.7.1 later", [MAIL_REJECT] = NULL
	};

	assert(c->told && c->ended);
	if ((c->options & CHANGES) != 0) {
		assert(mail_remove(c->mail, names[3], 1) == 0);
		assert(mail_insert(c->mail, 0, names[1], "a.b.test\n c") == 0);
	}
	if ((c->options & HOLDS) != 0)
		assert(mail_quarantine(c->mail, "held") == 0);
	c->verdicts++;
	mail_finish(c->mail, verdict, texts[verdict]);
	assert(!c->told && !mail_busy(c->mail));
}

static void
on_end(struct mail *mail)
{
	struct course *c = mail_arg(mail);

	assert(c->told && !c->ended);
	c->ended = true;
	see(c, "e", 1);
	see_message(c);
	if ((c->options & (FINISHES_LATER | NEVER_FINISHES)) == 0)
		finish(c);
}

static void
on_forget(struct mail *mail)
{
	struct course *c = mail_arg(mail);

	assert(c->told && mail_data(mail) == c);
	c->told = c->ended = false;
	see(c, "f", 1);
}

/* Told only of what was not finished at once. */
static void
on_finish(void *arg)
{
	struct course *c = arg;

	assert((c->options & FINISHES_LATER) != 0);
	c->awaited++;
}

/* ---- the connection ---- */

static void
begin(struct course *c, struct mail_handler *handler, unsigned options)
{
	const struct mail_protocol *protocol =
	    (options & LINES) != 0 ? &policy_protocol : &milter_protocol;

	*c = (struct course){ .options = options };
	*handler = (struct mail_handler){
		.name = "fuzz",
		.request = "verify",
		.actions = 0x31,
		.fields = names,
		.max_recipients = RECIPIENTS_MAX,
		.wants_body = (options & WANTS_BODY) != 0,
		.headers = on_headers,
		.body = on_body,
		.eom = on_end,
		.forget = on_forget,
		.arg = c,
	};
	c->next = MAIL_NEXT_READ;
	c->mail = protocol->open(handler, &c->out);
	assert(c->mail != NULL);
	mail_on_finish(c->mail, on_finish, c);
}

static bool
is_open(const struct course *c)
{
	return c->next == MAIL_NEXT_READ || c->next == MAIL_NEXT_AGAIN;
}

/* As at a restart, where that can be. */
static void
move(struct course *c)
{
	struct buffer state = { 0 };
	struct mail *mail;

	if (mail_store(c->mail, &state) == 0) {
		mail = c->mail->protocol->open(c->mail->handler, &c->out);
		assert(mail != NULL);
		assert(mail_resume(mail, NOW, state.data, state.len) == 0);
		mail_on_finish(mail, on_finish, c);
		mail_free(c->mail);
		c->mail = mail;
	}
	buffer_free(&state);
}

/* As mail_connection does; false once the peer is not listened to. */
static bool
take(struct course *c, const uint8_t *octets, size_t n)
{
	assert(buffer_append(&c->in, octets, n) == 0);
	do {
		size_t before = c->in.len;
		bool silent = c->ended && (c->options & LINES) != 0;

		c->why = NULL;
		c->mail->kept.no_room = c->verdicts >= WITHOUT_ROOM;
		c->next = mail_input(c->mail, &c->in, NOW, &c->why);
		assert(c->in.len < before || c->next != MAIL_NEXT_AGAIN);
		assert(c->in.len == before || !silent);
		assert((c->next != MAIL_NEXT_BROKEN) || c->why != NULL);
		assert(!c->mail->broken);
		if (c->ended && (c->options & NEVER_FINISHES) == 0 &&
		    is_open(c))
			finish(c);
		else if (c->next == MAIL_NEXT_READ)
			break;
		if (c->moves && is_open(c))
			move(c);
	} while (is_open(c));
	return is_open(c);
}

static void
end(struct course *c)
{
	mail_free(c->mail);
	mail_free(NULL);
	assert(!c->told);
	assert(c->awaited ==
	    ((c->options & FINISHES_LATER) != 0 ? c->verdicts : 0));
	buffer_free(&c->in);
}

/* ---- what goes out ---- */

static void
check_packets(const struct buffer *out)
{
	struct milter_packet packet;
	size_t at = 0, used;

	for (; at < out->len; at += used)
		assert(milter_packet_get(
			   &packet, out->data + at, out->len - at, &used) == 1);
	assert(at == out->len);
}

/* Answers of lines, each with an empty line at its end. */
static void
check_lines(const struct course *c)
{
	const char *p = (const char *)c->out.data, *lf;
	size_t left = c->out.len, answers = 0, lines = 0;

	for (; left > 0; left -= (size_t)(lf - p) + 1, p = lf + 1) {
		lf = memchr(p, '\n', left);
		assert(lf != NULL);
		if (lf > p) {
			assert(lf - p > 7 && memcmp(p, "action=", 7) == 0);
			lines++;
		} else {
			assert(lines > 0);
			answers++;
			lines = 0;
		}
	}
	assert(lines == 0 && answers >= c->verdicts);
}

static void
check_same(const struct course *a, const struct course *b)
{
	assert(a->next == b->next && a->seen == b->seen);
	assert(a->verdicts == b->verdicts && a->bodies == b->bodies);
	assert((a->why == NULL) == (b->why == NULL));
	assert(a->out.len == b->out.len);
	if (a->out.len > 0)
		assert(memcmp(a->out.data, b->out.data, a->out.len) == 0);
}

static void
run_cut(
    struct course *c, const uint8_t *cuts, size_t n_cuts, struct fuzz_input in)
{
	for (size_t i = 0; in.n > 0; i++) {
		size_t n = in.n;

		if (i < n_cuts && (size_t)cuts[i] + 1 < n)
			n = (size_t)cuts[i] + 1;
		if (!take(c, in.p, n))
			return;
		in.p += n;
		in.n -= n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mail_handler handlers[2];
	struct fuzz_input in = { data, size };
	unsigned options = fuzz_u8(&in);
	size_t n_cuts;
	uint8_t *cuts = fuzz_part(&in, &n_cuts);
	struct course whole, cut;

	begin(&whole, &handlers[0], options);
	take(&whole, in.p, in.n);
	if ((options & LINES) != 0)
		check_lines(&whole);
	else
		check_packets(&whole.out);
	begin(&cut, &handlers[1], options);
	cut.moves = true;
	run_cut(&cut, cuts, n_cuts, in);
	check_same(&whole, &cut);
	end(&whole);
	end(&cut);
	buffer_free(&whole.out);
	buffer_free(&cut.out);
	free(cuts);
	return 0;
}
