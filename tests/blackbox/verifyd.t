#!/bin/bash
# verifyd in front of a real name server: who vouches for a message, and what
# the MTA is told of it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 60

MARTHA=martha@domain.test CLAIRE=claire@nonprofit.test ISP=claire@my_isp.test
FORBIDDEN=bob@elsewhere.test

# ---- the records of two domains on one BIND ------------------------------------

good=$(bound $MARTHA Hello 'Hello Claire')
blind=$(printf 'bl:%s' $CLAIRE | digest)
put() { # LABEL TEXT
	echo "add $1 60 TXT \"$2\""
}
start_bind ns domain.test nonprofit.test bare.test
port=$PORT_ns
{
	echo "server 127.0.0.1 $port"
	put dnsmail.domain.test "127.0.0.1@$port"
	put a1.domain.test "$(record $CLAIRE $MARTHA 60 "$good")"
	put unbound.domain.test "$(record $CLAIRE $MARTHA 60)"
	put old.domain.test "$(record $CLAIRE $MARTHA $((15 * 86400)) "$good")"
	put ahead.domain.test "$(record $CLAIRE $MARTHA -7200 "$good")"
	put odd.domain.test "$(record $CLAIRE "m=x/y@domain.test" 60)"
	put spf.domain.test "v=spf1 -all"
	put bl.domain.test "$(record "#$blind" $MARTHA 60 "$good")"
	put two.domain.test "$(record $CLAIRE $MARTHA 60 "$good")"
	put two.domain.test "$(record $FORBIDDEN $MARTHA 60 "$good")"
	echo send
	put dnsmail.nonprofit.test "127.0.0.1@$port"
	put x9.nonprofit.test "$(record $ISP $MARTHA 30 "$good")"
	put x8.nonprofit.test "$(record $ISP $MARTHA 30 \
	    "$(bound $MARTHA Hello Footer)")"
	echo send
} | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"

printf 'Hello Claire\r\n' >"$W/body"
printf 'Footer\r\n' >"$W/footer"
resolver="\"127.0.0.1@$port\""

# send ID... -- [OPTIONS]: martha's message with these IDs, newest first
send() {
	local ids=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		ids+=(-h "DNS-Mail-ID: $1")
		shift
	done
	shift
	mta "${ids[@]}" -h "From: $MARTHA" -h 'Subject: Hello' -b "${BODY-$W/body}" "$@"
}
again() { # OPTIONS: verifyd with these
	stop verifyd
	verifyd_conf "$resolver" "$1"
	start_daemon verifyd
}

# ---- results ----------------------------------------------------------------------

again ""
out=$(send a1.domain.test -- -t $CLAIRE -i Q1)
is "one hop passes, and the field is as the protocol has it" "$(field "$out")" \
    "mx.test; dnsmail=pass header.from=$MARTHA\\n policy.content=intact policy.dnssec=no"
is "the message is accepted" "$(final "$out")" ACCEPT
like "the log line says so in its words" "$(logged Q1)" \
    "queue=Q1 action=accept result=pass content=intact hops=1 via=- from=$MARTHA ms=[0-9]+$"

check() { # NAME PATTERN ID... -- OPTIONS
	local name=$1 pattern=$2
	shift 2
	like "$name" "$(field "$(send "$@")")" "$pattern"
}
BODY=$W/footer check "changed content passes and is told" \
    'dnsmail=pass .*policy.content=changed' \
    a1.domain.test -- -t $CLAIRE
check "content that was not bound is told" \
    'dnsmail=pass .*policy.content=unbound' unbound.domain.test -- -t $CLAIRE
is "two hops pass by the way they took" \
    "$(field "$(send x9.nonprofit.test a1.domain.test -- -t $ISP)")" \
    "mx.test; dnsmail=pass header.from=$MARTHA\\n policy.via=nonprofit.test policy.content=intact policy.dnssec=no"
BODY=$W/footer check "a footer through an untrusted forwarder is policy" \
    'dnsmail=policy reason="untrusted-forwarder" .*via=nonprofit.test policy.content=changed' \
    x8.nonprofit.test a1.domain.test -- -t $ISP
check "a blinded recipient passes" 'dnsmail=pass ' bl.domain.test -- -t $CLAIRE
check "a blinded record of another recipient fails" \
    'dnsmail=fail reason="recipient-mismatch"' \
    bl.domain.test -- -t $FORBIDDEN
check "two recipients of one ID pass" 'dnsmail=pass ' \
    two.domain.test -- -t $CLAIRE -t $FORBIDDEN
check "one uncovered recipient fails the message" \
    'dnsmail=fail reason="recipient-mismatch"' \
    a1.domain.test -- -t $CLAIRE -t $FORBIDDEN
check "a replayed message fails" 'dnsmail=fail reason="recipient-mismatch"' \
    a1.domain.test -- -t $FORBIDDEN
check "a missing hop is unlinked" 'dnsmail=fail reason="unlinked"' \
    x9.nonprofit.test -- -t $ISP
check "an ID that was never published fails" \
    'dnsmail=fail reason="no-record"' nosuch.domain.test -- -t $CLAIRE
check "an old record is expired" 'dnsmail=fail reason="expired"' \
    old.domain.test -- -t $CLAIRE
check "a record of the future is permerror" \
    'dnsmail=permerror reason="future-date"' ahead.domain.test -- -t $CLAIRE
check "text that is no record is permerror" \
    'dnsmail=permerror reason="bad-record"' spf.domain.test -- -t $CLAIRE
like "an ID of a domain without servers is permerror" "$(field "$(mta \
    -t $CLAIRE -h "From: m@bare.test" -h "DNS-Mail-ID: a.bare.test")")" \
    'dnsmail=permerror reason="no-usable-server"'
mta -t $CLAIRE -i QR -h "From: m@nowhere.test" \
    -h "DNS-Mail-ID: a.nowhere.test" >/dev/null
like "a resolver that refuses is temperror" "$(logged QR)" \
    "action=tempfail result=temperror reason=dns-refused"
like "another author fails" "$(field "$(mta -t $CLAIRE \
    -h 'From: boss@domain.test' -h 'DNS-Mail-ID: a1.domain.test')")" \
    'dnsmail=fail reason="sender-mismatch" header.from=boss@domain.test'
like "an ID that no chain needs is counted" \
    "$(field "$(send a1.domain.test z.stranger.test -- -t $CLAIRE)")" \
    'dnsmail=pass .* policy.unused=1$'
is "without an ID nothing is said but none, and that the domain takes part" \
    "$(field "$(send -- -t $CLAIRE)")" \
    "mx.test; dnsmail=none header.from=$MARTHA\\n policy.participates=yes"
check "two IDs of the same name are permerror" \
    'dnsmail=permerror reason="duplicate-id"' \
    a1.domain.test A1.domain.test -- -t $CLAIRE
check "an ID that is none is permerror" 'dnsmail=permerror reason="bad-id"' \
    'what is this' -- -t $CLAIRE
check "nine IDs are permerror" 'dnsmail=permerror reason="too-many-ids"' \
    {1..9}.domain.test -- -t $CLAIRE
check "a second From: is permerror" \
    'dnsmail=permerror reason="bad-from"$' \
    a1.domain.test -- -t $CLAIRE -h 'From: x@y.test'
is "a local part with odd characters is quoted" "$(field "$(mta -t $CLAIRE \
    -h 'From: m=x/y@domain.test' -h 'DNS-Mail-ID: odd.domain.test')")" \
    'mx.test; dnsmail=pass header.from="m=x/y@domain.test"\n policy.content=unbound policy.dnssec=no'
out=$(send a1.domain.test -- -n 20 -t $CLAIRE)
is "twenty messages over one connection" \
    "$(grep -c 'dnsmail=pass' <<<"$out")" 20

# ---- what is removed, and from whom -------------------------------------------------

out=$(send a1.domain.test -- -t $FORBIDDEN -i QF \
    -h 'Authentication-Results: mx.test; dnsmail=pass' \
    -h 'Authentication-Results: other.test; dkim=pass' \
    -h 'authentication-results: (x) "MX.test" 1 ; dnsmail=pass header.from=a@b.c')
is "forged results in our name go, from the last to the first; others stay" \
    "$(sed -n '2,$p' <<<"$out" | cut -c 1-60)" \
    "$(printf '%s\n' 'CHGHEADER 3 Authentication-Results: ' \
    'CHGHEADER 1 Authentication-Results: ' \
    'INSHEADER 0 Authentication-Results: mx.test; dnsmail=fail re' ACCEPT)"
us=Authentication-Results
out2=$(send a1.domain.test -- -t $CLAIRE -h "$us: mx.test; dnsmail=pass" \
    -h "$us: mx.test.; spf=pass" -h "$us: mx.test.other; dnsmail=pass" \
    -h "$us: (other.test;) mx . test (c) 1; none" -h "X-$us: mx.test; x=y" \
    -h "AUTHENTICATION-RESULTS: \"mx\\.test\"; dnsmail=pass" \
    -h "$us: other.test; x=pass (mx.test; dnsmail=pass)" \
    -h "$us:;" -h "$us: MX.TEST")
is "however they are spelled, by their place among all of that name" \
    "$(grep '^CHGHEADER' <<<"$out2" | cut -d ' ' -f 2 | paste -sd ' ')" \
    "8 5 4 2 1"
unlike "no recipient is named, whatever is said" "$out" elsewhere
unlike "nor in the log" "$(logged QF)" elsewhere
forged='Authentication-Results: mx.test; dnsmail=pass'
is "an exempt client's message is left as it is" \
    "$(send a1.domain.test -- -a 192.0.2.77 -h "$forged" | tail -n +2)" ACCEPT
is "so is that of a session with a login" \
    "$(send a1.domain.test -- -l martha -h "$forged" | tail -n +2)" ACCEPT
is "a client of unknown address is not exempt" \
    "$(send -- -a unknown -h "$forged" | grep -c '^CHGHEADER 1')" 1
recipients=()
for i in {1..1001}; do recipients+=(-t "r$i@domain.test"); done
like "more recipients than are read: not now" \
    "$(final "$(send a1.domain.test -- "${recipients[@]}")")" \
    '^REPLYCODE 451 4\.7\.5 '

# ---- what is done ---------------------------------------------------------------------

fail="nosuch.domain.test -- -t $CLAIRE"
later='^REPLYCODE 451 4\.7\.5 DNS Mail '
refused='^REPLYCODE 550 5\.7\.1 DNS Mail '
again 'on-fail = "reject" on-changed = "reject"
	on-missing = "reject" on-permerror = "tempfail"
	on-policy = "discard" trusted-forwarders = {"trusted.test"}'
# shellcheck disable=SC2086
like "on-fail = reject" "$(final "$(send $fail)")" "$refused"
like "on-permerror = tempfail" \
    "$(final "$(send '?' -- -t $CLAIRE)")" "$later"
is "on-policy = discard" "$(final "$(BODY=$W/footer \
    send x8.nonprofit.test a1.domain.test -- -t $ISP)")" DISCARD
like "on-missing = reject" "$(final "$(send -- -t $CLAIRE)")" "$refused"
like "on-changed = reject" "$(final "$(BODY=$W/footer \
    send a1.domain.test -- -t $CLAIRE)")" "$refused"
is "and what passes is accepted" \
    "$(final "$(send a1.domain.test -- -t $CLAIRE)")" ACCEPT

again 'on-fail = "quarantine" on-permerror = "discard"
	trusted-forwarders = {"NonProfit.test"} require = {"domain.test"}
	on-policy = "reject" max-hops = 2'
# shellcheck disable=SC2086
out=$(send $fail -h "$forged" -i QQ)
like "on-fail = quarantine" "$out" '^QUARANTINE held by DNS Mail'
is "what is in quarantine is accepted" "$(final "$out")" ACCEPT
like "with its result" "$out" '^INSHEADER 0 .*dnsmail=fail'
like "and without forged ones" "$out" '^CHGHEADER 1 Authentication-Results: $'
is "on-permerror = discard" "$(final "$(send '?' -- -t $CLAIRE)")" DISCARD
BODY=$W/footer check "a trusted forwarder may change the content" \
    'dnsmail=pass .*via=nonprofit.test policy.content=changed' \
    x8.nonprofit.test a1.domain.test -- -t $ISP
check "a required ID that is missing is a failure" \
    'dnsmail=fail reason="unlinked"' -- -t $CLAIRE

again 'on-fail = "reject" on-permerror = "reject" observe = true'
# shellcheck disable=SC2086
out=$(send $fail -i QO)
is "observe accepts what would be refused" "$(final "$out")" ACCEPT
like "and logs what would be done" "$(logged QO)" \
    'action=accept observed=reject result=fail reason=no-record'
like "and marks it" "$(field "$out")" 'dnsmail=fail'

# ---- its life -----------------------------------------------------------------------------

verifyd_conf "$resolver" 'on-fail = "reject"'
kill -HUP "${PIDS[verifyd]}"
# shellcheck disable=SC2086
refuses() { send $fail | grep -q "$refused"; }
ok "a reload brings the new options" wait_for 5 refuses
verifyd_conf "$resolver" 'on-fail = "perhaps"'
kill -HUP "${PIDS[verifyd]}"
ok "a wrong file is told" wait_for 5 grep -q perhaps "$W/verifyd.log"
ok "and the old options stay" refuses
sed -i "s,milter.sock,second.sock,; s,perhaps,accept," "$W/dnsmail.conf"
kill -HUP "${PIDS[verifyd]}"
ok "a reload moves the listening socket" wait_for 5 test -S "$W/run/verifyd/second.sock"
is "where messages are verified" "$("$BUILD/milter_client" -a 198.51.100.7 \
    -t $CLAIRE -h "From: $MARTHA" -h 'DNS-Mail-ID: a1.domain.test' \
    "unix:$W/run/verifyd/second.sock" | grep -c dnsmail=pass)" 1
is "the old one is closed" "$(mta -t $CLAIRE)" REFUSED
mv "$W/run/verifyd/second.sock" "$W/run/verifyd/milter.sock"
stop ns
is "a lost name server is no reason for a late answer to wait for ever" \
    "$(final "$(send a1.domain.test -- -t $CLAIRE)" | cut -c 1-20)" \
    'REPLYCODE 451 4.7.5 '
stop verifyd
is "it ends in order" $? 0
