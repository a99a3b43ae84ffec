#!/bin/bash
# dnsmail-check explain: says whether and why a message would be signed, and a
# real signerd does just that with the same message.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
CHECK=$BUILD/dnsmail-check

explain() { # ARG...: what it says, then its exit status
	"$CHECK" -c "$W/dnsmail.conf" explain "$@" 2>&1
	echo "status $?"
}
# letter FILE FIELD...
letter() {
	local file=$W/$1
	shift
	printf '%s\n' "$@" '' 'Hello Claire' >"$file"
}
# both NAME EXPECTED FILE RECIPIENTS OPTION...: signerd does as expected
# (action/reason), and that is what is explained; its options are milter_client's
# -a and -l. $said is the explanation.
both() {
	local name=$1 expected=$2 file=$W/$3 from=() to=() told=() theirs ours r
	for r in $4; do to+=(-t "$r"); told+=(--to "$r"); done
	shift 4
	from=("$@")
	mail "${from[@]}" "${to[@]}" -m "$file"
	theirs=$(sed -n 's/.* action=\([a-z]*\) .*reason=\([a-z-]*\) .*/\1\/\2/p
	    s/.* action=\(signed\) .* as=\([a-z]*\) .*/\1\/\2/p' <<<"$line")
	from=("${from[@]/#-a/--client}")
	said=$(explain "${from[@]/#-l/--login}" "${told[@]}" "$file")
	ours=$(sed -n 's/^Outcome: \([a-z]*\) (\([a-z-]*\))$/\1\/\2/p' <<<"$said")
	is "$name: signerd" "$theirs" "$expected"
	is "$name: explained" "$ours" "$expected"
	case $expected in signed/*) r=0 ;; *) r=1 ;; esac
	is "$name: exit" "${said##*status }" "$r"
}
says() { like "$1" "$said" "$2"; }

plan 99
start_bind ns domain.test nonprofit.test
signer
start_daemon publishd

letter ours 'From: Martha <martha@domain.test>' 'To: Claire <claire@x.test>' 'Subject: Hi'
both "an author" signed/author ours claire@x.test -a 127.0.0.1
says "a trusted client" 'ok   client: 127.0.0.1, no login: is trusted \(trusted, by default\)'
says "a domain of ours" 'domain.test is a domain of ours: as author'
says "where" "under domain.test, TTL 60, to be seen at 127.0.0.1@$PORT_ns"
says "the ID" 'DNS-Mail-ID: [a-z2-7]{26}.domain.test '
record=$(at_ids)
is "the record is the one that is published, but for its date" \
    "$(sed -n 's/^    TXT "\(.*\)"$/\1/p' <<<"$said" | sed 's/date=[^*]*//')" \
    "$(sed 's/date=[^*]*//' <<<"$record")"
both "a stranger" skipped/untrusted-client ours claire@x.test -a 198.51.100.7
says "which option" 'no   client: 198.51.100.7, no login: is not trusted \(trusted, by default\)'
both "who logged in" signed/author ours claire@x.test -a 198.51.100.7 -l martha
says "by the login" '198.51.100.7, logged in as martha: is trusted'
both "one who shares it and is not shown" signed/author ours \
    'claire@x.test dan@y.test' -a 127.0.0.1
says "is blinded" '    TXT "To:#[A-Za-z0-9_-]{43}\*From:'
says "as private says" 'is blinded \(private, by default\)'
is "the others are not" "$(grep -c 'TXT "To:claire@x.test' <<<"$said")" 1

letter nobody 'To: claire@x.test'
letter several 'From: martha@domain.test, boss@domain.test'
letter quoted 'From: "a b"@domain.test'
both "no From:" skipped/bad-from nobody claire@x.test -a 127.0.0.1
both "several authors" skipped/several-from several claire@x.test -a 127.0.0.1
both "a quoted local part" skipped/unrepresentable quoted claire@x.test -a 127.0.0.1
both "a recipient with one" skipped/unrepresentable ours '"a"@x.test' -a 127.0.0.1

# ---- mail of others --------------------------------------------------------------

letter foreign 'From: eve@else.test' 'To: claire@nonprofit.test'
letter sent 'DNS-Mail-ID: a.else.test' 'From: eve@else.test' 'To: claire@nonprofit.test'
letter lost 'DNS-Mail-ID: a.else.test' 'From: eve@else.test' 'To: list@x.test'
letter passed 'Authentication-Results: mx.domain.test; dnsmail=pass' \
    'DNS-Mail-ID: a.else.test' 'From: eve@else.test' 'Delivered-To: claire@nonprofit.test'
letter failed 'Authentication-Results: mx.domain.test; dnsmail=fail' \
    'DNS-Mail-ID: a.else.test' 'From: eve@else.test' 'To: claire@nonprofit.test'
letter forged 'Authentication-Results: mx.domain.test; dnsmail=none' \
    'From: martha@domain.test'
letter full 'From: eve@else.test' 'To: claire@nonprofit.test' \
    'DNS-Mail-ID: '{a..h}.else.test
both "nobody vouched" skipped/no-id-to-forward foreign dan@x.test -a 127.0.0.1
says "no domain of ours" 'else.test is no domain of ours: as forwarder'
both "a forwarder" signed/forwarder sent dan@x.test -a 127.0.0.1
says "where it was received" 'under nonprofit.test, '
says "the author stays" 'TXT "To:dan@x.test\*From:eve@else.test\*'
both "what verifyd passed" signed/forwarder passed dan@x.test -a 127.0.0.1
both "what it failed" skipped/failed-verification failed dan@x.test -a 127.0.0.1
says "which site said so" "verified: verifyd said fail .* \(authserv-id, .*dnsmail.conf:1\)"
both "our name from outside" skipped/outside-not-pass forged dan@x.test -a 127.0.0.1
both "for nobody of ours" skipped/no-forward-domain lost dan@x.test -a 127.0.0.1
says "what could say so" '\(forward-domain, by default\)'
both "too many IDs" skipped/too-many-ids full dan@x.test -a 127.0.0.1

# ---- options ------------------------------------------------------------------------

signer 'trusted = {"198.51.100.0/24"}
	require-login = true
	login-match = "address"
	forward = false
	private = "all"
	max-recipients = 2'
line_of() { grep -n "$1 =" "$W/dnsmail.conf" | cut -d: -f1; }
both "no login" skipped/login-required ours claire@x.test -a 198.51.100.7
says "where that is required" "required \(require-login, $W/dnsmail.conf:$(line_of require-login)\)"
both "another's login" skipped/login-mismatch ours claire@x.test -a 198.51.100.7 -l boss@domain.test
says "where it is compared" "the author's address \(login-match, $W/dnsmail.conf:$(line_of login-match)\)"
both "the author's" signed/author ours claire@x.test -a 198.51.100.7 -l Martha@domain.test
says "everybody is blinded" "every recipient is blinded \(private, $W/dnsmail.conf:$(line_of private)\)"
unlike "in each record" "$said" 'TXT "To:claire'
both "this host is not trusted here" skipped/untrusted-client ours claire@x.test -a 127.0.0.1
says "by which line" "\(trusted, $W/dnsmail.conf:$(line_of trusted)\)"
both "no forwarding" skipped/forward-off sent dan@x.test -a 198.51.100.7
says "by which line" "\(forward, $W/dnsmail.conf:$(line_of forward)\)"
both "too many recipients" tempfail/too-many-recipients ours 'a@x.test b@x.test c@x.test' \
    -a 198.51.100.7 -l martha@domain.test
says "what becomes of it" 'told to try again later \(on-error, by default\)'

# ---- without a file, and use -----------------------------------------------------------

signer
said=$(explain --from martha@domain.test --to claire@x.test --to dan@y.test)
says "a message made up is signed" '^Outcome: signed \(author\)$'
says "from this host" 'client: 127.0.0.1, no login'
is "and shows all its recipients" "$(grep -c 'TXT "To:[a-z]' <<<"$said")" 2
says "its digest is not known" 'with a FILE its digest would stand there'
said=$(explain --login martha --from martha@domain.test --to claire@x.test)
says "a login alone has no address" 'client: no address, logged in as martha: is trusted'
said=$(explain "$W/ours")
says "recipients of the file" 'TXT "To:claire@x.test'
said=$(explain --from boss@else.test - <"$W/ours")
says "--from stands for what the file says" '^Outcome: skipped \(no-id-to-forward\)$'

use() { # NAME STATUS ARG...
	local name=$1 status=$2
	shift 2
	is "$name" "$(explain "$@" </dev/null | tail -n 1)" "status $status"
}
use "nothing" 64
use "no recipient" 64 --from martha@domain.test
use "no author" 64 --to claire@x.test
use "an author that is no address" 64 --from martha --to claire@x.test
use "two lines as author" 64 --from $'martha@domain.test\nX: y' --to claire@x.test
use "a client that is no address" 64 --client mx.x.test --from martha@domain.test --to claire@x.test
use "a file that is not there" 66 "$W/nothing"
