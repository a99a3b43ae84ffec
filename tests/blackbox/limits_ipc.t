#!/bin/bash
# Who has access to the sockets between the daemons and opens thousands of
# connections there, says nothing, little, or does not read, keeps nobody out:
# mail is signed and dnsmail-status answers.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-status.sh"
daemons="signerd publishd verifyd reaperd"
plan 44

start_bind ns example.test
four_conf "$PORT_ns"
as=$FOUR_AS
declare -A pid
for d in $daemons; do
	start_daemon "$d"
	read -r "pid[$d]" _ < <(cat "/proc/${PIDS[$d]}"/task/*/children)
done

mail() { # QUEUE-ID: one message through signerd
	"$BUILD/milter_client" -a 127.0.0.1 -f martha@example.test \
	    -t claire@nonprofit.test -h 'From: martha@example.test' \
	    -i "$1" "unix:$W/run/signerd/milter.sock" 2>&1
}
signed() { mail "$1" | grep -q '^INSHEADER 0 DNS-Mail-ID: '; }
# All four daemons answer; that they tell of trouble (1) is right.
answer() {
	timeout 20 "$BUILD/dnsmail-status" -c "$W/dnsmail.conf" >"$W/status"
	[ $? -le 1 ]
}
as_insider() { # asks as the user who holds the connections
	[ "$(id -u)" = 0 ] || { answer; return; }
	setpriv --reuid=$as --clear-groups --regid=$as \
	    "$BUILD/dnsmail-status" -c "$W/dnsmail.conf"
	[ $? -le 1 ]
}
# Ten more clients of the user who holds the connections, one after the other.
same_user_is_served() {
	local as_user=()
	[ "$(id -u)" != 0 ] ||
	    as_user=(setpriv --reuid=$as --clear-groups --regid=$as)
	for _ in $(seq 10); do
		"${as_user[@]}" "$BUILD/publish_ask" -t 5 -n 1 \
		    -u "ipc://$W/run/publishd/publish.ipc" -d example.test load \
		    >>"$W/same_user" || return 1
	done
}
metric() { # DAEMON NAME
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json "$1" |
	    grep -o "\"$2\": *[0-9]*" | grep -o '[0-9]*$'
}
descriptors() { find "/proc/${pid[$1]}/fd" -type l 2>/dev/null | wc -l; }
# The bound is 256 for a socket; what nng has not closed yet comes on top.
few() { [ "$(descriptors "$1")" -lt "$2" ]; }

# hold NAME OPTION... SOCKET [DATA]: 5000 connections, opened again and again.
# Not to be called by ok, whose subshell would keep the process to itself.
hold() {
	local name=$1
	shift
	start "$name" "$BUILD/hold_connections" -a -n 5000 -u "$as" "$@"
	held=$(wait_for 60 grep -q ready "$W/$name.log"; echo $?)
}
publish=unix:$W/run/publishd/publish.ipc
hello='\x00SP\x00\x00\x30\x00\x00'	# of a requester, before its messages
# The head of a message of 64 octets, then the message; never all of it.
slow='\x01\x00\x00\x00\x00\x00\x00\x00\x40\x80\x00\x00\x01x'
# A status request (version octet $1), 200 times.
requests() {
	local i one='\x01\x00\x00\x00\x00\x00\x00\x00\x05\x80\x00\x00\x01'
	for i in $(seq 200); do printf '%s' "$one$1"; done
}

ok "mail is signed" signed first
ok "all daemons answer" answer
kept=$(descriptors publishd)

# ---- publish.ipc ---------------------------------------------------------------

# probe NAME: what must hold whatever is held
probe() {
	ok "$1: mail is signed" signed "$1-1"
	ok "$1: and the next" signed "$1-2"
	ok "$1: all daemons answer" answer
	ok "$1: its user's other clients wait 5 s at most" same_user_is_served
	ok "$1: publishd has few descriptors" \
	    wait_for 10 few publishd $((kept + 700))
}
hold idle "$publish"
is "5000 that say nothing" "$held" 0
probe idle
hold silent -i "$hello" "$publish"
is "5000 that say nothing after the handshake" "$held" 0
probe silent
hold slow -i "$hello" -s "$publish" "$slow"
is "5000 that say an octet a second" "$held" 0
probe slow
like "those that were closed are counted" \
    "$(metric publishd connections_expelled)" '^[1-9][0-9]{3,}$'
like "the log tells of it" "$(cat "$W/publishd.log")" \
    'publish.ipc: of more than 256 connections'
ok "but not for each" \
    [ "$(grep -c 'of more than' "$W/publishd.log")" -le 3 ]
for h in idle silent slow; do stop $h; done
ok "after they have gone mail is signed" signed after
ok "and their descriptors are given back" \
    wait_for 30 few publishd $((kept + 8))

if [ "$(id -u)" = 0 ]; then
	chmod 755 "$W/run" "$W/run/publishd"
	chmod 666 "$W/run/publishd/publish.ipc"
	start wrong "$BUILD/hold_connections" -n 5000 -u 54321 "$publish"
	ok "who may not ask holds no connection" \
	    wait_for 30 grep -Eq 'ready 5000|closed 5000' "$W/wrong.log"
	ok "mail is signed meanwhile" signed wrong
	stop wrong
	like "the log names the uid" "$(cat "$W/publishd.log")" \
	    'a peer with uid 54321 may not ask'
else
	for i in 1 2 3; do ok "(needs root)" true; done
fi

# ---- status.ipc ----------------------------------------------------------------

for d in $daemons; do
	s=unix:$W/run/$d/status.ipc
	hold "$d-idle" "$s"
	hold "$d-silent" -i "$hello" "$s"
	hold "$d-slow" -i "$hello" -s "$s" "$slow"
	ok "$d: 15000 connections, and it answers" answer
	ok "$d: who holds them is answered, too" as_insider
	for h in idle silent slow; do stop "$d-$h"; done
done
ok "mail is signed" signed status

# Answers fill the way to who does not read; more cannot be written then.
version=$(printf '\\x%02x' \
    "$(grep -o 'STATUS_MSG_VERSION = [0-9]*' "$TESTS/../common/status_msg.h" |
    grep -o '[0-9]*$')")
s=unix:$W/run/publishd/status.ipc
hold deaf -r -i "$hello$(requests "$version")" "$s"
for i in 1 2 3; do
	ok "5000 that ask and do not read: it answers others ($i)" answer
done
stop deaf

for d in reaperd verifyd signerd publishd; do
	stop $d
	is "$d ends well" $? 0
done
