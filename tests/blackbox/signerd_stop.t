#!/bin/bash
# signerd stops without putting mail off: who is connected may bring what it
# came for, but not forever.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 9
trap '' PIPE

PORT=$(free_port)
start_bind ns domain.test nonprofit.test
conf "policy = {\"inet:$PORT@127.0.0.1\"}"
start_daemon publishd
start_daemon signerd

# connect FD: and be accepted; ask FD: a request; answer FD: its first line
connect() {
	eval "exec $1<>/dev/tcp/127.0.0.1/$PORT"
	wait_for 10 counts "$((++open))"
}
counts() { [ "$(counter connections_open)" = "$1" ]; }
open=0
ask() {
	printf '%s\n' request=sign client_address=127.0.0.1 \
	    'from=martha@domain.test' recipient=claire@my_isp.test '' >&"$1"
}
answer() {
	local line
	IFS= read -rt 20 -u "$1" line
	echo "$line"
	IFS= read -rt 20 -u "$1" line
}
stopping() { grep -q '^STOPPING=1' "$W/signerd.ready"; }
begin_stop() {
	kill -TERM "${PIDS[signerd]}"
	wait_for 10 stopping
}
end_stop() {
	local status
	wait "${PIDS[signerd]}"
	status=$?
	unset "PIDS[signerd]"
	return $status
}

# One that has said nothing yet, and one between two messages.
connect 5
connect 6
ask 6
like "before" "$(answer 6)" '^action=PREPEND DNS-Mail-ID'
begin_stop
ask 5
like "who had not begun may still bring its message" "$(answer 5)" \
    '^action=PREPEND DNS-Mail-ID'
ask 6
like "who has brought one may bring another" "$(answer 6)" \
    '^action=PREPEND DNS-Mail-ID'
refused() { ! (: <>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
ok "nobody new may come" refused
exec 5>&-
end_stop
is "who then says nothing is not waited for" $? 0
unlike "... not even as long as for work in flight" \
    "$(cat "$W/signerd.log")" 'work is in flight'
is "... and sees the end" "$(IFS= read -rt 5 -u 6 line; echo "$?$line")" 1
exec 6>&-

# One that brings one message after the other.
: >"$W/signerd.ready"
start_daemon signerd
open=0
connect 5
begin_stop
n=0
while ask 5 2>/dev/null && [ -n "$(answer 5)" ]; do
	n=$((n + 1))
	[ $SECONDS -lt 120 ] || break
done
ok "who has endless mail may bring more than one message" test $n -gt 1
end_stop
unlike "... but ends between two, not in one" \
    "$(cat "$W/signerd.log")" 'work is in flight'
