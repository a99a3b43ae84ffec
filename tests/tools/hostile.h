/*
 * hostile's parts: rows of a table (hostile_rows.c), packets on the wire
 * (hostile_wire.c), what becomes of a mail (hostile_mail.c), and what was
 * expected (hostile_check.c).
 */
#ifndef DNSMAIL_TESTS_HOSTILE_H
#define DNSMAIL_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/tools/mta_side.h"

/* ---- rows ---- */

/* "KEY TEXT", or "NAME: VALUE" with the colon in the key. */
struct row_line {
	char *key, *text;
	unsigned times; /* it counts as so many; \# is the number */
};

struct row {
	char *name;
	unsigned line; /* in its file */
	struct row_line *lines;
	size_t n;
};

struct rows {
	const char *file;
	char *group;     /* the file's name without folder and ending */
	bool signer;     /* for signerd, not for verifyd */
	struct row base; /* lines that each row has unless it has its own */
	struct row *v;
	size_t n;
};

/* Mistakes end the program, with file and line. */
void rows_read(struct rows *, const char *file);
void rows_free(struct rows *);
/*
 * Each line of a row of that key (NULL: of any) that is not overruled, those
 * of the row itself first.
 */
typedef void row_line_fn(void *arg, const struct row_line *);
void row_each(const struct rows *, const struct row *, const char *key,
    row_line_fn *, void *arg);
/* The one text of that key, or `otherwise`. */
const char *row_text(const struct rows *, const struct row *, const char *key,
    const char *otherwise);
bool row_line_is_field(const struct row_line *);

/* ---- facts: what was seen, as words ---- */

struct fact {
	char *key, *value;
};
struct facts {
	struct fact *v;
	size_t n;
};

void facts_add(struct facts *, const char *key, size_t n, const char *value);
const char *facts_find(const struct facts *, const char *key);
/* Counts one more under that key. */
void facts_count(struct facts *, const char *key);
/* A value after those that are there, with a comma. */
void facts_append(struct facts *, const char *key, const char *value);
/* Each "[policy.]KEY=VALUE" of a text of words that blanks separate. */
void facts_words(struct facts *, const char *text);
void facts_free(struct facts *);

/* ---- the wire ---- */

/* All that leaves this host from now on; -1 with errno. */
int wire_open(void);
/* What has come since is forgotten. */
void wire_forget(int fd);
/*
 * Counts datagrams and TCP connections to name servers: "resolver", "servers",
 * each address, "elsewhere" for other ports. Answers do not count, and what is
 * sent "again", for want of an answer, does not count with the others.
 */
void wire_count(int fd, const char *resolver, struct facts *);

/* ---- a mail ---- */

struct hostile_options {
	const char *endpoint, *log, *table, *published, *resolver, *only;
	const char *first_text;
	const char *program, *config; /* by dnsmail-check: hostile_files.c */
	bool by_lines;                /* and not by milter */
	unsigned number;              /* of the test under way */
};
extern struct hostile_options hostile;

/* The row's mail in the form of mta_side.h, and its name servers' table. */
struct row_mail;
struct row_mail *row_mail_new(
    const struct rows *, const struct row *, const char *queue_id);
const struct mta_mail *row_mail(const struct row_mail *);
void row_mail_free(struct row_mail *);
void row_write_table(const struct rows *, const struct row *);

/*
 * Sends it; what the daemon answers, a line each, in malloc'd memory. NULL:
 * it closed the connection.
 */
char *mail_send(const struct mta_mail *);
/*
 * The same by the line protocol: the request, in malloc'd memory, or NULL if it
 * cannot be said there (a body, line ends, what is too long); and its answer
 * as mail_send() gives it.
 */
char *lines_request(const struct mta_mail *, const char *what);
char *lines_send(const char *request);
/*
 * The same as a file that dnsmail-check is given: the file's octets, or NULL if
 * it cannot be said there (another client, recipients that are none, line ends
 * in a field); and its answer as mail_send() gives it, and in *logged_r
 * verifyd's line. NULL: it does not end as it should with that result.
 */
char *file_text(const struct mta_mail *, size_t *n_r);
char *file_send(
    const struct mta_mail *, const char *text, size_t n, char **logged_r);
/* What the daemon logged about that queue ID, in malloc'd memory. */
char *mail_logged(const char *queue_id);

/* ---- what was expected ---- */

/* True, or lines of "# ..." on stdout. */
bool check_expected(
    const struct rows *, const struct row *, const struct facts *);
bool check_published(const struct rows *, const struct row *, const char *seen);
/* What holds for each row: what verifyd says is fit to be read. */
bool check_answer(const struct mta_mail *, const struct facts *);

#endif
