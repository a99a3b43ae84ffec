#!/bin/bash
# Memory runs out during a reload of verifyd, at each single allocation: all of
# the new configuration is in force, or all of the old one, sockets and options.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-memory.sh"
can_run_short
plan 6

RUN_AS=$(id -u)
[ "$RUN_AS" != 0 ] || RUN_AS=$(id -u nobody)

# file PLACE CACHE-SIZE: a configuration; all that matters differs
file() {
	cat >"$W/dnsmail.conf" <<X
authserv-id = "mx.$1.test"
run-dir = "$W/run"
group = ""
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/$1.sock", "unix:$W/run/verifyd/$1-too.sock"}
	policy = {"unix:$W/run/verifyd/$1-lines.sock"}
	resolvers = {"127.0.0.1@53"}
	cache-size = $2
	max-queries = $2
}
X
}
file_old() { file old 100; }
file_new() { file new 5000; }

# What each socket says first. Two authors: an answer that needs no question.
in_force() {
	local place
	for place in old new; do
		"$BUILD/milter_client" -a 198.51.100.7 -t c@d.test \
		    -h 'From: a@b.test' -h 'From: c@b.test' \
		    "unix:$W/run/verifyd/$place.sock" 2>&1 |
		    sed -n "s/^INSHEADER 0 [^ ]* \([^;]*\);.*/$place: \1/p"
	done | xargs
}
files() { find "$W/run/verifyd" -name "$1*.sock" -printf '%f\n'; }

taken='configuration reloaded' refused='old configuration stays'
ends() { grep -c -e "$taken" -e "$refused" "$W/verifyd.log"; }
one_more() { [ "$(ends)" -gt "$1" ]; }
# reload: true if the file was taken
reload() {
	local before
	before=$(ends)
	kill -HUP "${PIDS[verifyd]}"
	wait_for 20 one_more "$before" || diag "the reload does not end"
	grep -e "$taken" -e "$refused" "$W/verifyd.log" | tail -n 1 |
	    grep -q "$taken"
}
# fails_at N: true if the reload to the new file is refused when the Nth fails.
# What is in force then and should not be is in $W/wrong, files in $W/left.
fails_at() {
	local is=old other=new
	file_new
	memory once "$1"
	! reload || { is=new other=old; }
	memory none 0
	[ "$(in_force)" = "$is: mx.$is.test" ] ||
	    echo "$1, $is: $(in_force)" >>"$W/wrong"
	files "$other" >>"$W/left"
	[ $is != old ] || return 0
	file_old
	reload || echo "$1: there is no way back" >>"$W/wrong"
	return 1
}
# The last allocation without which it is refused: most before are of reading the
# file, so the walk begins at the end.
last_that_matters() {
	local low=1 high=4096 middle
	while [ $((high - low)) -gt 1 ]; do
		middle=$(((low + high) / 2))
		if fails_at $middle; then low=$middle; else high=$middle; fi
	done
	echo $low
}

: >"$W/wrong"
: >"$W/left"
file_old
start_short verifyd
pid=$(pid_of verifyd)
is "the old configuration is in force" "$(in_force)" "old: mx.old.test"
last=$(last_that_matters)
walked=0 reached=0
for ((n = last > 40 ? last - 40 : 1; n < last + 10; n++)); do
	fails_at $n && walked=$((walked + 1))
done
reached=$(grep -c -e 'no memory for the cache' -e 'listening sockets' \
    "$W/verifyd.log")
ok "reloads are refused, at $walked allocations (the last one is $last)" \
    [ $walked -gt 20 ]
ok "... some when the sockets, or the cache, were made" [ "$reached" -gt 5 ]
is "nothing of the other configuration is in force then" "$(cat "$W/wrong")" ""
is "and no file of its sockets is left" "$(cat "$W/left")" ""
is "it is the same process" "$(pid_of verifyd)" "$pid"
