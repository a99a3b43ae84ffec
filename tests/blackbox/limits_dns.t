#!/bin/bash
# What verifyd asks of name servers is bounded: in total, for each server, by
# the second, by TCP; over it a message ends as temperror over-budget. The same
# question is never under way twice.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 37

CLAIRE=claire@nonprofit.test
port=$(free_port)
resolver=127.0.0.1@$port a=127.0.0.2@$port b=127.0.0.3@$port

# rule WHO LINE...: adds to the table of that name server
rule() {
	local who=$1 line
	shift
	for line; do echo "$line" >>"$W/$who.table"; done
}
# queries WHO PROTOCOL NAME: how many questions for that name it has got
queries() { grep -c "^$2 $3 " "$W/$1.log"; }
metric() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json verifyd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
rule resolver "dnsmail.a.test txt $a" "dnsmail.b.test txt $b" \
    "dnsmail.late.test delay 500 $a" "_policy.dnsmail.late.test delay 500 x" \
    "dnsmail.silent.test silence"
rule a '* silence'
rule b 'never.b.test silence'
for who in resolver a b; do
	start $who "$BUILD/dns_fake" "${!who}" "$W/$who.table"
	wait_for 10 grep -q ready "$W/$who.log" || diag "$who is not ready"
done

of() { # ID RULE: a record there for author m@<domain>
	echo "$1 $2 $(record $CLAIRE "m@${1#*.}" 60)"
}
ask() { # ID [QUEUE-ID]: a message of m@<domain> with that ID
	mta -t $CLAIRE -h "From: m@${1#*.}" -h "DNS-Mail-ID: $1" -i "${2-Q-$1}"
}
# together N ID-PREFIX DOMAIN: messages with different IDs, all at once
together() {
	local i
	for i in $(seq "$1"); do
		ask "$2$i.$3" >"$W/$2$i.out" &
		asking+=($!)
	done
}
ended() { wait "${asking[@]}"; asking=(); }
results() { # PREFIX REGEX: how many of these ended like that
	grep -a "queue=Q-$1[0-9]*\." "$W/verifyd.log" | grep -c -- "$2"
}
again() { # OPTIONS: verifyd with these, and nothing known from before
	[ -z "${PIDS[verifyd]-}" ] || stop verifyd
	: >"$W/verifyd.log"
	verifyd_conf "\"$resolver\"" "$1"
	start_daemon verifyd
}
under_way() { [ "$(metric queries_under_way)" = "$1" ]; }
asking=()
over='action=tempfail result=temperror reason=over-budget'

# ---- one server ------------------------------------------------------------------

again 'timeout = "3s" max-queries-per-server = 5'
ask known.a.test >/dev/null	# its server list
together 5 first a.test
ok "five questions to one server wait" wait_for 5 under_way 5
out=$(ask more.a.test)
like "one more ends as over-budget, at once" "$(logged Q-more.a.test)" \
    "$over .* ms=[0-9]{1,3}$"
like "which is 451" "$(final "$out")" '^REPLYCODE 451 4\.7\.5 '
rule b "$(of good.b.test txt)"
ask good.b.test >/dev/null
like "while another server is asked" "$(logged Q-good.b.test)" result=pass
is "it was not sent" "$(queries a udp more.a.test)" 0
is "and is counted" "$(metric queries_over_per_server)" 1
like "the log tells whom it concerns" "$(cat "$W/verifyd.log")" \
    "name server $a is not asked: too many questions under way to this server"
ended
is "the five end by time" "$(results first 'reason=dns-timeout')" 5
ok "then nothing is under way" wait_for 5 under_way 0

# ---- by the second ---------------------------------------------------------------

again 'timeout = "3s" max-query-rate = 4'
rule b '* rcode 5'
before=$(grep -c '^udp' "$W/b.log")
ask known.b.test >/dev/null
together 20 rate b.test
ended
# A second of 4, and what comes in anew while 20 processes are started.
sent=$(($(grep -c '^udp' "$W/b.log") - before))
ok "of 21 questions to one server a few are sent" \
    [ "$sent" -ge 4 -a "$sent" -le 12 ]
is "all others end as over-budget" "$(results rate "$over")" $((21 - sent))
is "and are counted" "$(metric queries_over_rate)" $((21 - sent))
ok "later it is asked again" wait_for 5 eval \
    'ask later.b.test >/dev/null; logged Q-later.b.test | grep -q dns-refused'

# ---- in total --------------------------------------------------------------------

: >"$W/b.table"
rule b "$(of good.b.test txt)"
again 'timeout = "8s" max-queries = 16 max-queries-per-server = 0'
ask good.b.test >/dev/null
ask known.a.test >/dev/null &
known=$!
ok "a question waits" wait_for 5 under_way 1
together 15 total a.test
ok "sixteen questions wait" wait_for 5 under_way 16
# Sent for the third time after 2.1 s.
wait_for 9 eval '[ "$(queries a udp total1.a.test)" -ge 3 ]'
ask good.b.test Q-room >/dev/null
like "after a second the oldest makes room for a new one" \
    "$(logged Q-room)" result=pass
is "which is counted" "$(metric queries_made_room)" 1
wait $known
like "and ends as over-budget" "$(logged Q-known.a.test)" "$over"
ended

# ---- the same question -----------------------------------------------------------

again 'timeout = "5s"'
rule b "$(of same.b.test 'delay 500')"
ask good.b.test >/dev/null
for i in 1 2 3 4 5; do
	ask same.b.test Q-same$i >/dev/null &
	asking+=($!)
done
ended
is "five messages with one ID pass" \
    "$(grep -ac 'queue=Q-same.* result=pass' "$W/verifyd.log")" 5
is "and cost one question" "$(queries b udp same.b.test)" 1
is "the other four are counted" "$(metric queries_shared)" 4
together 5 list late.test
ended
is "a server list is asked for once" "$(queries resolver udp dnsmail.late.test)" 1
for i in 1 2 3 4 5; do
	mta -t $CLAIRE -h "From: m@late.test" -h 'DNS-Mail-ID: x.y.test' \
	    -i "Q-wish$i" >/dev/null &
	asking+=($!)
done
ended
is "a wish too" "$(queries resolver udp _policy.dnsmail.late.test)" 1
is "all five were verified" \
    "$(grep -ac 'queue=Q-wish.* result=fail' "$W/verifyd.log")" 5

# ---- answers that are not ours ---------------------------------------------------

rule b "$(of id.b.test wrong-id)" "$(of question.b.test wrong-question)"
for id in id question; do
	ask $id.b.test >/dev/null
	like "after an answer with another $id the question goes by TCP" \
	    "$(logged Q-$id.b.test)" result=pass
	is "($(queries b udp $id.b.test) by UDP)" \
	    "$(queries b tcp $id.b.test)" 1
done
is "both are counted" "$(metric answers_stray)" 2

# ---- TCP -------------------------------------------------------------------------

rule b "$(of slow.b.test slow-tcp)" 'end1.b.test endless-tcp' \
    'end2.b.test endless-tcp' 'end3.b.test endless-tcp'
again 'timeout = "3s" max-tcp-queries-per-server = 2'
ask good.b.test >/dev/null
together 2 end b.test
ok "two connections that never end" wait_for 5 eval \
    '[ "$(metric queries_tcp)" = 2 ]'
ask end3.b.test >/dev/null
like "a third to that server is over-budget, at once" \
    "$(logged Q-end3.b.test)" "$over .* ms=[0-9]{1,3}$"
is "it is counted" "$(metric queries_over_tcp)" 1
ask good.b.test Q-beside >/dev/null
like "while by UDP the same server is asked" "$(logged Q-beside)" result=pass
ended
is "they end with the message's time" \
    "$(results end 'result=temperror reason=.* ms=3[0-9]\{3\}$')" 2
ok "and leave nothing" wait_for 5 under_way 0
ask slow.b.test >/dev/null
like "an answer octet by octet has that time, too" \
    "$(logged Q-slow.b.test)" 'result=(pass|temperror) .* ms=[0-3]?[0-9]{1,3}$'
stop verifyd
is "verifyd ends well" $? 0
