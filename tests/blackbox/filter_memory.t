#!/bin/bash
# Memory runs out in dnsmail-filter, at each single allocation of a message and
# again and again: a message comes back whole and is taken, or it is put off.
# The filter lives, or OpenSMTPD would end too.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-filter.sh"
. "$TESTS/lib-memory.sh"
can_run_short
plan 6

start_policy_fake
printf 'none  00000000\n00000000\n' >"$W/memory"
FILTER_ENV=(LD_PRELOAD="$BUILD/malloc_fail.so" MALLOC_FAIL="$W/memory")
smtpd -s "$S"
wait_for 10 grep -qx 'register|ready' "$W/said"

# one: a message whose body needs the file, too; in $W/wrong what must not be
long=$(printf '%060000d' 0)
whole_lines="X-Second: yes|X-First: yes|Subject: a||$long|$long|end|.|"
one() {
	id
	whole "$s" martha@a.test "$long" "$long" end
	case $(result "$s") in
	proceed) [ "$(lines "$s" | tr '\n' '|')" = "$whole_lines" ] ;;
	'reject|451 '*) ;;
	*) false ;;
	esac || echo "$s: $(result "$s")" >>"$W/wrong"
	result "$s" >>"$W/results"
}

: >"$W/wrong"
walked=0
while [ $walked -lt 300 ]; do
	memory once $((walked + 1))
	one
	[ "$(failures)" != 0 ] || break
	walked=$((walked + 1))
done
memory none 0
ok "memory failed at each of $walked allocations" \
    test $walked -gt 10 -a $walked -lt 300
is "each message came back whole or was put off" "$(cat "$W/wrong")" ""
ok "some were put off" grep -q 451 "$W/results"

failed=0
for n in 2 3 5 7 11; do
	memory every $n
	for i in 1 2 3; do one; done
	failed=$((failed + $(failures)))
done
memory none 0
is "also where it fails again and again ($failed times)" "$(cat "$W/wrong")" ""
one
is "and when there is memory, all is well" "$(result "$s")" proceed
filter_ends
is "it has lived all the time" "$ended" 0
