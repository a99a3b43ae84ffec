#!/bin/bash
# signerd with sockets that systemd listens on: they stand for those of the
# configuration, and outlast a reload.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 15

MARTHA=(-a 127.0.0.1 -t claire@my_isp.test -h 'From: martha@domain.test')
ONE=$(free_port) TWO=$(free_port) LINES=$(free_port)
P1=inet:$ONE@127.0.0.1 P2=inet:$TWO@127.0.0.1
OWN=$W/run/signerd/milter.sock

# passed [LINES-OF-SIGNERD]: signerd with two milter sockets and one policy
passed() {
	stop signerd
	conf "${1-}"
	start signerd "$BUILD/listen_run" milter "$ONE" policy "$LINES" \
	    milter "$TWO" "$BUILD/notify_run" "$W/signerd.ready" sh -c \
	    'LISTEN_PID=$$ exec "$@"' sh "$BUILD/signerd" -c "$W/dnsmail.conf"
	wait_for 20 grep -q READY=1 "$W/signerd.ready"
}
signs() { # NAME SOCKET
	S=$2 mail "${MARTHA[@]}"
	is "$1: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"
}
line_answers() {
	printf 'request=sign\nrecipient=a@b.test\n\n' |
	    timeout 20 "$BUILD/line_client" -s "inet:$LINES@127.0.0.1"
}
told() { grep -c "$1" "$W/signerd.log"; }
has_told() { [ "$(told "$1")" -ge "$2" ]; } # PATTERN COUNT

start_bind ns domain.test nonprofit.test
conf
start_daemon publishd
passed

signs "the first that was passed" "$P1"
signs "the second that was passed" "$P2"
like "the line protocol too, which the configuration does not have" \
    "$(line_answers)" '^action='
ok "the configured one is not opened" test ! -e "$OWN"
like "and that is told" "$(cat "$W/signerd.log")" \
    'milter: unix:.*/milter\.sock is not opened, .*systemd'

# A reload that changes what is listened on exchanges all sockets, but nobody
# can open one on which systemd listens.
conf 'socket-group = "daemon" policy = {"inet:1@127.0.0.1"}'
kill -HUP "${PIDS[signerd]}"
ok "a reload that changes the sockets is taken" \
    wait_for 20 has_told 'configuration reloaded' 1
signs "the first, after it" "$P1"
signs "the second, after it" "$P2"
like "the line protocol, after it" "$(line_answers)" '^action='
conf "timeout = 5"
kill -HUP "${PIDS[signerd]}"
ok "a wrong file is not taken" wait_for 20 has_told 'old configuration stays' 1
signs "the first, after that" "$P1"

# Where only one kind is passed, the other is ours to open.
stop signerd
conf "policy = {\"unix:$W/run/signerd/policy.sock\"}"
: >"$W/signerd.ready"
start signerd "$BUILD/listen_run" milter "$ONE" "$BUILD/notify_run" \
    "$W/signerd.ready" sh -c 'LISTEN_PID=$$ exec "$@"' sh \
    "$BUILD/signerd" -c "$W/dnsmail.conf"
wait_for 20 grep -q READY=1 "$W/signerd.ready"
signs "a passed milter" "$P1"
ok "and a line protocol of our own" test -S "$W/run/signerd/policy.sock"

# The configuration's own socket, passed: nothing to tell.
stop signerd
: >"$W/signerd.log"
S=$P1 passed
signs "the passed one is the configured one" "$P1"
is "then nothing is told" "$(told 'is not opened')" 0
