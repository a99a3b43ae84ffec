#!/bin/bash
# A primary in trouble of its own: requests are tried again within their time
# or answered LATER with the cause, everything goes on by itself afterwards,
# and what was DONE is there.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 29

n=0
next() { n=$((n + 1)); id_name $n; }
settings() { # TIMEOUT: starts publishd anew
	stop publishd
	publishd_conf "$PORT_ns" "$W/ns/update.key" "" "timeout = \"$1\""
	start_daemon publishd
}
up() { # the primary starts as it is configured
	bind_again ns
	wait_for 20 bind_answers "$PORT_ns" example.test
}
clock() { # SECONDS: the primary's clock is off by that
	stop ns
	LD_PRELOAD=$BUILD/clock_shift.so CLOCK_SHIFT=$1 up
}
conf() { # SED-SCRIPT: the primary's configuration from now on
	sed "$1" "$W/full.conf" >"$W/ns/named.conf"
	stop ns
	up
}
late() { # NAME WORDS
	like "$1: LATER, with the cause" "$(add "$(next)" "$RECORD")" \
	    "^LATER .*$2"
	ok "$1: the log tells it" logged "$2.* zone=example.test"
}
recovers() { # NAME
	like "$1: then it goes on by itself" "$(add "$(next)" "$RECORD")" \
	    '^DONE'
	: >"$W/publishd.log"
}

start_bind ns example.test
cp "$W/ns/named.conf" "$W/full.conf"
settings 700ms
is "without trouble a record is added" "$(add "$(next)" "$RECORD")" DONE

clock 611
late "a clock that is ahead" \
    "update refused by 127.0.0.1@$PORT_ns: NOTAUTH/BADTIME, its clock differs by 61[0-2] s"
clock -611
late "a clock that is behind" \
    'NOTAUTH/BADTIME, its clock differs by 6(09|1[0-2]) s'
clock 0
recovers "clock"

conf 's/key "update-key"/key "other-key"/; s/grant update-key/grant other-key/'
late "a key that the primary has lost" \
    'NOTAUTH/BADKEY, it does not have our key'
conf ''
recovers "lost key"
conf "s#$UPDATE_SECRET#YW5vdGhlciBzZWNyZXQgdGhhbiB0aGUgb3RoZXIgb25l#"
late "a key with another secret" \
    'NOTAUTH/BADSIG, its secret for our key is another'
conf ''
recovers "other secret"
conf 's/zonesub TXT/name none.example.test. TXT/'
late "a key that may not do it" 'REFUSED, it does not let this key'
conf ''
recovers "no right"
conf 's/^zone "example.test"/zone "other.test"/'
late "a zone that the primary does not have" \
    'NOTAUTH, it is not the zone.s primary'
conf ''
recovers "no zone"

stop ns
late "a primary that is away" "127.0.0.1@$PORT_ns: Connection refused"
up
recovers "away"

# Under traffic: whatever was answered with DONE must be there afterwards.
settings 8s
traffic() { # SECONDS
	ask -n 1000000 -s "$1" -c 32 -a "$W/acks.$1" load >"$W/load.$1" 2>&1 &
	PIDS[load]=$!
	wait_for 10 test -s "$W/acks.$1"
}
traffic_ended() {
	wait "${PIDS[load]}"
	unset "PIDS[load]"
}
traffic 2
kill -s KILL "${PIDS[ns]}"
wait "${PIDS[ns]}" 2>/dev/null
seen=$(wc -l <"$W/acks.2")
up
more() { [ "$(wc -l <"$W/acks.$1")" -gt "$2" ]; }
ok "killed and started under traffic: requests go on" wait_for 10 \
    more 2 "$((seen + 32))"
traffic_ended
like "killed: nobody had to ask again" "$(cat "$W/load.2")" \
    ' DONE=[0-9]+ BUSY=0 LATER=0 REFUSED=0 NONE=0 '
ok "killed: every DONE is in the zone" all_visible "$PORT_ns" "$W/acks.2"

failed=$(metric updates_failed)
traffic 6
kill -s STOP "${PIDS[ns]}"
seen=$(wc -l <"$W/acks.6")
ok "stopped: everything waits" \
    wait_for 3 eval '[ "$(metric records_pending)" = 32 ]'
wait_for 2 false # as long as BIND stands still to write a large zone
kill -s CONT "${PIDS[ns]}"
ok "stopped for 2 s and continued: requests go on" wait_for 10 \
    more 6 "$((seen + 32))"
traffic_ended
like "stopped: nobody had to ask again" "$(cat "$W/load.6")" \
    ' DONE=[0-9]+ BUSY=0 LATER=0 REFUSED=0 NONE=0 '
ok "stopped: every DONE is in the zone" all_visible "$PORT_ns" "$W/acks.6"
is "stopped: that was no failure" "$(metric updates_failed)" "$failed"
