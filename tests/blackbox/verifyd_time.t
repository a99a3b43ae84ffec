#!/bin/bash
# How long verifyd waits, how long it believes, and how many servers it asks,
# of IPv6, too.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 17

CLAIRE=claire@nonprofit.test ISP=claire@my_isp.test
port=$(free_port)
REACH='allow-networks = {"127.0.0.0/8", "::1/128"}
	allow-ports = {0}'
resolver=127.0.0.1@$port six=::1@$port
five=() table=$W/table
: >"$table"
listen() { # NAME ADDRESS@PORT
	start "$1" "$BUILD/dns_fake" "$2" "$table"
	wait_for 10 grep -q ready "$W/$1.log" || diag "$2: $(cat "$W/$1.log")"
}
listen resolver "$resolver"
for i in 1 2 3 4 5; do
	five+=("127.0.0.$((10 + i))@$port")
	listen "s$i" "${five[-1]}"
done
listen six "$six"
rule() { printf '%s\n' "$@" >>"$table"; }
queries() { grep -c "^udp $2 " "$W/$1.log"; }
begin() { # RESOLVER OPTIONS
	stop verifyd
	verifyd_conf "\"$1\"" "$2"
	start_daemon verifyd
}
# ask AUTHOR RECIPIENT ID...: sets `said` to what is logged of it
asked=0
ask() {
	local author=$1 to=$2 ids=()
	shift 2
	asked=$((asked + 1))
	for id; do ids+=(-h "DNS-Mail-ID: $id"); done
	mta -t "$to" -h "From: $author" "${ids[@]}" -i "Q$asked" >/dev/null
	said=$(logged "Q$asked")
}

# ---- one deadline for the whole message -------------------------------------------

begin "$resolver" 'timeout = "2s" propagation-wait = "1s"'
rule "dnsmail.slow.test txt ${five[0]}" "dnsmail.nonprofit.test txt ${five[0]}" \
    "a.slow.test delay 1300 $(record $CLAIRE m@slow.test 9)" \
    "b.nonprofit.test delay 1300 $(record $ISP m@slow.test 9)" \
    "dnsmail.late.test delay 1300 ${five[0]}" \
    "c.late.test delay 1300 $(record $CLAIRE m@late.test 9)"
ask m@slow.test $CLAIRE a.slow.test
like "one slow hop is waited for" "$said" 'result=pass .* ms=1[0-9]{3}$'
ask m@slow.test $ISP a.slow.test b.nonprofit.test
like "two such hops have no more time together" "$said" \
    'result=temperror reason=dns-timeout .* ms=(19|2[0-4])[0-9]{2}$'
ask m@late.test $CLAIRE c.late.test
like "nor has a slow resolver with a slow server" "$said" \
    'result=temperror reason=dns-timeout .* ms=(19|2[0-4])[0-9]{2}$'

# ---- how many are asked --------------------------------------------------------------

rule "dnsmail.five.test txt $(IFS=,; echo "${five[*]}")" \
    "dnsmail.two.test txt ${five[0]},${five[1]}" \
    "dnsmail.some.test txt ${five[0]}, 10.0.0.1"
begin "$resolver" 'timeout = "3s" propagation-wait = "0s"'
ask m@five.test $CLAIRE none.five.test
like "of five servers that have nothing the fifth may know better" "$said" \
    'result=temperror reason=over-budget'
n=0
for i in 1 2 3 4 5; do
	n=$((n + $(queries "s$i" none.five.test)))
done
is "four of them were asked, once each" $n 4
for i in {1..24}; do
	rule "i$i.two.test txt $(record $CLAIRE m@two.test 9)"
	ask m@two.test $CLAIRE "i$i.two.test"
done
first=$(grep -c '^udp i[0-9]*.two.test' "$W/s1.log")
second=$(grep -c '^udp i[0-9]*.two.test' "$W/s2.log")
is "one that has the record is asked alone" "$((first + second))" 24
ok "which of the two, is left to chance ($first and $second)" \
    [ $((first * second)) -gt 0 ]
ask m@two.test $CLAIRE none.two.test
is "without a wait each is asked once before it is believed" \
    "$(queries s1 none.two.test) $(queries s2 none.two.test)" "1 1"
like "... and then it fails" "$said" 'result=fail reason=no-record'
begin "$resolver" 'timeout = "3s" propagation-wait = "1s"'
ask m@some.test $CLAIRE none.some.test
ok "where another is listed, the one that may be asked is asked again" \
    [ "$(queries s1 none.some.test)" -ge 2 ]

# ---- IPv6 ---------------------------------------------------------------------------

rule "dnsmail.six.test txt $six" "dnsmail.mixed.test txt ${five[2]}, $six" \
    "i.six.test txt $(record $CLAIRE m@six.test 9)" \
    "t.six.test truncated $(record $CLAIRE m@six.test 9)"
begin "$six" 'timeout = "3s" propagation-wait = "1s"'
ask m@six.test $CLAIRE i.six.test
like "a listed server of IPv6 is asked" "$said" result=pass
is "as a resolver of IPv6 is" "$(queries six dnsmail.six.test)" 1
ask m@six.test $CLAIRE t.six.test
like "by TCP, too" "$said" result=pass
ask m@mixed.test $CLAIRE none.mixed.test
ok "beside one of IPv4 it is asked, too, where it is allowed" \
    [ "$(queries six none.mixed.test)" -ge 1 ]

# ---- how long a list is believed --------------------------------------------------------

mkdir -p "$W/ns"
zone_text t.test | sed 's/1 60 60 3600 60/1 60 60 3600 1/' >"$W/ns/t.test.zone"
start_bind ns t.test
begin "127.0.0.1@$PORT_ns" ""
change() { # LINES: of an update
	printf 'server 127.0.0.1 %s\n%s\nsend\n' "$PORT_ns" "$1" |
	    nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"
}
takes_part() {
	ask m@t.test $CLAIRE
	[[ $said == *participates=yes* ]]
}
takes_no_part() { ! takes_part; }
ok "a domain without a list takes no part" takes_no_part
change 'update add dnsmail.t.test 2 TXT "155.47.64.164"'
ok "once its zone's short minimum is over it does" wait_for 6 takes_part
change 'update delete dnsmail.t.test TXT'
ok "and once the TTL is over it does not" wait_for 7 takes_no_part
