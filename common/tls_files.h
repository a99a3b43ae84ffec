/* The files of TLS, as the sections of the configuration name them. */
#ifndef DNSMAIL_TLS_FILES_H
#define DNSMAIL_TLS_FILES_H

/* Where the options say nothing; a unit's credential "tls.key" may stand for
   the key. */
#define TLS_CA_FILE   "/etc/dnsmail/tls-ca.crt"
#define TLS_CERT_FILE "/etc/dnsmail/tls.crt"
#define TLS_KEY_FILE  "/etc/dnsmail/tls.key"

struct tls_files {
	char *ca, *cert, *key; /* PEM */
};

#endif
