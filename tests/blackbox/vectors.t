#!/bin/bash
# tests/data/vectors.txt is right by tools that are not ours, and doc/protocol.md
# shows nothing that is not one of its vectors.
. "$(dirname "$0")/../lib.sh"
VECTORS=$TESTS/data/vectors.txt DOC=$TESTS/../doc/protocol.md
plan 9

of() { grep "^$1	" "$VECTORS" | cut -f2-; } # KIND: its vectors
octets() { [ "$1" = - ] || printf %b "$1"; }
digest() { openssl dgst -sha256 -binary | openssl base64 -A; }
url() { digest | tr '+/' '-_' | tr -d =; }
crlf() { local i; for ((i = 0; i < $1; i++)); do printf '\r\n'; done; }
# differ SEEN EXPECTED WHAT: says so
differ() { [ "$1" = "$2" ] || echo "$3: $1 is not $2"; }

check_make_id() {
	while IFS=$'\t' read -r hex label; do
		differ "$(printf %b "$(sed 's/../\\x&/g' <<<"$hex")" |
		    base32 | tr -d = | tr A-Z a-z)" "$label" "$hex"
	done < <(of make-id)
}
check_dates() {	# what date(1) can read
	while IFS=$'\t' read -r text seconds; do
		seen=$(date -u -d "$text" +%s 2>/dev/null) || continue
		case $text in *" A"|*:60*) continue ;; esac
		differ "$seen" "$seconds" "$text"
	done < <(of date)
}
check_blind() {
	while IFS=$'\t' read -r label address blind; do
		address=$(sed 's/bücher/xn--bcher-kva/' <<<"$address")
		differ "$(printf '%s:%s' "$label" "$address" |
		    LC_ALL=C tr A-Z a-z | url)" "$blind" "$label $address"
	done < <(of blind)
}
check_bodies() {
	while IFS=$'\t' read -r raw canonical bh bind; do
		differ "$(octets "$canonical" | digest)" "$bh" "$raw"
		differ "$({ crlf 11; octets "$canonical"; } | url)" "$bind" \
		    "$raw"
	done < <(of body)
}
check_fields() {
	while IFS=$'\t' read -r name _ canonical bind; do
		at=0
		for n in from to cc reply-to subject date message-id \
		    mime-version content-type content-transfer-encoding; do
			[ $n != "${name,,}" ] || break
			at=$((at + 1))
		done
		differ "$({ crlf $at; octets "$canonical"; crlf $((9 - at))
		    crlf 1; } | url)" "$bind" "$name"
	done < <(of field)
}
check_messages() {
	while IFS=$'\t' read -r raw canonical bind; do
		differ "$(octets "$canonical" | url)" "$bind" "$raw"
	done < <(of message)
}

is "IDs are base32 of their octets" "$(check_make_id)" ""
is "dates are those of date(1)" "$(check_dates)" ""
is "blinded recipients are digests of label and address" "$(check_blind)" ""
is "bodies have the digests of their relaxed forms" "$(check_bodies)" ""
is "fields have the digests of their relaxed forms" "$(check_fields)" ""
is "messages have the digests of their canonical forms" "$(check_messages)" ""

# RFC 6376 3.4.4 and A.2
is "the empty body has the bh= that the RFC shows" \
    "$(of body | awk -F'\t' '$1 == "-" { print $3 }')" \
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

# Blocks marked "example": of a line the record's text, the field's value.
examples() {
	sed -n '/^```example$/,/^```$/{ /^```/d; p; }' "$DOC" |
	    sed -e ':a' -e '/\\$/{ N; s/\\\n *//; ba; }' |
	    sed 's/^[^"]* TXT "//; s/"$//; s/^[A-Za-z-]*: //; s/^ *//; /^$/d'
}
strangers() {
	examples | while IFS= read -r line; do
		grep -qF -- "$line" "$VECTORS" || echo "$line"
	done
}
ok "the protocol shows examples" test "$(examples | wc -l)" -ge 10
is "each of them is one of the vectors" "$(strangers)" ""
