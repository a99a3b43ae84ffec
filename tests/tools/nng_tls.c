/*
 * nng_tls URL NAME CA CERT KEY: sends "hello" by nng's own request socket over
 * its own TLS to the server whose certificate is for NAME, and prints the
 * answer as it is. Judges our octets: it knows nothing of them.
 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <stdio.h>
#include <stdlib.h>

enum { PEM_MAX = 16384, WAIT_MS = 10000 };

static void
need(const char *what, int error)
{
	if (error == 0)
		return;
	fprintf(stderr, "nng_tls: %s: %s\n", what, nng_strerror(error));
	exit(1);
}

static const char *
read_pem(const char *path, char text[PEM_MAX])
{
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		perror(path);
		exit(66);
	}
	text[fread(text, 1, PEM_MAX - 1, f)] = '\0';
	fclose(f);
	return text;
}

static nng_tls_config *
config(char **args)
{
	static char ca[PEM_MAX], cert[PEM_MAX], key[PEM_MAX];
	nng_tls_config *c;

	need("config", nng_tls_config_alloc(&c, NNG_TLS_MODE_CLIENT));
	need("name", nng_tls_config_server_name(c, args[0]));
	need("CA", nng_tls_config_ca_chain(c, read_pem(args[1], ca), NULL));
	need("certificate",
	    nng_tls_config_own_cert(
		c, read_pem(args[2], cert), read_pem(args[3], key), NULL));
	return c;
}

int
main(int argc, char **argv)
{
	nng_socket s;
	nng_dialer d;
	char *answer;
	size_t n;

	if (argc != 6)
		return 64;
	need("socket", nng_req0_open(&s));
	need("url", nng_dialer_create(&d, s, argv[1]));
	need(
	    "TLS", nng_dialer_set_ptr(d, NNG_OPT_TLS_CONFIG, config(argv + 2)));
	need("connection", nng_dialer_start(d, 0));
	need("time", nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, WAIT_MS));
	need("send", nng_send(s, "hello", 5, 0));
	need("answer", nng_recv(s, &answer, &n, NNG_FLAG_ALLOC));
	fwrite(answer, 1, n, stdout);
	return 0;
}
