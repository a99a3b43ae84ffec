#!/bin/bash
# reaperd against the three name servers: what is expired goes, at once and as
# time passes; everything else in the zone stays as it is.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"

# by_hand NAME TEXT: a record that none of our programs made
by_hand() {
	printf 'server 127.0.0.1 %s\nupdate add %s 60 TXT "%s"\nsend\n' \
	    "$PRIMARY" "$1" "$2" | nsupdate -v -k "$W/$NS/update.key"
}
as_wanted() { records "$PRIMARY" | cmp -s - "$W/wanted"; }
difference() { records "$PRIMARY" | diff "$W/wanted" -; }

check_server() { # NAME START-FUNCTION: 5 tests
	local zone=$W/$1/example.test.zone soon late
	NS=$1
	mkdir -p "$W/$NS"
	mixed_zone "$zone" example.test
	"$2" "$NS" example.test
	eval "PRIMARY=\$PORT_$NS"
	expired "$zone" example.test >"$W/expired"
	records "$PRIMARY" >"$W/before"
	grep -vxFf "$W/expired" "$W/before" >"$W/wanted"
	is "$NS: the zone has what shall go" \
	    "$(($(wc -l <"$W/before") - $(wc -l <"$W/wanted")))" \
	    "$(wc -l <"$W/expired")"

	reap_conf
	start_daemon publishd
	start_reaper
	wait_for 15 as_wanted
	is "$NS: expired records go, all else stays" "$(difference)" ""

	# A record of somebody else, expiring while reaperd watches.
	soon=$(id_label 20).example.test late=$(id_label 21).example.test
	by_hand "$soon" "$(record claire@nonprofit.org $((HOUR - 3)))"
	by_hand "$late" "$(record claire@nonprofit.org $((HOUR - 600)))"
	ok "$NS: a record made by hand is there" \
	    wait_for 5 no_difference_but "$soon" "$late"
	ok "$NS: it goes when its time has come" wait_for 15 gone_from "$soon"
	like "$NS: one whose time has not come stays" \
	    "$(records "$PRIMARY")" "^$late"
	stop reaperd
	stop publishd
	stop "$NS"
}
# By transfer: the zone's wildcard would answer a question.
gone_from() { ! records "$PRIMARY" | grep -q "^$1"; }
# Both names are there, and nothing else has changed.
no_difference_but() {
	[ "$(difference | grep -c '^[<>]')" = 2 ] &&
	    [ "$(difference | grep -c "^> \($1\|$2\)")" = 2 ]
}

# count NAME: what reaperd has counted
count() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}

# With a great rate a transfer itself brings what is to be removed.
check_sweep() { # 4 tests
	NS=sweep
	mkdir -p "$W/sweep"
	bind_zone "$W/sweep/example.test.zone" example.test
	start_bind sweep example.test
	PRIMARY=$PORT_sweep
	records "$PRIMARY" >"$W/wanted"
	stop sweep
	old_records 5000 >>"$W/sweep/example.test.zone"
	bind_again sweep
	wait_for 20 bind_answers "$PRIMARY" example.test
	reap_conf 'rate = 100000'
	start_daemon publishd
	start_reaper
	ok "a great rate: all expired records go" wait_for 20 as_wanted
	all_counted() { [ "$(count records_removed)" = 5000 ]; }
	ok "a great rate: each is counted once" wait_for 5 all_counted
	is "a great rate: few were asked about one by one" \
	    "$(($(count lookups) < 2500))" 1
	nothing_known() { [ "$(count records_live)" = 0 ]; }
	ok "a great rate: the index is empty after the next look" \
	    wait_for 10 nothing_known
	stop reaperd
	stop publishd
	stop sweep
}

plan 20
check_server bind start_bind
ok "bind: what changed came by IXFR" grep -q "IXFR started" "$W/bind.log"
check_server pdns start_pdns
check_server knot start_knot
check_sweep
