#!/bin/bash
# Whom the records name (protocol.md 4.2): what somebody with dig sees, by AXFR
# and at the ID, in each mode of `private`; and that the verifier passes the
# message for each recipient all the same.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"

MARTHA='From: Martha <martha@domain.test>'
FIELDS=(-h "$MARTHA")

# signed OPTION...: the recipients -t and the fields -h of one more message
signed() {
	FIELDS=(-h "$MARTHA")
	local i
	for ((i = 1; i < $#; i++)); do
		[ "${!i}" != -h ] || FIELDS+=(-h "${*:i + 1:1}")
	done
	mail -a 127.0.0.1 -h "$MARTHA" "$@"
}
# tos: what stands at the IDs before *From:, sorted; a digest as "#"
tos() {
	at_ids | sed 's/^To://; s/\*From:.*//; s/^#[A-Za-z0-9_-]\{43\}$/#/' |
	    sort | xargs
}
# passes NAME RECIPIENT...: at verifyd, for these
passes() {
	local name=$1 to=() r
	shift
	for r; do to+=(-t "$r"); done
	like "$name" "$(arrives "${to[@]}" "${FIELDS[@]}")" 'dnsmail=pass '
}
seen() { zone_texts | grep -ci "$1"; } # TEXT: how often it stands in a zone

plan 62
roundtrip_start

# ---- blind: who is not shown is not named ---------------------------------------

signed -t claire@my_isp.test -t carl@x.test -t hidden@secret.test \
    -h 'To: claire@my_isp.test' -h 'Cc: Carl <carl@x.test>'
is "To and Cc are named, Bcc is not" "$(tos)" "# carl@x.test claire@my_isp.test"
is "what stands there is the digest of ID and address" \
    "$(at_ids | sed -n 's/^To:#\(.*\)\*From.*/\1/p')" \
    "$(printf '%s:hidden@secret.test' "$(ids | cut -d. -f1)" | digest)"
is "no zone holds the address" "$(seen hidden) $(seen secret)" "0 0"
is "but it holds the others" "$(seen claire@my_isp) $(seen carl@x)" "1 1"
is "nor does a log of who publishes and who verifies" \
    "$(cat "$W"/{publishd,verifyd}.log | grep -aci 'hidden\|secret')" 0
passes "it passes for Bcc" hidden@secret.test
passes "for Bcc in another spelling" HIDDEN@Secret.TEST
passes "for To" claire@my_isp.test
passes "for Cc" carl@x.test
passes "for all in one transaction" \
    claire@my_isp.test carl@x.test hidden@secret.test
like "and for nobody else" "$(arrives -t other@secret.test "${FIELDS[@]}")" \
    'dnsmail=fail reason="recipient-mismatch"'
is "verifyd does not name it" "$(grep -aci 'hidden\|secret' "$W/verifyd.log")" 0
like "an ID whose letters were made large" "$(field "$(mta "${FIELDS[@]}" \
    -h "DNS-Mail-ID: $(ids | tr a-z A-Z)" -t hidden@secret.test)")" 'dnsmail=pass '
like "the digest does not fit another ID" "$(
    at=$(ids) text=$(at_ids | grep '^To:#')
    printf 'server 127.0.0.1 %s\nadd x%s 60 TXT "%s"\nsend\n' "$PORT_ns" "$at" \
	"$text" | nsupdate -k "$W/ns/update.key"
    field "$(mta "${FIELDS[@]}" -h "DNS-Mail-ID: x$at" -t hidden@secret.test)")" \
    'dnsmail=fail reason="recipient-mismatch"'

# shown NAME FIELD RECIPIENT [AS-WRITTEN]: so it counts as shown
shown() {
	signed -t witness@x.test -t "$3" -h 'Cc: witness@x.test' -h "$2"
	is "shown: $1" "$(tos)" "$(printf '%s\n' witness@x.test "${4-$3}" |
	    sort | xargs)"
}
shown "in capitals" 'To: CLAIRE@MY_ISP.TEST' claire@my_isp.test
shown "the recipient in capitals" 'To: claire@my_isp.test' \
    CLAIRE@MY_ISP.TEST CLAIRE@my_isp.test
shown "behind a name" 'To: "Smith, Claire" <claire@my_isp.test>' claire@my_isp.test
shown "behind an encoded word" \
    'To: =?utf-8?b?Q2xhaXJl?= <claire@my_isp.test>' claire@my_isp.test
shown "behind an 8-bit name" 'To: Märta <claire@my_isp.test>' claire@my_isp.test
shown "among others" 'To: a@x.test,
 Claire <claire@my_isp.test> (her),
 b@x.test' claire@my_isp.test
shown "in a group" 'To: Team: a@x.test, claire@my_isp.test;' claire@my_isp.test
shown "behind one that is no address" 'To: a@b@c, claire@my_isp.test' \
    claire@my_isp.test
shown "with a comment" 'To: claire@(home)my_isp.test' claire@my_isp.test
shown "as a U-label" 'To: claire@BÜCHER.example' \
    claire@xn--bcher-kva.example
shown "as an A-label" 'To: claire@XN--BCHER-KVA.example' \
    'claire@bücher.example SMTPUTF8' claire@xn--bcher-kva.example
shown "in the second Cc" 'Cc: claire@my_isp.test' claire@my_isp.test

# hidden NAME FIELD...: hidden@secret.test is not shown by it
hidden() {
	local name=$1
	shift
	signed -t witness@x.test -t hidden@secret.test -h 'Cc: witness@x.test' \
	    "$@"
	is "hidden: $name" "$(tos)" "# witness@x.test"
	passes "... and passes" hidden@secret.test witness@x.test
}
hidden "in a display name only" -h 'To: "hidden@secret.test" <a@x.test>'
hidden "in a comment only" -h 'To: a@x.test (hidden@secret.test)'
hidden "in Bcc" -h 'Bcc: hidden@secret.test'
hidden "in Reply-To" -h 'Reply-To: hidden@secret.test'
hidden "another tag" -h 'To: hidden+x@secret.test, hid.den@secret.test'
hidden "a domain above and one below" \
    -h 'To: hidden@test, hidden@www.secret.test'
hidden "no To that could be read" -h $'To: hidden@secret.test \xff'
is "still no zone holds it" "$(seen secret)" 0

signed -t hidden@secret.test -t Hidden@SECRET.test -h 'To: a@x.test'
is "one recipient twice is blinded twice, to one record" "$(tos)" "#"
signed -t claire@my_isp.test -t Claire@my_isp.test -h 'To: claire@my_isp.test'
is "or shown twice" "$(tos)" "Claire@my_isp.test claire@my_isp.test"
signed -t a@x.test -t b@x.test
is "without To and Cc nobody is shown" "$(tos)" "# #"
passes "and both pass" a@x.test b@x.test

# A copy of one's own, as the exit listener makes: the ID is known to its one
# recipient only, so nothing is blinded.
signed -t alone@own.test -h 'To: claire@my_isp.test'
is "one recipient alone is named" "$(tos)" alone@own.test
passes "and passes" alone@own.test

# forwarded mail has the same rule
mail -a 127.0.0.1 -t dan@x.test -t hidden@secret.test \
    -h 'DNS-Mail-ID: kq37a.foreign.example' -h 'From: carol@foreign.example' \
    -h 'To: claire@nonprofit.test' -h 'Cc: dan@x.test'
is "a forwarder blinds as well" "$(tos) in $(ids | cut -d. -f2-)" \
    "# dan@x.test in nonprofit.test"
is "and no zone holds it now" "$(seen secret)" 0

# ---- all: nobody is named -------------------------------------------------------

roundtrip_signer 'private = "all"'
signed -t one@all.test -t two@all.test -t three@all.test \
    -h 'To: one@all.test' -h 'Cc: two@all.test'
is "all: three digests" "$(tos)" "# # #"
passes "all: it passes for To" one@all.test
passes "all: for Cc and Bcc" two@all.test three@all.test
like "all: and for nobody else" "$(arrives -t four@all.test "${FIELDS[@]}")" \
    'dnsmail=fail reason="recipient-mismatch"'
signed -t only@all.test -h 'To: only@all.test'
is "all: one alone is blinded, too" "$(tos)" "#"
passes "all: and passes" Only@All.test
is "all: no zone holds one of them" "$(seen 'all\.test')" 0
is "all: nor does the log of who publishes" \
    "$(grep -ac 'all\.test' "$W/publishd.log")" 0

# A digest tells nobody which domain vouches next: the chain ends there.
signed -t claire@nonprofit.test -h 'To: claire@nonprofit.test'
first=$(ids)
stop signerd	# another site than domain.test's
sed -i '/^domain "domain.test"/d' "$W/dnsmail.conf"
start_daemon signerd
mail -a 127.0.0.1 -t dan@x.test -h "DNS-Mail-ID: $first" "${FIELDS[@]}"
like "all: what is forwarded cannot be followed" "$(field "$(mta -t dan@x.test \
    -h "DNS-Mail-ID: $first" -h "DNS-Mail-ID: $(ids)" "${FIELDS[@]}")")" \
    'dnsmail=fail reason="unlinked"'
like "all: nor without the forwarder's ID" "$(field "$(mta -t dan@x.test \
    -h "DNS-Mail-ID: $first" "${FIELDS[@]}")")" \
    'dnsmail=fail reason="recipient-mismatch"'

# ---- none: everybody is ---------------------------------------------------------

roundtrip_signer 'private = "none"'
signed -t claire@none.test -t hidden@none.test -h 'To: claire@none.test'
is "none: both are named" "$(tos)" "claire@none.test hidden@none.test"
is "none: to who transfers the zone, too" "$(seen hidden@none)" 1
passes "none: it passes" claire@none.test hidden@none.test
