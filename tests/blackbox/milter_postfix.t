#!/bin/bash
# Our milter server under a real Postfix.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-postfix.sh"
need_postfix
plan 12

milter() { # NAME ENDPOINT [OPTION...]
	local name=$1 endpoint=$2
	shift 2
	start "$name" "$BUILD/null_milter" -v "$@" "$endpoint"
	wait_for 10 grep -q '^ready' "$W/$name.log" ||
	    diag "no null_milter: $(cat "$W/$name.log")"
}
letter() {
	printf 'From: martha@domain.com\nTo: claire@my_isp.net\nSubject: %s\n\nHello.\n.dot\n' "$1"
}
newest() { mailbox mx | tail -1; }
told() { grep '^message' "$W/$1.log" | tail -1; }

accepts=inet:$(free_port)@127.0.0.1
refuses=inet:$(free_port)@127.0.0.1
milter accepts "$accepts" -b
milter refuses "$refuses" -r '451 4.7.1 Come again'
in_postfix() { sed 's/\(inet:\)\(.*\)@\(.*\)/\1\3:\2/' <<<"$1"; }
start_postfix mx "smtpd_milters = $(in_postfix "$accepts")"
start_postfix out "smtpd_milters = $(in_postfix "$refuses")"

like "a message is taken" \
    "$(letter one | send_mail "$SMTP_mx" martha@domain.com claire@my_isp.net)" '^250 '
ok "and arrives" wait_for 20 has_mail mx 1
is "our field is its first but for what the delivery adds" \
    "$(grep -v '^Return-Path:\|^X-Original-To:\|^Delivered-To:' "$(newest)" | head -1)" \
    'X-Null-Milter: seen'
like "the milter was told client and envelope" "$(told accepts)" \
    'addr=127.0.0.1 .* sender=<martha@domain.com> rcpt="<claire@my_isp.net>"'
like "and the queue ID" "$(told accepts)" 'queue=[0-9A-Za-z]{8,} '
like "and fields without the blank that Postfix puts back" "$(told accepts)" \
    'From/1="martha@domain.com" Subject/1="one"'
like "and the body, dots as written" "$(told accepts)" 'body=14 '

letter two | send_mail "$SMTP_mx" martha@domain.com \
    'bob@my_isp.net ORCPT=rfc822;robert@nonprofit.org' claire@my_isp.net >/dev/null
like "all recipients reach it, with their parameters" "$(told accepts)" \
    'rcpt="<bob@my_isp.net> ORCPT=rfc822;robert@nonprofit.org" rcpt="<claire@my_isp.net>"'
is "a refusal's words reach the client" \
    "$(letter three | send_mail "$SMTP_out" martha@domain.com claire@my_isp.net)" \
    '451 4.7.1 Come again'

# --- the milter goes away and comes back ---------------------------------------

stop accepts
like "without the milter Postfix says: later" \
    "$(letter four | send_mail "$SMTP_mx" martha@domain.com claire@my_isp.net)" '^451 '
milter again "$accepts"
like "with it again, all is well" \
    "$(letter five | send_mail "$SMTP_mx" martha@domain.com claire@my_isp.net)" '^250 '
unlike "Postfix never warned about what we said" \
    "$(cat "$W/mx/log" "$W/out/log")" 'warning: .*milter.*(unexpected|malformed|unreasonable|protocol)'
