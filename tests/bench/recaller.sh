#!/bin/bash
# bench/recaller.sh BUILD [RECORDS] - dnsmail-recall on a zone with a million
# records, a hundredth of each author, every other recipient blinded: counting,
# withdrawing a hundredth, withdrawing all; reaperd's CPU time, and its memory
# over what its index takes. Prints key=value lines.
BUILD=$(cd "$1" && pwd)
N=${2:-1000000}
export BUILD
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"

cpu() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, "")
		printf "%.2f", ($12 + $13) / hz }' "/proc/$1/stat"
}
memory_kb() { # PID VmRSS|VmHWM
	awk -v what="$2:" '$1 == what { print $2 }' "/proc/$1/status"
}
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }
div() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", (b > 0) ? a / b : 0 }'; }
live() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
	    grep -o '"records_live": *[0-9]*' | grep -o '[0-9]*$'
}
live_is() { [ "$(live)" = "$1" ]; }

# zone_lines: N records; authors martha00 to martha99
zone_lines() {
	awk -v n="$N" -v text="$(record '#' 600)" 'BEGIN {
		split(text, part, "#")
		blind = "#vDGE1R0lg9dPh3plI-AhKmLHonzoydvGhh8HydUbRjk"
		for (i = 0; i < n; i++) {
			from = part[2]
			sub(/martha/, sprintf("martha%02d", i % 100), from)
			printf "testcccccccccccccccc%07d TXT \"%s%s%s\"\n", i,
			    part[1], i % 2 ? blind : "claire" i "@nonprofit.org",
			    from
		}
	}'
}

# measure NAME ARG...: one recall; what it says goes to $out
measure() {
	local name=$1 begun before rss
	shift
	echo 5 >"/proc/$reaperd/clear_refs" # the peak begins anew
	rss=$(memory_kb "$reaperd" VmRSS)
	before=$(cpu "$reaperd")
	begun=$(date +%s.%N)
	out=$("$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" "$@") ||
	    echo "$name: ended with $?"
	took=$(minus "$(date +%s.%N)" "$begun")
	echo "recall.$name.seconds=$took"
	echo "recall.$name.cpu_seconds=$(minus "$(cpu "$reaperd")" "$before")"
	echo "recall.$name.memory_mb=$(div \
	    "$(($(memory_kb "$reaperd" VmHWM) - rss))" 1024)"
}
expect() { # NAME REGEX
	grep -Eq "$2" <<<"$out" || echo "$1: expected $2, saw: $out"
}

NS=ns
mkdir -p "$W/ns"
bind_zone "$W/ns/example.test.zone" example.test
zone_lines >>"$W/ns/example.test.zone"
# Without a log line for each record that is removed.
start_bind ns example.test
stop ns
echo 'logging { category default { null; }; };' >>"$W/ns/named.conf"
bind_again ns
wait_for 120 bind_answers "$PORT_ns" example.test
PRIMARY=$PORT_ns
reap_conf 'rate = 1000000'
sed -i 's/lifetime = .*/lifetime = "30d"/' "$W/dnsmail.conf"
start_daemon publishd
start_daemon reaperd
wait_for 120 live_is "$N" || { echo "not all were learnt"; exit 1; }
reaperd=$(awk '{ print $1 }' "/proc/${PIDS[reaperd]}/task/${PIDS[reaperd]}/children")

echo "recall.records=$N"
measure count --from martha07@example.test --dry-run
expect count "^$((N / 100)) of $N message records match"
measure blinded --to nobody@nonprofit.org --dry-run
expect blinded "^0 of $N message records match"
measure some --from martha07@example.test --yes
expect some "^$((N / 100)) records withdrawn, of $N looked at"
measure all --domain example.test --yes
expect all "^$((N - N / 100)) records withdrawn"
echo "recall.all.per_second=$(div "$((N - N / 100))" "$took")"
records "$PRIMARY" | grep -c '^testcccc' | grep -qx 0 ||
    echo "records are left in the zone"
stop reaperd
stop publishd
stop ns
