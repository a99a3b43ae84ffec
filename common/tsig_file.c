/*
 * Owns the form of key files, as tsig-keygen(8) writes them and named reads
 * them. Must not know what keys are used for. Nothing of a secret ever gets
 * into a reason, and every copy is wiped.
 */
#include "tsig_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base64.h"
#include "credential.h"

enum {
	FILE_MAX = 16 * 1024,
	WORD_MAX = 1024, /* a base64 secret of TSIG_SECRET_MAX octets fits */
};

enum token { TOKEN_WORD, TOKEN_MARK, TOKEN_END, TOKEN_BAD };

struct parser {
	const char *at, *end;
	unsigned line;
	enum token token;
	char word[WORD_MAX]; /* a mark is a word of one character */
	const char *why;     /* the first thing that was wrong */

	bool have_name, have_algorithm;
	struct dns_name name;
	const struct tsig_algorithm *algorithm;
	uint8_t secret[TSIG_SECRET_MAX];
	size_t secret_len; /* 0: none yet */
};

static int
parser_fail(struct parser *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
	p->token = TOKEN_BAD;
	return -1;
}

/* ---- words ----------------------------------------------------------------
 */

static bool
sees(const struct parser *p, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(p->end - p->at) >= n && memcmp(p->at, what, n) == 0;
}

static void
step(struct parser *p)
{
	if (*p->at++ == '\n')
		p->line++;
}

static int
skip_comment(struct parser *p)
{
	if (!sees(p, "/*")) { /* "#" or "//": to the end of the line */
		while (p->at < p->end && *p->at != '\n')
			p->at++;
		return 0;
	}
	for (p->at += 2; !sees(p, "*/"); step(p))
		if (p->at == p->end)
			return parser_fail(p, "a comment is not closed");
	p->at += 2;
	return 0;
}

static int
skip_blanks(struct parser *p)
{
	while (p->at < p->end) {
		if (strchr(" \t\r\n", *p->at) != NULL && *p->at != '\0')
			step(p);
		else if (!sees(p, "#") && !sees(p, "//") && !sees(p, "/*"))
			return 0;
		else if (skip_comment(p) == -1)
			return -1;
	}
	return 0;
}

static int
take_word(struct parser *p, const char *start, size_t n)
{
	if (n >= sizeof(p->word))
		return parser_fail(p, "a word is too long");
	if (memchr(start, '\0', n) != NULL)
		return parser_fail(p, "there is a NUL in it");
	memcpy(p->word, start, n);
	p->word[n] = '\0';
	return 0;
}

static int
take_quoted(struct parser *p)
{
	const char *start = ++p->at;

	while (p->at < p->end && *p->at != '"' && *p->at != '\n')
		p->at++;
	if (p->at == p->end || *p->at != '"')
		return parser_fail(p, "a quoted word is not closed");
	p->token = TOKEN_WORD;
	return take_word(p, start, (size_t)(p->at++ - start));
}

static int
take_plain(struct parser *p)
{
	const char *start = p->at;

	while (p->at < p->end && strchr(" \t\r\n\"{};", *p->at) == NULL &&
	    !sees(p, "#") && !sees(p, "//") && !sees(p, "/*"))
		p->at++;
	p->token = TOKEN_WORD;
	return take_word(p, start, (size_t)(p->at - start));
}

/* The next token into p->token and p->word. */
static int
advance(struct parser *p)
{
	if (p->token == TOKEN_BAD || skip_blanks(p) == -1)
		return -1;
	p->word[0] = '\0';
	if (p->at == p->end) {
		p->token = TOKEN_END;
		return 0;
	}
	if (*p->at == '"')
		return take_quoted(p);
	if (!sees(p, "{") && !sees(p, "}") && !sees(p, ";"))
		return take_plain(p);
	p->token = TOKEN_MARK;
	return take_word(p, p->at++, 1);
}

static int
expect_mark(struct parser *p, const char *mark, const char *why)
{
	if (advance(p) == -1)
		return -1;
	if (p->token != TOKEN_MARK || strcmp(p->word, mark) != 0)
		return parser_fail(p, why);
	return 0;
}

static int
expect_word(struct parser *p, const char *why)
{
	if (advance(p) == -1)
		return -1;
	return p->token == TOKEN_WORD ? 0 : parser_fail(p, why);
}

/* ---- statements -----------------------------------------------------------
 */

static int
set_algorithm(struct parser *p)
{
	if (p->have_algorithm)
		return parser_fail(p, "a second algorithm");
	p->have_algorithm = true;
	p->algorithm = tsig_algorithm_find(p->word);
	if (p->algorithm == NULL)
		return parser_fail(p,
		    "the algorithm must be hmac-sha256, "
		    "hmac-sha384 or hmac-sha512");
	return 0;
}

static int
set_secret(struct parser *p)
{
	if (p->secret_len > 0)
		return parser_fail(p, "a second secret");
	if (base64_decode(
		p->secret, sizeof(p->secret), p->word, &p->secret_len) == -1)
		return parser_fail(p, "the secret is not base64, or too long");
	return 0;
}

static const struct {
	const char *word;
	int (*set)(struct parser *);
} statements[] = {
	{ "algorithm", set_algorithm },
	{ "secret", set_secret },
};

static int
parse_statement(struct parser *p)
{
	size_t i = 0, n = sizeof(statements) / sizeof(statements[0]);

	while (i < n && strcmp(p->word, statements[i].word) != 0)
		i++;
	if (p->token != TOKEN_WORD || i == n)
		return parser_fail(p, "\"algorithm\" or \"secret\" wanted");
	if (expect_word(p, "a value is wanted here") == -1 ||
	    statements[i].set(p) == -1)
		return -1;
	return expect_mark(p, ";", "\";\" wanted");
}

static int
parse_body(struct parser *p)
{
	if (expect_mark(p, "{", "\"{\" wanted") == -1)
		return -1;
	for (;;) {
		if (advance(p) == -1)
			return -1;
		if (p->token == TOKEN_MARK && strcmp(p->word, "}") == 0)
			return expect_mark(p, ";", "\";\" wanted");
		if (parse_statement(p) == -1)
			return -1;
	}
}

static int
parse_key(struct parser *p)
{
	if (expect_word(p, "key \"NAME\" wanted") == -1)
		return -1;
	if (strcmp(p->word, "key") != 0)
		return parser_fail(p, "key \"NAME\" wanted");
	if (expect_word(p, "the key's name is wanted here") == -1)
		return -1;
	if (dns_name_parse(&p->name, p->word) == -1)
		return parser_fail(p, "the key's name is no domain name");
	if (parse_body(p) == -1)
		return -1;
	if (p->algorithm == NULL || p->secret_len == 0)
		return parser_fail(p, "a key has an algorithm and a secret");
	if (advance(p) == 0 && p->token != TOKEN_END)
		return parser_fail(p, "one key and nothing else is wanted");
	return p->token == TOKEN_END ? 0 : -1;
}

/* `where` is the file's name or "line", before the number. */
static struct tsig_key *
parse_text(
    const char *where, const char *text, size_t n, char *why, size_t size)
{
	struct parser p = {
		.at = text, .end = text + n, .line = 1, .token = TOKEN_WORD
	};
	struct tsig_key *key = NULL;

	if (parse_key(&p) == 0) {
		key =
		    tsig_key_new(&p.name, p.algorithm, p.secret, p.secret_len);
		if (key == NULL)
			p.why = "out of memory";
	}
	if (key == NULL)
		snprintf(why, size, "%s%u: %s", where, p.line, p.why);
	OPENSSL_cleanse(&p, sizeof(p));
	return key;
}

struct tsig_key *
tsig_key_parse(const char *text, size_t n, char *why, size_t size)
{
	return parse_text("line ", text, n, why, size);
}

/* ---- the file -------------------------------------------------------------
 */

static const char *
file_refused(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (credential_shared(path, st.st_mode))
		return "group or others may use it; chmod 600 it";
	if (st.st_size > FILE_MAX)
		return "too large for a key file";
	return NULL;
}

/* Into text[FILE_MAX]; NULL and *n_r, or what was wrong. */
static const char *
file_read(int fd, const char *path, char *text, size_t *n_r)
{
	const char *refused = file_refused(fd, path);
	ssize_t n = 1;

	*n_r = 0;
	if (refused != NULL)
		return refused;
	while (n > 0 && *n_r < FILE_MAX) {
		n = read(fd, text + *n_r, FILE_MAX - *n_r);
		if (n == -1)
			return strerror(errno);
		*n_r += (size_t)n;
	}
	return NULL;
}

/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
struct tsig_key *
tsig_key_read(const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[FILE_MAX], where[512];
	const char *wrong;
	struct tsig_key *key = NULL;
	size_t n = 0;

	wrong = fd != -1 ? file_read(fd, path, text, &n) : strerror(errno);
	if (wrong != NULL) {
		snprintf(why, size, "%s: %s", path, wrong);
	} else {
		snprintf(where, sizeof(where), "%s:", path);
		key = parse_text(where, text, n, why, size);
	}
	OPENSSL_cleanse(text, sizeof(text));
	if (fd != -1)
		close(fd);
	return key;
}
