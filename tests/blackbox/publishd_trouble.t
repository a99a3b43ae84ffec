#!/bin/bash
# Trouble between publishd and its primary: requests are tried again within their time or
# answered LATER with the cause, the log tells it in words, and everything
# goes on by itself once the trouble is over.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 41

n=0
next() { n=$((n + 1)); id_name $n; }
settings() { # TIMEOUT [LINES]: starts publishd anew in front of the relay
	stop publishd
	publishd_conf "$RELAY" "$W/ns/update.key" "" "timeout = \"$1\" ${2-}"
	start_daemon publishd
}
trouble() { echo "$*" >"$W/mode.new" && mv "$W/mode.new" "$W/mode"; }
recovers() { # NAME
	trouble pass
	like "$1: then it goes on by itself" "$(add "$(next)" "$RECORD")" \
	    '^DONE'
	ok "$1: and says so" logged 'takes updates again after .* zone='
	: >"$W/publishd.log"
}

start_bind ns example.test
RELAY=$(free_port)
trouble pass
start relay "$BUILD/dns_trouble" "$RELAY" "$PORT_ns" "$W/mode"

# Between us and the primary
settings 700ms
like "without trouble a record is added" "$(add "$(next)" "$RECORD")" '^DONE'
while IFS='|' read -r mode words; do
	# shellcheck disable=SC2086
	trouble $mode
	answer=$(add "$(next)" "$RECORD")
	like "$mode: the request is answered with the cause" "$answer" \
	    "^LATER .*127.0.0.1@$RELAY: .*$words"
	ok "$mode: the log tells the cause" logged \
	    "127.0.0.1@$RELAY: .*$words.* zone=example.test"
	recovers "$mode"
done <<'X'
close|closed by the server
cut|closed in the middle of a message
flip|not to be believed: BADSIG
unsigned|not to be believed: unsigned
garbage|answers nothing that was asked
foreign|answers nothing that was asked
refuse 5|REFUSED, unsigned
shut|(closed by the server|reset by peer)
X

settings 5s
trouble drop
like "a primary that never answers: LATER with the cause" \
    "$(add "$(next)" "$RECORD")" '^LATER .*none in 4 s'
recovers "drop"

settings 8s
trouble delay 2500
like "a primary that stands still for 2.5 s has no trouble" \
    "$(add "$(next)" "$RECORD")" '^DONE'
is "nothing is sent twice for that" "$(metric updates_sent)" 1

# Too much
settings 2s "max-pending = 10"
trouble drop
like "what is over max-pending is BUSY, the rest is tried" \
    "$(ask -n 25 -c 25 load)" ' BUSY=15 LATER=10 '
trouble pass

# The end
settings 8s
trouble delay 1500
add "$(next)" "$RECORD" >"$W/last.out" &
PIDS[last]=$!
wait_for 5 test "$(metric records_pending)" = 1
wait_for 5 eval '[ "$(metric records_pending)" = 1 ]'
stop publishd
is "SIGTERM: it ends well" $? 0
wait "${PIDS[last]}"
unset "PIDS[last]"
like "SIGTERM: what is under way is finished first" "$(cat "$W/last.out")" \
    '^DONE'
trouble pass
