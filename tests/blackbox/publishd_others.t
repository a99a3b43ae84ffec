#!/bin/bash
# PowerDNS and Knot in the troubles that publishd_primary.t has for BIND: tried
# again within the time or LATER with the cause, and everything goes on by
# itself.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 32

n=0
next() { n=$((n + 1)); id_name $n; }
settings() { # PORT KEY-FILE TIMEOUT: starts publishd anew
	stop publishd
	publishd_conf "$1" "$2" "" "timeout = \"$3\""
	start_daemon publishd
}
late() { # NAME WORDS
	like "$1: LATER, with the cause" "$(add "$(next)" "$RECORD")" \
	    "^LATER .*$2"
	ok "$1: the log tells it" logged "$2.* zone=example.test"
}
recovers() { # NAME
	is "$1: then it goes on by itself" "$(add "$(next)" "$RECORD")" DONE
	: >"$W/publishd.log"
}
more() { [ "$(wc -l <"$W/acks")" -gt "$1" ]; }

# lose_key NAME, give_key NAME: at the server, as it runs
lose_key_pdns() { pdns pdns delete-tsig-key update-key >>"$W/pdns.log" 2>&1; }
give_key_pdns() {
	pdns pdns import-tsig-key update-key hmac-sha256 $UPDATE_SECRET \
	    >>"$W/pdns.log" 2>&1
}
# Knot checks its file as a whole, so the key has another name everywhere.
lose_key_knot() {
	sed -i 's/update-key/other-key/' "$W/knot/knot.conf"
}
give_key_knot() {
	sed -i 's/other-key/update-key/' "$W/knot/knot.conf"
}

# check_server NAME WORDS-FOR-A-SKEWED-CLOCK WORDS-FOR-A-LOST-KEY: 16 tests
check_server() {
	local name=$1 port key=$W/$1/update.key seen
	"start_$name" "$name" example.test
	eval "port=\$PORT_$name"
	up() {
		"${name}_again" "$name"
		wait_for 20 bind_answers "$port" example.test
	}

	settings "$port" "$key" 700ms
	is "$name: without trouble a record is added" \
	    "$(add "$(next)" "$RECORD")" DONE
	stop "$name"
	late "$name away" "127.0.0.1@$port: Connection refused"
	up
	recovers "$name away"

	stop "$name"
	LD_PRELOAD=$BUILD/clock_shift.so CLOCK_SHIFT=611 up
	late "$name, its clock" "update refused by 127.0.0.1@$port: $2"
	stop "$name"
	up
	recovers "$name, its clock"

	stop "$name"
	"lose_key_$name"
	up
	late "$name without our key" "update refused by 127.0.0.1@$port: $3"
	stop "$name"
	"give_key_$name"
	up
	recovers "$name without our key"

	settings "$port" "$key" 8s
	rm -f "$W/acks"
	ask -n 1000000 -s 3 -c 32 -a "$W/acks" load >"$W/load" 2>&1 &
	PIDS[load]=$!
	wait_for 10 test -s "$W/acks"
	kill -s STOP "${PIDS[$name]}"
	ok "$name stopped: everything waits" \
	    wait_for 3 eval '[ "$(metric records_pending)" = 32 ]'
	seen=$(wc -l <"$W/acks")
	kill -s CONT "${PIDS[$name]}"
	ok "$name continued: requests go on" wait_for 10 more "$((seen + 32))"
	kill -s KILL "${PIDS[$name]}"
	wait "${PIDS[$name]}" 2>/dev/null
	seen=$(wc -l <"$W/acks")
	up
	ok "$name killed and started again: requests go on" \
	    wait_for 10 more "$((seen + 32))"
	wait "${PIDS[load]}"
	unset "PIDS[load]"
	like "$name killed: nobody had to ask again" "$(cat "$W/load")" \
	    ' DONE=[0-9]+ BUSY=0 LATER=0 REFUSED=0 NONE=0 '
	mkdir -p "$W/ns" # where all_visible looks for it
	key_file "$W/ns/transfer.key" transfer-key $TRANSFER_SECRET
	ok "$name killed: every DONE is in the zone" \
	    all_visible "$port" "$W/acks"
	ok "$name killed: publishd is the same" alive publishd
	stop "$name"
}

check_server pdns 'REFUSED, unsigned: key or clock' \
    'REFUSED, unsigned: key or clock'
check_server knot \
    'NOTAUTH/BADTIME, its clock differs by 61[0-2] s' \
    'NOTAUTH/BADKEY, it does not have our key'
