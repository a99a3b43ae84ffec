/*
 * One configuration file for all programs, in libconfuse's syntax. Each
 * section is a table of options that names a field of one typed struct; the
 * table is the only place where an option's name, type, default and range
 * stand. Every program checks the whole file, so a mistake is found by
 * whichever is asked first; each uses only its own struct.
 */
#ifndef DNSMAIL_CONFIG_H
#define DNSMAIL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "endpoint.h"
#include "log.h"
#include "net_address.h"

struct config;

enum config_type {
	CONFIG_BOOL,      /* bool */
	CONFIG_INT,       /* int64_t, min..max */
	CONFIG_MODE,      /* mode_t, octal */
	CONFIG_STRING,    /* char *, never NULL; min..max octets, max 0: any */
	CONFIG_WORD,      /* int (an enum): one of words[] */
	CONFIG_DURATION,  /* double, seconds; min..max in milliseconds */
	CONFIG_DOMAIN,    /* char *, lower-case A-labels; may be "" */
	CONFIG_STRINGS,   /* struct strings */
	CONFIG_DOMAINS,   /* struct strings, as lower-case A-labels */
	CONFIG_SERVERS,   /* struct net_addresses */
	CONFIG_NETWORKS,  /* struct networks */
	CONFIG_NET_WORDS, /* struct net_words: NETWORK=WORD, of words[] */
	CONFIG_PORTS,     /* struct ports */
	CONFIG_ENDPOINTS, /* struct endpoints */
	CONFIG__COUNT
};

struct strings {
	char **v;
	size_t n;
};

struct ports {
	uint16_t *v; /* 0: any */
	size_t n;
};

struct net_word {
	struct network network;
	int word; /* an enum */
};

struct net_words {
	struct net_word *v;
	size_t n;
};

struct config_option {
	const char *name;
	enum config_type type;
	size_t offset;        /* in the section's struct */
	const char *fallback; /* as written in a file; lists:
				 blank separated; NULL: the
				 option is required */
	int64_t min, max;
	const char *const *words; /* value = index */
};

/* A section: title (repeatable, like domain) or none. */
struct config_section {
	const char *name; /* "" is the file itself */
	const struct config_option *options;
	size_t n_options;
	size_t size; /* of the typed struct */
	bool titled;
	size_t title_offset;                /* char *: a domain, A-labels */
	const struct config_section *child; /* a titled section inside */
	size_t child_offset;                /* struct config_list */
	/*
	 * After the options of all sections are set: completes defaults that
	 * depend on others. NULL, or what is wrong: "OPTION: in words".
	 */
	const char *(*check)(void *section, const struct config *);
};

/* The structs of a titled section, in file order. */
struct config_list {
	void *v;
	size_t n;
};

struct config_global {
	char *authserv_id; /* default: the host's name */
	char *run_dir;
	char *group; /* of sockets and directories, if it exists; "": none */
	int log;     /* enum log_target */
	int log_addresses; /* enum log_addresses */
};

enum { CONFIG_PRIMARIES_MAX = 8 };

struct config_domain {
	char *name;                     /* A-labels, lower case */
	struct net_addresses primaries; /* 1..CONFIG_PRIMARIES_MAX, each once */
	struct net_addresses servers;   /* never empty */
	char *zone;                     /* A-labels, lower case */
	int64_t ttl;
	double lifetime;
};

/*
 * Reference counted: sessions under way keep the one they began with. All
 * that it points to is owned by it.
 */

/*
 * Reads `path`. NULL when it is wrong; then every complaint (file:line: what)
 * has been given to `complain`. The caller holds the one reference.
 */
typedef void config_complain_fn(void *arg, const char *text);
struct config *config_load(const char *path, config_complain_fn *, void *arg);
struct config *config_ref(struct config *);
void config_unref(struct config *); /* NULL is fine */

const struct config_global *config_global(const struct config *);
const struct config_domain *config_domains(const struct config *, size_t *n_r);

/* The domain of ours with that name (A-labels, lower case), or NULL. */
const struct config_domain *config_domain(
    const struct config *, const char *name);

/* The typed struct of a section; defaults where the file has none. */
const void *config_section(
    const struct config *, const struct config_section *);

/*
 * Where an option of a section without title stands: "PATH:LINE", or "PATH"
 * when it has its default. In buf (CONFIG_WHERE_MAX octets); returns buf.
 */
enum { CONFIG_WHERE_MAX = 512 };
const char *config_where(const struct config *, const struct config_section *,
    const char *option, char *buf);

/* Every section of the file, NULL at the end (common/config_sections.c). */
extern const struct config_section *const config_sections[];

#endif
