#!/bin/bash
# dnsmail-check message: explains step by step what becomes of a saved message,
# and says of each what a real verifyd says of the same message.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
MORE_ZONE=third.test MORE_DOMAIN=third.test
CHECK=$BUILD/dnsmail-check

# ---- the messages -----------------------------------------------------------------

# letter FILE FIELD...: these fields, and the same body each time
letter() {
	local file=$W/$1
	shift
	printf '%s\n' "$@" '' 'Hello Claire' >"$file"
}
# by ID...: the usual fields below these IDs
by() {
	local id
	for id; do echo "DNS-Mail-ID: $id"; done
	printf '%s\n' 'From: Martha <martha@domain.test>' 'Subject: Hello'
}
# saved FILE ID...
saved() {
	local file=$1 fields
	shift
	mapfile -t fields < <(by "$@")
	letter "$file" "${fields[@]}"
}
# hop RECIPIENT FILE: it is sent on; its ID is $hop
hop() {
	mail -a 127.0.0.1 -t "$1" -m "$W/$2"
	hop=$(ids)
}
publish() { # NAME TEXT...: TXT records, written by hand
	local name=$1 text
	shift
	for text; do
		printf 'server 127.0.0.1 %s\nadd %s 60 TXT "%s"\nsend\n' \
		    "$PORT_ns" "$name" "$text"
	done | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"
}
withdraw() { # NAME
	printf 'server 127.0.0.1 %s\ndelete %s TXT\nsend\n' "$PORT_ns" "$1" |
	    nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"
}

# ---- both verdicts ---------------------------------------------------------------------

# check FILE RECIPIENT...: what it prints, then its exit status
check() {
	local file=$1 to=()
	shift
	for r; do to+=(--to "$r"); done
	"$CHECK" -c "$W/dnsmail.conf" message "${to[@]}" "$file" 2>&1
	echo "status $?"
}
# The action, the result ... and the field, in one line.
told() { # LOG-LINE FIELD
	sed 's/^queue=[^ ]* //; s/ ms=[0-9]*$//' <<<"$1" | tr '\n' ' '
	echo "${2//\\n / }"
}
# both NAME EXPECTED-STATUS PATTERN FILE RECIPIENT...: verifyd's verdict matches
# the pattern, and dnsmail-check's is that one. $said is what it said.
both() {
	local name=$1 status=$2 pattern=$3 file=$W/$4 to=() out theirs ours
	local q=both$((++boths))
	shift 4
	for r; do to+=(-t "$r"); done
	out=$(mta -i $q "${to[@]}" -m "$file")
	wait_for 5 logged $q
	theirs=$(told "$(logged $q | sed 's/^verifyd: //')" "$(field "$out")")
	said=$(check "$file" "$@")
	ours=$(told "$(sed -n 's/^  Log: //p' <<<"$said")" \
	    "$(sed -n 's/^  Authentication-Results: \(mx\..*\)/\1/p' <<<"$said")")
	like "$name: verifyd" "$theirs" "$pattern"
	is "$name: dnsmail-check says the same" "$ours" "$theirs"
	is "$name: exit" "${said##*status }" "$status"
}
boths=0
says() { like "$1" "$said" "$2"; }

plan 140
roundtrip_start

# ---- one hop ------------------------------------------------------------------------

letter plain 'From: Martha <martha@domain.test>' 'Subject: Hello'
site domain.test
hop claire@nonprofit.test plain; id=$hop
saved one "$id"
both "one hop" 0 '^action=accept result=pass content=intact hops=1 ' \
    one claire@nonprofit.test
says "the author" 'The author is martha@domain.test'
says "where the ID belongs" "1  $id"
says "whose it is" "of the author's domain: a chain begins here"
says "the server list" "dnsmail.domain.test TXT: 127.0.0.1@$PORT_ns\$"
says "the server's answer" "127.0.0.1@$PORT_ns  NOERROR: 1 TXT record"
says "the record" 'TXT "To:claire@nonprofit.test\*From:martha@domain.test\*date='
says "its author" 'From: martha@domain.test is the author'
says "its recipient" 'To: is the recipient claire@nonprofit.test'
says "its date" 'date: .*, [0-9]+ seconds? old$'
says "its binding" 'bind: fits the content of this message'
says "the chain" 'complete: domain.test -> the recipient \(1 hop, content intact\)'
says "the verdict" '^Verdict: pass$'

sed 's/$/\r/' "$W/one" >"$W/crlf"
said=$(check "$W/crlf" claire@nonprofit.test)
says "lines that end with CRLF" 'Log: .* result=pass content=intact'
{ echo 'From martha@domain.test Thu Nov 26 10:00:00 2026'; cat "$W/one"; echo
    echo 'From x Thu Nov 26 10:00:00 2026'; cat "$W/plain"; } >"$W/mbox"
said=$(check "$W/mbox" claire@nonprofit.test)
says "an mbox: the first message" 'an mbox with several messages: this is about the first'
says "an mbox: its verdict" 'Log: queue=- action=accept result=pass content=intact'
said=$("$CHECK" -c "$W/dnsmail.conf" message --to claire@nonprofit.test - <"$W/one")
says "the standard input" '^Verdict: pass$'

both "another recipient" 2 'result=fail reason=recipient-mismatch' \
    one dan@nonprofit.test
says "whom it was for" 'To: claire@nonprofit.test is no recipient here'
both "two recipients, one without a record" 2 \
    'result=fail reason=recipient-mismatch' one claire@nonprofit.test dan@x.test
says "one chain is whole" 'to claire@nonprofit.test: complete'
says "the other is not" 'to dan@x.test: not complete \(recipient-mismatch\)'

sed 's/^Hello Claire/Send money/' "$W/one" >"$W/changed"
both "another body" 0 'result=pass content=changed' changed claire@nonprofit.test
says "that it was changed" 'bind: differs: the content was changed'
says "which option acts" 'Action: accept \(on-changed, by default\)'

# who it was for, if nobody says
{ echo 'Delivered-To: claire@nonprofit.test'; cat "$W/one"; } >"$W/delivered"
{ echo 'X-Original-To: claire@nonprofit.test'
    echo 'Delivered-To: other@nonprofit.test'; cat "$W/one"; } >"$W/original"
{ echo 'To: Claire <claire@nonprofit.test>, dan@x.test'; cat "$W/one"; } >"$W/to"
said=$(check "$W/delivered")
says "Delivered-To: names the recipient" '^Verdict: pass$'
said=$(check "$W/original")
says "X-Original-To: before it" '^Verdict: pass$'
said=$(check "$W/to")
says "else To:" 'to claire@nonprofit.test: complete'
says "with all its addresses" 'to dan@x.test: not complete'

# ---- chains --------------------------------------------------------------------------

site nonprofit.test 'forward-domain = "nonprofit.test"'
hop dan@third.test one; id2=$hop
saved two "$id2" "$id"
both "two hops" 0 'result=pass content=intact hops=2 via=nonprofit.test' \
    two dan@third.test
says "whose the other ID is" "of nonprofit.test, another domain: a forwarder's \(not of trusted"
says "where the first record leads" \
    'To: claire@nonprofit.test is another hop: an ID of nonprofit.test'
says "the whole chain" \
    'domain.test -> nonprofit.test -> the recipient \(2 hops, content intact\)'
sed 's/^Hello Claire/Send money/' "$W/two" >"$W/two-changed"
both "two hops, changed" 1 'result=policy reason=untrusted-forwarder' \
    two-changed dan@third.test
says "why that is no pass" 'goes through a forwarder that is not trusted'
saved lost "$id2"
both "the first hop is gone" 2 'result=fail reason=unlinked' lost dan@third.test
saved unlinked child.sub.domain.test "$id"
both "an ID that no chain needs" 0 'result=pass .*policy.unused=1' \
    unlinked claire@nonprofit.test
says "why it does not count" 'neither a parent nor a child domain vouches'
says "nor is asked for" 'was not looked up'

# ---- records ---------------------------------------------------------------------------

publish old.domain.test "$(record claire@nonprofit.test martha@domain.test 1728000)"
publish future.domain.test "$(record claire@nonprofit.test martha@domain.test -7200)"
publish other.domain.test "$(record claire@nonprofit.test boss@domain.test)"
publish none.domain.test "just words"
publish many.domain.test "$(record a@x.test martha@domain.test)" \
    "$(record claire@nonprofit.test martha@domain.test)"
for name in old future other none many; do saved $name $name.domain.test; done
both "a record too old" 2 'result=fail reason=expired' old claire@nonprofit.test
says "how old" 'date: .* 20 days old: too old, 14 days count \(max-age, by default\)'
both "one of tomorrow" 2 'result=permerror reason=future-date' future claire@nonprofit.test
says "that it is ahead" 'ahead: more than an hour ahead does not count'
both "one of another author" 2 'result=fail reason=sender-mismatch' other claire@nonprofit.test
says "of whom" 'From: boss@domain.test is not the author'
both "TXT that is no record" 2 'result=permerror reason=bad-record' none claire@nonprofit.test
says "what is there" 'TXT "just words"'
both "several records" 0 'result=pass content=unbound' many claire@nonprofit.test

withdraw "$id"
saved gone "$id"
both "a record that is removed" 2 'result=fail reason=no-record' gone claire@nonprofit.test
says "the server's no" "127.0.0.1@$PORT_ns  NXDOMAIN"
unlike "a young message is not called old" "$said" 'records live'
{ echo 'Date: Thu, 1 Oct 2026 10:00:00 +0000'
    echo 'Authentication-Results: mx.domain.test; dnsmail=pass header.from=martha@domain.test'
    cat "$W/gone"; } >"$W/ancient"
both "removed long ago" 2 'result=fail reason=no-record' ancient claire@nonprofit.test
says "that says nothing" 'days old, and records live 7 days'
says "what was said then" 'field of mx.domain.test from before, which says dnsmail=pass'

# ---- messages --------------------------------------------------------------------------

both "no ID, and the domain takes part" 1 'result=none .*participates=yes' \
    plain claire@nonprofit.test
says "that there is none" 'None: the message carries nothing'
letter quiet 'From: joe@quiet.third.test'
both "no ID, and it does not" 1 'result=none ' quiet claire@nonprofit.test
publish _policy.dnsmail.domain.test 'v=dnsmail1; missing=quarantine; fail=reject'
# what was not there is not asked for again for a while
roundtrip_verifier
both "a wish for mail without an ID" 1 'action=quarantine result=none .*wish=quarantine' \
    plain claire@nonprofit.test
says "the wish" '_policy.dnsmail.domain.test: missing=quarantine fail=reject'
both "a wish for mail that fails" 2 'action=reject result=fail .*wish=reject' \
    gone claire@nonprofit.test
says "the reply" 'SMTP reply: 550 5.7.1'

saved twice a.domain.test A.domain.test
letter froms 'From: martha@domain.test' 'From: boss@domain.test' 'DNS-Mail-ID: a.domain.test'
letter no-from 'Subject: x' 'DNS-Mail-ID: a.domain.test'
letter words 'DNS-Mail-ID: not an ID' 'From: martha@domain.test'
saved nine {a..i}.domain.test
both "an ID twice" 2 'result=permerror reason=duplicate-id' twice claire@nonprofit.test
says "nothing was asked" 'Nothing was asked'
both "two From: fields" 2 'result=permerror reason=bad-from' froms claire@nonprofit.test
both "no From: field" 2 'result=permerror reason=bad-from' no-from claire@nonprofit.test
both "a field that is no ID" 2 'result=permerror reason=bad-id' words claire@nonprofit.test
both "nine IDs" 2 'result=permerror reason=too-many-ids' nine claire@nonprofit.test

# ---- servers ------------------------------------------------------------------------------

withdraw dnsmail.third.test
publish dnsmail.third.test '10.1.2.3, 127.0.0.1@9'
letter private 'DNS-Mail-ID: a.third.test' 'From: eve@third.test'
REACH='' roundtrip_verifier
both "a private server list" 2 'result=permerror reason=no-usable-server' \
    private claire@nonprofit.test
says "why it is not asked" '10.1.2.3@53  not asked: a private or reserved address'
says "nor that port" '127.0.0.1@9  not asked: port 9 is not allowed \(allow-ports, '
roundtrip_verifier 'timeout = "1s"'
withdraw dnsmail.third.test
publish dnsmail.third.test "127.0.0.1@$(free_port)"
roundtrip_verifier 'timeout = "1s"'
both "nobody answers" 3 'action=tempfail result=temperror reason=dns-timeout' \
    private claire@nonprofit.test
says "who did not" '127.0.0.1@[0-9]+  no answer: Connection refused'
says "no field" 'Authentication-Results: none, as it does not go on'
stop ns
roundtrip_verifier 'timeout = "1s"'
both "no DNS at all" 3 'result=temperror reason=dns-timeout' two claire@nonprofit.test
says "no list" 'dnsmail.domain.test TXT: no resolver answered in time'

# While it waits for a resolver that is silent
silent=$(free_port)
echo 'dnsmail.domain.test silence' >"$W/table"
start silent "$BUILD/dns_fake" "127.0.0.1@$silent" "$W/table"
wait_for 10 grep -q ready "$W/silent.log"
sed "s/resolvers = .*/resolvers = {\"127.0.0.1@$silent\"}/" "$W/dnsmail.conf" >"$W/silent.conf"
sed -i 's/timeout = "1s"/timeout = "5s"/' "$W/silent.conf"
start waiting "$CHECK" -c "$W/silent.conf" message --to claire@x.test "$W/two"
process() { sed -n "s/^$1:[[:blank:]]*//p" "/proc/${PIDS[waiting]}/status"; }
jailed() { [ "$(process NoNewPrivs)" = 1 ]; }	# no filter in a leak checker
ok "what strangers wrote is looked at in a jail" wait_for 4 jailed
is "by verifyd's user" "$(process Uid | cut -f2)" "$RUN_AS"
wait "${PIDS[waiting]}"
is "and it ends in time" $? 3
unset 'PIDS[waiting]'

# ---- use -----------------------------------------------------------------------------------

use() { # NAME STATUS ARG...
	local name=$1 status=$2
	shift 2
	"$CHECK" -c "$W/dnsmail.conf" message "$@" >"$W/out" 2>&1 </dev/null
	is "$name" "$?" "$status"
}
use "no file" 64
use "two files" 64 "$W/one" "$W/two"
use "an option that there is not" 64 --from x "$W/one"
use "a recipient that is no address" 64 --to claire "$W/one"
use "a file that is not there" 66 "$W/nothing"
use "an empty file" 66 -
head -c 300000 /dev/zero | tr '\0' x | sed 's/^/From: /' >"$W/long"
use "a field longer than verifyd keeps" 3 "$W/long"
like "which is said" "$(<"$W/out")" 'Verdict: none was reached'
