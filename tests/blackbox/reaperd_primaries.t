#!/bin/bash
# Several primaries of one zone: reaperd reads the first that works, and all of
# the zone anew when that is another one.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"
plan 11

# The serials differ: the second's is far older.
mkdir -p "$W/ns" "$W/two"
bind_zone "$W/ns/example.test.zone" example.test
bind_zone "$W/two/example.test.zone" example.test
old_records 20 >>"$W/two/example.test.zone"
NS=ns
start_bind ns example.test
start_bind two example.test
PRIMARY=$PORT_ns
reap_conf
sed -i "s#primary = .*#primary = {\"127.0.0.1@$PORT_ns\", \"127.0.0.1@$PORT_two\"}#
    s#poll = .*#poll = \"200ms\"#" "$W/dnsmail.conf"
count() { # NAME: a counter of reaperd's
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
change() { # FROM TO
	logged "transfers come from 127.0.0.1@$2 now, no longer from 127.0.0.1@$1"
}
said() { grep -c -- "$1" "$W/reaperd.log"; } # REGEX: how often
start_daemon publishd
start_daemon reaperd # without -d
ok "the first is read" wait_for 10 eval '[ "$(count transfers_whole)" = 1 ]'
ok "the other is not" eval '! logged "transfers come from"'
is "so what is expired there stays" "$(old_left "$PORT_two")" 20

stop ns
ok "the first is away: the second is read" wait_for 20 \
    change "$PORT_ns" "$PORT_two"
ok "all of it" test "$(count transfers_whole)" = 2
ok "what is expired there is removed" wait_for 20 none_left "$PORT_two"

tried() { [ "$(count transfers_failed)" -ge 4 ]; }
ok "the first is asked again and again" wait_for 30 tried
is "that it is away is said once" \
    "$(said "no [A-Z]* from 127.0.0.1@$PORT_ns: ")" 1
bind_again ns
wait_for 20 bind_answers "$PORT_ns" example.test
ok "the first answers again: it is read" wait_for 40 \
    change "$PORT_two" "$PORT_ns"
ok "all of it" test "$(count transfers_whole)" -ge 3
stop ns
ok "it goes again: that is said again" wait_for 20 \
    eval '[ "$(said "transfers come from 127.0.0.1@$PORT_two now")" = 2 ]'
