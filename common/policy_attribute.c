/*
 * A table of names, and a function for each. Knows nothing of requests and
 * answers.
 */
#include "policy_attribute.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "message_id.h"
#include "policy_session.h"
#include "record.h"

int
policy_put(struct buffer *b, const char *text)
{
	return buffer_append(b, text, strlen(text));
}

/* ---- what each does: 0, -1 out of memory ---- */

/* Addresses stand in a message as in MAIL and RCPT. */
static int
put_path(struct buffer *b, const char *address, size_t len)
{
	bool bare = address[0] != '<';

	if ((bare && policy_put(b, "<") == -1) ||
	    buffer_append(b, address, len) == -1 ||
	    (bare && policy_put(b, ">") == -1))
		return -1;
	return 0;
}

static int
take_request(struct policy_session *s, char *value, size_t len)
{
	(void)len;
	s->ours = strcmp(value, s->mail.handler->request) == 0;
	return 0;
}

static int
take_sender(struct policy_session *s, char *value, size_t len)
{
	struct buffer path = { 0 };
	int result = put_path(&path, value, len);

	if (result == 0)
		result = mail_kept_sender(
		    &s->mail.kept, (const char *)path.data, path.len);
	buffer_free(&path);
	return result;
}

int
policy_keep_recipient(struct policy_session *s)
{
	int result = 0;

	if (s->path.len > 0)
		result = mail_kept_recipient(&s->mail.kept, s->path.data,
		    s->path.len, s->mail.handler->max_recipients);
	buffer_clear(&s->path);
	return result;
}

/* Else repeated lines could grow it over what max-memory counts. */
static bool
has_room(struct policy_session *s, size_t len)
{
	if (len <= POLICY_RECIPIENT_MAX - s->path.len)
		return true;
	s->refused = "a recipient is longer than 8 KiB";
	return false;
}

static int
take_recipient(struct policy_session *s, char *value, size_t len)
{
	if (policy_keep_recipient(s) == -1)
		return -1;
	return has_room(s, len + 2) ? put_path(&s->path, value, len) : 0;
}

/* As xtext (RFC 3461 4), so that nothing of it can pass for a parameter. */
static int
take_original(struct policy_session *s, char *value, size_t len)
{
	static const char parameter[] = " ORCPT=rfc822;";
	int result;

	if (s->path.len == 0 || !has_room(s, sizeof(parameter) + 3 * len))
		return 0;
	result = policy_put(&s->path, parameter);
	for (size_t i = 0; i < len && result == 0; i++) {
		unsigned char ch = (unsigned char)value[i];
		char text[4] = { value[i] };

		if (ch < '!' || ch > '~' || ch == '+' || ch == '=')
			snprintf(text, sizeof(text), "+%02X", ch);
		result = policy_put(&s->path, text);
	}
	return result;
}

static int
take_from(struct policy_session *s, char *value, size_t len)
{
	static const char name[] = "From";

	return mail_kept_field(
	    &s->mail.kept, name, sizeof(name) - 1, value, len);
}

static int
take_id(struct policy_session *s, char *value, size_t len)
{
	static const char name[] = MESSAGE_ID_FIELD;

	return mail_kept_field(
	    &s->mail.kept, name, sizeof(name) - 1, value, len);
}

/* "Name: value"; one blank after the colon is not the value's. */
static int
take_header(struct policy_session *s, char *line, size_t len)
{
	size_t name = strcspn(line, ":"), n = name;
	char *value;

	while (n > 0 && isblank((unsigned char)line[n - 1]))
		n--;
	if (name == len || n == 0) {
		s->refused = "header= has no field name";
		return 0;
	}
	line[n] = '\0';
	value = line + name + 1;
	value += *value == ' ';
	return mail_kept_field(
	    &s->mail.kept, line, n, value, (size_t)(line + len - value));
}

static int
take_client(struct policy_session *s, char *value, size_t len)
{
	(void)len;
	return mail_kept_fact(&s->mail.kept, MAIL_CLIENT_ADDR, value);
}

static int
take_login(struct policy_session *s, char *value, size_t len)
{
	(void)len;
	return mail_kept_fact(&s->mail.kept, MAIL_LOGIN, value);
}

static int
take_queue_id(struct policy_session *s, char *value, size_t len)
{
	(void)len;
	return mail_kept_fact(&s->mail.kept, MAIL_QUEUE_ID, value);
}

static int
take_bind(struct policy_session *s, char *value, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789-_";

	if (len != RECORD_DIGEST_TEXT - 1 || strspn(value, alphabet) != len) {
		s->refused = "bind= is no digest";
		return 0;
	}
	return mail_kept_fact(&s->mail.kept, MAIL_DIGEST, value);
}

static const struct {
	const char *name;
	int (*take)(struct policy_session *, char *value, size_t len);
} attributes[] = {
	{ "request", take_request },
	{ "queue_id", take_queue_id },
	{ "client_address", take_client },
	{ "sasl_username", take_login },
	{ "sender", take_sender },
	{ "recipient", take_recipient },
	{ "original_recipient", take_original },
	{ "from", take_from },
	{ "dns_mail_id", take_id },
	{ "header", take_header },
	{ "bind", take_bind },
};

int
policy_attribute(struct policy_session *s, char *line, size_t len)
{
	char *value = memchr(line, '=', len);

	if (value == NULL) {
		s->refused = "a line without =";
		return 0;
	}
	*value++ = '\0';
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strcmp(line, attributes[i].name) == 0)
			return attributes[i].take(
			    s, value, (size_t)(line + len - value));
	return 0;
}
