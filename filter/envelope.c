/*
 * The words of smtpd's reports. Knows nothing of the message itself.
 */
#include "filter/envelope.h"

#include <string.h>

#include "filter/request.h"
#include "filter/smtpd_line.h"

void
envelope_free(struct envelope *v)
{
	buffer_free(&v->addresses);
}

static void
copy_text(char *to, size_t size, struct smtpd_text t)
{
	size_t n = t.n < size ? t.n : 0; /* none is better than half */

	memcpy(to, t.p, n);
	to[n] = '\0';
}

/* ADDRESS:PORT or [ADDRESS]:PORT */
static struct smtpd_text
without_port(struct smtpd_text t)
{
	const char *colon = t.n > 0 ? memrchr(t.p, ':', t.n) : NULL;

	if (colon != NULL)
		t.n = (size_t)(colon - t.p);
	if (t.n > 2 && t.p[0] == '[') {
		t.p++;
		t.n -= 2;
	}
	return t;
}

/*
 * rdns|fcrdns|SOURCE|DESTINATION; read from the end, since rdns is whatever
 * somebody's name server says. unix:PATH is this host.
 */
void
envelope_link_connect(struct envelope *v, const struct smtpd_event *e)
{
	static const char local[] = "unix:";
	struct smtpd_text t = e->rest, source;

	smtpd_text_last(&t);
	source = smtpd_text_last(&t);
	if (source.n >= strlen(local) &&
	    memcmp(source.p, local, strlen(local)) == 0)
		strcpy(v->client, "127.0.0.1");
	else
		copy_text(v->client, sizeof(v->client), without_port(source));
}

/* result|username; before protocol 0.7 username|result. */
void
envelope_link_auth(struct envelope *v, const struct smtpd_event *e)
{
	struct smtpd_text user = e->rest;
	struct smtpd_text result =
	    e->minor >= 7 ? smtpd_text_first(&user) : smtpd_text_last(&user);

	if (smtpd_text_is(result, "pass"))
		copy_text(v->login, sizeof(v->login), user);
}

void
envelope_tx_begin(struct envelope *v, const struct smtpd_event *e)
{
	buffer_clear(&v->addresses);
	v->failed = false;
	copy_text(v->queue_id, sizeof(v->queue_id), e->rest);
}

/* msgid|result|address; before protocol 0.6 msgid|address|result. */
static void
add_address(struct envelope *v, const char *name, const struct smtpd_event *e)
{
	struct smtpd_text address = e->rest, result;

	smtpd_text_first(&address);
	result = e->minor >= 6 ? smtpd_text_first(&address)
			       : smtpd_text_last(&address);
	if (!smtpd_text_is(result, "ok"))
		return;
	if (v->addresses.len + address.n > ENVELOPE_MAX ||
	    request_put(&v->addresses, name, address.p, address.n) == -1)
		v->failed = true;
}

void
envelope_tx_mail(struct envelope *v, const struct smtpd_event *e)
{
	add_address(v, "sender", e);
}

void
envelope_tx_rcpt(struct envelope *v, const struct smtpd_event *e)
{
	add_address(v, "recipient", e);
}

int
envelope_request(const struct envelope *v, struct buffer *request)
{
	const struct {
		const char *name, *value;
	} lines[] = {
		{ "queue_id", v->queue_id },
		{ "client_address", v->client },
		{ "sasl_username", v->login },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (request_put(request, lines[i].name, lines[i].value,
			strlen(lines[i].value)) == -1)
			return -1;
	return buffer_append(request, v->addresses.data, v->addresses.len);
}
