#!/bin/bash
# verifyd and signerd with several workers: all get traffic, the sums are right,
# one that ends hurts nobody else, a reload and an end refuse nothing.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 27

V=unix:$W/run/verifyd/milter.sock
status() { "$BUILD/dnsmail-status" -c "$W/status.conf" --json verifyd; }
of() { status | sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p"; } # MEMBER
is_now() { [ "$(of "$1")" = "$2" ]; }
parent() { of pid; }
workers() { pgrep -P "$(parent)" "^verifyd: wor"; }
load() { # MESSAGES [ARG...]: one message a connection
	timeout 60 "$BUILD/milter_load" -c 8 -k 1 -n "$1" -a 198.51.100.7 \
	    -f m@example.test "${@:2}" "$V" 2>&1 | tail -n 1
}
told() { grep -c "$1" "$W/verifyd.log"; }
has_told() { [ "$(told "$1")" -ge "$2" ]; } # PATTERN TIMES
conf() { # LINES
	verifyd_conf "\"127.0.0.1@$PORT_ns\"" "$1"
}
# Processor time of each worker, in ticks, to see that it worked.
worked() {
	local pid
	for pid in $(workers); do
		sed 's/.*) //' "/proc/$pid/stat" | awk '{ print ($12 + $13 > 0) }'
	done | sort | uniq -c | awk '{ print $1 ":" $2 }'
}
proc() { sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status"; }

start_bind ns example.test
conf 'workers = 3'
cp "$W/dnsmail.conf" "$W/status.conf"
start verifyd "$BUILD/notify_run" "$W/ready" "$BUILD/verifyd" -c "$W/dnsmail.conf"
ok "it is ready" wait_for 20 grep -q READY=1 "$W/ready"
is "with three workers" "$(workers | wc -l) $(of workers)" "3 3"
one=$(workers | head -n 1)
is "each is the user's" "$(proc "$one" Uid | cut -f1)" "$RUN_AS"
if grep -q __asan_init "$BUILD/verifyd"; then
	_result 0 "# SKIP a leak checker needs more"
else
	is "each has one filter more than the parent" \
	    "$(($(proc "$one" Seccomp_filters) - $(proc "$(parent)" Seccomp_filters)))" 1
fi

like "all messages are answered" "$(load 6000)" 'accept=6000 '
is "each worker had its part" "$(worked)" "3:1"
is "the sum is right" "$(of messages_none)" 6000
is "so are the metrics" "$("$BUILD/dnsmail-status" -c "$W/status.conf" \
    --metrics verifyd | sed -n 's/^dnsmail_verifyd_messages_none_total //p')" 6000
ok "nothing is open any more" wait_for 5 is_now connections_open 0

# ---- one ends ---------------------------------------------------------------------

load 3000 >"$W/load.out" &
loading=$!
kill -KILL "$one"
ok "a worker that was killed is told of" \
    wait_for 10 has_told "worker $one was ended by signal 9" 1
ok "and made again" wait_for 10 is_now workers 3
is "that is counted" "$(of workers_ended)" 1
wait $loading
like "who was not with it did not notice" "$(cat "$W/load.out")" 'accept=(29[0-9][0-9]|3000) '
ok "what it had counted is kept" test "$(of messages_none)" -ge 8990

two=$(workers | head -n 1)
kill -STOP "$two"
ok "one that hangs is killed" wait_for 60 has_told "$two shows no sign of life" 1
ok "and made again, too" wait_for 10 is_now workers 3

answers=$(pgrep -P "$(parent)" '^verifyd: sta')
pid=$(parent)
kill -KILL "$answers"
ok "who answers for all, too" wait_for 10 is_now pid "$pid"

# ---- a reload -----------------------------------------------------------------------

before=$(workers | sort | tr '\n' ' ')
load 3000 >"$W/load.out" &
loading=$!
conf 'workers = 2'
kill -HUP "$pid"
ok "a reload is taken" wait_for 10 has_told 'configuration reloaded' 1
ok "with another number of workers" wait_for 10 is_now workers 2
wait $loading
like "and no message is refused" "$(cat "$W/load.out")" 'accept=3000 '
ok "those of before have ended" wait_for 20 eval '[ "$(workers | wc -l)" = 2 ]'
after=$(workers | sort | tr '\n' ' ')
unlike "they are others" "$after" "${before%% *}"
conf 'workers = 65'
kill -HUP "$pid"
ok "a wrong file is not" wait_for 10 has_told 'old configuration stays' 1
is "and all stay as they are" "$(workers | sort | tr '\n' ' ')" "$after"

# ---- the end ------------------------------------------------------------------------

mine=$(workers)
stop verifyd
is "it ends with 0" $? 0
conf 'workers = 2'
start verifyd "$BUILD/verifyd" -c "$W/dnsmail.conf"
wait_for 20 is_now workers 2
mine=$(workers)
kill -KILL "$(parent)"
none_left() { local p; for p in $mine; do gone "$p" || return 1; done; }
ok "when the parent is killed they end" wait_for 15 none_left
stop verifyd KILL 2>/dev/null

# ---- sockets of systemd ---------------------------------------------------------------

PORT=$(free_port) V=inet:$PORT@127.0.0.1
: >"$W/ready"
start verifyd "$BUILD/listen_run" milter "$PORT" "$BUILD/notify_run" "$W/ready" \
    sh -c 'LISTEN_PID=$$ exec "$@"' sh "$BUILD/verifyd" -c "$W/dnsmail.conf"
wait_for 20 grep -q READY=1 "$W/ready"
like "sockets that systemd passed are for all workers" "$(load 500)" \
    'accept=500 '
