#!/bin/bash
# reaperd's transfers: what is not vouched for in the middle of one, a server
# without IXFR; and what it removes in few large requests.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"
plan 14

NS=bind N=3000
mkdir -p "$W/bind"
bind_zone "$W/bind/example.test.zone" example.test
old_records $N >>"$W/bind/example.test.zone"
start_bind bind example.test
between=$(free_port) mode=$W/mode
echo pass >"$mode"
start trouble "$BUILD/dns_trouble" "$between" "$PORT_bind" "$mode"

# publishd reaches the server itself; between it and reaperd stands trouble.
begin() { # OPTION-LINES
	stop reaperd
	PRIMARY=$between
	reap_conf "${1-}"
	PRIMARY=$PORT_bind
	: >"$W/reaperd.log"
	start_reaper
}
json() { "$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd | tr -d '\n'; }
count() { json | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p"; }
requests() { json | sed -n 's/.*"remove": *{"count": *\([0-9]*\).*/\1/p'; }

PRIMARY=$PORT_bind
reap_conf
start_daemon publishd

# ---- a signature that breaks in the middle --------------------------------------

echo flip 2 >"$mode"
begin
ok "a wrong MAC in the third message: told in words" \
    wait_for 10 logged 'no AXFR from 127.0.0.1@[0-9]*: .*BADSIG, key "transfer-key"'
tried_again() { [ "$(count transfers_failed)" -ge 2 ]; }
ok "... and tried again" wait_for 10 tried_again
is "... of what came before it nothing is kept" \
    "$(count records_live) $(count zones_unknown)" "0 1"
is "... nothing is removed" "$(old_left "$PRIMARY")" $N
echo cut >"$mode"
: >"$W/reaperd.log"
ok "a connection that ends in the middle of a message: told in words" \
    wait_for 20 logged 'no AXFR from 127.0.0.1@[0-9]*: .*closed'
is "... nothing is removed" "$(old_left "$PRIMARY")" $N
echo unsigned >"$mode"
: >"$W/reaperd.log"
ok "messages without a signature: told in words" \
    wait_for 20 logged 'no AXFR from 127.0.0.1@[0-9]*: .*signature missing'
is "... nothing is removed" "$(old_left "$PRIMARY")" $N

# ---- large requests, and no IXFR ---------------------------------------------------

echo no-ixfr >"$mode"
begin 'rate = 100000'
ok "once all is well, they go" wait_for 20 none_left "$PRIMARY"
all_counted() { [ "$(count records_removed)" = $N ]; }
ok "... each counted once" wait_for 5 all_counted
# A record takes over 100 octets in a request.
n=$(requests)
ok "... in $n requests of 10 KB and more" [ "$((N * 100 / n))" -ge 10240 ]
nothing_known() { [ "$(count records_live)" = 0 ]; }
ok "without IXFR it learns that they are gone" wait_for 10 nothing_known
is "... by transfers of the whole zone alone" \
    "$(count transfers_difference) $(($(count transfers_whole) >= 2))" "0 1"
ok "... which is told" logged 'IXFR: .*NOTIMP.*; all of it is asked for'
