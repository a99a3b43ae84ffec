#!/bin/bash
# The memory of large messages: while there is mail it is used again, so that a
# message does not pay for each page; a moment after, the system has it back.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
! grep -qa __asan_init "$BUILD/verifyd" ||
    skip_all "a sanitizer has its own memory"
plan 7

process() { cat "/proc/${PIDS[verifyd]}"/task/*/children | tr -d ' '; }
kib() { awk '/^VmRSS:/ { print $2 }' "/proc/$(process)/status"; }
faults() { sed 's/.*) //' "/proc/$(process)/stat" | cut -d' ' -f8; } # minor ones
# load N OPTION...: so many messages from a client that is not verified
load() {
	"$BUILD/milter_load" -c 16 -n "$1" -a 192.0.2.1 "${@:2}" \
	    "unix:$W/run/verifyd/milter.sock" 2>&1 | tail -n 1
}
# per_message N OPTION...: page faults for each, behind some that do not count
per_message() {
	local before
	load 64 "${@:2}" >"$W/said"
	before=$(faults)
	load "$@" >"$W/said"
	echo $((($(faults) - before) / $1))
}
# A header of 20 fields that are kept, each of so many octets
header() {
	awk -v n="$1" 'BEGIN {
		while (length(text) < n) text = text "abcdefghi "
		for (i = 0; i < 20; i++) print "From: " text
		print ""
	}'
}

verifyd_conf ''
start_daemon verifyd
header 5000 >"$W/100-KB"
header 50000 >"$W/1-MB"
load 64 -b 2048 >"$W/said"
before=$(kib)

n=$(per_message 600 -b 200000)
diag "a body of 200 KB: $n page faults a message"
like "messages with a body of 200 KB are accepted" "$(cat "$W/said")" ' accept=600 '
ok "... and cost few page faults" [ "$n" -lt 8 ]
n=$(per_message 600 -x "$W/100-KB")
diag "a header of 100 KB: $n page faults a message"
like "messages with a header of 100 KB are accepted" "$(cat "$W/said")" ' accept=600 '
ok "... and cost few page faults" [ "$n" -lt 8 ]

like "messages with a header of 1 MB are accepted" \
    "$(load 100 -x "$W/1-MB")" ' accept=100 '
now=$(kib)
given_back() { [ "$(kib)" -lt $((before + 1024)) ]; }
ok "when there is no mail any more their memory goes back to the system" \
    wait_for 30 given_back
diag "resident: $before KiB before, $now, $(kib) after"
ok "... and the process is small" [ "$(kib)" -lt 12288 ]
