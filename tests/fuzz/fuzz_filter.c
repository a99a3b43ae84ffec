/*
 * OpenSMTPD's lines through the filter: what the daemon is asked is one
 * request of lines, whatever stands in addresses and fields; what smtpd hears
 * are its own lines again, unless they were forged results, below what was
 * added. Input: options, the daemon's answer, smtpd's lines.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buffer.h"
#include "common/policy_session.h"
#include "filter/answer.h"
#include "filter/session.h"
#include "filter/smtpd_line.h"
#include "tests/fuzz/fuzz.h"

/* The options. */
enum { VERIFIES = 1, BINDS = 2, SHORT = 4, SILENT = 8, CUTS = 16 };
enum { OUT_MOST = 5000, LINE_MOST = 200, LONG = 1024 * 1024 };

static const char dataline[] = "filter-dataline|0000000000000001|";
static const char result[] = "filter-result|0000000000000001|";

struct course {
	unsigned options;
	struct session *session;
	struct session_options session_options;
	const uint8_t *answer; /* the daemon's, before it is parsed */
	size_t answer_len;
	struct buffer lines; /* of the message, as they came */
	struct buffer out;
	bool added, taken; /* by the last answer */
	bool written;      /* so smtpd may take it */
};

/* ---- the daemon ---- */

/* Lines name=value, the empty one last, and only there. */
static void
check_request(const struct buffer *request)
{
	const char *p = (const char *)request->data;
	const char *end = p + request->len, *lf;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		assert(lf != NULL);
		assert(lf > p ? memchr(p, '=', (size_t)(lf - p)) != NULL
			      : lf + 1 == end);
		assert(memchr(p, '\r', (size_t)(lf - p)) == NULL);
	}
	assert(request->len > 1 && end[-1] == '\n' && end[-2] == '\n');
}

static void
nothing(struct mail *mail)
{
	(void)mail;
}

static void
at_end(struct mail *mail)
{
	size_t *messages = mail_arg(mail);

	++*messages;
	mail_finish(mail, MAIL_ACCEPT, NULL);
}

/* The daemon reads it as one message, or refuses it: one answer. */
static void
check_read(const struct buffer *request, const char *name)
{
	static const char *const names[] = { "From", NULL };
	struct buffer in = { 0 }, out = { 0 };
	size_t messages = 0, answers = 0;
	const struct mail_handler handler = { .request = name,
		.fields = names,
		.max_recipients = 100,
		.headers = nothing,
		.eom = at_end,
		.forget = nothing,
		.arg = &messages };
	struct mail *mail = policy_protocol.open(&handler, &out);
	const char *why;

	assert(mail != NULL);
	assert(buffer_append(&in, request->data, request->len) == 0);
	while (mail_input(mail, &in, 1, &why) == MAIL_NEXT_AGAIN)
		;
	for (size_t i = 1; i < out.len; i++)
		answers += out.data[i] == '\n' && out.data[i - 1] == '\n';
	assert(answers == 1 && messages <= 1);
	mail_free(mail);
	buffer_free(&in);
	buffer_free(&out);
}

static enum session_want
answered(struct course *c)
{
	size_t n = answer_length((const char *)c->answer, c->answer_len);
	char *copy = fuzz_copy(c->answer, n);
	struct answer answer;
	bool good = n > 0 && (c->options & SILENT) == 0 &&
	    answer_parse(&answer, copy, n) == 0;
	enum session_want want;

	c->added =
	    good && (answer.n_fields > 0 || answer.action == ANSWER_HOLD);
	c->taken = good && answer.action <= ANSWER_HOLD;
	if (good)
		assert(answer.n_fields <= ANSWER_FIELDS_MAX);
	want = session_answer(c->session, good ? &answer : NULL);
	free(copy);
	return want;
}

static enum session_want
ask(struct course *c)
{
	struct buffer request = { 0 };

	assert(session_request(c->session, &request) == 0);
	check_request(&request);
	check_read(&request, (c->options & VERIFIES) != 0 ? "verify" : "sign");
	buffer_free(&request);
	return answered(c);
}

/* ---- smtpd ---- */

/* The lines that smtpd hears, without what is before them. */
static void
heard(const struct course *c, struct buffer *data)
{
	const char *p = (const char *)c->out.data;
	const char *end = p + c->out.len, *lf;

	for (; p < end; p = lf + 1) {
		size_t skip = sizeof(dataline) - 1 + 17, n;

		lf = memchr(p, '\n', (size_t)(end - p));
		assert(lf != NULL);
		n = (size_t)(lf + 1 - p);
		if (memcmp(p, result, sizeof(result) - 1) == 0)
			continue;
		assert(
		    n > skip && memcmp(p, dataline, sizeof(dataline) - 1) == 0);
		assert(p[skip - 1] == '|');
		assert(buffer_append(data, p + skip, n - skip) == 0);
	}
}

/* Written whole: what came, or nothing but the end. */
static void
check_written(const struct course *c, bool trouble)
{
	struct buffer data = { 0 };
	const struct buffer *came = &c->lines;

	heard(c, &data);
	assert(
	    data.len >= 2 && memcmp(data.data + data.len - 2, ".\n", 2) == 0);
	if (trouble || !c->taken) {
		assert(data.len == 2);
	} else if (!c->added) {
		assert(data.len == came->len);
		assert(memcmp(data.data, came->data, came->len) == 0);
	} else if ((c->options & VERIFIES) == 0) {
		assert(data.len > came->len);
		assert(memcmp(data.data + data.len - came->len, came->data,
			   came->len) == 0);
	}
	buffer_free(&data);
}

/* One line of ASCII; only what was written whole is taken. */
static void
check_results(const struct course *c)
{
	const char *p = (const char *)c->out.data;
	const char *end = p + c->out.len;
	size_t skip = sizeof(result) - 1 + 17;

	if (c->out.len == 0)
		return;
	assert(c->out.len > skip && memcmp(p, result, sizeof(result) - 1) == 0);
	assert(end[-1] == '\n');
	for (const char *q = p; q + 1 < end; q++)
		assert(*q >= ' ' && *q <= '~');
	if (strncmp(p + skip, "proceed\n", 8) == 0)
		assert(c->written);
	else
		assert(strncmp(p + skip, "reject|4", 8) == 0 ||
		    strncmp(p + skip, "reject|5", 8) == 0);
}

/* Until an event is wanted again. What is written ends with a line. */
static void
serve(struct course *c, enum session_want want)
{
	while (want != SESSION_WANTS_EVENT) {
		bool trouble = session_trouble(c->session)[0] != '\0';
		size_t longest = 128 + c->lines.len + c->answer_len;

		if (want == SESSION_WANTS_ANSWER)
			want = ask(c);
		buffer_clear(&c->out);
		while (want == SESSION_WANTS_ROOM) {
			size_t before = c->out.len;

			want = session_write(c->session, &c->out, OUT_MOST);
			assert(c->out.len <= before + OUT_MOST + longest);
			assert(c->out.data[c->out.len - 1] == '\n');
		}
		check_written(c, trouble);
		c->written = c->taken && !trouble;
		buffer_clear(&c->lines);
	}
}

/* After these the message is over. */
static bool
ends_message(const struct smtpd_event *e)
{
	static const char *const names[] = { "link-disconnect", "tx-reset",
		"tx-begin", "tx-commit", "tx-rollback" };

	if (e->kind == SMTPD_FILTER)
		return smtpd_text_is(e->name, "commit");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (smtpd_text_is(e->name, names[i]))
			return true;
	return false;
}

/* A dot alone before other octets says nothing (RFC 5321 4.5.2). */
static void
keep(struct course *c, const struct smtpd_event *e)
{
	const char *line = e->rest.p;
	size_t n = e->rest.n;

	if (ends_message(e))
		buffer_clear(&c->lines);
	if (e->kind != SMTPD_FILTER || !smtpd_text_is(e->name, "data-line"))
		return;
	if (n > 1 && line[0] == '.' && line[1] != '.') {
		line++;
		n--;
	}
	assert(buffer_append(&c->lines, line, n) == 0);
	assert(buffer_append(&c->lines, "\n", 1) == 0);
}

static void
take_line(struct course *c, const char *line, size_t n)
{
	struct smtpd_event e;
	struct buffer refused = { 0 };
	enum session_want want;

	if (smtpd_line_parse(&e, line, n) == -1)
		return;
	assert(e.kind < SMTPD_KIND__COUNT);
	assert(e.rest.p >= line && e.rest.p + e.rest.n == line + n);
	assert(e.name.p >= line && e.name.p + e.name.n <= line + n);
	if (e.kind == SMTPD_CONFIG)
		return;
	e.session = 1;
	e.cut = (c->options & CUTS) != 0 && n > LINE_MOST;
	session_refuse(&e, &refused);
	assert((refused.len > 0) <= (e.kind == SMTPD_FILTER));
	buffer_free(&refused);
	keep(c, &e);
	buffer_clear(&c->out);
	want = session_event(c->session, &e, &c->out);
	check_results(c);
	if (ends_message(&e))
		c->written = false;
	serve(c, want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct course c = { .options = fuzz_u8(&in) };
	uint8_t *answer = fuzz_part(&in, &c.answer_len);
	const char *p = (const char *)in.p, *end = p + in.n;

	c.answer = answer;
	c.session_options = (struct session_options){
		.role = (c.options & VERIFIES) != 0 ? SESSION_VERIFIES
						    : SESSION_SIGNS,
		.authserv_id = "mx.test",
		.limits = { (c.options & SHORT) != 0 ? 100 : LONG, "/tmp",
		    (c.options & BINDS) != 0 },
	};
	c.session = session_new(&c.session_options, 1);
	assert(c.session != NULL);
	assert(session_queue_id(c.session)[0] == '\0');
	assert(session_register(&c.out) == 0 && c.out.len > 0);
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((lf != NULL ? lf : end) - p);
		char *line = fuzz_copy(p, n);

		take_line(&c, line, n);
		free(line);
		p += n + 1;
	}
	session_free(c.session);
	buffer_free(&c.lines);
	buffer_free(&c.out);
	free(answer);
	return 0;
}
