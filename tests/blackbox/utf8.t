#!/bin/bash
# Internationalised mail from signerd to verifyd: SMTPUTF8 addresses, domains as
# U-labels anywhere, 8-bit header fields, encoded words; and the octets that then
# stand in the zone.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
MORE_ZONE=xn--bcher-kva.test MORE_DOMAIN=BÜCHER.test

# sends OPTION...: signed by us; with the same -h it can then arrive
sends() {
	FIELDS=()
	local i
	for ((i = 1; i < $#; i++)); do
		[ "${!i}" != -h ] || FIELDS+=(-h "${*:i + 1:1}")
	done
	mail -a 127.0.0.1 -b "$W/body" "$@"
}
# octets: of what dig shows (\DDD is an octet in decimal)
octets() {
	local text
	while IFS= read -r text; do
		while [[ $text =~ ^(.*)\\([0-9]{3})(.*)$ ]]; do
			text=${BASH_REMATCH[1]}$(printf '\\x%02x' \
			    "$((10#${BASH_REMATCH[2]}))")${BASH_REMATCH[3]}
		done
		printf '%b\n' "$text"
	done
}
records() { at_ids | octets | sed 's/\*date=.*//' | LC_ALL=C sort; }
# to NAME RECIPIENT PATTERN [FIELD...]: what verifyd says of it
to() {
	local name=$1 rcpt=$2 pattern=$3
	shift 3
	[ $# = 0 ] && set -- "${FIELDS[@]}"
	like "$name" "$(arrives -t "$rcpt" -b "$W/body" "$@")" "$pattern"
}

plan 51
printf 'Grüße\r\n\xff\r\n' >"$W/body"
roundtrip_start

# ---- addresses --------------------------------------------------------------------

sends -t 'Cläre@my_isp.test SMTPUTF8' -h 'From: Märta <märta@domain.test>' \
    -h 'To: Cläre@my_isp.test'
is "local parts stand in the record as they are" "$(records)" \
    'To:Cläre@my_isp.test*From:märta@domain.test'
like "as UTF-8 octets" "$(at_ids)" '^To:Cl\\195\\164re@my_isp.*From:m\\195\\164rta@'
to "it passes" 'Cläre@my_isp.test' 'dnsmail=pass .*content=intact'
to "ASCII letters count in no case" 'cLÄRE@MY_ISP.test' \
    'fail reason="recipient-mismatch"'
to "but these do not" 'cLäRE@MY_ISP.test SMTPUTF8' 'dnsmail=pass '
to "another letter is another recipient" 'Clare@my_isp.test' \
    'fail reason="recipient-mismatch"'
to "so is the same one of two characters" $'Cla\xcc\x88re@my_isp.test' \
    'fail reason="recipient-mismatch"'
to "another author is another one" 'Cläre@my_isp.test' \
    'fail reason="sender-mismatch"' -h 'From: marta@domain.test'
to "the field leaves out a local part that is not ASCII" 'Cläre@my_isp.test' \
    'header\.from=@domain\.test[\\ ]'

sends -t 'a@x.test' -t 'Жан@x.test' -h 'From: martha@domain.test' -h 'Cc: a@x.test'
is "one of them hidden is a digest of its octets" \
    "$(at_ids | sed -n 's/^To:#\(.*\)\*From.*/\1/p')" \
    "$(printf '%s:Жан@x.test' "$(ids | cut -d. -f1)" | digest)"
to "and passes" 'Жан@x.test' 'dnsmail=pass '

long=$(printf 'ä%.0s' {1..127})
sends -t "$long@x.test" -h "From: $long@domain.test"
is "254 octets of local part" "$(records)" \
    "To:$long@x.test*From:$long@domain.test"
to "pass in a record of several strings" "$long@x.test" 'dnsmail=pass '
sends -t "ä$long@x.test" -h 'From: martha@domain.test'
is "256 are too many: it goes unsigned" "$(final) $(ids)" "ACCEPT "
like "and the log says why" "$line" 'reason=unrepresentable'

# ---- domains ----------------------------------------------------------------------

sends -t 'claire@FAß.test SMTPUTF8' -h 'From: martha@domain.test'
is "a domain stands in the record as its A-labels" "$(records)" \
    'To:claire@xn--fa-hia.test*From:martha@domain.test'
to "it passes as it was" 'claire@FAß.test' 'dnsmail=pass '
to "and as A-labels" 'claire@XN--FA-HIA.test' 'dnsmail=pass '
to "ß is not ss" 'claire@fass.test' 'fail reason="recipient-mismatch"'
sends -t 'claire@xn--fa-hia.test' -h 'From: martha@domain.test'
to "signed for A-labels, received for U-labels" 'claire@faß.test' 'dnsmail=pass '
sends -t $'claire@nonprofit\xef\xbc\x8etest' -h 'From: martha@domain.test'
is "a full-width dot is a dot" "$(records)" \
    'To:claire@nonprofit.test*From:martha@domain.test'
for bad in 'a@☕.test' 'a@ü-.test' $'a@b\xfccher.test' $'a@\xd7\x90a.test' \
    "a@$(printf 'ü%.0s' {1..58}).test"; do
	sends -t "$bad" -h 'From: martha@domain.test'
	like "no domain: $bad is not signed for" "$(final) $line" \
	    'ACCEPT .*reason=unrepresentable'
done

# our own domain, configured as U-labels
UBAR='From: "Bücher, Märta" <märta@bücher.test>'
sends -t claire@my_isp.test -h "$UBAR"
like "a domain of ours as U-labels" "$(ids)" '^[a-z2-7]{26}\.xn--bcher-kva\.test$'
is "is A-labels in the record" "$(records)" \
    'To:claire@my_isp.test*From:märta@xn--bcher-kva.test'
to "and passes" claire@my_isp.test \
    'pass header.from=@xn--bcher-kva\.test\\n policy.content=intact'
to "as A-labels, too; the content is another then" claire@my_isp.test \
    'dnsmail=pass .*content=changed' -h 'From: märta@xn--bcher-kva.test'
like "an ID in U-labels" "$(field "$(mta -t claire@my_isp.test -h "$UBAR" \
    -h "DNS-Mail-ID: $(ids | cut -d. -f1).Bücher.test")")" 'dnsmail=pass '
to "a domain that looks like it does not vouch" claire@my_isp.test \
    'fail reason="unlinked"' -h 'From: märta@bucher.test'
is "nor does one that another letter makes" "$(sends -t claire@my_isp.test \
    -h $'From: m@b\xd1\x83cher.test'; ids)" ""
sends -t claire@my_isp.test -h 'From: m@XN--BCHER-KVA.test'
like "ours as A-labels" "$(ids)" '\.xn--bcher-kva\.test$'

# ---- a chain through it --------------------------------------------------------------

MARTHA='From: martha@domain.test'
sends -t 'cläre@bücher.test' -h "$MARTHA" -h 'To: dan@x.test'
first=$(ids)
stop signerd	# another site than domain.test's
sed -i '/^domain "domain.test"/d' "$W/dnsmail.conf"
start_daemon signerd
mail -a 127.0.0.1 -b "$W/body" -h "DNS-Mail-ID: $first" -h "$MARTHA" \
    -t 'claire@my_isp.test ORCPT=utf-8;cl\x{E4}re@b\x{FC}cher.test' \
    -h 'To: dan@x.test'
like "forwarded by ORCPT in its own form" "$(ids)" '\.xn--bcher-kva\.test$'
chain() { # OPTION...
	field "$(mta -t claire@my_isp.test -h "DNS-Mail-ID: $(ids)" \
	    -h "DNS-Mail-ID: $first" -h "$MARTHA" -b "$W/body" "$@")"
}
like "the chain is followed" "$(chain -h 'To: dan@x.test')" \
    'pass header.from=martha@domain\.test\\n policy.via=xn--bcher-kva\.test policy.content=intact'
mail -a 127.0.0.1 -b "$W/body" -h "DNS-Mail-ID: $first" -h "$MARTHA" \
    -t 'claire@my_isp.test' -h 'To: Märta <a@x.test>, cläre@BÜCHER.test'
like "forwarded by To" "$(ids)" '\.xn--bcher-kva\.test$'
like "... is followed, and the change seen" "$(chain -h 'To: x')" \
    'policy reason="untrusted-forwarder" .*via=xn--bcher-kva'
roundtrip_verifier 'trusted-forwarders = {"BÜCHER.test"}'
like "a trusted forwarder may be configured as U-labels" "$(chain -h 'To: x')" \
    'pass .*via=xn--bcher-kva.* policy.content=changed'

roundtrip_signer

# ---- fields ---------------------------------------------------------------------------

# passes NAME FROM FIELD...: signed for this author, and it passes as it is
passes() {
	local name=$1 from=$2 h=()
	shift 2
	for f; do h+=(-h "$f"); done
	sends -t claire@my_isp.test -h "From: $from" "${h[@]}"
	to "$name" claire@my_isp.test \
	    'dnsmail=pass header.from=martha@domain.test.*content=intact'
}
passes "a name in UTF-8" 'Märta 🙂 <martha@domain.test>'
passes "an encoded word" '=?utf-8?q?M=C3=A4rta?= <martha@domain.test>'
passes "an encoded word with another address in it" \
    '=?utf-8?q?boss=40bank.test?= <martha@domain.test>'
passes "several, folded" '=?iso-8859-1?q?M=E4rta?=
 =?utf-8?b?4pisCg==?= <martha@domain.test> (=?utf-8?q?=40?=)'
passes "a full-width at in the name" 'boss＠bank.test <martha@domain.test>'
passes "fields of 8 bits that are no UTF-8" 'martha@domain.test' \
    $'Subject: Gr\xfc\xdfe' $'To: \xff <claire@my_isp.test>' \
    $'X-Odd: \x80\xc3'

# refused NAME FROM: no author for either
refused() {
	sends -t claire@my_isp.test -h "From: $2"
	like "$1: not signed" "$(final) $line" 'ACCEPT .*reason=bad-from'
	like "$1: permerror" "$(field "$(mta -t claire@my_isp.test \
	    -h "From: $2" -h 'DNS-Mail-ID: a.domain.test')")" \
	    'permerror reason="bad-from"'
}
refused "a name that is no UTF-8" $'M\xe4rta <martha@domain.test>'
refused "an encoded word for the address" '<=?utf-8?q?martha=40domain.test?=>'
refused "a full-width at" 'martha＠domain.test'
