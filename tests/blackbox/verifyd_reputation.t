#!/bin/bash
# Domain lists in front of real name servers: which domains are asked for, what
# is done with the answers, what is said; and lists that are slow, dead, or
# answer what is no answer.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 78

CLAIRE=claire@fwd.mail.test ISP=claire@my_isp.net

# ---- mail and two lists, on one BIND ------------------------------------------

long=$(printf 'x%.0s' {1..50})
long=$long.$long.$long.mail.test
mkdir "$W/ns"
{
	zone_text dbl.test
	cat <<X
spam.mail.test	A 127.0.1.2
phish.mail.test	A 127.0.1.4
odd.mail.test	A 127.0.9.9
several.mail.test A 127.0.1.2
several.mail.test A 127.0.1.4
several.mail.test A 127.0.1.6
gone.mail.test	A 192.0.2.80
public.mail.test A 127.255.255.254
half.mail.test	A 192.0.2.80
half.mail.test	A 127.0.1.4
alias.mail.test	CNAME phish.mail.test
brief.mail.test	0 A 127.0.1.2
text.mail.test	TXT "not an address"
failing.mail.test A 127.0.1.4
fwd.mail.test	A 127.0.1.4
$long A 127.0.1.4
X
} >"$W/ns/dbl.test.zone"
{
	zone_text other.test
	echo "spam.mail.test	A 127.0.0.3"
	echo "phish.mail.test	A 127.0.0.3"
	echo "second.mail.test	A 127.0.0.4"
} >"$W/ns/other.test.zone"
start_bind ns mail.test dbl.test other.test
stop ns
sed -i 's/recursion no;/recursion no; querylog yes;/' "$W/ns/named.conf"
bind_again ns
wait_for 20 bind_answers "$PORT_ns" mail.test || diag "no named"
resolver="\"127.0.0.1@$PORT_ns\""
{
	echo "server 127.0.0.1 $PORT_ns"
	for d in good spam phish odd several gone public half alias brief text \
	    failing fwd second clash.mail.test dnsmail.clash; do
		echo "add dnsmail.$d.mail.test 60 TXT \"127.0.0.1@$PORT_ns\""
		echo "add i.$d.mail.test 60 TXT \"$(record $CLAIRE "m@$d.mail.test" 60)\""
		# the way of it on from the forwarder
		echo "add to-$d.fwd.mail.test 60 TXT \"$(record $ISP "m@$d.mail.test" 60)\""
	done
	# nobody listens there
	echo "add dnsmail.unknown.mail.test 60 TXT \"127.0.0.1@1\""
	echo send
	echo "add dnsmail.$long 60 TXT \"127.0.0.1@$PORT_ns\""
	echo "add i.$long 60 TXT \"$(record $CLAIRE "m@$long" 60)\""
	echo send
} | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"

again() { # RESOLVER OPTIONS: verifyd with these
	stop verifyd
	: >"$W/verifyd.log"
	verifyd_conf "$1" "$2"
	start_daemon verifyd
}
dbl='reputation "dbl.test" {
		answers = {"127.0.1.4=reject", "127.0.1.0/24=quarantine"}
		action-default = "tempfail"
	}'
other='reputation "other.test" {
		answers = {"127.0.0.3=accept"}
		action-default = "discard"
	}'
from() { # DOMAIN [OPTIONS]: a message of it without an ID
	local d=$1
	shift
	mta -T 60 -t $CLAIRE -h "From: m@$d.mail.test" -i "Q-$d" "$@"
}
passing() { from "$@" -h "DNS-Mail-ID: i.$1.mail.test"; } # DOMAIN [OPTIONS]
# forwarded DOMAIN [OPTIONS]: the same, at the place that fwd forwards it to
forwarded() {
	local d=$1
	shift
	mta -t $ISP -h "From: m@$d.mail.test" -h "DNS-Mail-ID: i.$d.mail.test" \
	    -h "DNS-Mail-ID: to-$d.fwd.mail.test" -i "Q-$d" "$@"
}
# asked NAME: how often the name server was asked for it, type A
asked() { grep -c "query: $1 IN A " "$W/ns.log"; }
asked_at() { grep -c "query: .*\.$1 IN A " "$W/ns.log"; } # ZONE
metric() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json verifyd |
	    grep -o "\"reputation_$1\": *[0-9]*" | grep -o '[0-9]*$'
}
quarantined() { grep -q '^QUARANTINE ' <<<"$1" && [ "$(final "$1")" = ACCEPT ]; }
listed='REPLYCODE 550 5.7.1 A domain that vouches for this message is on a list used here'

# ---- answers become actions ---------------------------------------------------

again "$resolver" "$dbl"
out=$(passing good)
is "a domain that is in no list passes" "$(final "$out")" ACCEPT
is "and its field has no word of lists" "$(field "$out")" \
    'mx.test; dnsmail=pass header.from=m@good.mail.test\n policy.content=unbound policy.dnssec=no'
unlike "nor has the log" "$(logged Q-good)" 'list'
is "it was asked for" "$(asked good.mail.test.dbl.test)" 1
out=$(passing spam)
ok "one in the list is held, as the network of the answer says" \
    quarantined "$out"
is "the field names list, answer and domain" "$(field "$out")" \
    'mx.test; dnsmail=pass header.from=m@spam.mail.test\n policy.content=unbound policy.dnssec=no;\n dnsmail-list=policy dns.zone=dbl.test policy.ip=127.0.1.2\n policy.domain=spam.mail.test'
like "so does the log" "$(logged Q-spam)" \
    'action=quarantine result=pass .* list=dbl\.test answer=127\.0\.1\.2 list-domain=spam\.mail\.test list-action=quarantine ms='
is "the entry that stands before it rejects, with a text of its own" \
    "$(final "$(passing phish)")" "$listed"
like "the result stays pass" "$(logged Q-phish)" \
    'action=reject result=pass .* list=dbl\.test answer=127\.0\.1\.4'
like "an answer without an entry has the default action" \
    "$(final "$(passing odd)")" '^REPLYCODE 451 4\.7\.5 '
is "of several answers the strictest counts" \
    "$(final "$(passing several)")" "$listed"
like "and it is the one that is told" "$(logged Q-several)" 'answer=127\.0\.1\.4'
is "an entry may be an alias" "$(final "$(passing alias)")" "$listed"
out=$(passing text)
is "a name without an address is not listed" "$(final "$out")" ACCEPT
unlike "... in its field" "$(field "$out")" 'list'

passing spam >/dev/null
is "an answer is kept for its time" "$(asked spam.mail.test.dbl.test)" 1
passing good >/dev/null
is "so is that there is none" "$(asked good.mail.test.dbl.test)" 1
passing brief >/dev/null
passing brief >/dev/null
is "one without time is asked again" "$(asked brief.mail.test.dbl.test)" 2

# ---- what is no answer --------------------------------------------------------

for i in 1 2 3; do out=$(passing gone); done
is "an address outside of 127/8 is no answer" "$(final "$out")" ACCEPT
unlike "... in its field" "$(field "$out")" 'list|192\.0\.2'
unlike "... in the log of the message" "$(logged Q-gone)" 'list='
is "it is told once, in words" "$(grep -c \
    'domain list dbl\.test: 192\.0\.2\.80 is outside of 127\.0\.0\.0/8' \
    "$W/verifyd.log")" 1
is "and counted each time" "$(metric errors)" 3
is "beside an answer it is none" "$(final "$(passing half)")" "$listed"
again "$resolver" "$dbl"
out=$(passing public)
is "nor is a list's code for an error" "$(final "$out")" ACCEPT
unlike "... in its field" "$(field "$out")" 'list|127\.255'
like "that is told in words" "$(cat "$W/verifyd.log")" \
    "domain list dbl\.test: 127\.255\.255\.254 is a list's code for an error \(.*public"
is "and counted" "$(metric errors)" 1

# ---- who is asked for ---------------------------------------------------------

again "$resolver" "$dbl $other timeout = \"2s\""
out=$(from failing -h 'DNS-Mail-ID: nosuch.failing.mail.test')
like "a message fails" "$(field "$out")" 'dnsmail=fail reason="no-record"'
is "and is accepted, though its domain is in the list" "$(final "$out")" ACCEPT
out=$(from failing)
like "one without an ID is none" "$(field "$out")" 'dnsmail=none'
is "accepted, too" "$(final "$out")" ACCEPT
out=$(from failing -h 'DNS-Mail-ID: ?')
like "one with a bad ID is a permerror" "$(field "$out")" 'dnsmail=permerror'
is "accepted" "$(final "$out")" ACCEPT
like "one whose servers are not there is put off" \
    "$(final "$(passing unknown)")" '^REPLYCODE 451 4\.7\.5 '
like "one whose forwarder has no record fails" "$(field "$(
    mta -t $ISP -h 'From: m@good.mail.test' -i Q-broken \
	-h 'DNS-Mail-ID: i.good.mail.test' -h 'DNS-Mail-ID: x.fwd.mail.test'
    )")" 'dnsmail=fail'
is "about none of their domains the lists were asked" \
    "$(grep -E 'query: (failing|unknown|fwd)\.mail\.test\.[a-z]*\.test IN A ' \
    "$W/ns.log")$(asked good.mail.test.other.test)" 0

out=$(forwarded good)
is "a forwarder that vouches and is in the list" "$(final "$out")" "$listed"
like "is named, and the result is policy" "$(logged Q-good)" \
    'result=policy .* list=dbl\.test answer=127\.0\.1\.4 list-domain=fwd\.mail\.test'
is "the author's domain was asked for, too" "$(asked good.mail.test.other.test)" 1
again "$resolver" "$dbl trusted-forwarders = {\"fwd.mail.test\"}"
is "trusted or not" "$(final "$(forwarded spam)")" "$listed"
like "and the strictest is told" "$(logged Q-spam)" \
    'result=pass .* list-domain=fwd\.mail\.test list-action=reject'

long_mail() { mta -t $CLAIRE -h "From: m@$long" -h "DNS-Mail-ID: i.$long"; }
is "a domain of ${#long} octets may be asked for" "$(final "$(long_mail)")" \
    "$listed"
is "... and was" "$(asked "$long.dbl.test")" 1
again "$resolver" "reputation \"${long%%.*}.${long%%.*}.test\" {
	action-default = \"reject\" }"
is "one that makes no name with its list is not asked for" \
    "$(final "$(long_mail)")" ACCEPT
is "that is counted" "$(metric too_long) $(metric asked) $(metric unanswered)" \
    '1 0 0'

# ---- several lists, options, observe ------------------------------------------

zones() { field "$1" | grep -o 'dns\.zone=[^ ]* policy\.ip=[0-9.]*' | tr '\n' ' '; }
again "$resolver" "$dbl $other"
out=$(passing spam)
is "each list that has the domain is named, in the order of the file" \
    "$(zones "$out")" \
    'dns.zone=dbl.test policy.ip=127.0.1.2 dns.zone=other.test policy.ip=127.0.0.3 '
ok "the stricter of two is done" quarantined "$out"
is "whichever it is" "$(final "$(passing second)")" DISCARD
like "... and told" "$(logged Q-second)" \
    'action=discard .* list=other\.test answer=127\.0\.0\.4 .* list-action=discard'
is "how many were asked, known, listed, and decided" \
    "$(metric asked) $(metric known) $(metric listed) $(metric followed)" \
    '4 0 3 2'
again "$resolver" "$other $dbl"
is "the other order names them the other way round" \
    "$(zones "$(passing spam)")" \
    'dns.zone=other.test policy.ip=127.0.0.3 dns.zone=dbl.test policy.ip=127.0.1.2 '
again "$resolver" "$dbl on-policy = \"discard\""
before=$(asked_at dbl.test)
is "an option that is as strict as can be" "$(final "$(forwarded odd)")" DISCARD
is "needs no list" "$(($(asked_at dbl.test) - before))" 0
# Its name in the list is where a domain would have its list of servers.
again "$resolver" 'reputation "mail.test" { action-default = "reject" }'
from clash.mail.test >/dev/null
is "a list of servers is no answer of a list" \
    "$(final "$(passing dnsmail.clash)")" ACCEPT
again "$resolver" "$dbl observe = true"
out=$(passing phish)
is "observe acts on no list" "$(final "$out")" ACCEPT
like "it says what is in it" "$(field "$out")" 'dnsmail-list=policy dns.zone=dbl.test'
like "and logs what it had done" "$(logged Q-phish)" \
    'action=accept observed=reject .* list=dbl\.test'
verifyd_conf "$resolver" "$other"
kill -HUP "${PIDS[verifyd]}"
wait_for 10 grep -q 'configuration reloaded' "$W/verifyd.log"
is "a reload brings other lists" "$(zones "$(passing phish)")" \
    'dns.zone=other.test policy.ip=127.0.0.3 '

# ---- lists that are slow, dead, or back ---------------------------------------

fake=127.0.0.2@$(free_port)
answer='rr 1 \\x7f\\x00\\x01\\x04'	# 127.0.1.4, for sed
{
	for d in a b c d e f g h late; do
		echo "dnsmail.$d.mail.test txt $fake"
		echo "i.$d.mail.test txt $(record $CLAIRE "m@$d.mail.test" 60)"
		echo "$d.mail.test.dead.test silence"
		echo "$d.mail.test.slow.test delay-300"
		echo "$d.mail.test.sick.test rcode 2"
		echo "$d.mail.test.dbl.test now"
		echo "$d.mail.test.late.test delay-1900"
		echo "$d.mail.test.later.test delay-4000"
	done
	} >"$W/fake.table"
sed -i "s/ now\$/ $answer/; s/ delay-\([0-9]*\)\$/ delay-${answer/rr/rr \\1}/
    s/^i\.late\.mail\.test txt/i.late.mail.test delay 6500/" "$W/fake.table"
start fake "$BUILD/dns_fake" "$fake" "$W/fake.table"
wait_for 10 grep -q ready "$W/fake.log" || diag "fake is not ready"
seen() { grep -c "^udp $1 1 " "$W/fake.log"; } # NAME: questions, type A
list() { # ZONE: as an option
	echo "reputation \"$1.test\" { action-default = \"reject\" }"
}

again "\"$fake\"" "timeout = \"20s\" $(list slow)"
is "a list that takes its time is waited for" "$(final "$(passing a)")" \
    "$listed"
again "\"$fake\"" "timeout = \"2s\" $(list dead)"
out=$(passing a)
is "a message goes on without a list that never answers" "$(final "$out")" \
    ACCEPT
like "as pass" "$(field "$out")" 'dnsmail=pass'
like "that is told" "$(cat "$W/verifyd.log")" \
    'domain list dead\.test: no answer in time'
unlike "and not blamed on the resolver" "$(cat "$W/verifyd.log")" 'resolver'
is "and counted" "$(metric unanswered) $(metric listed)" '1 0'
again "\"$fake\"" "timeout = \"2s\" $(list sick)"
is "so it does where there is none to be had" "$(final "$(passing a)")" ACCEPT
like "... told" "$(cat "$W/verifyd.log")" 'domain list sick\.test: .*no answer'
again "\"$fake\"" "timeout = \"2s\" $(list dead) $(list dbl)"
is "another list is heard nevertheless" "$(final "$(passing a)")" "$listed"

again "\"$fake\"" "timeout = \"8s\" $(list later)"
is "a list has but a share of the time" "$(final "$(passing a)")" ACCEPT
# Of 8 s the last two are the lists'. The record comes after 6.5 s.
again "\"$fake\"" "timeout = \"8s\" $(list late)"
like "who is so slow as to leave the lists no time is put off" \
    "$(final "$(passing late)")" '^REPLYCODE 451 4\.7\.5 '
is "and no list is asked" "$(seen late.mail.test.late.test)" 0

# Silent for five questions, it gets one at a time. Each waits for 5 s.
again "\"$fake\"" "timeout = \"20s\" $(list dead)"
pids=()
for d in a b c d e; do passing $d >"$W/out.$d" & pids+=($!); done
wait "${pids[@]}"
is "five messages go on without it" "$(cat "$W"/out.? | grep -c '^ACCEPT')" 5
passing f >"$W/out.f" &
pid=$!
wait_for 20 grep -q '^udp f.mail.test.dead.test 1 ' "$W/fake.log"
is "while one more waits for it others do not" "$(final "$(passing g)") $(final \
    "$(passing h)") $(grep -c ACCEPT "$W/out.f")" 'ACCEPT ACCEPT 0'
is "nor is it asked about them" \
    "$(seen g.mail.test.dead.test) $(seen h.mail.test.dead.test)" '0 0'
wait $pid
is "that one goes on, too" "$(grep -c '^ACCEPT' "$W/out.f")" 1
sed -i "s/ silence\$/ $answer/" "$W/fake.table"
is "a list that is back is heard at once" "$(final "$(passing g)")" "$listed"
like "and that is told" "$(cat "$W/verifyd.log")" \
    'domain list dead\.test answers again, after [0-9]+ s'
passing h -Q eom >/dev/null
stop verifyd
is "it ends in order" $? 0
