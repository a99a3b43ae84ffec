#!/bin/bash
# signerd and verifyd with two workers as systemd runs them: they are ready, a
# worker that is killed or stands still is made again without the unit being
# restarted, a parent that is killed or stands still leaves none behind and its
# unit comes back. Mail goes through, signed and verified.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
need_box
plan 38

BOTH="signerd verifyd"
declare -A main old one
note_parents() { local d; for d in $BOTH; do main[$d]=$(pid "$d"); done; }
is_other() { # DAEMON: its unit is active, by another parent
	[ "$(show ActiveState "$1")" = active ] && [ "$(pid "$1")" != "${main[$1]}" ]
}
letter() { # NUMBER, from 1 on
	queue 1 "letter-$1"
	wait_for 60 all_have_arrived "$1"
}

start_box
ok "the box is up" box wait
with_workers 2
for d in $BOTH; do
	ok "$d begins" inside systemctl restart "$d"
	is "it is ready" "$(show StatusText "$d")" ready
	ok "with two workers" are_two "$d"
done
ok "a message arrives" letter 1

# ---- a worker -------------------------------------------------------------------

note_parents
for d in $BOTH; do
	one[$d]=$(workers "$d" | head -n 1)
	inside kill -s KILL "${one[$d]}"
done
for d in $BOTH; do
	ok "$d: a worker that is killed is gone" wait_for 20 is_gone "${one[$d]}"
	ok "... and made again" wait_for 20 are_two "$d"
done
ok "a message arrives" letter 2
for d in $BOTH; do
	one[$d]=$(workers "$d" | head -n 1)
	inside kill -s STOP "${one[$d]}"
done
for d in $BOTH; do
	ok "$d: one that stands still is ended" wait_for 60 is_gone "${one[$d]}"
	ok "... and made again" wait_for 20 are_two "$d"
	is "the unit was not restarted" \
	    "$(pid "$d") $(show NRestarts "$d")" "${main[$d]} 0"
done
ok "a message arrives" letter 3

# ---- the parent -----------------------------------------------------------------

signal_parents() { # SIGNAL
	local d
	note_parents
	for d in $BOTH; do
		old[$d]=$(workers "$d")
		inside kill -s "$1" "${main[$d]}"
	done
}
all_new() { # HOW
	local d
	for d in $BOTH; do
		ok "$d: the unit of a parent that $1 is active again" \
		    wait_for 40 is_other "$d"
		# shellcheck disable=SC2086
		ok "... no worker of it is left" wait_for 20 are_gone ${old[$d]}
		ok "... and there are two new ones" wait_for 20 are_two "$d"
	done
}
signal_parents KILL
all_new "is killed"
ok "a message arrives" letter 4
is "all are signed, and verified" "$(tally)" "$(all_well 4)"

for d in $BOTH; do
	inside sh -c "mkdir -p /run/systemd/system/$d.service.d
	    printf '[Service]\nWatchdogSec=2s\n' \
		>/run/systemd/system/$d.service.d/stands.conf"
done
inside sh -c "systemctl daemon-reload && systemctl restart $BOTH"
log >/dev/null
queue 300 traffic &
queuing=$!
under_way 20 signal_parents STOP
all_new "stands still"
for d in $BOTH; do
	like "the watchdog ended that of $d" \
	    "$(inside journalctl -u "$d" -o cat --no-pager)" 'Watchdog timeout'
done
wait $queuing
queue 20 afterwards
wait_for 90 all_have_arrived 320
log >"$W/log"
is "no message was lost, none went unsigned" "$(tally)" "$(all_well 320)"
is "the sockets were always there" "$(no_socket)" 0
box halt
