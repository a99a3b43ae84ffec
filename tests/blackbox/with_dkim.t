#!/bin/bash
# Our daemons and OpenDKIM at one listener of Postfix, as doc/with-dkim.md says.
# Going out OpenDKIM behind signerd signs DNS-Mail-ID, in the other order it
# cannot. Coming in both verdicts stay if verifyd is first, else one is lost.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-postfix.sh"
need_postfix
needs opendkim
plan 12

start_bind ns domain.test nonprofit.test
chown "$RUN_AS" "$W/ns/update.key"
conf
cat >>"$W/dnsmail.conf" <<X
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	socket-mode = 0666
	resolvers = {"127.0.0.1@$PORT_ns"}
	exempt = {}
}
X
for d in publishd signerd verifyd; do
	start_daemon $d
done

openssl genrsa -out "$W/dkim.key" 2048 2>/dev/null
port=$(free_port)
cat >"$W/opendkim.conf" <<X
Mode s
Domain domain.test
Selector s
KeyFile $W/dkim.key
Canonicalization relaxed/relaxed
$(grep '^SignHeaders ' "$TESTS/../doc/with-dkim.md")
Socket inet:$port@127.0.0.1
InternalHosts 127.0.0.1
RequireSafeKeys no
Background no
Syslog no
X
start opendkim opendkim -f -x "$W/opendkim.conf"
listens() { (: <"/dev/tcp/127.0.0.1/$1"); }
wait_for 10 listens "$port" || diag "no OpenDKIM: $(cat "$W/opendkim.log")"

letter() { # [FIELD]
	printf 'From: martha@domain.test\nTo: claire@my_isp.test\nSubject: one\n'
	printf '%s\nHello.\n' "${1+$1$'\n'}"
}
newest() { mailbox "$1" | tail -1; }
ids() { grep -c '^DNS-Mail-ID: ' "$(newest "$1")"; }
# covered NAME: how many IDs the signature of the newest message covers
covered() {
	sed '/^$/q' "$(newest "$1")" |
	    awk '/^[^ \t]/ { keep = /^DKIM-Signature:/ } keep' | tr -d ' \t\n' |
	    grep -o 'h=[^;]*' | tr 'A-Z:' 'a-z\n' | grep -c dns-mail-id
}

start_postfix right "smtpd_milters = $S, inet:127.0.0.1:$port"
start_postfix wrong "smtpd_milters = inet:127.0.0.1:$port, $S"
letter | send_mail "$SMTP_right" martha@domain.test claire@my_isp.test >/dev/null
ok "signerd first: the message arrives" wait_for 20 has_mail right 1
is "with an ID" "$(ids right)" 1
is "and a signature" "$(grep -c '^DKIM-Signature: ' "$(newest right)")" 1
is "that covers the ID" "$(covered right)" 1

letter 'DNS-Mail-ID: ktq3puetnrhyuls3c7epbhlduq.author.test' |
    send_mail "$SMTP_right" martha@domain.test claire@my_isp.test >/dev/null
wait_for 20 has_mail right 2
is "one that has an ID already has two then, both covered" \
    "$(ids right) $(covered right)" "2 2"

letter | send_mail "$SMTP_wrong" martha@domain.test claire@my_isp.test >/dev/null
ok "OpenDKIM first: the message arrives" wait_for 20 has_mail wrong 1
is "with an ID" "$(ids wrong)" 1
is "that its signature does not cover" "$(covered wrong)" 0

# ---- coming in ---------------------------------------------------------------------

port=$(free_port)
cat >"$W/opendkim-in.conf" <<X
Mode v
AuthservID mx.domain.test
AlwaysAddARHeader yes
Socket inet:$port@127.0.0.1
RequireSafeKeys no
Background no
Syslog no
InternalHosts 192.0.2.1
X
start opendkim-in opendkim -f -x "$W/opendkim-in.conf"
wait_for 10 listens "$port" || diag "no OpenDKIM: $(cat "$W/opendkim-in.log")"
V=unix:$W/run/verifyd/milter.sock
start_postfix in "smtpd_milters = $V, inet:127.0.0.1:$port"
start_postfix in_wrong "smtpd_milters = inet:127.0.0.1:$port, $V"
# results NAME: what the newest message bears in the name of the site
results() {
	sed '/^$/q' "$(newest "$1")" | awk '/^[ \t]/ { printf " %s", $0; next }
	    { printf "\n%s", $0 } END { print "" }' |
	    grep -i '^authentication-results: mx\.domain\.test;' |
	    grep -o '[a-z]*=[a-z]*' | grep '^\(dkim\|dnsmail\)=' | sort | xargs
}
forged='Authentication-Results: mx.domain.test; dkim=pass header.d=domain.test
Authentication-Results: mx.domain.test; dnsmail=pass header.from=martha@domain.test'
for name in in in_wrong; do
	letter "$forged" | send_mail "$(eval "echo \$SMTP_$name")" \
	    martha@domain.test claire@my_isp.test >/dev/null
	ok "$name: the message arrives" wait_for 20 has_mail $name 1
done
is "verifyd first: both say what they found, and what is forged is gone" \
    "$(results in)" "dkim=none dnsmail=none"
is "verifyd behind OpenDKIM removes what that said" "$(results in_wrong)" \
    "dnsmail=none"
