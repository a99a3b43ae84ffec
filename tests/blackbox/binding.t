#!/bin/bash
# Content binding (protocol.md 6 and 7.3) with real signers: what may happen to a
# message on its way and it is still intact; what makes it changed; and what
# becomes of that behind forwarders, trusted or not.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
MORE_ZONE=third.test MORE_DOMAIN=third.test
NAMES=(From To Cc Reply-To Subject Date Message-ID MIME-Version Content-Type
	Content-Transfer-Encoding)

# ---- one hop: each change of the message ------------------------------------------

cat >"$W/fields" <<'X'
Received: from somewhere
From: Martha <martha@domain.test>
To: Claire <claire@my_isp.test>,
 dan@x.test
Cc: eve@x.test
Reply-To: martha@domain.test
Subject: The minutes of the meeting
Date: Tue, 24 Nov 2026 05:10:39 +0100
Message-ID: <1@domain.test>
MIME-Version: 1.0
Content-Type: text/plain;
	charset=utf-8
Content-Transfer-Encoding: 8bit
X
printf 'Dear  Claire,\r\n\r\n\there they are.\r\nGr\xc3\xbc\xc3\x9fe\r\n' >"$W/body"

# content NAME EXPECTED: of $W/fields.now and $W/body.now
content() {
	like "$2: $1" "$(arrives -t claire@my_isp.test -F "$W/fields.now" \
	    -b "$W/body.now")" "dnsmail=pass .*policy.content=$2 "
}
# fields EXPECTED NAME SED-SCRIPT, body the same: so changed
fields() {
	sed "$3" "$W/fields" >"$W/fields.now"
	cp "$W/body" "$W/body.now"
	cmp -s "$W/fields" "$W/fields.now" && diag "$2: nothing was changed"
	content "$2" "$1"
}
body() {
	sed "$3" "$W/body" >"$W/body.now"
	cp "$W/fields" "$W/fields.now"
	cmp -s "$W/body" "$W/body.now" && diag "$2: nothing was changed"
	content "$2" "$1"
}

plan 97
roundtrip_start
mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields" -b "$W/body"
cp "$W/fields" "$W/fields.now"
cp "$W/body" "$W/body.now"
content "as it was sent" intact

# what mail servers do
fields intact "a field more above" '1i Received: by x'
fields intact "and below" '$a List-Id: <x>'
fields intact "one that is not bound is gone" '/^Received/d'
fields intact "names in other letters" 's/^[A-Z][A-Za-z-]*:/\U&/'
fields intact "folded elsewhere" 's/ of the/\n of the/'
fields intact "unfolded" ':a; N; $!ba; s/\n[ \t]/ /g'
fields intact "a tab where it is folded" 's/^ dan/\tdan/'
fields intact "more blanks" 's/ of /   of \t/; s/: /:  /; s/$/ /'
fields intact "no blank behind the colon" 's/: /:/'
awk '/^[^ \t]/ { n++ } { f[n] = f[n] $0 "\n" }
    END { for (; n > 0; n--) printf "%s", f[n] }' "$W/fields" >"$W/fields.now"
cp "$W/body" "$W/body.now"
content "in another order" intact
body intact "line ends without CR" 's/\r$//'
body intact "empty lines at the end" '$s/$/\n\r\n\r/'
body intact "blanks at the ends of lines" 's/\r$/ \t\r/'
body intact "a blank in place of many, or of a tab" 's/  / /; s/\t/ /'
head -c -2 "$W/body" >"$W/body.now"
cp "$W/fields" "$W/fields.now"
content "no line end at the end" intact

# what they must not do unseen
for name in "${NAMES[@]}"; do
	# From is needed, with its address: a name is changed
	if [ "$name" = From ]; then
		fields changed "another $name" 's/^From: Martha/From: Boss/'
		fields changed "$name without its name" 's/Martha//'
	else
		fields changed "another $name" "s/^$name: ./&x/"
		fields changed "no $name" "/^$name:/,/^[A-Z]/{ /^$name:/d; /^[ \t]/d; }"
		fields changed "a $name above" "1i $name: x"
		fields changed "$name without a letter" \
		    "s/^\($name: .*\)./\1/"
	fi
done
fields changed "other letters" 's/minutes/Minutes/'
fields changed "a blank less" 's/of the/ofthe/'
fields changed "a blank more" 's/meeting/meet ing/'
fields changed "something behind a fold" 's/ dan@/ don@/'
body changed "a letter" 's/here/hare/'
body changed "an octet of eight bits" 's/\xc3\xbc/\xc3\xb6/'
body changed "a footer" '$s/$/\n--\r\nlist\r/'
body changed "a line above" '1s/^/Hi\r\n/'
body changed "an empty line above" '1s/^/\r\n/'
body changed "an empty line less" '2d'
body changed "an empty line more" '2s/^/\r\n/'
body changed "a blank less" 's/they are/theyare/'
body changed "a blank more at the begin of a line" 's/^Gr/ Gr/'
body changed "blanks at the begin of a line are gone" 's/^\t//'
body changed "a line broken in two" 's/they /they\r\n/'
body changed "two lines made one" '3{ N; s/\r\n/ /; }'
body changed "quoted-printable" 's/\xc3/=C3/g'
body changed "a line gone at the end" '$d'
body changed "NUL" 's/they/th\x00ey/'
body changed "CR within a line" 's/they/th\rey/'
: >"$W/body.now"
content "all gone" changed

# ---- chains -------------------------------------------------------------------------

# letter BODY: the message, whoever has it
letter() {
	local id
	LETTER=(-h 'From: martha@domain.test' -h 'Subject: Hello' -b "$W/$1")
	for id in "${HOPS[@]}"; do LETTER+=(-h "DNS-Mail-ID: $id"); done
}
# hop RECIPIENT BODY: it goes on to this one, signed
hop() {
	letter "$2"
	mail -a 127.0.0.1 -t "$1" "${LETTER[@]}"
	HOPS=("$(ids)" "${HOPS[@]}")
}
# comes RECIPIENT BODY: what verifyd does, and says: in its log, and in the field,
# which a refused message has not
comes() {
	local out q=come$RANDOM$RANDOM
	letter "$2"
	out=$(mta -i $q -t "$1" "${LETTER[@]}")
	echo "$(final "$out" | cut -c-13) $(logged $q)" \
	    "$(field "$out" | sed 's/\\n / /g')"
}
printf 'Hello Claire\r\n' >"$W/plain"
printf 'Hello Claire\r\n-- \r\na list\r\n' >"$W/footer"
printf 'Send money\r\n' >"$W/forged"
UNTRUSTED='^ACCEPT .*dnsmail=policy reason="untrusted-forwarder" .*'

# plain: the author's, bound; each forwarder leaves it
HOPS=(); site domain.test; hop claire@nonprofit.test plain
author=("${HOPS[@]}")
site nonprofit.test 'forward-domain = "nonprofit.test"'
hop dan@third.test plain;   kept=("${HOPS[@]}")
HOPS=("${author[@]}"); hop dan@third.test footer; listed=("${HOPS[@]}")
HOPS=("${author[@]}"); hop victim@end.test forged; mallory=("${HOPS[@]}")
site third.test 'forward-domain = "third.test"'
HOPS=("${kept[@]}"); hop eve@end.test plain; kept2=("${HOPS[@]}")
HOPS=("${listed[@]}"); hop eve@end.test footer; listed2=("${HOPS[@]}")
HOPS=("${kept[@]}"); hop eve@end.test footer; late=("${HOPS[@]}")
# the author binds nothing; nor does a forwarder
HOPS=(); site domain.test 'bind = false'; hop claire@nonprofit.test plain
loose=("${HOPS[@]}")
site nonprofit.test 'forward-domain = "nonprofit.test"'
hop dan@third.test plain; unbound=("${HOPS[@]}")
site nonprofit.test 'forward-domain = "nonprofit.test"
	bind = false'
HOPS=("${author[@]}"); hop dan@third.test plain; careless=("${HOPS[@]}")

# says NAME RECIPIENT BODY PATTERN, of the chain in HOPS
says() { like "$1" "$(comes "$2" "$3")" "$4"; }
verifier() { roundtrip_verifier "$1
	on-changed = \"reject\""; }

verifier ''
HOPS=("${author[@]}")
says "one hop, intact" claire@nonprofit.test plain '^ACCEPT .*dnsmail=pass .*policy.content=intact '
says "one hop, changed: pass, and on-changed" claire@nonprofit.test footer \
    '^REPLYCODE 550 .*action=reject result=pass content=changed '
HOPS=("${loose[@]}")
says "one hop, unbound: pass, and not on-changed" claire@nonprofit.test footer \
    '^ACCEPT .*dnsmail=pass .*policy.content=unbound '
HOPS=("${kept[@]}")
says "a forwarder that changes nothing" dan@third.test plain \
    '^ACCEPT .*dnsmail=pass .*policy.via=nonprofit.test policy.content=intact '
says "and a change after it" dan@third.test footer "$UNTRUSTED"'content=changed '
HOPS=("${listed[@]}")
says "a forwarder that adds a footer" dan@third.test footer \
    "$UNTRUSTED"'policy.via=nonprofit.test policy.content=changed '
says "whose footer is taken off again: the author's is there, the last hop's is not" \
    dan@third.test plain '^REPLYCODE 550 .*action=reject result=pass content=intact '
HOPS=("${mallory[@]}")
says "who once had a mail of martha's writes another in her name" \
    victim@end.test forged "$UNTRUSTED"'content=changed '
HOPS=("${unbound[@]}")
says "what the author did not bind" dan@third.test plain \
    "$UNTRUSTED"'content=unbound '
HOPS=("${careless[@]}")
says "what the forwarder did not bind" dan@third.test plain \
    '^ACCEPT .*dnsmail=pass .*policy.content=intact '
HOPS=("${kept2[@]}")
says "two forwarders that change nothing" eve@end.test plain \
    '^ACCEPT .*dnsmail=pass .*policy.via=nonprofit.test policy.via=third.test policy.content=intact '
HOPS=("${listed2[@]}")
says "two, and a footer" eve@end.test footer "$UNTRUSTED"'content=changed '

verifier 'trusted-forwarders = {"nonprofit.test"}'
HOPS=("${listed[@]}")
says "a trusted forwarder may add a footer" dan@third.test footer \
    '^ACCEPT .*dnsmail=pass .*policy.via=nonprofit.test policy.content=changed '
says "but what is changed after it is on-changed's" dan@third.test forged \
    '^REPLYCODE 550 .*action=reject result=pass content=changed '
HOPS=("${unbound[@]}")
says "behind it nothing need be bound" dan@third.test plain \
    '^ACCEPT .*dnsmail=pass .*policy.content=unbound '
HOPS=("${careless[@]}")
says "and if it binds nothing, nothing is known to be changed" \
    dan@third.test footer '^ACCEPT .*dnsmail=pass .*policy.content=changed '
HOPS=("${listed2[@]}")
says "one of two is not enough" eve@end.test footer "$UNTRUSTED"
HOPS=("${late[@]}")
says "whichever of them it was" eve@end.test footer "$UNTRUSTED"

verifier 'trusted-forwarders = {"nonprofit.test", "third.test"}'
HOPS=("${listed2[@]}")
says "both are" eve@end.test footer '^ACCEPT .*dnsmail=pass .*policy.content=changed '
HOPS=("${late[@]}")
says "also if the last one made the change" eve@end.test footer \
    '^ACCEPT .*dnsmail=pass .*policy.content=changed '

verifier 'trusted-forwarders = {"domain.test", "test"}'
HOPS=("${listed[@]}")
says "the author's domain, or one above, makes no forwarder trusted" \
    dan@third.test footer "$UNTRUSTED"
HOPS=("${mallory[@]}")
says "so mallory is none" victim@end.test forged "$UNTRUSTED"
