#!/bin/bash
# How publishd works at its primary: what arrives while an UPDATE is under way
# goes out with the next, over one connection that is kept; and what of the
# configuration goes into an UPDATE.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 24

trouble() { echo "$*" >"$W/mode.new" && mv "$W/mode.new" "$W/mode"; }
settings() { # LINES-OF-PUBLISHD: publishd anew in front of the relay
	stop publishd
	publishd_conf "$RELAY" "$W/ns/update.key" "" "$1"
	start_daemon publishd
}
is_pending() { [ "$(metric records_pending)" = "$1" ]; }
is_sent() { [ "$(metric updates_sent)" = "$1" ]; }
# The local ports of the connections to a port
connections() {
	ss -Htn state established "dport = :$1" | awk '{ print $3 }' | sort
}
# one_then_many N: a request that is under way, N more behind it; all answered
one_then_many() {
	ask add "$(id_name 1)" "$RECORD" >"$W/first" &
	PIDS[first]=$!
	wait_for 5 is_sent 1
	ask -n "$1" -c "$1" load >"$W/many"
	wait "${PIDS[first]}"
	unset "PIDS[first]"
}

start_bind ns example.test
RELAY=$(free_port)
trouble delay 700
start relay "$BUILD/dns_trouble" "$RELAY" "$PORT_ns" "$W/mode"

# --- group commit -------------------------------------------------------------

settings ""
one_then_many 200
is "the first goes out alone" "$(cat "$W/first")" DONE
like "200 that arrive meanwhile are done" "$(cat "$W/many")" ' DONE=200 '
is "with one more UPDATE" "$(metric updates_sent)" 2
is "over one connection" "$(connections "$RELAY" | wc -l)" 1
before=$(connections "$RELAY")
trouble pass
for i in 2 3 4; do add "$(id_name $i)" "$RECORD" >/dev/null; done
is "idle, each is sent at once" "$(metric updates_sent)" 5
is "over the same connection" "$(connections "$RELAY")" "$before"

trouble delay 300
settings "max-batch = 50"
one_then_many 200
like "max-batch: all are done" "$(cat "$W/many")" ' DONE=200 '
is "in UPDATEs of 50 at most" "$(metric updates_sent)" 5

# --- the time of a request ------------------------------------------------------

settings 'timeout = "600ms"'
trouble drop
began=${EPOCHREALTIME/[.,]/}
like "what has no answer in its time is put off" \
    "$(add "$(id_name 5)" "$RECORD")" '^LATER '
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
ok "then, not earlier and not much later ($took ms)" \
    test $took -ge 590 -a $took -le 1600
# The UPDATE of the one before is still not answered: waiting counts, too.
began=${EPOCHREALTIME/[.,]/}
like "one that never had its turn, too" \
    "$(add "$(id_name 6)" "$RECORD")" '^LATER '
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
ok "in the same time ($took ms)" test $took -ge 590 -a $took -le 1600
ok "the log tells the cause" wait_for 8 logged \
    "no answer to the update from 127.0.0.1@$RELAY: none in 4 s zone="
trouble pass

# --- what the configuration says of a domain --------------------------------------

# Two domains whose names lie in one zone, and one with a zone of its own.
start_bind parent parent.test own.parent.test
stop publishd
publishd_conf "$PORT_parent" "$W/parent/update.key"
cat >>"$W/dnsmail.conf" <<X
domain "one.parent.test" {
	primary = "127.0.0.1@$PORT_parent"
	zone = "parent.test"
	ttl = 0
}
domain "two.parent.test" {
	primary = "127.0.0.1@$PORT_parent"
	zone = "parent.test"
}
domain "own.parent.test" { primary = "127.0.0.1@$PORT_parent" }
X
start_daemon publishd
of() { "$BUILD/publish_ask" -u "$URL" -d "$1" -l "$2" add "abc.$1" "$RECORD"; }
ttl() {
	dig @127.0.0.1 -p "$PORT_parent" "$1" TXT +noall +answer |
	    awk '{ print $2 }'
}
is "a domain inside of a zone" "$(of one.parent.test 0)" DONE
is "another of the same zone" "$(of two.parent.test 3600)" DONE
is "one with a zone of its own below it" "$(of own.parent.test 60)" DONE
is "each record is there" "$(for d in one two own; do
	txt "$PORT_parent" abc.$d.parent.test
done | sort -u)" "$RECORD"
is "with the TTL that was asked for" \
    "$(ttl abc.one.parent.test) $(ttl abc.two.parent.test)" "0 3600"
like "a TTL over 3600 is refused" "$(of two.parent.test 3601)" '^REFUSED.*TTL'
like "what lies right below one domain is not the other's" \
    "$("$BUILD/publish_ask" -u "$URL" -d one.parent.test \
	add abc.two.parent.test "$RECORD")" '^REFUSED.*below the domain'
like "nor the zone's" "$("$BUILD/publish_ask" -u "$URL" -d one.parent.test \
	add abc.parent.test "$RECORD")" '^REFUSED.*below the domain'

# --- records of one request --------------------------------------------------------

is "several records at one ID are one request" "$("$BUILD/publish_ask" \
    -u "$URL" -d one.parent.test add many.one.parent.test \
    "$RECORD" "${RECORD/claire/dan}")" DONE
is "and all there" "$(txt "$PORT_parent" many.one.parent.test | sort)" \
    "$RECORD
${RECORD/claire/dan}"
like "one of them wrong: none of them is added" "$("$BUILD/publish_ask" \
    -u "$URL" -d one.parent.test add none.one.parent.test \
    "$RECORD" "v=spf1 -all")$(txt "$PORT_parent" none.one.parent.test)" \
    '^REFUSED [^*]*message record$'
