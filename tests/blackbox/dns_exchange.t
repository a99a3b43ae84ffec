#!/bin/bash
# How we ask name servers: of a real one, and of one that misbehaves.
. "$(dirname "$0")/../lib.sh"
plan 43

ask() { "$BUILD/dns_ask" "$@" 2>&1; }

# ---- BIND ---------------------------------------------------------------------

long=$(printf 'x%.0s' $(seq 250))
mkdir -p "$W/ns"
zone=$W/ns/example.test.zone
bind_zone "$zone" example.test
{
	echo "one TXT \"To:a@b.test*From:c@d.test*date=\" \"now\""
	for i in $(seq 20); do
		echo "many TXT \"$i$long\""
	done
} >>"$zone"
start_bind ns example.test
bind=127.0.0.1@$PORT_ns

like "a TXT record is answered, its strings joined" \
    "$(ask "$bind" one.example.test | tr '\n' ' ')" \
    '^answered: NOERROR aa=1 .*"To:a@b.test\*From:c@d.test\*date=now"'
like "by TCP too" "$(ask -T "$bind" one.example.test)" '^answered: NOERROR'
like "a name that is not there" "$(ask "$bind" no.example.test)" \
    '^answered: NXDOMAIN aa=1'
like "a zone that is not there" "$(ask "$bind" example.org)" \
    '^answered: REFUSED aa=0'
out=$(ask "$bind" many.example.test)
is "a truncated answer comes whole by TCP" "$(grep -c '^"' <<<"$out")" 20
like "which takes two packets" "$out" 'packets=2 '
like "5000 questions, 100 at a time, are answered and leave no descriptor" \
    "$(ask -q -n 5000 -w 100 -t 10 "$bind" one.example.test)" \
    'asked=5000 answered=5000 .*pending=0 descriptors-left=0$'
like "200 by TCP as well" \
    "$(ask -qT -n 200 -w 50 -t 10 "$bind" one.example.test)" \
    'asked=200 answered=200 .*pending=0 descriptors-left=0$'
like "what is cancelled leaves nothing" \
    "$(ask -qc -n 200 -w 50 "$bind" one.example.test)" \
    'asked=200 answered=0 .*pending=0 descriptors-left=0$'
like "what is cancelled leaves nothing by TCP either" \
    "$(ask -qcT -n 200 -w 50 "$bind" one.example.test)" \
    'asked=200 answered=0 .*pending=0 descriptors-left=0$'

# ---- one that misbehaves --------------------------------------------------------

fake=127.0.0.1@$(free_port)
cat >"$W/table" <<X
good.test txt hello
refused.test rcode 5
servfail.test rcode 2
formerr.test rcode 1
silent.test silence
lost.test lose 1 hello
late.test delay 300 hello
cut.test truncated hello
id.test wrong-id hello
question.test wrong-question hello
source.test other-source hello
loop.test loop hello
garbage.test garbage
old.test no-edns hello
slow.test slow-tcp hello
endless.test endless-tcp
close.test close-tcp
X
start fake "$BUILD/dns_fake" "$fake" "$W/table"
wait_for 10 grep -q ready "$W/fake.log"

# queries NAME PROTOCOL: how many the fake server got
queries() { grep -c "^$2 $1 " "$W/fake.log"; }

is "a good answer costs one query" \
    "$(ask "$fake" good.test | head -1; queries good.test udp)" \
    "answered: NOERROR aa=1 ad=0
1"
like "it offers EDNS with 1232 octets and does not ask for recursion" \
    "$(grep '^udp good.test' "$W/fake.log")" 'edns=1232 rd=0 ad=0'
ask -ra "$fake" good.test >/dev/null
like "unless told so, and for AD too" \
    "$(grep '^udp good.test' "$W/fake.log" | tail -1)" 'rd=1 ad=1'
for rcode in REFUSED SERVFAIL; do
	name=${rcode,,}.test
	is "$rcode is an answer, and asked for once" \
	    "$(ask "$fake" "$name" | head -1; queries "$name" udp)" \
	    "answered: $rcode aa=1 ad=0
1"
done
is "FORMERR is asked once more without EDNS" \
    "$(ask "$fake" formerr.test | head -1
    grep -o '^udp formerr.test .* edns=[0-9]*' "$W/fake.log")" \
    "answered: FORMERR aa=1 ad=0
udp formerr.test 16 edns=1232
udp formerr.test 16 edns=0"
like "which an old server answers" "$(ask "$fake" old.test)" '^"hello"'

out=$(ask -t 2.5 "$fake" silent.test)
like "silence ends at the deadline" "$out" '^timed-out: no answer in time'
like "not earlier, not much later" "$out" 'ms=(2[5-9]|3[0-9])[0-9][0-9] '
is "and was asked at 0, 0.7 and 2.1 s" "$(queries silent.test udp)" 3
is "always with the same ID, from which a late answer is known" \
    "$(grep '^udp silent.test' "$W/fake.log" | sort -u | wc -l)" 1
like "silence by TCP ends at the deadline" \
    "$(ask -T -t 1 "$fake" silent.test | tr "\n" " ")" \
    "^timed-out: .* ms=1[0-9][0-9][0-9] "
out=$(ask "$fake" lost.test)
like "a lost query is sent again" "$out" '^"hello"'
like "after 0.7 s" "$out" 'ms=([7-9]|1[0-9])[0-9][0-9] .*packets=2 '
like "a late answer counts" "$(ask "$fake" late.test)" 'ms=[3-6][0-9][0-9] .*packets=1 '

like "TC alone leads to TCP" "$(ask "$fake" cut.test)" '^"hello"'
out=$(ask "$fake" id.test)
like "a wrong ID leads to TCP" "$out" '^"hello"'
like "and is counted" "$out" 'packets=2 strays=1 '
out=$(ask "$fake" question.test)
like "another question leads to TCP" "$out" '^"hello"'
like "and is counted" "$out" 'packets=2 strays=1 '
out=$(ask "$fake" source.test)
like "an answer from another address is not seen at all" "$out" '^"hello"'
unlike "though it came first" "$out" 'forged'
like "and does not count" "$out" 'packets=1 strays=0 '
like "a compression loop leads to TCP" "$(ask "$fake" loop.test)" '^"hello"'
like "garbage by UDP and TCP is garbled, at once" \
    "$(ask "$fake" garbage.test)" '^garbled: what came was no answer'
like "TCP octet by octet is read" "$(ask "$fake" slow.test)" '^"hello"'
out=$(ask -t 1 "$fake" endless.test)
like "TCP without end ends at the deadline" "$out" '^timed-out'
like "and leaves no descriptor" "$out" 'ms=1[0-9][0-9][0-9] .*descriptors-left=0$'
like "TCP that closes is told" "$(ask "$fake" close.test)" \
    '^unreachable: closed by the server'

# ---- nobody there -----------------------------------------------------------------

none=127.0.0.1@$(free_port)
for tcp in "" -T; do
	like "nobody listens${tcp:+ on TCP}: told at once" \
	    "$(ask $tcp "$none" good.test)" \
	    '^unreachable: Connection refused'
done
# To the broadcast address the system lets nothing go: a failure inside connect().
for tcp in "" -T; do
	like "what the system refuses${tcp:+ on TCP} is told, and from the loop" \
	    "$(ask $tcp 255.255.255.255@53 good.test)" '^unreachable: [A-Z]'
done
