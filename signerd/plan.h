/*
 * What is published for a message that is to be signed: IDs and the records
 * at each. Pure; randomness and the time are arguments.
 */
#ifndef SIGNERD_PLAN_H
#define SIGNERD_PLAN_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/message_id.h"
#include "common/publish_msg.h"
#include "signerd/sign.h"

enum {
	PLAN_GROUPS_MAX = 8,    /* IDs: verifiers take no more */
	PLAN_RECORDS_MAX = 100, /* at one ID: BIND refuses more */
	PLAN_TEXT_MAX = 40000,  /* octets of them together, so that an
				   UPDATE has room for them */
};

/* One ID, one request to publishd, one header field. */
struct plan_group {
	const struct config_domain *domain;
	struct message_id id;
	char name[MESSAGE_ID_NAME_MAX]; /* the field's value */
	struct publish_record *records; /* their owner is `name` */
	size_t n;
	size_t text_len; /* of all */
};

struct plan {
	size_t n_groups;
	struct plan_group groups[PLAN_GROUPS_MAX];
};

/*
 * For a decision with SIGN_SIGN, of the same rules and message. `bind` is the
 * content's digest or NULL. NULL: the decision has become another, with its
 * reason. The plan stands on its own but for rules->config, which must
 * outlive it.
 */
struct plan *plan_new(struct sign_decision *, const struct sign_rules *,
    const struct mail_message *, const char *bind,
    const uint8_t random[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM], time_t now);
void plan_free(struct plan *); /* NULL is fine */

#endif
