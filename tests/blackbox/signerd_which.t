#!/bin/bash
# Which mail signerd signs, as what, and which records then stand in the zone
# (protocol.md section 7 and 2.2): real publishd, real BIND, an MTA of ours.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"

# signed NAME DOMAIN RECORDS OPTION...: signed with one ID of that domain,
# where these records are (sorted, without date and binding).
signed() {
	local name=$1 domain=$2 records=$3
	shift 3
	mail -t 'claire@my_isp.test' "$@"
	is "$name: accepted" "$(final)" ACCEPT
	like "$name: the header is an ID of $domain" "$(ids)" \
	    "^[a-z2-7]{26}\\.${domain//./\\.}$"
	is "$name: its records" "$(at_ids | without_date)" "$records"
	like "$name: the log" "$line" \
	    "action=signed id=$(ids | cut -d. -f1) .*domain=$domain "
}

# skipped NAME REASON OPTION...: goes as it came, and the log says why
skipped() {
	local name=$1 reason=$2
	shift 2
	mail -t 'claire@my_isp.test' "$@"
	is "$name: accepted without an ID" "$(final) $(ids)" "ACCEPT "
	like "$name: the log" "$line" "action=skipped reason=$reason( |$)"
}

says() { printf -- 'Authentication-Results: mx.domain.test; dnsmail=%s' "$1"; }
digest() {
	openssl dgst -sha256 -binary | base64 -w0 | tr '+/' '-_' | tr -d '='
}

MARTHA='From: Martha <martha@domain.test>'
TO_CLAIRE='To:claire@my_isp.test*From:martha@domain.test'
CAROL='From: carol@foreign.example'
CAROLS_ID='DNS-Mail-ID: kq37a.foreign.example'
CAROL_TO_CLAIRE='To:claire@my_isp.test*From:carol@foreign.example'

plan 107
start_bind ns domain.test nonprofit.test
conf
start_daemon publishd
signer

# --- as author -----------------------------------------------------------------

signed "an author of ours" domain.test "$TO_CLAIRE" \
    -a 127.0.0.1 -h "$MARTHA"
signed "by login from anywhere" domain.test "$TO_CLAIRE" \
    -a 192.0.2.1 -l martha -h "$MARTHA"
signed "from outside after a pass" domain.test "$TO_CLAIRE" \
    -a 127.0.0.1 -h "$(says pass)" -h "$MARTHA"
signed "several recipients share an ID" domain.test \
    "$TO_CLAIRE
To:dan@x.test*From:martha@domain.test" \
    -a 127.0.0.1 -t 'dan@x.test' -h "$MARTHA" \
    -h 'To: claire@my_isp.test, Dan <Dan@x.test>'

skipped "an untrusted client" untrusted-client -a 192.0.2.1 -h "$MARTHA"
skipped "a client of no address" untrusted-client -a unknown -h "$MARTHA"
skipped "no From" bad-from -a 127.0.0.1 -h 'Subject: x'
skipped "two authors in one From" bad-from \
    -a 127.0.0.1 -h 'From: martha@domain.test <x@foreign.example>'
skipped "two From fields" several-from -a 127.0.0.1 -h "$MARTHA" -h "$MARTHA"
skipped "two mailboxes" several-from \
    -a 127.0.0.1 -h 'From: a@domain.test, b@domain.test'
skipped "a quoted author" unrepresentable \
    -a 127.0.0.1 -h 'From: "martha"@domain.test'
skipped "a recipient at an address literal" unrepresentable \
    -a 127.0.0.1 -t 'a@[192.0.2.1]' -h "$MARTHA"
skipped "from outside, failed" outside-not-pass \
    -a 127.0.0.1 -h "$(says fail)" -h "$MARTHA"
skipped "from outside, without an ID" outside-not-pass \
    -a 127.0.0.1 -h "$(says none)" -h "$MARTHA"
skipped "a failure hidden below a pass" outside-not-pass \
    -a 127.0.0.1 -h "$(says pass)" -h "$(says fail)" -h "$MARTHA"

# --- as forwarder --------------------------------------------------------------

signed "by ORCPT" nonprofit.test "$CAROL_TO_CLAIRE
To:dan@x.test*From:carol@foreign.example" -a 127.0.0.1 \
    -t 'dan@x.test ORCPT=rfc822;c+2Bx@nonprofit.test' \
    -h "$CAROLS_ID" -h "$CAROL" -h 'To: claire@nonprofit.test, dan@x.test' \
    -h 'Cc: claire@my_isp.test'
signed "by Delivered-To" nonprofit.test "$CAROL_TO_CLAIRE" -a 127.0.0.1 \
    -h 'Delivered-To: claire@nonprofit.test' -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: list@domain.test'
signed "by To after a failed look-up" nonprofit.test "$CAROL_TO_CLAIRE" \
    -a 127.0.0.1 -h "$(says temperror)" -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: x@y.test, claire@nonprofit.test'
signed "by X-Original-To, the newest" nonprofit.test "$CAROL_TO_CLAIRE" \
    -a 127.0.0.1 -h 'X-Original-To: claire@nonprofit.test' \
    -h 'Delivered-To: list@domain.test' -h "$CAROLS_ID" -h "$CAROL"
skipped "foreign without an ID" no-id-to-forward \
    -a 127.0.0.1 -h "$CAROL" -h 'To: claire@nonprofit.test'
skipped "foreign with another's ID" no-id-to-forward -a 127.0.0.1 \
    -h 'DNS-Mail-ID: a.other.example' -h "$CAROL" \
    -h 'To: claire@nonprofit.test'
skipped "a forgery is not laundered" failed-verification -a 127.0.0.1 \
    -h "$(says fail)" -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: claire@nonprofit.test'
skipped "nor one that is wrong" failed-verification -a 127.0.0.1 \
    -h "$(says permerror)" -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: claire@nonprofit.test'
skipped "nothing names a domain of ours" no-forward-domain \
    -a 127.0.0.1 -h "$CAROLS_ID" -h "$CAROL" -h 'To: x@y.test'

# ORCPT counts before what the message says
mail -a 127.0.0.1 -t 'dan@x.test ORCPT=rfc822;c@nonprofit.test' \
    -h 'Delivered-To: list@domain.test' -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: list@domain.test'
like "ORCPT before Delivered-To and To" "$(ids)" '\.nonprofit\.test$'

# each copy's record lies where that copy was received
mail -a 127.0.0.1 -t 'a@x.test ORCPT=rfc822;one@nonprofit.test' \
    -t 'b@x.test ORCPT=rfc822;two@domain.test' -h "$CAROLS_ID" -h "$CAROL" \
    -h 'To: a@x.test, b@x.test'
is "two receiving domains are two IDs" \
    "$(ids | sed 's/^[^.]*\.//' | sort | xargs)" "domain.test nonprofit.test"
is "with a record at each" "$(at_ids | without_date | xargs)" \
    "To:a@x.test*From:carol@foreign.example To:b@x.test*From:carol@foreign.example"

# --- what a record holds -------------------------------------------------------

printf 'Hello  Claire \r\n\r\n\r\n' >"$W/body"
mail -a 127.0.0.1 -t 'claire@my_isp.test' -h 'From:  martha@domain.test' \
    -h 'Subject: a	 b' -b "$W/body"
record=$(at_ids)
is "the binding is that of the protocol" "${record#*\*bind=}" "$(printf \
    'from:martha@domain.test\r\n\r\n\r\n\r\nsubject:a b\r\n\r\n\r\n\r\n\r\n\r\n\r\nHello Claire\r\n' |
    digest)"
date=${record#*\*date=}
age=$(($(date +%s) - $(date -d "${date%%\**}" +%s)))
ok "the date is now (age $age s)" test $age -ge -1 -a $age -le 30

mail -a 127.0.0.1 -t 'claire@my_isp.test' -t 'bcc@x.test' -h "$MARTHA" \
    -h 'To: claire@my_isp.test'
blind=$(printf '%s:bcc@x.test' "$(ids | cut -d. -f1)" | digest)
is "a hidden recipient is blinded, the other is not" \
    "$(at_ids | sed 's/\*.*//' | LC_ALL=C sort | xargs)" \
    "To:#$blind To:claire@my_isp.test"

recipients=()
for i in $(seq 101); do recipients+=(-t "user$i@x.test"); done
mail -a 127.0.0.1 "${recipients[@]}" -h "$MARTHA"
is "101 recipients have two IDs" "$(ids | wc -l)" 2
is "and a record each" "$(at_ids | sort -u | wc -l)" 101

# Addresses as they are written in records: domains as A-labels (2.2).
mail -a 127.0.0.1 -t 'Cläre+x@BÜCHER.Example SMTPUTF8' \
    -h 'From: Martha <Martha@DOMAIN.test>'
is "domains are A-labels, local parts as they are" \
    "$(at_ids | sed 's/\*date=.*//; s/\\195\\164/ä/')" \
    'To:Cläre+x@xn--bcher-kva.example*From:Martha@domain.test'
mail -a 127.0.0.1 -f '<>' -t 'claire@my_isp.test' -h "$MARTHA"
is "without an envelope sender: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"

# --- options -------------------------------------------------------------------

signer 'require-login = true
	login-match = "address"
	forward = false
	private = "all"
	bind = false
	max-recipients = 2'
skipped "require-login" login-required -a 127.0.0.1 -h "$MARTHA"
skipped "login-match" login-mismatch \
    -a 127.0.0.1 -l bob@domain.test -h "$MARTHA"
skipped "forward = false" forward-off -a 127.0.0.1 -h "$CAROLS_ID" \
    -h "$CAROL" -h 'To: claire@nonprofit.test'
mail -a 127.0.0.1 -l martha@domain.test -t 'claire@my_isp.test' -h "$MARTHA"
like "private = all blinds, bind = false leaves the binding out" "$(at_ids)" \
    '^To:#[A-Za-z0-9_-]{43}\*From:martha@domain\.test\*date=[^*]*$'
mail -a 127.0.0.1 -l martha@domain.test -t 'a@x.test' -t 'b@x.test' \
    -t 'c@x.test' -h "$MARTHA"
like "over max-recipients: not now" "$(final)" '^REPLYCODE 451 4\.|^TEMPFAIL'
like "and the log says so" "$line" \
    'action=tempfail reason=too-many-recipients( |$)'

signer 'trusted = {"192.0.2.0/24", "2001:db8::/32"}
	login-match = "domain"
	forward-domain = "nonprofit.test"
	private = "none"'
signed "trusted, an IPv4 network" domain.test "$TO_CLAIRE" \
    -a 192.0.2.7 -h "$MARTHA"
signed "trusted, an IPv6 network" domain.test "$TO_CLAIRE" \
    -a 2001:db8:5::1 -h "$MARTHA"
skipped "what was trusted by default" untrusted-client \
    -a 127.0.0.1 -h "$MARTHA"
signed "login-match by domain" domain.test "$TO_CLAIRE" \
    -a 127.0.0.1 -l bob@domain.test -h "$MARTHA"
skipped "another domain's login" login-mismatch \
    -a 192.0.2.7 -l bob@nonprofit.test -h "$MARTHA"
signed "forward-domain" nonprofit.test "$CAROL_TO_CLAIRE" \
    -a 192.0.2.7 -h "$CAROLS_ID" -h "$CAROL" -h 'To: x@y.test'
signed "private = none shows all" domain.test "To:bcc@x.test*From:martha@domain.test
$TO_CLAIRE" -a 192.0.2.7 -t 'bcc@x.test' -h "$MARTHA" \
    -h 'To: claire@my_isp.test'
