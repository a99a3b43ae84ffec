/*
 * dnsmail-key [-a ALGORITHM] NAME: a new TSIG key on standard output, in the
 * form of tsig-keygen(8). The secret is as long as the algorithm's MAC, from
 * the kernel's generator.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/tsig_key.h"
#include "common/version.h"

static int
usage(void)
{
	fprintf(stderr, "usage: dnsmail-key [-V] [-a ALGORITHM] NAME\n");
	return EX_USAGE;
}

/* What needs no quoting, neither in name servers' files nor in a shell. */
static bool
name_fits(const char *name)
{
	struct dns_name parsed;

	return name[strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789._-")] == '\0' &&
	    name[0] != '-' && strcmp(name, ".") != 0 &&
	    dns_name_parse(&parsed, name) == 0;
}

static int
key_print(const char *name, const struct tsig_algorithm *algorithm)
{
	unsigned char secret[TSIG_MAC_MAX];
	unsigned char text[4 * ((sizeof(secret) + 2) / 3) + 1];
	char out[512]; /* a name has 254 octets; stdio would keep a copy */
	bool made = getrandom(secret, algorithm->mac_len, 0) ==
	    (ssize_t)algorithm->mac_len;
	bool written;
	int n = 0;

	if (made) {
		EVP_EncodeBlock(text, secret, (int)algorithm->mac_len);
		n = snprintf(out, sizeof(out),
		    "key \"%s\" {\n\talgorithm %s;\n\tsecret \"%s\";\n};\n",
		    name, algorithm->name, (const char *)text);
	}
	written = write(STDOUT_FILENO, out, (size_t)n) == n;
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	OPENSSL_cleanse(out, sizeof(out));
	if (!made || !written) {
		fprintf(stderr, "dnsmail-key: %s\n",
		    made ? "cannot write the key" : "no random numbers");
		return made ? EX_IOERR : EX_OSERR;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	const struct tsig_algorithm *algorithm =
	    tsig_algorithm_find("hmac-sha256");
	int c;

	while ((c = getopt(argc, argv, "+a:V")) != -1) {
		if (c == 'V') {
			printf("dnsmail-key (DNS Mail) %s\n", dnsmail_version);
			return 0;
		}
		if (c != 'a')
			return usage();
		algorithm = tsig_algorithm_find(optarg);
	}
	if (argc - optind != 1)
		return usage();
	if (algorithm == NULL || !name_fits(argv[optind])) {
		fprintf(stderr, "dnsmail-key: %s\n",
		    algorithm == NULL
			? "the algorithm must be hmac-sha256, hmac-sha384 or "
			  "hmac-sha512"
			: "the key's name is no domain name");
		return EX_USAGE;
	}
	return key_print(argv[optind], algorithm);
}
