#!/bin/bash
# signerd between an MTA that changes its mind and a publishd that is slow,
# away or killed: no message leaves unsigned, each ID can be seen before its
# message is let go, and everything goes on by itself.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 42

trouble() { echo "$*" >"$W/mode.new" && mv "$W/mode.new" "$W/mode"; }
MARTHA=(-a 127.0.0.1 -t claire@my_isp.test -h 'From: martha@domain.test')
client() { "$BUILD/milter_client" "${MARTHA[@]}" "$@" "$S"; }
load() { # OPTION...: many messages of domain.test; their IDs in $W/ids
	"$BUILD/milter_load" -a 127.0.0.1 -f 'martha%m@domain.test' \
	    -w "$W/ids" "$@" "$S"
}
loaded() { tr ' ' '\n' <"$W/load.log" | sed -n "s/^$1=//p"; } # KEY
grew() { # since it was asked last
	local now
	now=$(counter records_published) || return 1
	[ "$now" -gt "${seen:-0}" ] && seen=$((now + 200))
}
# Every ID that was inserted has a record in the zone.
all_published() {
	dig @127.0.0.1 -p "$PORT_ns" -k "$W/ns/transfer.key" domain.test AXFR \
	    +noall +answer +time=20 |
	    awk '$4 == "TXT" { sub(/\.$/, "", $1); print $1 }' |
	    sort -u >"$W/visible"
	sed -n 's/^DNS-Mail-ID: *//p' "$W/ids" | sort -u >"$W/inserted"
	[ -s "$W/inserted" ] || return 1
	comm -23 "$W/inserted" "$W/visible"
	[ -z "$(comm -23 "$W/inserted" "$W/visible")" ]
}

start_bind ns domain.test nonprofit.test
PRIMARY=$(free_port)
trouble pass
start relay "$BUILD/dns_trouble" "$PRIMARY" "$PORT_ns" "$W/mode"
conf
start_daemon publishd
signer

# --- the record first, then the reply -------------------------------------------

trouble delay 1500
begun=${EPOCHREALTIME/./}
mail "${MARTHA[@]}"
took=$((${EPOCHREALTIME/./} / 1000 - begun / 1000))
like "a primary that takes its time: signed" "$(ids)" '^[a-z2-7]{26}\.domain\.test$'
ok "but not before it has said yes ($took ms)" test $took -ge 1500
like "and the record is there" "$(at_ids)" \
    '^To:claire@my_isp.test\*From:martha@domain.test\*date='
trouble pass

mail "${MARTHA[@]}" -n 3
is "three messages on one connection have an ID each" \
    "$(ids | sort -u | wc -l)" 3
is "with a record each" "$(at_ids | wc -l)" 3

# --- not now --------------------------------------------------------------------

stop publishd
signer 'timeout = "1s"'
begun=${EPOCHREALTIME/./}
mail "${MARTHA[@]}"
took=$((${EPOCHREALTIME/./} / 1000 - begun / 1000))
is "without publishd: not now" "$(final)" \
    "REPLYCODE 451 4.7.1 Message cannot be signed now, try later"
is "and no ID" "$(ids)" ""
ok "within its timeout ($took ms)" test $took -ge 900 -a $took -le 4000
like "the log says so" "$line" 'action=tempfail reason=publishd-timeout( |$)'
mail -a 192.0.2.1 -t a@x.test -h 'From: martha@domain.test'
is "what is not ours to sign goes, publishd or not" "$(final)" ACCEPT
start client "$BUILD/milter_client" -T 10 "${MARTHA[@]}" "$S"
start_daemon publishd
wait "${PIDS[client]}"
mail "${MARTHA[@]}"
like "with publishd again: signed" "$(ids)" '^[a-z2-7]{26}\.domain\.test$'

trouble drop
mail "${MARTHA[@]}"
like "a primary that does not answer: not now" "$(final)" '^REPLYCODE 451 4\.7\.1 '
trouble pass

signer 'timeout = "1s"
	on-error = "unsigned"'
stop publishd
mail "${MARTHA[@]}"
is "on-error = unsigned lets it go" "$(final) $(ids)" "ACCEPT "
like "the log says that, too" "$line" \
    'action=unsigned reason=publishd-timeout( |$)'
start_daemon publishd

# --- an MTA that changes its mind -----------------------------------------------

signer
trouble delay 300
for step in mail rcpt header body eom; do
	mail "${MARTHA[@]}" -B 100 -n 2 -A $step
	is "ABORT after $step: the next message is signed" \
	    "$(final) $(ids | wc -l)" "ACCEPT 1"
done
for step in mail header body eom; do
	client -B 100 -Q $step >/dev/null 2>&1
done
ok "aborted while it was published: given up" wait_for 5 counts messages_under_way 0
ok "and counted" wait_for 5 counts messages_abandoned 2
mail "${MARTHA[@]}"
is "connections that end anywhere harm nobody" "$(final) $(ids | wc -l)" "ACCEPT 1"
trouble pass

# --- many at a time -------------------------------------------------------------

load -c 64 -n 2000 >"$W/load.log"
is "64 connections: no message is lost" "$(loaded lost)" 0
is "each is accepted" "$(loaded accept)" 2000
is "each is signed" "$(loaded inserted)" 2000
ok "each ID has its record" all_published
ok "connections that come and go" load -c 16 -k 3 -n 300

# --- others die under it --------------------------------------------------------

trouble delay 20
load -c 16 -n 1500 >"$W/load.log" &
PIDS[load]=$!
for i in 1 2 3; do
	wait_for 10 grew
	kill_daemon publishd
	start_daemon publishd
done
wait "${PIDS[load]}"
unset "PIDS[load]"
is "publishd killed three times: each message is accepted" \
    "$(loaded accept)" 1500
is "none unsigned" "$(loaded inserted)" 1500
ok "each ID has its record after all" all_published

load -c 16 -n 1500 -T 5 >"$W/load.log" 2>&1 &
PIDS[load]=$!
wait_for 10 grew
kill_daemon signerd
start_daemon signerd
wait "${PIDS[load]}"
unset "PIDS[load]"
is "signerd killed: what was accepted was signed" \
    "$(loaded accept)" "$(loaded inserted)"
ok "each of those has its record" all_published
mail "${MARTHA[@]}"
is "and it signs again" "$(final) $(ids | wc -l)" "ACCEPT 1"

# --- its own end, and another beginning -----------------------------------------

trouble delay 1000
start late "$BUILD/milter_client" "${MARTHA[@]}" "$S"
wait_for 5 counts messages_under_way 1
stop signerd
is "SIGTERM: it ends well" $? 0
like "after the message that was under way" "$(cat "$W/late.log")" \
    '^INSHEADER 0 DNS-Mail-ID: [a-z2-7]{26}\.domain\.test'
stop late

signer
start late "$BUILD/milter_client" "${MARTHA[@]}" "$S"
wait_for 5 counts messages_under_way 1
conf 'trusted = {"192.0.2.0/24"}'
: >"$W/signerd.ready"
kill -HUP "${PIDS[signerd]}"
wait_for 5 grep -q READY=1 "$W/signerd.ready"
mail "${MARTHA[@]}"
like "SIGHUP: new messages meet the new configuration" "$line" \
    'action=skipped reason=untrusted-client'
wait "${PIDS[late]}"
like "those under way end with the old" "$(cat "$W/late.log")" \
    '^INSHEADER 0 DNS-Mail-ID: '
trouble pass

echo 'signerd { nonsense = 1 }' >>"$W/dnsmail.conf"
kill -HUP "${PIDS[signerd]}"
wait_for 5 grep -q nonsense "$W/signerd.log"
mail -a 192.0.2.1 -t a@x.test -h 'From: martha@domain.test'
is "a broken configuration changes nothing" "$(final) $(ids | wc -l)" "ACCEPT 1"

# --- two publishds --------------------------------------------------------------

# The second has the same work with sockets of its own.
conf
sed "s#$W/run#$W/run2#g" "$W/dnsmail.conf" >"$W/second.conf"
start second "$BUILD/publishd" -c "$W/second.conf"
wait_for 10 test -S "$W/run2/publishd/publish.ipc"
PUBLISHERS="\"ipc://$W/run/publishd/publish.ipc\",
	    \"ipc://$W/run2/publishd/publish.ipc\"" signer
ok "two publishds" load -c 16 -n 400
requests() { # CONF
	"$BUILD/dnsmail-status" -c "$1" --json publishd |
	    grep -o '"records_added": *[0-9]*' | grep -o '[0-9]*$'
}
ok "both have work" test "$(requests "$W/dnsmail.conf")" -ge 100 \
    -a "$(requests "$W/second.conf")" -ge 100
stop second KILL
ok "one is killed: the other does it all" load -c 16 -n 400
is "signed, every one" "$(load -c 4 -n 100 | tr ' ' '\n' | grep '^inserted')" \
    inserted=100
