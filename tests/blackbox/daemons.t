#!/bin/bash
# The four real daemons side by side: ready, seen by dnsmail-status, reloaded,
# killed one at a time, stopped. Without work; no name server is needed.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
daemons="signerd publishd verifyd reaperd"
plan 31

user() { [ "$(id -u)" != 0 ] || echo "user = \"$((64320 + $1))\""; }
key_file "$W/update.key" update-key "$UPDATE_SECRET"
cat >"$W/dnsmail.conf" <<X
run-dir = "$W/run"
signerd {
	$(user 1)
	milter = {"unix:$W/run/signerd/milter.sock"}
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
}
publishd {
	$(user 2)
	listen = {"ipc://$W/run/publishd/publish.ipc"}
	key-file = "$W/update.key"
	signers = {"$((64320 + 1))"}
	removers = {"$((64320 + 4))"}
}
verifyd {
	$(user 3)
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {"127.0.0.1@9"}
}
reaperd {
	$(user 4)
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
}
X
cp "$W/dnsmail.conf" "$W/status.conf"
# state DAEMON: as --json tells it
state() { status --json "$1" | sed -n 's/.*"state": "\([a-z]*\)".*/\1/p'; }
pid() { status --json "$1" | sed -n 's/.*"pid": \([0-9]*\).*/\1/p'; }
is_state() { [ "$(state "$1")" = "$2" ]; }
uid() { sed -n 's/^Uid:[[:blank:]]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

for d in $daemons; do
	start_daemon $d
	is "$d: ready and well" "$(state $d)" up
done
is "all are well: 0" "$(exit_code status)" 0
proc() { sed -n "s/^$2:[[:blank:]]*//p" "/proc/$(pid "$1")/status"; }
network() { readlink "/proc/$1/ns/net"; }
if [ "$(id -u)" != 0 ] || ! unshare -n true 2>/dev/null; then
	skip 2 "needs root, and namespaces"
elif grep -qa __asan_init "$BUILD/signerd"; then
	skip 2 "a leak checker traces its own process"
else
	is "each can gain nothing, and has its system calls filtered" \
	    "$(for d in $daemons; do echo "$(proc $d NoNewPrivs) $(proc $d Seccomp)"; done | sort -u)" "1 2"
	is "all but signerd have the network" "$(for d in $daemons; do
		[ "$(network "$(pid $d)")" != "$(network self)" ] || echo $d
	done | xargs)" "publishd verifyd reaperd"
fi

i=0
for d in $daemons; do
	i=$((i + 1))
	if [ "$(id -u)" = 0 ]; then
		is "$d runs as its own user" "$(uid "$(pid $d)")" $((64320 + i))
	else
		skip 1 "needs root"
	fi
done

for d in $daemons; do
	before=$(pid $d)
	kill -HUP "${PIDS[$d]}"
	ok "$d takes a reload" \
	    wait_for 10 grep -q 'configuration reloaded' "$W/$d.log"
	is "$d is still the same" "$(pid $d)" "$before"
done

for d in $daemons; do
	kill -KILL "$(pid $d)"
	wait "${PIDS[$d]}" 2>/dev/null
	unset "PIDS[$d]"
	is "$d killed: 2" "$(exit_code status)" 2
	is "... and only $d is down" \
	    "$(sed -n 's/^\([a-z][a-z]*\)  *down: .*/\1/p' "$W/out")" "$d"
	start_daemon $d
done
for d in $daemons; do
	stop $d
	is "$d ends with 0 on SIGTERM" $? 0
done
