#!/bin/bash
# dnsmail-status: what it shows and how it ends.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
plan 46
toy_conf
within() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }
ends() { # CODE ARG...: and keeps what it prints in $W/out
	local code=$1
	shift
	[ "$(exit_code status "$@")" = "$code" ]
}

# ---- wrong use, no configuration ----
is "an unknown daemon is wrong use" "$(exit_code status imapd)" 64
like "... and named" "$(cat "$W/out")" '"imapd"'
is "an unknown option is wrong use" "$(exit_code status --xml)" 64
is "two forms at once are wrong use" "$(exit_code status --json --brief)" 64
like "... and both named" "$(cat "$W/out")" '^dnsmail-status: --json and --brief: '
is "the same one twice is one" "$(exit_code status --json --json signerd)" 2
is "--watch without a terminal is wrong use" "$(exit_code status --watch)" 64
like "... in words" "$(cat "$W/out")" 'watch: standard input and output are no terminal$'
is "without a configuration it cannot tell" \
    "$(exit_code "$BUILD/dnsmail-status" -c "$W/none.conf")" 3

# ---- nothing runs ----
is "a daemon that never ran is down" "$(exit_code status signerd)" 2
like "... which is said" "$(cat "$W/out")" '^signerd +down: does not run'
unlike "... but not since when: nobody knows" "$(cat "$W/out")" '^ +since '
like "... and what it means for mail" "$(cat "$W/out")" \
    '^ +meanwhile +outgoing mail waits'
like "... and what to do" "$(cat "$W/out")" '^ +what to do +.*systemctl start signerd'

# ---- one runs ----
start_toy
is "one that is well: 0" "$(exit_code status signerd)" 0
like "since when, its pid and version" "$(cat "$W/out")" \
    '^signerd +up since 20[0-9-]+ [0-9:]+ \([0-9]+s\), pid [0-9]+, version [0-9.]+$'
for _ in 1 2 3; do
	ask "$TOY_PORT" >"$W/answer"
done
status signerd >"$W/out"
like "counters are shown" "$(cat "$W/out")" '^ +connections +3$'
like "gauges are shown" "$(cat "$W/out")" '^ +held +0$'
# The toy notes 1 ms each: its bucket ends at 16 us * 2^(24/4) = 1.024 ms.
like "latencies with p50 and p99" "$(cat "$W/out")" \
    '^ +answer +3 +p50 1\.0ms +p99 1\.0ms$'
is "all four, of which three are down: 2" "$(exit_code status)" 2
is "they are shown in order" \
    "$(sed -n 's/^\([a-z][a-z]*\)  *[a-z].*/\1/p' "$W/out" | tr '\n' ' ')" \
    "signerd publishd verifyd reaperd "
is "one asked for twice is shown once" \
    "$(status signerd signerd | grep -c ^signerd)" 1

# ---- JSON ----
status --json >"$W/json"
json=$(tr -d '\n' <"$W/json")
like "one object with a key per daemon" "$json" \
    '^\{"signerd": \{.*\}, *"publishd": \{.*\}, *"verifyd": \{.*\}, *"reaperd": \{[^{}]*\}\}$'
like "state, pid, times" "$json" \
    '"signerd": \{"state": "up", "version": "[^"]+", "pid": [0-9]+, "now": [0-9]+, "started": [0-9]+, "last_error": null'
like "metrics" "$json" \
    '"connections": 3, "held": 0, "answer": \{"count": 3, "sum_seconds": 0\.003000, "p50_seconds": 0\.001024, "p99_seconds": 0\.001024\}'
like "who is down, and why" "$json" '"reaperd": \{"state": "down", "reason": "[^"]+", "remedy": "[^"]*journalctl -u reaperd"\}'

# ---- how much happens now ----
like "nothing happens now" "$(status signerd)" '^ +rate now nothing$'
status signerd >"$W/out" &
asker=$!
while kill -0 $asker 2>/dev/null; do
	ask "$TOY_PORT" >"$W/answer"
done
like "now something does: while it looks, a second long" "$(cat "$W/out")" \
    '^ +rate now connections [1-9][0-9.]*/s$'
unlike "where one is down it is told at once, without" "$(status)" 'rate now'

# ---- degraded ----
toy_conf "bind = 5"
kill -HUP "${PIDS[toy]}"
ok "one that has just warned: 1" wait_for 10 ends 1 signerd
is "... in one line, for a monitoring system" "$(status --brief signerd |
    sed 's/(.*old configuration stays)/(X)/')" 'DNSMAIL WARNING - signerd degraded (X)'
like "... it is degraded, and its last error shown" "$(tr '\n' ' ' <"$W/out")" \
    '^signerd +degraded.* last error [0-9]+s ago: .*old configuration stays'
like "JSON has the last error" "$(status --json signerd)" \
    '"state": "degraded".*"last_error": \{"at": [0-9]+, "text": ".*old configuration stays"\}'

# ---- who may not ask ----
if [ "$(id -u)" = 0 ]; then
	stranger() {
		setpriv --reuid 64399 --regid 64399 --clear-groups \
		    "$BUILD/dnsmail-status" -c "$W/status.conf" "$@"
	}
	is "a stranger cannot tell: 3" "$(exit_code stranger signerd)" 3
	like "... and learns why" "$(cat "$W/out")" \
	    '^signerd +unknown: Permission denied$'
else
	skip 2 "needs root"
fi

# ---- stopped and killed ----
is "well, or not: the line says of each" "$(status --brief signerd reaperd | sed 's/ (.*old[^)]*)//')" \
    'DNSMAIL CRITICAL - signerd degraded, reaperd down (does not run: it has no status socket)'
pid=$(toy_pid)
kill -STOP "$pid"
began=$SECONDS
is "one that is stopped is down" "$(exit_code status signerd)" 2
like "... as silent" "$(cat "$W/out")" '^signerd +down: does not answer'
ok "... within its time" test $((SECONDS - began)) -le 4
kill -CONT "$pid"
ok "it answers when it goes on" wait_for 10 ends 1 signerd
kill -KILL "$pid"
wait "${PIDS[toy]}" 2>/dev/null
unset "PIDS[toy]"
is "one that was killed is down, though its socket file is there" \
    "$(exit_code status signerd)" 2
like "... which is said" "$(cat "$W/out")" \
    '^signerd +down: does not run: it was killed or crashed'
toy_conf
start_toy
is "started again it is well" "$(exit_code status signerd)" 0

# ---- ended ----
before=$(date +%s)
stop toy
is "one that ended is down" "$(exit_code status signerd)" 2
like "... since when is said" "$(cat "$W/out")" '^ +since +20[0-9-]+ [0-9:]+$'
since=$(status --json signerd | sed -n 's/.*"since": \([0-9]*\),.*/\1/p')
# A file's time may be a tick older than the clock.
ok "... truly" within "${since:-0}" $((before - 1)) "$(date +%s)"
