#!/bin/bash
# The set as systemd runs it: this host's systemd is process 1 of a box of its
# own, with "make install", Debian's BIND and Postfix. Daemons are restarted,
# reloaded, killed and the box is rebooted while mail goes through: nothing is
# lost, nothing unsigned, nothing refused. And the units forbid what they say.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
. "$TESTS/lib-forbidden.sh"
need_box
plan 93

root=/usr/lib/systemd/system
units() { for d in $DAEMONS; do echo "$d.service"; done; }

# ---- it boots -------------------------------------------------------------------

start_box
began=${EPOCHREALTIME/./}
ok "the box is up" box wait
diag "it took $(((${EPOCHREALTIME/./} - began) / 1000)) ms to boot"
is "all units are up" "$(inside systemctl is-system-running)" running
for d in $DAEMONS; do
	is "$d is ready" "$(inside systemctl show -P StatusText $d)" ready
done
is "systemd finds nothing wrong with the installed units, manual and all" \
    "$(inside sh -c "cd $root &&
	systemd-analyze verify dnsmail.target $(units | xargs) *d.socket 2>&1")" ""
is "each has the directory of its sockets" \
    "$(inside stat -c '%n %U:%G %a' /run/dnsmail/{sign,publish,verify,reap}{er,}d \
    2>/dev/null | sed 's|/run/dnsmail/||' | sort)" \
    "publishd dnsmail-publish:dnsmail 755
reaperd dnsmail-reap:dnsmail 755
signerd dnsmail-sign:dnsmail 755
verifyd dnsmail-verify:dnsmail 755"
for d in signerd verifyd; do
	is "the socket of $d is for the mail server's group" \
	    "$(inside stat -c '%U:%G %a' /run/dnsmail/$d/milter.sock)" \
	    "root:dnsmail-mta 660"
done
is "the keys are root's alone" \
    "$(inside stat -c '%U %a' /etc/dnsmail/{update,transfer}.key | sort -u)" \
    "root 600"

# ---- mail -----------------------------------------------------------------------

queue 1 first
ok "a message arrives" wait_for 30 have_arrived 1
id=$(inside sh -c "sed -n 's/^DNS-Mail-ID: //p' $NEW/*")
like "its record is in BIND" "$(inside dig +short @127.0.0.1 "$id" TXT)" \
    '^"To:claire@my_isp\.test\*From:martha@domain\.test\*'
is "it is signed, and verified" "$(tally)" "$(all_well 1)"

# ---- its lines in the journal ----------------------------------------------------

entries() { inside journalctl -q --no-pager "$@"; }
like "the journal finds signerd's line by the ID" \
    "$(entries -o cat DNSMAIL_DAEMON=signerd "DNSMAIL_ID=${id%%.*}")" \
    "^queue=[^ ]+ action=signed id=${id%%.*} "
like "... with its level, its name and its unit" \
    "$(entries -o json "DNSMAIL_ID=${id%%.*}" | tr ',' '\n' | tr -d '"{}' |
	grep -E '^(PRIORITY|SYSLOG_IDENTIFIER|_SYSTEMD_UNIT|DNSMAIL_(ACTION|TO)):' |
	sort | xargs)" \
    '^DNSMAIL_ACTION:signed DNSMAIL_TO:claire@my_isp.test PRIORITY:6 SYSLOG_IDENTIFIER:signerd _SYSTEMD_UNIT:signerd.service$'
like "and verifyd's by its result" \
    "$(entries -o cat DNSMAIL_DAEMON=verifyd DNSMAIL_RESULT=pass)" ' result=pass '
is "each daemon's other lines are there by its name" \
    "$(for d in $DAEMONS; do
	entries -o cat DNSMAIL_DAEMON=$d _SYSTEMD_UNIT=$d.service | grep -c 'is ready$'
    done | sort -u)" 1
log >/dev/null

# ---- who may ask ------------------------------------------------------------------

as() { # USER COMMAND...: its exit status and what it says
	inside runuser -u "$1" -- "${@:2}" 2>&1
	echo "exit $?"
}
withdrawal="dnsmail-recall --dry-run --to claire@my_isp.test"
like "who is in the group dnsmail may ask for the status" \
    "$(as watcher dnsmail-status --brief)" 'OK - signerd up.*reaperd up'
like "nobody else may" "$(as stranger dnsmail-status --brief)" 'exit 3'
like "who is in the group dnsmail-admin may withdraw mail" \
    "$(as keeper $withdrawal)" "$id"
like "nobody else may, not even who may ask for the status" \
    "$(as watcher $withdrawal)" 'exit 77'

# Users are hidden from reaperd: its line has the process and a number, that of
# dnsmail-recall the same, and the journal knows the user of that.
journal_field() { # FIELD MATCH...: of the last line that it finds
	entries -n 1 -o json "${@:2}" | tr ',' '\n' | tr -d '"{}' |
	    sed -n "s/^$1://p"
}
asked=$(entries -n 1 -o cat -t reaperd --grep 'action=recall-dry-run by=hidden ')
like "reaperd tells the process and a number of who withdraws" "$asked" \
    '^action=recall-dry-run by=hidden pid=[0-9]+ ask=[0-9a-f]{16} to='
ask=${asked#* ask=} asker=${asked#* pid=}
is "... by which the journal knows the user" \
    "$(journal_field _PID -t dnsmail-recall --grep "ask=${ask%% *}") \
$(journal_field _UID -t dnsmail-recall --grep "ask=${ask%% *}")" \
    "${asker%% *} $(inside id -u keeper)"
is "its door is for the group dnsmail-admin" \
    "$(for user in watcher keeper stranger postfix dnsmail-{sign,publish,verify,reap}; do
	inside runuser -u $user -- \
	    test -S /run/dnsmail/reaperd/admins/recall.ipc && echo $user
    done | xargs)" "keeper dnsmail-reap"
like "root may withdraw as well" "$(as root $withdrawal)" "$id"
ok "... and is told as such" inside sh -c \
    "journalctl -q -t reaperd --no-pager -o cat | grep 'action=recall-dry-run uid=0 user=root ask='"

# publishd's doors: the kernel lets in one user at each, and none elsewhere.
door() { # USER SIGNERS|REMOVERS|"" COMMAND OWNER TEXT
	local url=ipc:///run/dnsmail/publishd/$2${2:+/}publish.ipc
	as "$1" "$BUILD/publish_ask" -t 3 -u "$url" -d domain.test "${@:3}" |
	    head -1
}
may_enter() { # DOOR: which of the users find its socket
	local user
	for user in watcher keeper stranger postfix dnsmail-{sign,publish,verify,reap}; do
		inside runuser -u $user -- \
		    test -S /run/dnsmail/publishd/$1/publish.ipc && echo $user
	done | xargs
}
other=abcdefghijklmnopqrstuvwxyz.domain.test
text="To:claire@my_isp.test*From:martha@domain.test*date=$(date -R)"
is "signerd's door is for signerd" "$(may_enter signers)" \
    "dnsmail-sign dnsmail-publish"
is "reaperd's door is for reaperd" "$(may_enter removers)" \
    "dnsmail-publish dnsmail-reap"
is "who comes by signerd's may add" \
    "$(door dnsmail-sign signers add $other "$text")" DONE
like "... and may not remove" \
    "$(door dnsmail-sign signers remove $other "$text")" '^REFUSED'
like "who comes by reaperd's may not add" \
    "$(door dnsmail-reap removers add $other "$text")" '^REFUSED'
is "... but remove" \
    "$(door dnsmail-reap removers remove $other "$text")" DONE
for user in watcher dnsmail-verify dnsmail-reap; do
	unlike "$user cannot add by signerd's" \
	    "$(door $user signers add $other "$text")" DONE
done
unlike "where users are looked at nobody may ask: they are hidden" \
    "$(door dnsmail-sign '' add $other "$text")" DONE
is "... and nothing of theirs is in the zone" \
    "$(inside dig +short @127.0.0.1 $other TXT)" ""

# ---- restarts -------------------------------------------------------------------

COUNT=1200
traffic $COUNT
restarts=0
for at in 20 220 420; do
	for d in $DAEMONS; do
		under_way $((at += 10)) inside systemctl restart $d &&
		    restarts=$((restarts + 1))
	done
done
under_way 700 inside systemctl restart dnsmail.target
under_way 900 inside systemctl restart $DAEMONS
is "each daemon was restarted three times under traffic" $restarts 12
traffic_ended
is "no connection of the mail server's clients was refused" $? 0
wait_for 90 all_have_arrived $COUNT
log >"$W/log"
is "nothing was lost, nothing unsigned" "$(tally)" "$(all_well $COUNT)"
is "nothing was put off" "$(deferred)" ""
is "the sockets were always there" "$(no_socket)" 0

# Neither waits for the other: signerd with a message in hand for publishd, and
# publishd's start for signerd's stop.
message_waits() {
	inside dnsmail-status --json signerd | grep -q '"messages_under_way": 1\b'
}
inside systemctl stop publishd
queue 1 waits
wait_for 20 message_waits
inside systemctl restart --no-block signerd
inside systemctl start publishd
ok "with both restarted at once a message arrives" wait_for 30 have_arrived 1
log >"$W/log"
is "... signed" "$(tally)" "$(all_well 1)"
is "... and was not put off" "$(deferred)" ""

# ---- reloads --------------------------------------------------------------------

inside cp $CONF /etc/dnsmail/good
before=$(pids)
traffic 100
for d in $DAEMONS; do
	ok "$d takes a right file" inside systemctl reload $d
done
inside sh -c "echo 'signerd { timeout = 5 }' >>$CONF"
for d in $DAEMONS; do
	ok "$d: that a file is wrong is told to who reloads" \
	    inside sh -c "! systemctl reload $d"
	inside systemctl kill -s HUP $d
	ok "... and stands in its status, if it gets it anyway" wait_for 20 \
	    inside sh -c "systemctl show -P StatusText $d | grep wrong"
done
inside mv /etc/dnsmail/good $CONF
traffic_ended
is "traffic: nothing was refused" $? 0
wait_for 90 all_have_arrived 100
log >"$W/log"
is "... nothing lost, nothing unsigned" "$(tally)" "$(all_well 100)"
is "... nothing put off" "$(deferred)" ""
is "the daemons are the same" "$(pids)" "$before"

# ---- SIGKILL --------------------------------------------------------------------

is_new() { local now; now=$(pid "$1"); [ "$now" != 0 ] && [ "$now" != "$2" ]; }
kills=0
queue 200 killed &
queuing=$!
for at in 10 60 110; do
	for d in $DAEMONS; do
		was=$(pid $d)
		under_way $((at += 10)) inside systemctl kill -s KILL $d
		wait_for 20 is_new $d "$was" && kills=$((kills + 1))
	done
done
wait $queuing
is "each daemon was killed three times under traffic, and came back" $kills 12
wait_for 90 all_have_arrived 200
log >"$W/log"
is "... nothing was lost, nothing unsigned" "$(tally)" "$(all_well 200)"
is "... the sockets were always there" "$(no_socket)" 0

# systemd's own limit is five starts in ten seconds.
deaths=0
for _ in {1..7}; do
	was=$(pid reaperd)
	inside systemctl kill -s KILL reaperd
	wait_for 20 is_new reaperd "$was" && deaths=$((deaths + 1))
done
is "one that dies seven times in a row comes back each time" $deaths 7

# ---- one that hangs -----------------------------------------------------------------

inside sh -c "mkdir -p /run/systemd/system/verifyd.service.d
    printf '[Service]\nWatchdogSec=1s\n' \
	>/run/systemd/system/verifyd.service.d/hangs.conf
    systemctl daemon-reload && systemctl restart verifyd"
was=$(pid verifyd)
inside kill -s STOP "$was"
ok "one that hangs is ended by the watchdog, and comes back" \
    wait_for 30 is_new verifyd "$was"
like "... which is told" "$(inside journalctl -u verifyd -o cat --no-pager)" \
    'Watchdog timeout'
inside sh -c "rm /run/systemd/system/verifyd.service.d/hangs.conf
    systemctl daemon-reload"

# ---- what the units forbid ------------------------------------------------------------

NETWORK="inet ok
inet6 ok
name-server ok
multicast EPERM"
NO_NETWORK="inet EAFNOSUPPORT
inet6 EAFNOSUPPORT
name-server EAFNOSUPPORT
multicast EAFNOSUPPORT"
forbids signerd "$NO_NETWORK" "netlink EAFNOSUPPORT" \
    "publishd-key EACCES" "reaperd-key EACCES"
forbids publishd "$NETWORK" "netlink EAFNOSUPPORT" \
    "publishd-key ok" "reaperd-key EACCES"
forbids verifyd "$NETWORK" "netlink ok" \
    "publishd-key EACCES" "reaperd-key EACCES"
forbids reaperd "$NETWORK" "netlink EAFNOSUPPORT" \
    "publishd-key EACCES" "reaperd-key ok"
# Without a unit its user may do this; so it is the units that forbid it.
if sanitized; then
	ok "# SKIP what can be done without a unit: a sanitizer's build" true
else
	is "without the units much of it can be done" \
	    "$(inside systemd-run -q --wait --pipe -p User=dnsmail-sign \
	    "$BUILD/forbidden" | sed -n 's/ ok$//p' | sort | xargs)" \
	    "execute-written inet inet6 multicast name-server netlink personality read-memory shell trace user-namespace vsock write-and-execute"
fi
ok "the daemons are back" box wait

# What belongs to a process that cannot be traced is root's: proc(5).
given_up() {
	inside sh -c "stat -c %u /proc/$(pid "$1")/environ
	    sed -n 's/^Max core file size  *//p' /proc/$(pid "$1")/limits" | xargs
}
if sanitized; then
	ok "# SKIP nobody may trace them: a sanitizer's build" true
else
	is "by themselves they leave no core, and their own user may not look in" \
	    "$(for d in $DAEMONS; do given_up $d; done | sort -u)" "0 0 0 bytes"
fi

# ---- what they cost -----------------------------------------------------------------

resident() {
	inside awk '/^VmRSS:/ { print $2 }' "/proc/$(pid "$1")/status"
}
inside systemctl restart $DAEMONS
for d in $DAEMONS; do
	kib=$(resident $d)
	diag "$d: $kib KiB resident"
	if sanitized; then
		ok "# SKIP memory of $d: a sanitizer's build" true
	else
		ok "$d needs less than 12 MB" test "$kib" -lt 12288
	fi
done
# A rate takes time to see, here 5 s.
declare -A PID=() BEFORE=()
for d in $DAEMONS; do
	PID[$d]=$(pid $d)
	BEFORE[$d]=$(switches "${PID[$d]}")
done
read -rt 5 <> <(:) || :
for d in $DAEMONS; do
	woken=$(($(switches "${PID[$d]}") - ${BEFORE[$d]}))
	diag "$d: woken $woken times in 5 s"
	ok "idle, $d wakes up at most once a second" test $woken -le 6
done

# ---- stop and start -------------------------------------------------------------------

# all_are STATE: daemons and sockets
all_are() {
	[ "$(inside systemctl is-active $DAEMONS {signerd,verifyd}.socket |
	    sort -u)" = "$1" ]
}
inside systemctl stop dnsmail.target
ok "stopping the target stops all, sockets too" wait_for 30 all_are inactive
ok "... so that nothing starts one again" \
    inside test ! -e /run/dnsmail/signerd/milter.sock
inside systemctl start dnsmail.target
ok "starting it starts all" wait_for 30 all_are active

# ---- reboot ---------------------------------------------------------------------------

queue 60 rebooted
inside systemctl reboot 2>/dev/null	# it may be gone before it answers
old=$(cat "$W/box/leader")
rebooted() { [ -e "$W/box/leader" ] && [ "$(cat "$W/box/leader")" != "$old" ]; }
ok "it reboots" wait_for 60 rebooted
box wait
wait_for 90 all_have_arrived 60
is "what was in the queue has arrived, signed" "$(tally)" "$(all_well 60)"
log >"$W/log"
is "... which found the sockets when it came up" "$(no_socket)" 0
is "all units are up again" "$(inside systemctl is-system-running)" running

box halt

# ---- what is left when the box's own holder is killed ------------------------------------

start killed "$TESTS/box" run "$W/killed" true
wait_for 30 test -s "$W/killed/leader"
killed=${PIDS[killed]} leader=$(cat "$W/killed/leader")
stop killed KILL
ended() { ! grep -q . "/proc/$1/cmdline"; }	# its parent may be late to notice
ok "a box does not outlive who holds it" wait_for 10 ended "$leader"
left() { find /sys/fs/cgroup -maxdepth 2 -name "box-$1"; }
like "it leaves its cgroup behind" "$(left "$killed")" .
taken_away() { "$TESTS/box" --check && [ -z "$(left "$killed")" ]; }
ok "... which the next one takes away" wait_for 10 taken_away
