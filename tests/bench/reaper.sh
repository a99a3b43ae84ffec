#!/bin/bash
# bench/reaper.sh BUILD [RECORDS] - reaperd on a zone with a million records:
# time and CPU time to learn them, memory for each, then all of them expired at
# once (a reload with a shorter lifetime) and removed. Prints key=value lines.
BUILD=$(cd "$1" && pwd)
N=${2:-1000000}
export BUILD
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"

# CPU seconds of a process, from its ticks.
cpu() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, "")
		printf "%.2f", ($12 + $13) / hz }' "/proc/$1/stat"
}
rss_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
div() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", (b > 0) ? a / b : 0 }'; }
# us_each CPU-BEFORE CPU-AFTER: microseconds for each record
us_each() {
	awk -v a="$1" -v b="$2" -v n="$N" 'BEGIN {
		printf "%.2f", (b - a) * 1e6 / n }'
}
# child NAME: the daemon that notify_run runs
child() {
	local pid=${PIDS[$1]}
	awk '{ print $1 }' "/proc/$pid/task/$pid/children"
}
count() { # what reaperd counts
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
reached() { local n; n=$(count "$1") && [ "${n:-0}" -ge "$2" ]; }
lifetime() { # DURATION
	sed -i "s/lifetime = .*/lifetime = \"$1\"/" "$W/dnsmail.conf"
}

NS=ns
mkdir -p "$W/ns"
bind_zone "$W/ns/example.test.zone" example.test
old_records "$N" >>"$W/ns/example.test.zone"
# Without a log line for each record that is removed.
start_bind ns example.test
stop ns
echo 'logging { category default { null; }; };' >>"$W/ns/named.conf"
bind_again ns
wait_for 120 bind_answers "$PORT_ns" example.test
PRIMARY=$PORT_ns

# An empty index, for the memory that the records do not take.
reap_conf 'rate = 1000000' ""
sed -i 's/example.test"/no.test"/' "$W/dnsmail.conf"
start_daemon publishd
start_daemon reaperd
pid=$(child reaperd)
empty=$(rss_kb "$pid")
stop reaperd

reap_conf 'rate = 1000000' ""
lifetime 30d
stop publishd
start_daemon publishd
begun=$(now)
start_daemon reaperd
pid=$(child reaperd)
wait_for 120 reached records_live "$N" ||
    { echo "not all were learnt"; exit 1; }
echo "reaper.load.seconds=$(since "$begun")"
echo "reaper.load.cpu_seconds=$(cpu "$pid")"
echo "reaper.records=$(count records_live)"
full=$(rss_kb "$pid")
echo "reaper.memory.octets_per_record=$(div "$(((full - empty) * 1024))" "$N")"
echo "reaper.memory.accounted_octets_per_record=$(div "$(count index_bytes)" "$N")"

publishd=$(child publishd)
before=$(cpu "$pid") publishd_before=$(cpu "$publishd")
named_before=$(cpu "${PIDS[ns]}")
lifetime 1h
begun=$(now)
kill -HUP "$pid"
wait_for 600 reached records_removed "$N" ||
    { echo "not all were removed"; exit 1; }
took=$(since "$begun")
echo "reaper.remove.seconds=$took"
echo "reaper.remove.per_second=$(div "$N" "$took")"
echo "reaper.remove.reaperd_cpu_us=$(us_each "$before" "$(cpu "$pid")")"
echo "reaper.remove.publishd_cpu_us=$(
    us_each "$publishd_before" "$(cpu "$publishd")")"
echo "reaper.remove.named_cpu_us=$(
    us_each "$named_before" "$(cpu "${PIDS[ns]}")")"
none_left "$PRIMARY" || echo "records are left in the zone"
stop reaperd
stop publishd
stop ns
done_tests=0 planned=0
