#!/bin/bash
# What signerd binds is what OpenDKIM would sign: the same message goes to both,
# and the record's digest must be that of the octets which OpenDKIM says it
# canonicalised (it keeps them in files). Each row shows the relaxed form of RFC
# 6376, too, written by hand; where OpenDKIM has another one the row says so.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
needs opendkim
LC_ALL=C

NAMES=(From To Cc Reply-To Subject Date Message-ID MIME-Version Content-Type
	Content-Transfer-Encoding)
FROM='From: martha@domain.test'

digest() {
	openssl dgst -sha256 -binary | base64 -w0 | tr '+/' '-_' | tr -d '='
}
octets() { printf %b "$1"; }
crlf() { printf '\r\n'; }

# start_opendkim NAME [LINES]
start_opendkim() {
	mkdir -p "$W/$1.kept"
	cat >"$W/$1.conf" <<X
Mode s
Domain domain.test
Selector s
KeyFile $W/dkim.key
Canonicalization relaxed/relaxed
SignatureAlgorithm rsa-sha256
SignHeaders $(IFS=,; echo "${NAMES[*]}")
MaximumHeaders 0
Socket local:$W/$1.sock
InternalHosts 127.0.0.1
RequireSafeKeys no
KeepTemporaryFiles yes
TemporaryDirectory $W/$1.kept
Background no
Syslog no
UMask 000
${2-}
X
	start "$1" opendkim -f -x "$W/$1.conf"
	wait_for 10 test -S "$W/$1.sock" || diag "no $1: $(cat "$W/$1.log")"
}

# judge NAME: the message of $W/fields and $W/body goes to that OpenDKIM.
# $W/dkim.body and $W/dkim.fields are then what it canonicalised.
judge() {
	local file
	rm -f "$W/$1.kept"/* "$W/dkim.body" "$W/dkim.fields"
	"$BUILD/milter_client" -a 127.0.0.1 -F "$W/fields" -b "$W/body" \
	    "unix:$W/$1.sock" >/dev/null 2>&1
	for file in "$W/$1.kept"/*; do
		if head -c 5 "$file" | grep -q '^from:'; then
			mv "$file" "$W/dkim.fields"
		else
			mv "$file" "$W/dkim.body"
		fi
	done
}

# by_rule BODY-FILE: protocol.md 6 over the fields as OpenDKIM has them
by_rule() {
	local name
	{
		for name in "${NAMES[@]}"; do
			grep -a -m 1 "^${name,,}:" "$W/dkim.fields" || crlf
		done
		crlf
		cat "$1"
	} | digest
}

# bound: what signerd binds of it, from the zone
bound() {
	mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields" -b "$W/body"
	at_ids | sed -n 's/.*\*bind=//p'
}

# agree NAME: signerd with the octets of OpenDKIM, and those with $W/relaxed
agree() { # NAME PART (body or fields)
	ok "$1: OpenDKIM has the RFC's form" cmp "$W/dkim.$2" "$W/relaxed"
	is "$1: and signerd binds that" "$(bound)" "$(by_rule "$W/dkim.body")"
}

# body JUDGE NAME RAW RELAXED [WHAT-OPENDKIM-HAS-INSTEAD]
body() {
	octets "$3" >"$W/body"
	octets "$4" >"$W/relaxed"
	printf '%s\n' "$FROM" >"$W/fields"
	judge "$1"
	[ $# = 5 ] || { agree "$2" body; return; }
	octets "$5" >"$W/odd"
	ok "$2: OpenDKIM has another form" cmp "$W/dkim.body" "$W/odd"
	is "$2: signerd binds the RFC's" "$(bound)" "$(by_rule "$W/relaxed")"
}

# field NAME FIELD RELAXED [WHAT-OPENDKIM-HAS-INSTEAD]: LF folds, as MTAs have it
field() {
	octets "$FROM\n$2\n" >"$W/fields"
	octets 'x\r\n' >"$W/body"
	octets "from:martha@domain.test\r\n$3\r\n" >"$W/relaxed"
	judge strict
	sed -i '/^dkim-signature:/,$d' "$W/dkim.fields"
	[ $# = 4 ] || { agree "$1" fields; return; }
	octets "from:martha@domain.test\r\n$4\r\n" >"$W/odd"
	ok "$1: OpenDKIM has another form" cmp "$W/dkim.fields" "$W/odd"
	cp "$W/relaxed" "$W/dkim.fields"
	is "$1: signerd binds the RFC's" "$(bound)" "$(by_rule "$W/dkim.body")"
}

plan 151
start_bind ns domain.test nonprofit.test
conf 'private = "none"'
start_daemon publishd
start_daemon signerd
openssl genrsa -out "$W/dkim.key" 2048 2>/dev/null
# As it comes; and a bare CR or LF made into CRLF before, as RFC 6376 5.3 wants.
start_opendkim strict
start_opendkim fixing 'FixCRLF yes'

# ---- bodies whose lines end in CRLF ---------------------------------------------

body strict 'the example of RFC 6376 3.4.5' \
    ' C \r\nD \t E\r\n\r\n\r\n' ' C\r\nD E\r\n'
body strict 'the body of RFC 6376 A.2' \
    'Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n' \
    'Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n'
body strict 'no body' '' ''
body strict 'an empty line' '\r\n' ''
body strict 'empty lines' '\r\n\r\n\r\n' ''
body strict 'lines of blanks' ' \t\r\n\t\r\n  \r\n' ''
body strict 'a blank without a line' ' ' ''
body strict 'empty lines at the end' 'a\r\n\r\n\r\n\r\n' 'a\r\n'
body strict 'lines of blanks at the end' 'a\r\n \r\n\t \r\n' 'a\r\n'
body strict 'empty lines at both ends' '\r\n\r\na\r\n\r\n' '\r\n\r\na\r\n'
body strict 'empty lines within' 'a\r\n\r\n \r\nb\r\n' 'a\r\n\r\n\r\nb\r\n'
body strict 'blanks at the ends of lines' 'a \r\nb\t\r\nc \t \r\n' \
    'a\r\nb\r\nc\r\n'
body strict 'blanks at their beginnings' ' a\r\n\t\tb\r\n' ' a\r\n b\r\n'
body strict 'tabs' 'a\tb\t\tc \t d\r\n' 'a b c d\r\n'
body strict 'blanks after the last line' 'a\r\n \t' 'a\r\n'
body strict 'dots' '.\r\n..\r\n.a\r\n' '.\r\n..\r\n.a\r\n'
body strict 'UTF-8' 'M\xc3\xa4rta  \xe2\x82\xac\r\n' 'M\xc3\xa4rta \xe2\x82\xac\r\n'
body strict 'no UTF-8' '\xff\x80  \xe4\xc3\r\n' '\xff\x80 \xe4\xc3\r\n'
body strict 'blanks that are none' '\xa0 \xa0\r\n\xc2\xa0\v\f\r\n' \
    '\xa0 \xa0\r\n\xc2\xa0\v\f\r\n'
body strict 'NUL' 'a\x00b\r\n\x00\r\n \x00 \r\n' 'a\x00b\r\n\x00\r\n \x00\r\n'
body strict 'NUL at the end' 'a\r\n\x00\r\n\r\n' 'a\r\n\x00\r\n'
body strict 'all control octets' \
    '\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1b\x1f\x7f\r\n' \
    '\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1b\x1f\x7f\r\n'
body strict 'CR before a line end' 'a\r\r\nb\r\r\r\n' 'a\r\r\nb\r\r\r\n'

# ---- bodies that are not lines: CRLF is put right first -------------------------

body fixing 'no CRLF at the end' 'a\r\nb' 'a\r\nb\r\n'
body fixing 'nothing but a line without CRLF' 'a' 'a\r\n'
body fixing 'bare LF' 'a\nb\n' 'a\r\nb\r\n'
body fixing 'bare LF among CRLF' 'a\r\nb\nc\r\n' 'a\r\nb\r\nc\r\n'
body fixing 'bare LF: empty lines' '\na\n\n\nb\n\n\n' '\r\na\r\n\r\n\r\nb\r\n'
body fixing 'bare LF: only empty lines' '\n\n\n' ''
body fixing 'bare LF: blanks before it' 'a \t\n b \n' 'a\r\n b\r\n'
body fixing 'bare LF before CRLF' 'a\n\r\nb\r\n' 'a\r\n\r\nb\r\n'
body fixing 'CRLF before a bare LF' 'a\r\n\nb\r\n' 'a\r\n\r\nb\r\n'
body fixing 'bare LF and NUL' 'a\x00\n\x00' 'a\x00\r\n\x00\r\n'

# ---- where OpenDKIM is not what the RFC says ------------------------------------

# 3.4.4: "If the body is non-empty but does not end with a CRLF, a CRLF is added"
body fixing 'a blank, and no CRLF' 'a\r\nb ' 'a\r\nb\r\n' 'a\r\nb'
# A CR that ends no line is in no rule of 3.4.4, so it stays. OpenDKIM drops it
# if no CR follows, or takes it for a line's end.
body strict 'bare CR is dropped' 'a\rb\r\n' 'a\rb\r\n' 'ab\r\n'
body strict 'bare CR between blanks is dropped' \
    'a \r b\r\n' 'a \r b\r\n' 'a b\r\n'
body strict 'bare CR at the end of a line is dropped' \
    'a\r \r\n' 'a\r\r\n' 'a\r\n'
body fixing 'bare CR is a line end' 'a\rb\r\n' 'a\rb\r\n' 'a\r\nb\r\n'
# 5.3 leaves bare LF to whoever makes CRLF of it; OpenDKIM to nobody.
body strict 'bare LF is an octet' 'a\nb\r\n' 'a\r\nb\r\n' 'a\nb\r\n'

# ---- long ones ------------------------------------------------------------------

x() { head -c "$1" /dev/zero | tr '\0' "${2-x}"; } # N [OCTET]
# long NAME: the body of $W/body, whose relaxed form is in $W/relaxed
long() {
	printf '%s\n' "$FROM" >"$W/fields"
	judge strict
	agree "$1" body
}
{ x 200000; crlf; } | tee "$W/body" >"$W/relaxed"
long 'a line of 200,000 octets'
{ x 70000; x 70000 ' '; x 70000; x 70000 ' '; crlf; } >"$W/body"
{ x 70000; printf ' '; x 70000; crlf; } >"$W/relaxed"
long 'runs of 70,000 blanks'
{ printf a; x 140000 '\n' | sed 's/$/\r/'; } >"$W/body"
octets 'a\r\n' >"$W/relaxed"
long '140,000 empty lines'
cp "$W/body" "$W/relaxed"
printf 'b\r\n' | tee -a "$W/body" >>"$W/relaxed"
long '140,000 empty lines within'
# A milter gets the body in pieces of 65,535 octets.
for n in 65533 65534 65535 65536; do
	{ x $n; crlf; crlf; x 3; crlf; } | tee "$W/body" >"$W/relaxed"
	long "CRLF behind $n octets"
	{ x $n; octets ' \ty \r\n'; } >"$W/body"
	{ x $n; octets ' y\r\n'; } >"$W/relaxed"
	long "blanks behind $n octets"
done

# ---- fields ---------------------------------------------------------------------

field 'the example of RFC 6376 3.4.5' 'To: Y\t\n\tZ  ' 'to:Y Z'
field 'the other one' 'Subject : Y' 'subject:Y'
field 'blanks before the colon' 'Subject   : a' 'subject:a'
field 'no blank after the colon' 'Subject:a' 'subject:a'
field 'a name in capitals' 'SUBJECT: a' 'subject:a'
field 'an empty field' 'Subject:' 'subject:'
field 'a field of blanks' 'Subject: \t ' 'subject:'
field 'an empty field among others' 'To: a@b.test\nCc:\nSubject: x' \
    'to:a@b.test\r\ncc:\r\nsubject:x'
field 'tabs' 'Subject:\t\ta\t b \tc' 'subject:a b c'
field 'blanks at the end' 'Subject: a  b \t' 'subject:a b'
field 'folding' 'Subject: a\n b\n\tc' 'subject:a b c'
field 'folding after the colon' 'Subject:\n a' 'subject:a'
field 'blanks around folding' 'Subject: a \t\n \t b' 'subject:a b'
field 'a folded line of blanks' 'Subject: a\n \n b\n ' 'subject:a b'
field 'colons' 'Subject: a: b:c;' 'subject:a: b:c;'
field 'UTF-8' 'Subject: M\xc3\xa4rta  \xe2\x82\xac' \
    'subject:M\xc3\xa4rta \xe2\x82\xac'
field 'no UTF-8' 'Subject: \xff  \xe4' 'subject:\xff \xe4'
field 'blanks that are none' 'Subject: \xa0 \xc2\xa0' 'subject:\xa0 \xc2\xa0'
field 'control octets' 'Subject: a\x01  b\x1b' 'subject:a\x01 b\x1b'
field 'an encoded word' 'Subject: =?utf-8?q?M=C3=A4rta?=\n =?utf-8?q?_x?=' \
    'subject:=?utf-8?q?M=C3=A4rta?= =?utf-8?q?_x?='
field 'a quoted string' 'Reply-To: "a  b\\  c" <x@y.test>' \
    'reply-to:"a b\\ c" <x@y.test>'
field 'all of the ten' "$(for n in "${NAMES[@]:1}"; do
	printf '%s:  v \\n\\tof %s\\n' "$n" "$n"; done)" \
    "$(for n in "${NAMES[@]:1}"; do
	printf '\\r\\n%s:v of %s' "${n,,}" "$n"; done | cut -c5-)"
many=$(for i in {1..3000}; do printf ' user%s@x.test,\\n' "$i"; done)
field 'a folded field of 60,000 octets' "To:${many%,*}" \
    "to:$(sed 's/^ //; s/\\n//g' <<<"${many%,*}")"
# WSP is blank and tab (RFC 5234); OpenDKIM takes what isspace(3) takes.
field 'VT and FF' 'Subject: a\v\fb' 'subject:a\v\fb' 'subject:a b'

# ---- at random, the same each time ----------------------------------------------

RANDOM=1945
pieces=(a . '\x00' '\xff' ' ' '\t' '  ' '\r\n' '\r\n' '\n' '\r\n\r\n' =20)
disagree=0
for ((i = 0; i < 100; i++)); do
	text=
	for ((n = RANDOM % 30; n >= 0; n--)); do
		text+=${pieces[RANDOM % ${#pieces[@]}]}
	done
	octets "$text\r\n" >"$W/body"
	printf '%s\n' "$FROM" >"$W/fields"
	judge fixing
	[ "$(bound)" = "$(by_rule "$W/dkim.body")" ] || {
		disagree=$((disagree + 1))
		diag "they disagree on $text\\r\\n"
	}
done
is "100 bodies made at random" "$disagree" 0
