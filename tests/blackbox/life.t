#!/bin/bash
# The life that all daemons share, shown with a toy daemon: exit codes,
# readiness, reload, stop, sockets from systemd.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
plan 55
toy=$BUILD/toy_daemon
toy_conf

# ---- exit codes ----
is "-V is fine" "$(exit_code "$toy" -V)" 0
like "-V tells name and version" "$(cat "$W/out")" '^signerd .*[0-9]+\.[0-9]+'
is "-t with a right file is fine" \
    "$(exit_code "$toy" -t -c "$W/dnsmail.conf")" 0
ok "-t starts nothing" test ! -e "$W/run"
is "an unknown option is wrong use" "$(exit_code "$toy" -x)" 64
like "wrong use is explained" "$(cat "$W/out")" '^usage: '
is "an argument too many is wrong use" \
    "$(exit_code "$toy" -t -c "$W/dnsmail.conf" more)" 64
is "a missing file is wrong configuration" \
    "$(exit_code "$toy" -c "$W/none.conf")" 78
like "the missing file is named" "$(cat "$W/out")" 'none\.conf: No such file'
printf 'log = stderr\n\nttl = 5\n' >"$W/bad.conf"
is "a wrong file is wrong configuration" \
    "$(exit_code "$toy" -c "$W/bad.conf")" 78
like "the line is named" "$(cat "$W/out")" 'bad\.conf:3: .*ttl'
printf 'run-dir = "%s/no/such"\nsignerd { milter = {} user = "%s" }\n' "$W" \
    "${AS:-x}" >"$W/place.conf"
is "no place for sockets: the system refuses" \
    "$(exit_code "$toy" -c "$W/place.conf")" 71
sed 's/milter = .*/milter = {"inet:1@203.0.113.9"}/' "$W/dnsmail.conf" \
    >"$W/address.conf"
is "an address that is not ours: unavailable" \
    "$(exit_code "$toy" -c "$W/address.conf")" 69
like "the address is named" "$(cat "$W/out")" 'inet:1@203\.0\.113\.9'
if [ "$(id -u)" = 0 ]; then
	printf 'signerd {\n user = "nobody-of-that-name"\n}\n' >"$W/user.conf"
	is "a user who does not exist is wrong configuration" \
	    "$(exit_code "$toy" -c "$W/user.conf")" 78
	like "the option user is named" "$(cat "$W/out")" \
	    'option user.*nobody-of-that-name'
else
	skip 2 "needs root"
fi

# ---- ready ----
start_toy WATCHDOG_USEC=300000
like "it tells that it is ready, with a status" "$(cat "$W/toy.ready")" \
    '^STATUS=ready'
like "it answers when it is ready" "$(ask "$TOY_PORT")" '^uid='
ok "it feeds the watchdog" wait_for 5 has_times 3 WATCHDOG=1 "$W/toy.ready"
pid=$(toy_pid)
ok "it runs" kill -0 "$pid"

# ---- a second copy ----
is "a second copy cannot start" "$(exit_code "$toy" -c "$W/dnsmail.conf")" 69
like "the first one is not hurt" "$(ask "$TOY_PORT")" '^uid='
is "... nor its status socket" "$(exit_code status signerd)" 0

# ---- reload ----
reload() { # EXPECTED-IN-LOG: how often so far, and once more
	local before
	before=$(times "$1" "$W/toy.log")
	kill -HUP "${PIDS[toy]}"
	wait_for 20 has_times $((before + 1)) "$1" "$W/toy.log"
}
readies() { times '^READY=1' "$W/toy.ready"; }
reloads() { times '^RELOADING=1' "$W/toy.ready"; }
# The names of what is told from a line on: what Type=notify-reload wants.
told_after() {
	sed "1,$1d; /^WATCHDOG=/d; s/=.*//" "$W/toy.ready" | xargs
}
rises() { [ $# = 2 ] && [ "$1" -lt "$2" ]; }
times_told() { sed -n 's/^MONOTONIC_USEC=//p' "$W/toy.ready" | xargs; }
# A reload ends for systemd when it is told READY; the time is one after its signal.
RELOADED="RELOADING MONOTONIC_USEC STATUS READY STATUS"

before=$(readies) lines=$(wc -l <"$W/toy.ready")
toy_conf "timeout = \"7s\""
ok "a right file is taken at SIGHUP" reload "configuration reloaded"
ok "READY is told again" wait_for 5 has_times $((before + 1)) '^READY=1' \
    "$W/toy.ready"
is "... after RELOADING and its time" "$(told_after "$lines")" "$RELOADED"
lines=$(wc -l <"$W/toy.ready")
toy_conf "timeout = \"0s\"" "bind = 5"
ok "a wrong file is not taken" reload "the old configuration stays"
like "every mistake is told with its line" \
    "$(grep -Ec 'dnsmail\.conf:[4-6]: (timeout|bind)' "$W/toy.log")" '^2$'
is "the daemon is the same" "$(toy_pid)" "$pid"
like "... and works" "$(ask "$TOY_PORT")" '^uid='
ok "READY is told after a failure too" wait_for 5 \
    has_times $((before + 2)) '^READY=1' "$W/toy.ready"
is "... as after a reload" "$(told_after "$lines")" "$RELOADED"
ok "... of another time" rises $(times_told)
like "the manager sees that the file is wrong" \
    "$(grep ^STATUS= "$W/toy.ready" | tail -1)" wrong
printf 'signerd {\n' >"$W/dnsmail.conf"
ok "a file that was cut off is not taken" reload "the old configuration stays"
rm "$W/dnsmail.conf"
mkdir "$W/dnsmail.conf"
ok "a directory is not taken" reload "the old configuration stays"
rmdir "$W/dnsmail.conf"
toy_conf "max-recipients = 13"
ok "the daemon itself may refuse" reload "not to the toy's liking"
toy_conf
sed -i "s|$W/run|$W/elsewhere|" "$W/dnsmail.conf"
ok "run-dir cannot change" reload "run-dir: cannot change"
toy_conf "timeout = \"9s\""
for _ in 1 2 3 4 5 6 7 8 9 10; do
	kill -HUP "${PIDS[toy]}"
done
ok "a burst of signals ends with the file taken" reload \
    "configuration reloaded"
each_is_told() { [ "$(readies)" = $(($(reloads) + 1)) ]; }
ok "... each of them is told to be over" wait_for 5 each_is_told
is "the daemon is still the same" "$(toy_pid)" "$pid"

# ---- stop ----
exec 5<>"/dev/tcp/127.0.0.1/$TOY_PORT"
echo hold >&5
held() { status --json signerd | grep -q '"held": 1'; }
ok "a connection is held" wait_for 5 held
kill -TERM "${PIDS[toy]}"
ok "STOPPING is told" wait_for 5 grep -q '^STOPPING=1' "$W/toy.ready"
refused() { ! (: <>"/dev/tcp/127.0.0.1/$TOY_PORT"); }
ok "nothing new is accepted" wait_for 5 refused
ok "what is in flight is waited for" kill -0 "$pid"
echo finish >&5
like "... and finished" "$(timeout 5 head -1 <&5)" '^uid='
exec 5>&-
wait "${PIDS[toy]}"
is "then it ends with 0" $? 0
unset "PIDS[toy]"

start_toy
stop toy INT
is "SIGINT ends it with 0 too" $? 0

start_toy
pid=$(toy_pid)
kill -KILL "$pid"
wait "${PIDS[toy]}" 2>/dev/null
unset "PIDS[toy]"
start_toy
like "after kill -9 it starts again" "$(ask "$TOY_PORT")" '^uid='
exec 5<>"/dev/tcp/127.0.0.1/$TOY_PORT"
echo hold >&5
wait_for 5 held
began=$SECONDS
stop toy TERM
is "what does not end is not waited for forever" $? 0
took=$((SECONDS - began))
ok "... but for 10 s" test "$took" -ge 9 -a "$took" -le 12
like "... and that is told" "$(tail -3 "$W/toy.log")" 'work is in flight'
exec 5>&-

# ---- idle ----
# Without a watchdog; a rate takes time to see, here 3 s.
switches() {
	sed -n 's/^voluntary_ctxt_switches:[[:blank:]]*//p' "/proc/$1/status"
}
start_toy
pid=$(toy_pid)
before=$(switches "$pid")
read -rt 3 <> <(:) || :
woken=$(($(switches "$pid") - before))
ok "idle it wakes at most once a second" test "$woken" -le 4
stop toy

# ---- sockets from systemd ----
port=$(free_port)
start passed "$BUILD/listen_run" milter "$port" "$toy" -c "$W/dnsmail.conf"
answers() { [ -n "$(ask "$1")" ]; }
ok "a passed socket of the right name is used" wait_for 10 answers "$port"
stop passed
start passed "$BUILD/listen_run" policy "$port" "$toy" -c "$W/dnsmail.conf"
ok "one of another name is not: its own is opened" \
    wait_for 10 answers "$TOY_PORT"
stop passed
