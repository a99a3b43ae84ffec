#!/bin/bash
# signerd with several servers and several domains: the field goes in only when
# every listed server shows every record, or none does; and what no MTA may
# send harms nobody.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 34

CAROL=(-a 127.0.0.1 -h 'DNS-Mail-ID: kq37a.foreign.example'
	-h 'From: carol@foreign.example')
TWO=(-t 'a@x.test ORCPT=rfc822;one@nonprofit.test'
	-t 'b@x.test ORCPT=rfc822;two@domain.test')
MARTHA=(-a 127.0.0.1 -t claire@my_isp.test -h 'From: martha@domain.test')
LATER='REPLYCODE 451 4.7.1 Message cannot be signed now, try later'

# setup [LINES-OF-SIGNERD]: domain.test is at ns and listed there and at the
# second; nonprofit.test is at another primary.
setup() {
	stop signerd
	stop publishd
	conf "$@"
	sed -i "s/^domain \"domain.test\".*/domain \"domain.test\" {\\n\
	primary = \"127.0.0.1@$PORT_ns\"\\n\
	servers = {\"127.0.0.1@$PORT_ns\", \"127.0.0.1@$SECOND\"}\\n}/
	    s/^domain \"nonprofit.test\".*/domain \"nonprofit.test\" {\\n\
	primary = \"127.0.0.1@$PORT_other\"\\n}/
	    s/^publishd {/&\\n\ttimeout = \"1s\"/" "$W/dnsmail.conf"
	start_daemon publishd
	start_daemon signerd
}

start_bind_pair ns second domain.test
SECOND=$PORT_second
start_bind other nonprofit.test
setup

# --- every server, and every ID ---------------------------------------------------

missing=0
for i in 1 2 3 4 5; do
	mail "${MARTHA[@]}"
	[ -n "$(ids)" ] && [ -n "$(txt "$SECOND" "$(ids)")" ] ||
	    missing=$((missing + 1))
done
is "each ID is at the second server when its message goes" $missing 0

kill -s STOP "${PIDS[second]}"
mail "${MARTHA[@]}"
is "a server that does not show it: not now" "$(final)" "$LATER"
is "and no ID" "$(ids)" ""
like "the log says so" "$line" 'action=tempfail reason=publishd-later( |$)'
ok "publishd's log says which and why" grep -Eq \
    "127.0.0.1@$SECOND does not show the record: .+" "$W/publishd.log"
mail "${CAROL[@]}" -t 'a@x.test ORCPT=rfc822;one@nonprofit.test'
like "the other domain is not held up" "$(ids)" '\.nonprofit\.test$'
mail "${CAROL[@]}" "${TWO[@]}"
is "of two IDs one cannot be seen: not now" "$(final)" "$LATER"
is "and none of the two goes in" "$(ids)" ""
kill -s CONT "${PIDS[second]}"
wait_for 10 bind_answers "$SECOND" domain.test
mail "${CAROL[@]}" "${TWO[@]}"
is "both can be seen: both go in" \
    "$(ids | sed 's/^[^.]*\.//' | sort | xargs)" "domain.test nonprofit.test"
stop other
mail "${CAROL[@]}" "${TWO[@]}"
is "the other one's primary is away: not now" "$(final) $(ids)" "$LATER "
mail "${MARTHA[@]}"
like "whom it does not concern is signed" "$(ids)" '\.domain\.test$'

setup 'on-error = "unsigned"'
mail "${CAROL[@]}" "${TWO[@]}"
is "on-error = unsigned: goes without any ID" "$(final) $(ids)" "ACCEPT "
like "the log says why" "$line" 'action=unsigned reason=publishd-later( |$)'
stop publishd
sed -i 's/signers = .*/signers = {"54321"}/' "$W/dnsmail.conf"
start_daemon publishd
mail "${MARTHA[@]}"
is "a publishd that does not let us add: goes unsigned, too" \
    "$(final) $(ids)" "ACCEPT "
like "and the log says so" "$line" 'action=unsigned reason=publishd-[a-z-]+( |$)'
bind_again other
wait_for 20 bind_answers "$PORT_other" nonprofit.test
setup
mail "${CAROL[@]}" "${TWO[@]}"
is "all in order again: signed" "$(final) $(ids | wc -l)" "ACCEPT 2"

# --- what is too much ------------------------------------------------------------

fields() { # N: so many header fields
	printf 'From: martha@domain.test\n' >"$W/fields"
	for ((i = 1; i < $1; i++)); do
		echo "X-Field: $i"
	done >>"$W/fields"
}
fields 2000
mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields"
is "2000 header fields: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"
fields 2001
mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields"
is "2001: not now, no ID" "$(final) $(ids)" "$LATER "
like "and why" "$line" 'action=tempfail reason=too-large( |$)'
long=$(printf '%065530d' 0)
printf 'From: martha@domain.test\nSubject: %s\n' "${long:0:65000}" >"$W/fields"
mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields"
is "a field of less than 64 KiB: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"
printf 'From: martha@domain.test\nSubject: %s\n' "$long" >"$W/fields"
mail -a 127.0.0.1 -t claire@my_isp.test -F "$W/fields"
is "a field over it: not now, no ID" "$(final) $(ids)" "$LATER "
mail "${MARTHA[@]}" -B 5000000
is "a body of 5 MB: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"

# --- what no MTA may send ----------------------------------------------------------

before=$(counter messages_signed_author)
client() { "$BUILD/milter_client" "$@" "$S"; }
broken() { # NAME OPTION HEX
	is "$1 ends that session" "$(client "$2" "$3" | tail -1)" CLOSED
}
start bystander "$BUILD/milter_client" -H rcpt -T 60 "$S"
wait_for 10 grep -q OPTNEG "$W/bystander.log"
broken "a packet without a command" -x 00000000
broken "a packet over 1 MiB" -x 00100001
broken "a message before the negotiation" -x 000000054d3c613e00
broken "an unknown command" -X 000000015a
broken "a recipient before the sender" -X 000000045263403e00
broken "a sender without an end" -X 000000034d3c3e
broken "a macro without a value" -X 000000064443666f6f00
ok "each is told in the log" test \
    "$(grep -c 'milter connection closed: ' "$W/signerd.log")" -ge 7
ok "others are not touched" alive bystander
stop bystander
mail "${MARTHA[@]}"
is "and mail is signed as ever" "$(final) $(ids | wc -l)" "ACCEPT 1"
is "as the one message that all this was" \
    "$(counter messages_signed_author)" $((before + 1))
is "and nothing is left under way" "$(counter messages_under_way)" 0
