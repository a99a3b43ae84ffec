#!/bin/bash
# Memory runs out in reaperd: it lives, and with memory again all that is
# expired goes, and nothing else.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"
. "$TESTS/lib-memory.sh"
can_run_short
plan 5

NS=ns
mkdir -p "$W/ns"
zone=$W/ns/example.test.zone
mixed_zone "$zone" example.test
start_bind ns example.test
PRIMARY=$PORT_ns
expired "$zone" example.test >"$W/expired"
records "$PRIMARY" | grep -vxFf "$W/expired" >"$W/wanted"
as_wanted() { records "$PRIMARY" | cmp -s - "$W/wanted"; }
difference() { records "$PRIMARY" | diff "$W/wanted" -; }

# grow N FIRST: N more records that are expired, in one UPDATE
grow() {
	{
		echo "server 127.0.0.1 $PRIMARY"
		echo "zone example.test"
		old_records "$1" "$2" |
		    sed 's/^\([a-z0-9]*\) /add \1.example.test 60 /'
		echo send
	} | nsupdate -v -k "$W/ns/update.key"
}

reap_conf
sed -i 's/poll = "1s"/poll = "200ms"/' "$W/dnsmail.conf"
start_daemon publishd
start_short reaperd
pid=$(pid_of reaperd)
wait_for 15 as_wanted
is "with memory what is expired goes, all else stays" "$(difference)" ""

# short WHICH N SECONDS: with some more to remove, which goes if it can
first=0 failed=0 few=
short() {
	local n
	memory "$1" "$2"
	grow 20 $first
	first=$((first + 20))
	wait_for "$3" none_left "$PRIMARY"
	n=$(failures)
	failed=$((failed + n))
	[ "$n" -gt 0 ] || few="$few $1 $2"
	memory none 0
}
for n in $(seq 4 3 61); do
	short once "$n" 6
done
for n in 2 3 5 7 11 23; do
	short every $n 1
done
short from 1 1
is "in each way some allocations fail ($failed)" "$few" ""
wait_for 30 as_wanted
is "with memory again what is expired goes, all else stays" "$(difference)" ""
is "it is the same process" "$(pid_of reaperd)" "$pid"
unlike "nobody panicked" "$(cat "$W"/*.log)" 'panic|aborting|Assertion'
