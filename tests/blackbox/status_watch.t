#!/bin/bash
# dnsmail-status --watch at a terminal of its own (pty_run): what it shows, keys,
# sizes, and that the terminal is given back whatever ends it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
plan 43
export LC_ALL=C.UTF-8 TERM=xterm TZ=UTC
unset NO_COLOR
toy_conf
start_toy

# watch SIZE [DAEMON...]: by what standard input says; out and errors in $W/pty
watch() {
	local size=$1
	shift
	"$BUILD/pty_run" "$size" "$BUILD/dnsmail-status" -c "$W/status.conf" \
	    --watch "$@" >"$W/pty" 2>&1
}
pty() { cat "$W/pty"; }
BEFORE='terminal as before, the same screen, cursor shown, wrapping on'
DURING='terminal changed, another screen, cursor hidden, wrapping off'

# ---- one that is well ----
watch 80x24 signerd <<'X'
wait all is well
wait connections
state
screen
keys q
end
state
X
is "it is there for who watches, and nothing goes wrong" $? 0
is "it has a screen of its own" "$(head -1 "$W/pty")" "$DURING"
like "a daemon: state, since when, process" "$(pty)" \
    "^signerd    up [0-9]+s, pid $(toy_pid), version [0-9.]+\$"
like "a counter: rate, curve, total" "$(pty)" '^  connections +0\.0/s .* 0$'
like "a gauge" "$(pty)" '^  held +0( |$)'
like "a wait" "$(pty)" '^  answer +0\.0/s'
like "title and time" "$(pty)" '^DNS Mail   all is well +[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$'
like "keys" "$(sed -n 25p "$W/pty")" '^q quit$'
is "q ends it, with the exit code of all well" "$(tail -2 "$W/pty" | head -1)" "exit 0"
is "the terminal is as it was" "$(tail -1 "$W/pty")" "$BEFORE"

# by_hand COMMAND...: it is watched meanwhile; say LINE... is the script, and
# shown N TEXT: so many rows that have it were printed so far
by_hand() {
	rm -f "$W/script" "$W/pty"
	mkfifo "$W/script"
	"$@" <"$W/script" &
	watcher=$!
	exec 8>"$W/script"
}
say() { printf '%s\n' "$@" >&8; }
shown() { [ -e "$W/pty" ] && has_times "$1" "$2" "$W/pty"; }
by_hand_end() {
	exec 8>&-
	wait $watcher
}

# ---- it lives: three connections come while it looks ----
by_hand watch 80x24 signerd
say 'wait connections' screen
wait_for 20 shown 1 '^  connections'
for _ in 1 2 3; do
	ask "$TOY_PORT" >"$W/answer"
done
say 'wait            3' 'wait p50 1.0ms   p99 1.0ms' screen 'keys q' end
by_hand_end
is "what happens is shown" $? 0
like "a rate of what is new" "$(pty)" '^  connections +[0-9.]+/s .*(▂|▃|▄|▅|▆|▇|█).* 3$'
like "... and waits" "$(pty)" '^  answer +[0-9.]+/s .* p50 1\.0ms   p99 1\.0ms$'

# ---- sizes ----
watch 80x24 <<'X'
wait reaperd down
wait connections
size 40x12
wait q quit
gone ~
screen
size 20x6
gone ~
screen
size 200x60
wait q quit
gone ~
screen
size 1x1
gone ~
size 80x24
gone ~
X
is "it is resized, to one cell and back, and draws all anew" $? 0
size() { awk -v n="$1" -v rows="$2" 'NR > n && NR <= n + rows' "$W/pty"; }
is "40x12: four daemons" \
    "$(size 0 12 | sed -n 's/^\([a-z]*d\) .*/\1/p' | tr '\n' ' ')" \
    "signerd publishd verifyd reaperd "
is "20x6: four daemons" \
    "$(size 12 6 | sed -n 's/^\([a-z]*d\) .*/\1/p' | tr '\n' ' ')" \
    "signerd publishd verifyd reaperd "
is "200x60: all is there: rows, and for three why, what to do, meanwhile" \
    "$(size 18 60 | grep -Ec '^  (connections|held|answer|why|what to do|meanwhile) ')" 12

# ---- keys ----
watch 80x4 <<'X'
wait signerd    up
wait publishd   down
keys 1
wait connections
screen
keys \e[B
gone connections
wait answer
keys \e[B\e[B\e[B\e[B
wait workers_ended
screen
keys \e[A\e[A\e[A
wait connections
keys j
gone connections
keys 9x\e[Z
keys k
wait connections
keys 0
wait publishd   down
keys \x03
end
state
X
is "keys are understood" $? 0
is "one alone, and the rest of its lines when scrolled, no further" \
    "$(sed -n 's/^  \([a-z_]*\) .*/\1/p' "$W/pty" | tr '\n' ' ')" \
    "connections held workers workers_ended "
is "^C ends it, as a signal does" "$(tail -2 "$W/pty" | head -1)" "signal 2"
is "... and the terminal is as it was" "$(tail -1 "$W/pty")" "$BEFORE"

# ---- signals ----
for signal in TERM HUP ABRT SEGV; do
	number=$(kill -l $signal)
	watch 80x24 signerd <<X
wait all is well
signal $number
end
state
X
	is "SIG$signal ends it and the terminal is as it was" "$(pty)" \
	    "signal $number
$BEFORE"
done
watch 80x24 signerd <<'X'
wait all is well
keys \x1a
stopped
state
signal 18
wait all is well
state
keys q
end
state
X
is "^Z gives the terminal back, and takes it again when it goes on" "$(pty)" \
    "$BEFORE
$DURING
exit 0
$BEFORE"

# ---- colours, and terminals that have no blocks ----
NO_COLOR=1 LC_ALL=C watch 80x24 signerd <<'X'
wait all is well
wait connections
wait held                                0 
screen
keys q
end
X
is "without UTF-8" $? 0
unlike "... all is ASCII" "$(LC_ALL=C tr -d '\n -~' <"$W/pty"; echo)" .
TERM=dumb watch 80x24 signerd <<'X'
end
X
is "a terminal that can nothing is refused: 64" "$(tail -1 "$W/pty")" "exit 64"
colours() { # ENV...: whether a frame has a colour
	env "$@" script -qec "timeout --foreground 2 '$BUILD/dnsmail-status' -c '$W/status.conf' --watch signerd" \
	    /dev/null </dev/null | grep -c "$(printf '\033')\[0;[1;]*3[0-9]m"
}
like "there are colours" "$(colours X=)" '^[1-9]'
is "... but not with NO_COLOR" "$(colours NO_COLOR=1)" 0

# ---- in the background ----
at_tty() { # COMMAND...: as watch does, another command
	"$BUILD/pty_run" 80x24 "$@" >"$W/pty" 2>&1
}
LOOK="$BUILD/dnsmail-status -c $W/status.conf --watch signerd"
at_tty sh -c "timeout 1 $LOOK; exit 7" <<'X'
end
state
X
is "timeout in a script ends it, though it is in the background there" "$(pty)" \
    "exit 7
terminal as before, the same screen, cursor shown, wrapping on"
# A shell that begins it in the background, takes it to the foreground, back
# again once it is stopped (^Z), and then ends it there.
cat >"$W/shell" <<X
set -m
stty -echo
$LOOK &
printf began
read -r _
fg >$W/shell.fg
bg >>$W/shell.fg
printf onward
read -r _
kill %1
wait %1
exit \$?
X
at_tty bash "$W/shell" 2>&1 <<'X'
wait began
keys \x0d
wait all is well
state
keys \x1a
wait onward
state
keys \x0d
end
X
is "begun in the background, it waits for its turn" $? 0
is "... has the screen in the foreground, and gives it back" \
    "$(sed -n 's/^terminal.*, \(.* screen\), cursor.*/\1/p' "$W/pty" | tr '\n' ';')" \
    "another screen;the same screen;"
is "... and, back in the background, ends when it is told to" "$(tail -1 "$W/pty")" \
    "exit 143"

# ---- one goes down, hangs, and comes back, while it is watched ----
pid=$(toy_pid)
by_hand watch 80x24 signerd
say 'wait all is well' 'wait connections' screen
wait_for 20 shown 1 '^signerd    up'
kill -STOP "$pid"
say 'wait why         does not answer within 2 s' screen
wait_for 20 shown 1 '^  why  *does not answer'
kill -CONT "$pid"
say 'wait all is well' 'wait signerd    up' screen
wait_for 20 shown 2 '^signerd    up'
stop toy
say 'wait why         does not run' screen
wait_for 20 shown 1 '^  why  *does not run'
start_toy 8>&-
say 'wait all is well' 'keys q' end state
by_hand_end
is "one that hangs, goes on, ends and comes back is followed" $? 0
like "the title names it" "$(pty)" '^DNS Mail   signerd down'
is "since when is known, both times: it was seen to hang, and to end" \
    "$(grep -Ec '^signerd    down since 20[0-9-]+ [0-9:]+ \([0-9]+s\)$' "$W/pty")" 2
like "what to do" "$(pty)" '^  what to do  it is stopped or stuck: systemctl restart signerd$'
like "one that ended is told from one that hangs" "$(pty)" \
    '^  why         does not run: it has no status socket$'
is "it ends well" "$(tail -2 "$W/pty")" "exit 0
$BEFORE"

# ---- killed ----
kill -KILL "$(toy_pid)"
wait "${PIDS[toy]}" 2>/dev/null
unset "PIDS[toy]"
watch 80x24 signerd <<'X'
wait killed or crashed
wait down for at least
keys q
end
X
is "one that was killed before: for how long is not known" $? 0
is "the exit code of what was seen last: 2" "$(pty)" "exit 2"
