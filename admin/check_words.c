/* Owns the words. doc/dnsmail-check.8 has each of them. */
#include "admin/check_words.h"

const char *const check_level_names[CHECK_LEVEL__COUNT] = {
	[CHECK_OK] = "ok",
	[CHECK_WARNING] = "warning",
	[CHECK_CRITICAL] = "critical",
	[CHECK_CANNOT_TELL] = "cannot tell",
};

const struct check_words check_words[CHECK_CODE__COUNT] = {
	/* ---- the configuration: file */
	[FOUND_CONFIG_VALID] = { CHECK_OK, "config-valid",
	    "configuration: $1 is valid", NULL },
	/* complaint */
	[FOUND_CONFIG_INVALID] = { CHECK_CRITICAL, "config-invalid",
	    "configuration: $1",
	    "mend that place; \"man dnsmail.conf\" has every option" },
	[FOUND_CONFIG_NO_DOMAIN] = { CHECK_WARNING, "config-no-domain",
	    "configuration: it has no section domain, so no mail is signed",
	    "dnsmail-setup DOMAIN" },
	[FOUND_CONFIG_WRITABLE] = { CHECK_WARNING, "config-writable",
	    "configuration: others than root can change $1",
	    "chown root $1; chmod go-w $1" },
	/* daemon, file, mode or user or error */
	[FOUND_KEY_GOOD] = { CHECK_OK, "key-good",
	    "$1: $2 is for its owner alone", NULL },
	[FOUND_KEY_MISSING] = { CHECK_CRITICAL, "key-missing",
	    "$1: there is no key file $2",
	    "dnsmail-setup DOMAIN makes it; or name it in key-file of $1" },
	[FOUND_KEY_OPEN] = { CHECK_CRITICAL, "key-open",
	    "$1: group or others may read $2 (mode $3), so $1 does not take it",
	    "chmod 600 $2; if others may have read it, change the key: "
	    "doc/keys.md" },
	[FOUND_KEY_OWNER] = { CHECK_WARNING, "key-owner",
	    "$1: $2 belongs to $3, who is neither root nor $1's user",
	    "chown root $2" },
	[FOUND_KEY_HIDDEN] = { CHECK_CANNOT_TELL, "key-hidden",
	    "$1: $2 cannot be looked at: $3", "run dnsmail-check as root" },
	/* daemon, user */
	[FOUND_USER_MISSING] = { CHECK_CRITICAL, "user-missing",
	    "$1: this system has no user $2, as whom it runs",
	    "systemd-sysusers; or dnsmail-setup DOMAIN" },

	/* ---- the daemons: daemon, version or why, ours or remedy */
	[FOUND_DAEMON_UP] = { CHECK_OK, "daemon-up", "$1: is up, version $2",
	    NULL },
	[FOUND_DAEMON_WARNED] = { CHECK_WARNING, "daemon-warned",
	    "$1: is up, and warned in the last minutes: $2",
	    "journalctl -u $1; \"man $1\" explains each line" },
	[FOUND_DAEMON_DOWN] = { CHECK_CRITICAL, "daemon-down", "$1: $2", "$3" },
	[FOUND_DAEMON_UNKNOWN] = { CHECK_CANNOT_TELL, "daemon-unknown",
	    "$1: $2", "$3" },
	[FOUND_DAEMON_VERSION] = { CHECK_WARNING, "daemon-version",
	    "$1: is version $2, and this is version $3",
	    "systemctl restart $1" },

	/* ---- the public list: domain, resolver, addresses */
	[FOUND_LIST_RIGHT] = { CHECK_OK, "list-right",
	    "$1: dnsmail.$1 lists $3, as the configuration does (asked of $2)",
	    NULL },
	[FOUND_LIST_MISSING] = { CHECK_CRITICAL, "list-missing",
	    "$1: there is no dnsmail.$1 in DNS, so nobody verifies its mail "
	    "(asked of $2)",
	    "put into the public zone: dnsmail.$1. 60 IN TXT \"$3\"" },
	[FOUND_LIST_UNUSABLE] = { CHECK_CRITICAL, "list-unusable",
	    "$1: dnsmail.$1 names no address (asked of $2)",
	    "in the public zone: dnsmail.$1. 60 IN TXT \"$3\"" },
	[FOUND_LIST_MORE] = { CHECK_CRITICAL, "list-more",
	    "$1: dnsmail.$1 lists $3, which the configuration does not: mail "
	    "goes out before that server shows its record (asked of $2)",
	    "add it to servers of domain \"$1\", or take it out of "
	    "dnsmail.$1" },
	[FOUND_LIST_LESS] = { CHECK_WARNING, "list-less",
	    "$1: dnsmail.$1 does not list $3, so mail waits for a server that "
	    "no verifier asks (asked of $2)",
	    "add it to dnsmail.$1, or take it out of servers of domain "
	    "\"$1\"" },
	[FOUND_LIST_PRIVATE] = { CHECK_CRITICAL, "list-private",
	    "$1: dnsmail.$1 lists $3, which nobody outside can reach (asked "
	    "of $2)",
	    "list the address that the name server has outside" },
	[FOUND_LIST_PORT] = { CHECK_CRITICAL, "list-port",
	    "$1: dnsmail.$1 lists $3, and verifiers ask port 53 only (asked of "
	    "$2)",
	    "let the name server listen on port 53, and list it without "
	    "@PORT" },
	[FOUND_LIST_LONG] = { CHECK_WARNING, "list-long",
	    "$1: dnsmail.$1 lists $3 servers, and a verifier asks 4 (asked of "
	    "$2)",
	    "list at most 4" },
	[FOUND_LIST_UNKNOWN] = { CHECK_CANNOT_TELL, "list-unknown",
	    "$1: the resolver $2 does not tell dnsmail.$1: $3",
	    "see to that resolver: dig @$2 dnsmail.$1 TXT" },

	/* ---- each server: domain, server, what */
	[FOUND_SERVER_GOOD] = { CHECK_OK, "server-good",
	    "$1: $2 answers for it by UDP and TCP ($3 ms)", NULL },
	[FOUND_SERVER_SILENT] = { CHECK_CRITICAL, "server-silent",
	    "$1: $2 does not answer: $3",
	    "start that name server, and open port 53 to everyone, UDP and "
	    "TCP" },
	[FOUND_SERVER_LAME] = { CHECK_CRITICAL, "server-lame",
	    "$1: $2 has no zone for it: $3",
	    "give it the zone there, or take the server out of servers and "
	    "dnsmail.$1" },
	[FOUND_SERVER_TCP] = { CHECK_CRITICAL, "server-tcp",
	    "$1: $2 answers by UDP, but not by TCP: $3",
	    "open port 53 by TCP, too; large answers need it" },
	[FOUND_SERVER_LIST] = { CHECK_WARNING, "server-list",
	    "$1: $2 itself says that dnsmail.$1 lists $3, which is not what "
	    "the "
	    "configuration has",
	    "change that record there, or servers of domain \"$1\"" },

	/* ---- several primaries: domain, primary, why */
	[FOUND_PRIMARY_SILENT] = { CHECK_WARNING, "primary-silent",
	    "$1: the primary $2 does not answer: $3; another one does",
	    "start that name server; or take it out of primary, servers and "
	    "dnsmail.$1" },
	[FOUND_SERIAL_SAME] = { CHECK_OK, "serial-same",
	    "$1: its primaries have the same serial", NULL },
	/* domain, primary, serial, the other, its serial */
	[FOUND_SERIAL_BEHIND] = { CHECK_WARNING, "serial-behind",
	    "$1: the primary $2 has serial $3, and does not come to that of "
	    "$4, $5",
	    "the primaries must share the zone: doc/scaling.md, Several "
	    "primaries" },

	/* ---- the probe: domain, server or primary, ms or why */
	[FOUND_PROBE_ADDED] = { CHECK_OK, "probe-added",
	    "$1: a probe record was published in $3 ms (primary $2)", NULL },
	[FOUND_PROBE_REMOVED] = { CHECK_OK, "probe-removed",
	    "$1: the probe record was removed in $3 ms (primary $2)", NULL },
	[FOUND_PROBE_SHOWN] = { CHECK_OK, "probe-shown",
	    "$1: $2 showed the probe record after $3 ms, and no longer $4 ms "
	    "after its removal",
	    NULL },
	[FOUND_PROBE_SLOW] = { CHECK_WARNING, "probe-slow",
	    "$1: $2 showed the probe record only after $3 ms; each message "
	    "waits that long",
	    "have the primary notify it at once: also-notify, notify-delay 0, "
	    "and notify-rate and serial-query-rate of 1000 in BIND" },
	[FOUND_PROBE_UPDATE] = { CHECK_CRITICAL, "probe-update",
	    "$1: no record can be published: $3",
	    "\"man publishd\" explains it under DIAGNOSTICS" },
	[FOUND_PROBE_UNSEEN] = { CHECK_CRITICAL, "probe-unseen",
	    "$1: $2 did not show the probe record, so mail of $1 waits",
	    "let it transfer the zone from the primary and be notified of "
	    "changes, or take it out of servers" },
	[FOUND_PROBE_LEFT] = { CHECK_WARNING, "probe-left",
	    "$1: the probe record could not be removed: $3",
	    "it vouches for nothing; reaperd removes it after the lifetime" },
	[FOUND_PROBE_STAYS] = { CHECK_WARNING, "probe-stays",
	    "$1: $2 still showed the probe record $3 ms after its removal",
	    "see why it lags behind the primary; what is withdrawn is seen "
	    "there" },
	[FOUND_PROBE_UNKNOWN] = { CHECK_CANNOT_TELL, "probe-unknown",
	    "$1: publishing was not tried: $3", "$4" },
	/* domain, primary, why or server */
	[FOUND_PRIMARY_GOOD] = { CHECK_OK, "primary-good",
	    "$1: the primary $2 took a probe record, and each server that "
	    "answers showed it",
	    NULL },
	[FOUND_PRIMARY_UPDATE] = { CHECK_WARNING, "primary-update",
	    "$1: the primary $2 took no probe record: $3",
	    "\"man publishd\" explains it under DIAGNOSTICS; when the others "
	    "are away mail of $1 waits" },
	[FOUND_PRIMARY_UNSHARED] = { CHECK_CRITICAL, "primary-unshared",
	    "$1: the primary $2 took a probe record, and $3 does not show it, "
	    "so mail of $1 waits when $2 is used",
	    "the primaries must share the zone, and the others transfer it "
	    "from each of them: doc/scaling.md, Several primaries; or name one "
	    "primary" },

	/* ---- what the key may do: domain, primary, what */
	[FOUND_REACH_GOOD] = { CHECK_OK, "reach-good",
	    "$1: the update key may not change $3 (primary $2)", NULL },
	[FOUND_REACH_FAR] = { CHECK_WARNING, "reach-far",
	    "$1: the update key may also change $3 (primary $2)",
	    "limit it to TXT below $1, as doc/bind.md, doc/knot.md and "
	    "doc/powerdns.md show; or use a zone that nothing delegates to" },
	[FOUND_REACH_UNKNOWN] = { CHECK_CANNOT_TELL, "reach-unknown",
	    "$1: whether the update key may change $3 (primary $2): $4",
	    "look at what the name server lets that key do" },

	/* ---- who may read it all: domain, server, what */
	[FOUND_AXFR_CLOSED] = { CHECK_OK, "axfr-closed",
	    "$1: $2 gives no transfer without a key: $3", NULL },
	[FOUND_AXFR_OPEN] = { CHECK_CRITICAL, "axfr-open",
	    "$1: $2 gave the whole zone without a key: anybody can read who "
	    "writes to whom",
	    "BIND: allow-transfer { key \"...\"; }; Knot: acl with key; "
	    "PowerDNS: allow-axfr-ips=" },
	[FOUND_AXFR_LOCAL] = { CHECK_WARNING, "axfr-local",
	    "$1: $2 gives the whole zone without a key to every user of this "
	    "host",
	    "BIND: allow-transfer { key \"...\"; }; Knot: acl with key; "
	    "PowerDNS: allow-axfr-ips=" },
	[FOUND_AXFR_UNKNOWN] = { CHECK_CANNOT_TELL, "axfr-unknown",
	    "$1: whether $2 gives transfers to anybody: $3",
	    "dig @$2 $1 AXFR" },
	[FOUND_WALK_UNSIGNED] = { CHECK_OK, "walk-unsigned",
	    "$1: at $2 it is not signed, so there is no NSEC to list IDs by",
	    NULL },
	[FOUND_WALK_MINIMAL] = { CHECK_OK, "walk-minimal",
	    "$1: at $2 it is signed, and its NSEC tells of no other name",
	    NULL },
	/* and iterations, opt-out */
	[FOUND_WALK_NSEC3] = { CHECK_OK, "walk-nsec3",
	    "$1: at $2 it is signed with NSEC3 ($3 iterations, $4): IDs "
	    "cannot be guessed from that",
	    NULL },
	[FOUND_WALK_ITERATIONS] = { CHECK_WARNING, "walk-iterations",
	    "$1: at $2 it is signed with NSEC3 of $3 iterations ($4); "
	    "resolvers may refuse that",
	    "BIND: nsec3param iterations 0; Knot: nsec3-iterations: 0; "
	    "PowerDNS: pdnsutil set-nsec3 $1 \"1 0 0 -\"" },
	[FOUND_WALK_NSEC] = { CHECK_CRITICAL, "walk-nsec",
	    "$1: at $2 it is signed with NSEC: anybody can list all IDs and "
	    "read who writes to whom",
	    "BIND: nsec3param in its dnssec-policy; Knot: nsec3: on; PowerDNS: "
	    "pdnsutil set-nsec3 $1; or an unsigned zone for DNS Mail" },
	[FOUND_WALK_UNKNOWN] = { CHECK_CANNOT_TELL, "walk-unknown",
	    "$1: whether $2 lets the zone be walked: $3",
	    "dig +dnssec @$2 no-such-name.$1 TXT" },

	/* ---- clocks: what; or domain, primary, seconds, before or behind */
	[FOUND_CLOCK_SYNCED] = { CHECK_OK, "clock-synced",
	    "clock: is synchronised, to within $1 ms", NULL },
	[FOUND_CLOCK_UNSYNCED] = { CHECK_WARNING, "clock-unsynced",
	    "clock: the kernel says that nothing keeps it right",
	    "timedatectl set-ntp true, or install chrony; in a container, on "
	    "its host" },
	[FOUND_CLOCK_UNKNOWN] = { CHECK_CANNOT_TELL, "clock-unknown",
	    "clock: the kernel does not say whether it is right: $1",
	    "timedatectl" },
	[FOUND_CLOCK_AGREES] = { CHECK_OK, "clock-agrees",
	    "$1: the primary $2 has our time (within $3 s)", NULL },
	[FOUND_CLOCK_DIFFERS] = { CHECK_WARNING, "clock-differs",
	    "$1: the clock of the primary $2 is $3 s $4 ours",
	    "run chrony or systemd-timesyncd on both" },
	[FOUND_CLOCK_FAR] = { CHECK_CRITICAL, "clock-far",
	    "$1: the clock of the primary $2 is $3 s $4 ours; from 300 s on it "
	    "refuses every update",
	    "set the clock that is wrong; run chrony or systemd-timesyncd on "
	    "both" },

	/* ---- the way out: server, why or what */
	[FOUND_PORT_GOOD] = { CHECK_OK, "port-good",
	    "port 53: $1 ($2) answers by UDP and TCP", NULL },
	[FOUND_PORT_SILENT] = { CHECK_CRITICAL, "port-silent",
	    "port 53: $1 ($2) answers neither by UDP nor by TCP: $3",
	    "let the firewall pass what verifyd asks: port 53 outbound, UDP "
	    "and "
	    "TCP" },
	[FOUND_PORT_UDP] = { CHECK_CRITICAL, "port-udp",
	    "port 53: $1 ($2) answers by TCP, but not by UDP: $3",
	    "let the firewall pass port 53 outbound by UDP" },
	[FOUND_PORT_TCP] = { CHECK_CRITICAL, "port-tcp",
	    "port 53: $1 ($2) answers by UDP, but not by TCP: $3",
	    "let the firewall pass port 53 outbound by TCP; what is truncated "
	    "needs it" },

	/* ---- sockets: daemon, socket, user, and what is wrong */
	[FOUND_SOCKET_GOOD] = { CHECK_OK, "socket-good",
	    "$1: $3 may connect to $2", NULL },
	[FOUND_SOCKET_MISSING] = { CHECK_CRITICAL, "socket-missing",
	    "$1: its socket $2 is not there: $4",
	    "systemctl start $1.socket $1; or start $1" },
	[FOUND_SOCKET_DENIED] = { CHECK_CRITICAL, "socket-denied",
	    "$1: the mail server's user $3 may not connect to $2: $4", "$5" },
	[FOUND_SOCKET_CHROOT] = { CHECK_CRITICAL, "socket-chroot",
	    "$1: Postfix's $3 runs in a chroot, where $2 would have to be at "
	    "$4, and nothing is there",
	    "let $1 listen below Postfix's queue directory (doc/postfix.md), "
	    "or put n into the chroot column of $3 in master.cf" },
	[FOUND_SOCKET_LINES] = { CHECK_CRITICAL, "socket-lines",
	    "$1: $3 asks by the line protocol, $1 has no policy, and there is "
	    "no $2",
	    "systemctl enable $1-policy.socket; systemctl restart $1; or set "
	    "policy of $1" },
	[FOUND_SOCKET_SILENT] = { CHECK_CRITICAL, "socket-silent",
	    "$1: nobody answers at $2: $4",
	    "systemctl start $1.socket $1; or start $1" },
	[FOUND_SOCKET_HIDDEN] = { CHECK_CANNOT_TELL, "socket-hidden",
	    "$1: whether $3 may connect to $2: $4",
	    "run dnsmail-check as root" },
	[FOUND_SOCKET_NONE] = { CHECK_WARNING, "socket-none",
	    "$1: it has no socket for a mail server",
	    "set milter or policy of $1" },
	[FOUND_MTA_NONE] = { CHECK_CANNOT_TELL, "mta-none",
	    "sockets: no mail server was found here, so nobody knows who "
	    "connects",
	    "--mta-user USER" },
	/* user */
	[FOUND_MTA_USER] = { CHECK_CANNOT_TELL, "mta-user",
	    "sockets: this system has no user $1",
	    "--mta-user USER: as whom the mail server runs" },

	/* ---- TLS: daemon, certificate or publisher, days or why */
	[FOUND_TLS_GOOD] = { CHECK_OK, "tls-good",
	    "$1: the certificate $2 holds for $3 days more", NULL },
	[FOUND_TLS_SOON] = { CHECK_WARNING, "tls-soon",
	    "$1: the certificate $2, or its authority's, holds for $3 days "
	    "only",
	    "make a new one and reload $1: doc/scaling.md" },
	[FOUND_TLS_TIME] = { CHECK_CRITICAL, "tls-time",
	    "$1: nobody takes the certificate $2: $3",
	    "make a new one: doc/scaling.md; or set the clock: timedatectl" },
	[FOUND_TLS_DOUBT] = { CHECK_WARNING, "tls-doubt",
	    "$1: who has the same tls-ca does not take the certificate $2: $3",
	    "it must be of an authority that the other side has in tls-ca: "
	    "doc/scaling.md" },
	[FOUND_TLS_FILES] = { CHECK_CRITICAL, "tls-files", "$1: TLS: $2",
	    "make certificate and key as doc/scaling.md shows; chmod 600 the "
	    "key" },
	[FOUND_TLS_HIDDEN] = { CHECK_CANNOT_TELL, "tls-hidden", "$1: TLS: $2",
	    "run dnsmail-check as root" },
	[FOUND_TLS_NOBODY] = { CHECK_WARNING, "tls-nobody",
	    "publishd: listen has a tls+tcp:// address, and neither signers "
	    "nor "
	    "removers has a tls:NAME, so nobody may come there",
	    "put tls:NAME of each mail server into signers" },
	[FOUND_TLS_UNHEARD] = { CHECK_WARNING, "tls-unheard",
	    "publishd: signers or removers has a tls:NAME, and listen has no "
	    "tls+tcp:// address, so nobody comes by it",
	    "put tls+tcp://*:8530 into listen, or take the names out" },
	[FOUND_PUBLISHER_GOOD] = { CHECK_OK, "publisher-good",
	    "$1: $2 answers ($3 ms); its certificate holds for $4 days more",
	    NULL },
	[FOUND_PUBLISHER_SOON] = { CHECK_WARNING, "publisher-soon",
	    "$1: $2 answers ($3 ms), and its certificate, or its authority's, "
	    "holds for $4 days only",
	    "make a new one there, and reload publishd: doc/scaling.md" },
	[FOUND_PUBLISHER_AWAY] = { CHECK_CRITICAL, "publisher-away",
	    "$1: $2 does not answer: $3", "$4" },
	/* $3: our names, $4: the option */
	[FOUND_PUBLISHER_CLOSED] = { CHECK_CRITICAL, "publisher-closed",
	    "$1: $2 lets nobody in with the names of our certificate: $3",
	    "put one of them, as tls:NAME, into $4 of publishd there, and "
	    "reload it" },

	/* ---- what there was no time for: what */
	[FOUND_TIME_OVER] = { CHECK_CANNOT_TELL, "time-over",
	    "$1: not looked at, as there was no time left",
	    "a longer --timeout; see first what above does not answer" },
};
