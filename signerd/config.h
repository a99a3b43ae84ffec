/* signerd's options (the section "signerd" of the configuration). */
#ifndef DNSMAIL_SIGNERD_CONFIG_H
#define DNSMAIL_SIGNERD_CONFIG_H

#include "common/config.h"
#include "common/tls_files.h"

enum login_match { LOGIN_MATCH_NONE, LOGIN_MATCH_DOMAIN, LOGIN_MATCH_ADDRESS };
enum on_error { ON_ERROR_TEMPFAIL, ON_ERROR_UNSIGNED };
enum private_mode { PRIVATE_BLIND, PRIVATE_ALL, PRIVATE_NONE };

struct signerd_config {
	char *user; /* name or number to run as, when started as root */
	struct endpoints milter;
	struct endpoints policy; /* the line protocol; may be none */
	mode_t socket_mode;
	char *socket_group; /* "": leave */
	struct networks trusted;
	bool require_login;
	int login_match; /* enum login_match */
	bool forward;
	char *forward_domain;      /* A-labels, one of ours; "": none */
	struct strings publishers; /* URLs */
	struct tls_files tls;
	int on_error;   /* enum on_error */
	double timeout; /* seconds */
	bool bind;
	int private; /* enum private_mode */
	int64_t max_recipients;
	int64_t max_connections;
	int64_t max_memory; /* MiB */
	int64_t workers;    /* 1 */
};

extern const struct config_section signerd_section;

#endif
