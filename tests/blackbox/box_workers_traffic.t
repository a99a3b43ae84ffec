#!/bin/bash
# signerd and verifyd with two workers each as systemd runs them, under traffic: a
# restart refuses and puts off nothing, a reload reaches every worker, one of a
# wrong file none. What a worker needs, and what it is forbidden.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
. "$TESTS/lib-jail.sh"
need_box
plan 42

BOTH="signerd verifyd"
start_box
ok "the box is up" box wait
with_workers 2
inside systemctl restart $BOTH
for d in $BOTH; do
	ok "$d has two workers" are_two "$d"
done
journal() { inside journalctl -q --no-pager -o cat -u "$1"; }
# all_came COUNT WHAT: of the traffic, each as it should be
all_came() {
	traffic_ended
	is "$2: no connection of the mail server's clients was refused" $? 0
	wait_for 90 all_have_arrived "$1"
	log >"$W/log"
	is "... nothing was put off" "$(deferred)" ""
	is "... the sockets were always there" "$(no_socket)" 0
	is "... nothing was lost, nothing unsigned" "$(tally)" "$(all_well "$1")"
}
log >/dev/null

# ---- restarts ---------------------------------------------------------------------

traffic 800
restarts=0
for at in 20 150 280 410; do
	for d in $BOTH; do
		under_way $((at += 50)) inside systemctl restart "$d" &&
		    restarts=$((restarts + 1))
	done
done
is "each is restarted four times" $restarts 8
all_came 800 "restarts"

# ---- reloads ------------------------------------------------------------------------

declare -A before
note_workers() { for d in $BOTH; do before[$d]=$(workers "$d"); done; }
# Those of before have ended, and there are two.
all_new() { # DAEMON
	# shellcheck disable=SC2086
	are_two "$1" && are_gone ${before[$1]}
}
# What one configuration makes of a message: verifyd's name, and signerd's digest.
bears() { # NAME CONTENT: how many that have arrived
	inside sh -c "cd $NEW && grep -l '^Authentication-Results: $1; dnsmail=pass' * |
	    xargs -r grep -l 'policy.content=$2' | wc -l"
}
queue 40 before
wait_for 60 all_have_arrived 40
is "before it all messages are as the old file says" \
    "$(bears mx.my_isp.test intact)" 40
tally >/dev/null
log >/dev/null

note_workers
main="$(pid signerd) $(pid verifyd)"
traffic 300
inside sed -i -e 's/^authserv-id.*/authserv-id = "new.my_isp.test"/' \
    -e 's/^signerd {/&\n\tbind = no/' $CONF
for d in $BOTH; do
	ok "$d takes a right file" under_way 20 inside systemctl reload "$d"
done
for d in $BOTH; do
	ok "all workers of $d are new" wait_for 60 all_new "$d"
done
all_came 300 "a reload"
queue 40 after
wait_for 60 all_have_arrived 40
is "after it all are as the new file says" \
    "$(bears new.my_isp.test unbound)" 40
tally >/dev/null
log >/dev/null

note_workers
traffic 300
inside sh -c "cp $CONF /etc/dnsmail/good
    sed -i 's/^authserv-id.*/authserv-id = \"mx.my_isp.test\"/' $CONF
    echo 'signerd { timeout = 5 }' >>$CONF"
for d in $BOTH; do
	ok "$d: that a file is wrong is told to who reloads" \
	    under_way 20 inside sh -c "! systemctl reload $d"
	inside systemctl kill -s HUP --kill-who=main "$d"
	ok "... and stands in its status, if it gets it anyway" \
	    wait_for 20 eval "show StatusText $d | grep wrong"
	is "... its workers are those of before" "$(workers "$d")" "${before[$d]}"
done
all_came 300 "a wrong file"
queue 40 wrong
wait_for 60 all_have_arrived 40
is "all are as the last right file says" "$(bears new.my_isp.test unbound)" 40
inside mv /etc/dnsmail/good $CONF
is "the parents are the same" "$(pid signerd) $(pid verifyd)" "$main"

# ---- what a worker needs ----------------------------------------------------------------

# memory FIELD PID: KiB
memory() { inside sed -n "s/^$1: *\([0-9]*\) kB/\1/p" "/proc/$2/smaps_rollup"; }
for d in $BOTH; do
	for p in $(workers "$d"); do
		own=$(($(memory Private_Clean "$p") + $(memory Private_Dirty "$p")))
		resident=$(memory Rss "$p")
		diag "$d: a worker has $own KiB of its own, $resident resident"
		if sanitized; then
			ok "# SKIP memory: a sanitizer's build" true
		else
			ok "a worker of $d takes less than 2 MB of its own" \
			    test "$own" -lt 2048
		fi
	done
done

# Each process by itself: a worker shows that it lives, its parent looks.
declare -A slept=()
for d in $BOTH; do
	for p in $(pid "$d") $(inside pgrep -P "$(pid "$d")"); do
		slept[$d-$p]=$(switches "$p")
	done
done
read -rt 5 <> <(:) || :
for p in "${!slept[@]}"; do
	woken=$(($(switches "${p#*-}") - slept[$p]))
	[ $woken -le 6 ] || echo "$p was woken $woken times in 5 s"
done >"$W/awake"
is "the processes of both are eight" ${#slept[@]} 8
is "idle, none wakes up more than once a second" "$(cat "$W/awake")" ""

# ---- what it is forbidden ---------------------------------------------------------------

proc() { inside sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status" | cut -f1; }
for d in $BOTH; do
	one=$(workers "$d" | head -n 1)
	is "a worker of $d has no capability and can gain none" \
	    "$(for f in CapPrm CapEff CapBnd NoNewPrivs; do proc "$one" $f; done | xargs)" \
	    "0000000000000000 0000000000000000 0000000000000000 1"
	if sanitized; then
		ok "# SKIP a leak checker needs more" true
	else
		is "... and one filter more than its parent" \
		    "$(($(proc "$one" Seccomp_filters) -
			$(proc "$(pid "$d")" Seccomp_filters)))" 1
	fi
done

# The toy in signerd's place is a daemon with workers that tries what it is told.
if sanitized; then
	ok "# SKIP a leak checker needs more" true
	ok "# SKIP a leak checker needs more" true
else
	inside sh -c "mkdir -p /run/systemd/system/signerd.service.d
	    printf '[Service]\nBindReadOnlyPaths=$BUILD/toy_daemon:/usr/sbin/signerd\n' \
		>/run/systemd/system/signerd.service.d/toy.conf
	    systemctl daemon-reload && systemctl restart signerd"
	wait_for 20 are_two signerd
	is "what a worker can do in the unit of signerd" \
	    "$(tried_by inside "$BUILD/line_client" \
		unix:/run/dnsmail/signerd/milter.sock)" \
	    "$(may_in_worker)"
	is "each kill is the filter's" \
	    "$(journal signerd | grep -c 'signal 31 (Bad system call)')" \
	    "$(killed_in_worker)"
fi
box halt
