#!/bin/bash
# Primaries at addresses where every packet is lost: only the first messages
# wait for them, and that they are back is found out beside.
if [ -z "${AWAY_NETWORK-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
	export AWAY_NETWORK=1
	exec unshare -n "$0" "$@"
fi
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 23

# What is sent to 192.0.2.0/24 goes nowhere, and nobody says so.
ip link set lo up
ip route add 192.0.2.0/24 dev lo
there() { ip addr add 192.0.2.1/32 dev lo; }
not_there() { ip addr del 192.0.2.1/32 dev lo; }

n=0
# timed: a record of a new name; sets $answer and $ms
timed() {
	local began=${EPOCHREALTIME/[.,]/}
	n=$((n + 1))
	answer=$(add "$(id_name $n)" "$RECORD")
	ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}
# one_by_one SECONDS: messages; sets $answers, what was not DONE
one_by_one() {
	local end=$((SECONDS + $1)) most=0
	answers=''
	while [ $SECONDS -lt $end ]; do
		timed
		[ "$answer" = DONE ] || answers+="$answer "
		[ $ms -le $most ] || most=$ms
		read -rt 0.1 <> <(:)
	done
	diag "the longest of these took $most ms"
}
# primaries LIST [SERVERS [TIMEOUT]]: starts publishd anew with these
primaries() {
	stop publishd
	publishd_conf 1 "$W/ns/update.key" "${2:+servers = {$2\}}" \
	    "timeout = \"${3-8s}\""
	sed -i "s#primary = .*#primary = {$1}#" "$W/dnsmail.conf"
	: >"$W/publishd.log"
	start_daemon publishd
}
times() { grep -Ec -- "$1" "$W/publishd.log"; }

start_bind ns example.test
NS="\"127.0.0.1@$PORT_ns\""

# ---- who takes updates ----------------------------------------------------------------

primaries "\"192.0.2.1\", \"192.0.2.2\", $NS" "$NS"
timed
like "two of three are silent: the first message is put off" "$answer" \
    '^LATER no answer to the update from 192.0.2.[12]@53: none in 4 s'
ok "... at its time ($ms ms)" test $ms -ge 7500
timed
is "the next is not" "$answer" DONE
like "nor do many" "$(ask -n 200 -c 20 load)" ' DONE=200 '
ok "the log says to whom updates go" logged \
    "updates go to 127.0.0.1@$PORT_ns now, no longer to 192.0.2.1@53"
one_by_one 33
is "after the 30 s they are asked whether they are back, and no message is put off" \
    "$answers" ""
is "... nor waits: nothing was sent to those two any more" \
    "$(metric updates_failed)" 2
is "... and nothing more is said of them" \
    "$(times 'no answer to the update from .* zone=')" 2

# ---- who shows the records -------------------------------------------------------------

# Who waits has asked two servers, who does not has asked one.
asked() { [ $(($(metric confirm_questions) - questions)) = "$1" ]; }
primaries "$NS, \"192.0.2.1\"" "" 5s
timed
is "a further one is silent: the first message is DONE" "$answer" DONE
ok "... after 2 s ($ms ms)" test $ms -ge 1500
questions=$(metric confirm_questions)
timed
is "the next, too" "$answer" DONE
ok "... without waiting ($ms ms)" asked 1
like "and many" "$(ask -n 200 -c 20 load)" ' DONE=200 '
ok "... which do not wait" asked 201
before=$n
one_by_one 7
is "while it is asked whether it is back, none is put off" "$answers" ""
ok "... nor waits" asked $((201 + n - before))
is "the log says once that it is away" \
    "$(times '192.0.2.1@53 cannot be reached, other servers show what it should: ')" 1

# It is back: it has the zone, but not what the first took.
start_bind two example.test
stop two
sed -i 's/listen-on port .*/listen-on port 53 { 192.0.2.1; };/' "$W/two/named.conf"
there
bind_again two
answers() { dig +short +time=1 +tries=1 @192.0.2.1 example.test SOA | grep -q .; }
wait_for 20 answers || diag "named: $(tail -n 3 "$W/two.log")"
back() { timed; logged '192.0.2.1@53 answers again after [0-9]+ s, and is waited for'; }
ok "it is back: the log says so" wait_for 20 back
timed
like "... and it must show the record" "$answer" \
    '^LATER 192.0.2.1@53 does not show the record: NXDOMAIN'

# Nobody knows yet that it is back when the first goes away.
stop two
not_there
timed
is "away again: DONE" "$answer" DONE
timed
is "... as it was known to be" "$answer" DONE
there
bind_again two
wait_for 20 answers
stop ns
timed
is "it is back and the first is away: it takes the record, and shows it" \
    "$answer" DONE
is "it is there" "$(dig +short @192.0.2.1 "$(id_name $n)" TXT | sed 's/^"//; s/"$//')" \
    "$RECORD"
