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
sed -i 's/poll = "1s"/poll = "100ms"/' "$W/dnsmail.conf"
start_daemon publishd
start_short reaperd
pid=$(pid_of reaperd)
wait_for 15 as_wanted
is "with memory what is expired goes, all else stays" "$(difference)" ""

first=0 failed=0 few=
for how in "every 2" "every 3" "every 5" "every 7" "every 11" "every 23" \
    "once 1" "once 2" "once 3" "once 4" "once 5" "once 6" "once 7" "once 8" \
    "once 9" "once 10" "once 11" "once 12" "from 3" "from 8" "from 15"; do
	memory ${how% *} ${how#* }
	grow 20 $first
	first=$((first + 20))
	wait_for 1 none_left "$PRIMARY"
	n=$(failures)
	failed=$((failed + n))
	[ "$n" -gt 0 ] || few="$few $how"
done
memory none 0
is "in each way some allocations fail ($failed)" "$few" ""
wait_for 30 as_wanted
is "with memory again what is expired goes, all else stays" "$(difference)" ""
is "it is the same process" "$(pid_of reaperd)" "$pid"
unlike "nobody panicked" "$(cat "$W"/*.log)" 'panic|aborting|Assertion'
