#!/bin/bash
# signerd and OpenDKIM at one listener of Postfix, as doc/with-dkim.md says:
# OpenDKIM behind signerd signs DNS-Mail-ID, in the other order it cannot.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-postfix.sh"
need_postfix
command -v opendkim >/dev/null || skip_all "OpenDKIM is not installed"
plan 8

start_bind ns domain.test nonprofit.test
chown "$RUN_AS" "$W/ns/update.key"
conf
start_daemon publishd
start_daemon signerd

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
