# shellcheck shell=bash
# Sourced after lib.sh where memory runs out: tools/malloc_fail says how.

# memory WHICH N: from now on (once 7, every 3, from 1, none 0)
memory() { printf '%-5s %08d\n' "$1" "$2" 1<>"$W/memory"; }
# how many allocations have failed since then
failures() { local n; n=$(sed -n '2s/^0*//p' "$W/memory"); echo "${n:-0}"; }

# start_short DAEMON: one whose memory obeys; waits until it is ready
start_short() {
	[ -e "$W/memory" ] || printf 'none  00000000\n00000000\n' >"$W/memory"
	chmod 666 "$W/memory"
	: >"$W/$1.ready"
	start "$1" "$BUILD/notify_run" "$W/$1.ready" env \
	    LD_PRELOAD="$BUILD/malloc_fail.so" MALLOC_FAIL="$W/memory" \
	    "$BUILD/$1" -c "$W/dnsmail.conf"
	wait_for 20 grep -q READY=1 "$W/$1.ready" ||
	    diag "$1 is not ready: $(tail -5 "$W/$1.log")"
}
# its own pid: nothing if it has ended
pid_of() { cat "/proc/${PIDS[$1]}"/task/*/children 2>/dev/null; }
# A sanitizer has its own malloc.
can_run_short() {
	! grep -qa __asan_init "$BUILD/signerd" ||
	    skip_all "with a sanitizer memory cannot be made short"
}
