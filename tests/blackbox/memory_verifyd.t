#!/bin/bash
# Memory runs out in verifyd: a message gets the right verdict, or it stays
# with the MTA. No forged one passes, no genuine one fails.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
. "$TESTS/lib-memory.sh"
can_run_short
plan 13

MARTHA=martha@domain.test CLAIRE=claire@nonprofit.test

# The author's domain is in a list, too.
mkdir "$W/ns"
{
	zone_text domain.test
	echo "domain.test.list 0 A 127.0.1.2"
} >"$W/ns/domain.test.zone"
start_bind ns domain.test
# No time to live: the list of servers is asked for each message.
{
	echo "server 127.0.0.1 $PORT_ns"
	echo "add dnsmail.domain.test 0 TXT \"127.0.0.1@$PORT_ns\""
	echo "add a1.domain.test 60 TXT \"$(record $CLAIRE $MARTHA 60 \
	    "$(bound $MARTHA Hello 'Hello Claire')")\""
	echo send
} | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"
printf 'Hello Claire\r\n' >"$W/body"

# send SUBJECT RECIPIENT N; what is not one of the good ends is in $W/wrong
send() { # RESULT SUBJECT RECIPIENT N
	mta -T 20 -n "$4" -h 'DNS-Mail-ID: a1.domain.test' -h "From: $MARTHA" \
	    -h "Subject: $2" -b "$W/body" -t "$3" >"$W/said"
	awk -v good="^INSHEADER 0 Authentication-Results: mx\\\\.test; dnsmail=$1 " '
	    $0 ~ good { told = 1; next }
	    /^QUARANTINE / && told { next }
	    /^ACCEPT$/ && told { told = 0; next }
	    /^REPLYCODE 451 / || /^CLOSED/ { told = 0; next }
	    /^(PROGRESS|OPTNEG)/ { next }
	    { print }' "$W/said" >>"$W/wrong"
	cat "$W/said" >>"$W/all"
}
genuine() { send 'pass .*policy\\.content=intact' Hello $CLAIRE "$1"; }
forged() { send fail Hello bob@elsewhere.test "$1"; }
begin() { : >"$W/wrong"; : >"$W/all"; }
each_once() { # COMMAND
	walked=0
	begin
	while [ $walked -lt 200 ]; do
		memory once $((walked + 1))
		"$1" 1
		[ "$(failures)" != 0 ] || break
		walked=$((walked + 1))
		memory none 0
	done
	memory none 0
}
accepted() { grep -c '^ACCEPT' "$W/all"; }

verifyd_conf "\"127.0.0.1@$PORT_ns\"" 'timeout = "2s"
	propagation-wait = "0s"
	reputation "list.domain.test" { action-default = "quarantine" }'
start_short verifyd
pid=$(pid_of verifyd)
begin
genuine 1
forged 1
is "with memory both have their verdict" "$(accepted) $(cat "$W/wrong")" "2 "
is "and the list is heard" "$(grep -c '^QUARANTINE ' "$W/all")" 1

each_once genuine
ok "genuine: $walked allocations fail, one by one" \
    test $walked -gt 20 -a $walked -lt 200
is "it passes or it waits" "$(cat "$W/wrong")" ""
ok "several wait" test "$(grep -c '^REPLYCODE 451' "$W/all")" -gt 5
each_once forged
ok "forged: $walked allocations fail, one by one" \
    test $walked -gt 20 -a $walked -lt 200
is "it fails or it waits" "$(cat "$W/wrong")" ""

begin
failed=0
for n in 2 3 5 7 11 13 17 23 31 53 101; do
	memory every $n
	for i in 1 2; do
		genuine 3
		forged 3
	done
	failed=$((failed + $(failures)))
done
memory none 0
ok "$failed allocations fail among others" test $failed -gt 50
is "no verdict is wrong" "$(cat "$W/wrong")" ""
begin
genuine 1
forged 1
is "with memory again both have their verdict" \
    "$(accepted) $(cat "$W/wrong")" "2 "
is "and the list is heard" "$(grep -c '^QUARANTINE ' "$W/all")" 1
is "it is the same process" "$(pid_of verifyd)" "$pid"
unlike "nobody panicked" "$(cat "$W"/*.log)" 'panic|aborting|Assertion'
