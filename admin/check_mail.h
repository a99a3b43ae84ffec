/*
 * A saved message as one that an MTA brings: besides milter and lines the
 * third protocol behind a struct mail. What the handler answers is kept.
 */
#ifndef DNSMAIL_ADMIN_CHECK_MAIL_H
#define DNSMAIL_ADMIN_CHECK_MAIL_H

#include "admin/saved_mail.h"
#include "common/mail_protocol.h"

struct check_mail {
	struct mail mail;
	/* The answer, once `told` was called. */
	bool answered; /* else memory was out */
	enum mail_verdict verdict;
	char *reply;      /* the SMTP reply, or NULL */
	char *field_name; /* the field put at the top, or NULL */
	char *field;
	char *removed;           /* "NAME 3,1": fields taken out, or NULL */
	bool held;               /* in quarantine */
	void (*told)(void *arg); /* the handler's data is still there */
	void *arg;
};

/* The strings of an envelope; NULL is none of that. */
struct check_envelope {
	const char *client, *login;
	const char *const *recipients;
	size_t n_recipients;
};

/* Keeps of the message what a daemon keeps. -1: out of memory. */
int check_mail_keep(struct mail_kept *, const char *const *names,
    const struct saved_mail *, const struct check_envelope *,
    size_t max_recipients);

/*
 * Gives it to the handler, which may answer in this call or later. `mail` is
 * zeroed but for told and arg, and must not move. -1: out of memory.
 */
int check_mail_bring(struct check_mail *, const struct mail_handler *,
    const struct saved_mail *, const struct check_envelope *);
void check_mail_free(struct check_mail *);

#endif
