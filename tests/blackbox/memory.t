#!/bin/bash
# Memory runs out in signerd, or in publishd, at each single allocation of a
# message and again and again: a message is signed and its record is there, or
# it stays with the MTA. The daemon lives, and goes on when there is memory.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-memory.sh"
can_run_short
plan 18

MARTHA=(-a 127.0.0.1 -t claire@my_isp.test -h 'From: martha@domain.test'
	-h 'Subject: Hello' -B 300)

# send N: N messages on one connection; what becomes of them in $W/said, what
# must not be in $W/wrong: one accepted without an ID, or another end than
# accepted, 451 and a connection that is closed. IDs of the accepted in $W/ids.
send() {
	"$BUILD/milter_client" "${MARTHA[@]}" -T 20 -n "$1" "$S" >"$W/said" 2>&1
	awk -v ids="$W/ids" '
	    /^INSHEADER 0 DNS-Mail-ID: / { id = $4; next }
	    /^ACCEPT$/ && id != "" { print id >>ids; id = ""; next }
	    /^REPLYCODE 451 4\.7\.1 / || /^CLOSED/ { id = ""; next }
	    /^(PROGRESS|OPTNEG)/ { next }
	    { print }' "$W/said" >>"$W/wrong"
	cat "$W/said" >>"$W/all"
}
ends() { grep -c -- "$1" "$W/all"; } # REGEX: how many messages ended so
begin() { : >"$W/wrong"; : >"$W/ids"; : >"$W/all"; }
# each_once: one message for each allocation that can fail while it passes;
# their number is $walked
each_once() {
	walked=0
	while [ $walked -lt 200 ]; do
		memory once $((walked + 1))
		send 1
		[ "$(failures)" != 0 ] || break
		walked=$((walked + 1))
		memory none 0
	done
	memory none 0
}
# again_and_again: $failed allocations, by steps that have no common factor
again_and_again() {
	local n i
	failed=0
	for n in "$@"; do
		memory every "$n"
		for i in 1 2 3; do send 4; done
		failed=$((failed + $(failures)))
	done
	memory none 0
}
# Each ID that was let go has its record.
without_record() {
	sort -u "$W/ids" >"$W/let-go"
	dig @127.0.0.1 -p "$PORT_ns" -k "$W/ns/transfer.key" domain.test AXFR \
	    +noall +answer +time=20 |
	    awk '$4 == "TXT" { sub(/\.$/, "", $1); print $1 }' | sort -u |
	    comm -23 "$W/let-go" -
}
signs_again() { mail "${MARTHA[@]}"; echo "$(final) $(ids | wc -l)"; }

start_bind ns domain.test nonprofit.test

# ---- signerd ----------------------------------------------------------------------

conf 'timeout = "2s"'
start_daemon publishd
start_short signerd
pid=$(pid_of signerd)
is "signerd signs" "$(signs_again)" "ACCEPT 1"
begin
each_once
ok "signerd: $walked allocations of a message fail, one by one" \
    test $walked -gt 15 -a $walked -lt 200
is "none leaves unsigned, none is refused for good" "$(cat "$W/wrong")" ""
ok "several are told 451" test "$(ends '^REPLYCODE 451')" -gt 5
begin
again_and_again 2 3 5 7 11 13 17 23 31 53 101
ok "signerd: $failed allocations fail among others" test $failed -gt 50
is "again none leaves unsigned" "$(cat "$W/wrong")" ""
ok "some are signed all the same" test "$(wc -l <"$W/ids")" -gt 5
is "and their records are there" "$(without_record)" ""
memory from 1
begin
send 1
is "with no memory at all it takes none" \
    "$(ends '^ACCEPT') $(cat "$W/wrong")" "0 "
memory none 0
is "with memory again it signs" "$(signs_again)" "ACCEPT 1"
is "it is the same process" "$(pid_of signerd)" "$pid"

# ---- publishd ---------------------------------------------------------------------

stop signerd
stop publishd
conf 'timeout = "1s"'
start_short publishd
start_daemon signerd
pid=$(pid_of publishd)
is "publishd publishes" "$(signs_again)" "ACCEPT 1"
begin
each_once
ok "publishd: $walked allocations of a request fail, one by one" \
    test $walked -gt 5 -a $walked -lt 200
again_and_again 2 3 5 7 11 17 31
is "none leaves unsigned, none is refused for good" "$(cat "$W/wrong")" ""
is "each that was signed has its record" "$(without_record)" ""
memory from 1
send 1
memory none 0
is "with memory again it publishes" "$(signs_again)" "ACCEPT 1"
is "it is the same process" "$(pid_of publishd)" "$pid"
unlike "nobody panicked" "$(cat "$W"/*.log)" 'panic|aborting|Assertion'
