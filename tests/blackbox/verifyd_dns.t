#!/bin/bash
# verifyd and name servers in trouble: what it makes of their answers, how
# often it asks, and whom it never asks.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 50

CLAIRE=claire@nonprofit.test
port=$(free_port)
resolver=127.0.0.1@$port a=127.0.0.2@$port b=127.0.0.3@$port
good=$(record $CLAIRE m@x.test 60)

# rule WHO LINE...: adds to the table of that name server
rule() {
	local who=$1 line
	shift
	for line; do echo "$line" >>"$W/$who.table"; done
}
# queries WHO NAME: how many questions for that name it has got
queries() { grep -c "^udp $2 " "$W/$1.log"; }
tcp_queries() { grep -c "^tcp $2 " "$W/$1.log"; }

for who in resolver second third fourth a b; do : >"$W/$who.table"; done
# One domain for each behaviour, so that nothing is known from before.
for d in both; do rule resolver "dnsmail.$d.test txt $a, $b"; done
for d in one silent servfail refused garbage truncated slow loop closed \
    end; do
	rule resolver "dnsmail.$d.test txt $a"
done
start resolver "$BUILD/dns_fake" "$resolver" "$W/resolver.table"
start a "$BUILD/dns_fake" "$a" "$W/a.table"
start b "$BUILD/dns_fake" "$b" "$W/b.table"
for who in resolver a b; do
	wait_for 10 grep -q ready "$W/$who.log" || diag "$who is not ready"
done

# ask ID [OPTIONS]: a message of m@<domain> with that ID
ask() {
	local id=$1
	shift
	mta -t $CLAIRE -h "From: m@${id#*.}" -h "DNS-Mail-ID: $id" "$@"
}
of() { # ID TEXT: a record there for author m@<domain>
	echo "$1 txt $(record $CLAIRE "m@${1#*.}" 60)"
}
check() { # NAME PATTERN ID
	local out
	out=$(ask "$3" -i "Q-$3")
	like "$1" "$(logged "Q-$3" | tail -n 1)" "$2"
}
again() { # OPTIONS: verifyd with these
	stop verifyd
	verifyd_conf "\"$resolver\"" "$1"
	start_daemon verifyd
}
short='timeout = "2s" propagation-wait = "1s"'
again "$short"

# ---- how often it asks --------------------------------------------------------------

rule a "$(of i1.one.test)" "$(of i2.one.test)"
check "a record is found" result=pass i1.one.test
check "another one of the same domain, too" result=pass i2.one.test
is "the server list was asked for once" "$(queries resolver dnsmail.one.test)" 1
is "the ID was asked for once" "$(queries a i1.one.test)" 1
like "with RD=0 and EDNS 1232" "$(grep '^udp i1.one.test' "$W/a.log")" \
    'edns=1232 rd=0'
check "no such name" 'result=fail reason=no-record' none.one.test
is "of one server is believed at once" "$(queries a none.one.test)" 1
mta -t $CLAIRE -h 'From: x@nodomain.test' >/dev/null
mta -t $CLAIRE -h 'From: x@nodomain.test' >/dev/null
is "that a domain does not take part is kept, too" \
    "$(queries resolver dnsmail.nodomain.test)" 1
before=$(wc -l <"$W/resolver.log")
mta -t $CLAIRE -h 'From: x@p.test' -h 'From: y@p.test' \
    -h 'DNS-Mail-ID: i.p.test' >/dev/null
mta -t $CLAIRE -h 'From: x@p.test' -h 'DNS-Mail-ID: ?' >/dev/null
mta -t $CLAIRE -h 'From: x@p.test' -h 'DNS-Mail-ID: i.p.test' \
    -h 'DNS-Mail-ID: I.p.test' >/dev/null
is "a message that cannot be verified costs no packet" \
    "$(wc -l <"$W/resolver.log")" "$before"
mta -t $CLAIRE -h 'From: x@p.test' -h 'DNS-Mail-ID: i.other.test' >/dev/null
is "nor one that has failed before any look-up, but for its domain's wish" \
    "$(tail -n "+$((before + 1))" "$W/resolver.log" | cut -d ' ' -f 1-3)" \
    'udp _policy.dnsmail.p.test 16'

# ---- several servers ------------------------------------------------------------------

rule a "$(of ina.both.test)"
rule b "$(of inb.both.test)"
check "a record that only one server has" result=pass ina.both.test
check "or only the other" result=pass inb.both.test
rule a "ill.both.test rcode 2"
rule b "$(of ill.both.test)"
check "SERVFAIL at one does not matter where the other has it" \
    result=pass ill.both.test
rule a "mute.both.test silence"
rule b "$(of mute.both.test)"
for i in 1 2 3; do
	check "silence of one does not matter either ($i)" \
	    result=pass mute.both.test
done
rule a "author.both.test txt $(record $CLAIRE else@x.test 9)"
rule b "$(of author.both.test)"
check "nor does a record of another author" result=pass author.both.test
check "no such record of both is a failure" \
    'result=fail reason=no-record .* ms=[0-9]{3,}' none.both.test
ok "after they were asked again" [ "$(queries a none.both.test)" -ge 2 ]
ask late.both.test -i Q-late >/dev/null &
late=$!
ok "a record that is not there yet is waited for" \
    wait_for 5 grep -q '^udp late.both.test' "$W/a.log"
rule b "$(of late.both.test)"
wait $late
like "and found where it appears" "$(logged Q-late)" result=pass
rule a "half.both.test rcode 5"
check "no such record of only one of them is not believed" \
    'result=temperror reason=dns-refused' half.both.test

# ---- trouble ----------------------------------------------------------------------------

rule a "i.end.test silence"
rule a "i.silent.test silence" "i.servfail.test rcode 2" \
    "i.refused.test rcode 5" "i.garbage.test garbage" \
    "i.closed.test close-tcp" "i.slow.test endless-tcp" \
    "i.truncated.test truncated $(record $CLAIRE m@truncated.test 60)" \
    "i.loop.test loop $(record $CLAIRE m@loop.test 60)"
check "silence is temperror, within the time" \
    'action=tempfail result=temperror reason=dns-timeout .* ms=[12][0-9]{3}$' \
    i.silent.test
check "SERVFAIL is temperror" 'result=temperror reason=dns-servfail' \
    i.servfail.test
check "REFUSED is temperror" 'result=temperror reason=dns-refused' \
    i.refused.test
check "garbage is temperror" 'result=temperror' i.garbage.test
check "a TCP connection that closes is temperror" 'result=temperror' \
    i.closed.test
check "TCP that never ends is temperror, within the time" \
    'result=temperror .* ms=[12][0-9]{3}$' i.slow.test
check "a truncated answer comes by TCP" result=pass i.truncated.test
check "a compression loop by UDP is overcome" result=pass i.loop.test
rule resolver "dnsmail.lost.test silence" "dnsmail.sick.test rcode 2"
check "a silent resolver is temperror" 'result=temperror reason=dns-timeout' \
    i.lost.test
check "SERVFAIL of the resolver is temperror" \
    'result=temperror reason=dns-servfail' i.sick.test
rule resolver "dnsmail.signed.test ad $a"
rule a "$(of i.signed.test)"
like "a list for which DNSSEC vouches is told" \
    "$(field "$(ask i.signed.test)")" "policy.dnssec=yes$"
is "the resolver is asked for that" \
    "$(grep -c "^udp dnsmail.signed.test .* ad=1" "$W/resolver.log")" 1
rule resolver "dnsmail.empty.test txt nothing, of, use"
check "a list without an address is permerror" \
    'result=permerror reason=no-usable-server' i.empty.test

ask i.silent.test -i Q-gone -Q eom >/dev/null
is "a message that its MTA aborts is given up, and the next one served" \
    "$(mta -t $CLAIRE -A eom -n 2 -h "From: m@one.test" \
    -h "DNS-Mail-ID: i1.one.test" | grep -c dnsmail=pass)" 1
unlike "nothing is said of those given up" "$(cat "$W/verifyd.log")" Q-gone

# ---- the resolvers --------------------------------------------------------------------------

second=127.0.0.4@$port
rule second "dnsmail.lost.test txt $a" "dnsmail.sick.test txt $a"
rule a "$(of i.lost.test)" "$(of i.sick.test)"
start second "$BUILD/dns_fake" "$second" "$W/second.table"
wait_for 10 grep -q ready "$W/second.log"
stop verifyd
verifyd_conf "\"$resolver\", \"$second\"" 'timeout = "6s"'
start_daemon verifyd
check "where the first resolver fails, the second is asked" result=pass \
    i.sick.test
check "also where it is silent" result=pass i.lost.test
like "which the log tells in words" "$(grep resolver "$W/verifyd.log")" \
    "resolver $resolver: .*(time|answer)"

# ---- who is away, as while it is restarted -----------------------------------------------------

# ask_away ID: in the background; where that is found is not there yet
ask_away() {
	ask "$1" -i "Q-$1" >/dev/null &
	away=$!
	wait_for 5 grep -q "$2: Connection refused" "$W/verifyd.log"
}
back() { # NAME ADDRESS@PORT
	start "$1" "$BUILD/dns_fake" "$2" "$W/$1.table"
	wait $away
}
third=127.0.0.5@$port
rule resolver "dnsmail.away.test txt $third" "dnsmail.never.test txt $third"
rule third "$(of i.away.test)"
stop verifyd
verifyd_conf "\"$resolver\"" ''
start_daemon verifyd -d
ask_away i.away.test "server $third of away.test"
back third "$third"
like "a server that is away for a moment is asked again" \
    "$(logged Q-i.away.test)" 'result=pass'
stop third
check "one that stays away is temperror, within the wait for it" \
    'result=temperror reason=dns-timeout .* ms=[45][0-9]{3}$' i.never.test

fourth=127.0.0.6@$port
rule fourth "dnsmail.late.test txt $a"
rule a "$(of i.late.test)"
stop verifyd
verifyd_conf "\"$fourth\"" ''
start_daemon verifyd -d
ask_away i.late.test "resolver $fourth"
back fourth "$fourth"
like "so is a resolver" "$(logged Q-i.late.test)" 'result=pass'
stop fourth
check "and one that stays away is temperror, too" \
    'result=temperror reason=dns-timeout .* ms=[45][0-9]{3}$' i.other.test

# ---- whom it never asks -------------------------------------------------------------------------

REACH=
again "$short"
check "a server on loopback is not asked" \
    'result=permerror reason=no-usable-server' i1.one.test
REACH='allow-networks = {"127.0.0.0/8"}'
again "$short"
check "nor a port other than 53" \
    'result=permerror reason=no-usable-server' i2.one.test
n=0
for d in 10.0.0.1 169.254.169.254 ::1 ::ffff:10.0.0.1 0.0.0.0 \
    224.0.0.1 255.255.255.255 64:ff9b::7f00:1 fe80::1; do
	rule resolver "dnsmail.n$((++n)).test txt $d"
	ask "i.n$n.test" -i "Q-n$n" >/dev/null
done
is "nor any address that is no global one" \
    "$(grep -ac 'queue=Q-n.*reason=no-usable-server' "$W/verifyd.log")" 9
REACH='allow-networks = {"127.0.0.0/8"} allow-ports = {0}'
again "$short max-servers = 1"
check "of more servers than may be asked none is believed for the others" \
    'result=temperror reason=over-budget' none.both.test

# ---- a fast end ---------------------------------------------------------------------------------

ask i.end.test -i Q-end >"$W/end.out" &
end=$!
wait_for 5 grep -q 'udp i.end.test' "$W/a.log"
stop verifyd
is "a stop lets the message under way end first" $? 0
wait $end
like "with its answer" "$(tail -n 1 "$W/end.out")" '^REPLYCODE 451'
