#!/bin/bash
# publishd against the three name servers: what is asked is in the zone, and
# nothing else of the zone is touched.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"

LONG="To:claire@nonprofit.org*From:martha@example.test*date=Mon, 23 Nov 2026 10:00:00 +0000*bind=$(printf '%043d' 0)*note=$(printf 'x%.0s' {1..400})"
ODD='To:clairé+a=b@nonprofit.org*From:m{a}r%th$a@example.test*date=Mon, 23 Nov 2026 10:00:00 +0000*note="q\;x(y)'

# other_data PORT: what the zone holds beside our records
other_data() {
	for question in "example.test MX" "example.test TXT" \
	    "mx.example.test A" "example.test NS"; do
		# shellcheck disable=SC2086
		dig +short @127.0.0.1 -p "$1" $question
	done
}

# shown PORT NAME: the records there, octets as they are
shown() {
	txt "$1" "$2" | sed 's/\\195\\169/é/; s/\\\([^0-9]\)/\1/g'
}

# check_server NAME START-FUNCTION ALGORITHM WORDS-FOR-A-FOREIGN-KEY: 14 tests
check_server() {
	local name=$1 start=$2 port before
	UPDATE_ALGORITHM=$3 "$start" "$name" example.test
	eval "port=\$PORT_$name"
	before=$(other_data "$port")
	# How fast a server is, on a machine with other work, is not looked at.
	publishd_conf "$port" "$W/$name/update.key" "" 'timeout = "4m"'
	start_daemon publishd

	like "$name, $3: an add is answered" "$(add "$ID" "$RECORD")" '^DONE'
	is "$name: the record is there" "$(txt "$port" "$ID")" "$RECORD"
	like "$name: the same record twice is no error" \
	    "$(add "$ID" "$RECORD")" '^DONE'
	is "$name: the same record twice is one record" \
	    "$(txt "$port" "$ID" | wc -l)" 1
	add "$(id_name 1)" "$LONG" >/dev/null
	is "$name: a long record is split and joined unchanged" \
	    "$(txt "$port" "$(id_name 1)")" "$LONG"
	add "$ID" "$ODD" >/dev/null
	is "$name: any octets arrive unchanged" \
	    "$(shown "$port" "$ID" | grep -F note)" "$ODD"
	like "$name: a removal is answered" "$(remove "$ID" "$RECORD")" '^DONE'
	is "$name: only that record of the name is removed" \
	    "$(shown "$port" "$ID")" "$ODD"
	remove "$ID" "$ODD" >/dev/null
	remove "$(id_name 1)" "$LONG" >/dev/null
	is "$name: long and odd records can be removed" \
	    "$(txt "$port" "$ID"; txt "$port" "$(id_name 1)")" ""
	like "$name: many at a time, added and removed again" \
	    "$(ask -t 300 -n 300 -c 50 -x -a "$W/acks.$name" load)" ' DONE=300 '
	is "$name: none of them is left" "$(while read -r id; do
		txt "$port" "$id"
	done < <(head -5 "$W/acks.$name"))" ""
	# 4500 records of 110 octets and more at a time: over 60000 octets
	like "$name: as much as an UPDATE may have, added and removed" \
	    "$(ask -t 300 -n 100 -c 50 -r 90 -x load)" ' DONE=100 '
	is "$name: other data of the zone is as it was" \
	    "$(other_data "$port")" "$before"
	stop publishd

	sed 's/update-key/foreign-key/' "$W/$name/update.key" >"$W/foreign.key"
	chmod 600 "$W/foreign.key"
	publishd_conf "$port" "$W/foreign.key" "" 'timeout = "500ms"'
	start_daemon publishd
	like "$name: a key that it does not know" "$(add "$ID" "$RECORD")" \
	    "^LATER .*$4"
	stop publishd
	stop "$name"
}

plan 73
check_server bind256 start_bind hmac-sha256 'NOTAUTH/BADKEY'
check_server bind384 start_bind hmac-sha384 'NOTAUTH/BADKEY'
check_server bind512 start_bind hmac-sha512 'NOTAUTH/BADKEY'
check_server pdns start_pdns hmac-sha384 'REFUSED, unsigned: key or clock'
check_server knot start_knot hmac-sha512 'NOTAUTH/BADKEY'

# Two zones at one primary go over one connection, side by side.
UPDATE_ALGORITHM=hmac-sha256 start_bind two example.test second.test
publishd_conf "$PORT_two" "$W/two/update.key"
cat >>"$W/dnsmail.conf" <<X
domain "second.test" { primary = "127.0.0.1@$PORT_two" }
X
start_daemon publishd
ask -n 300 -c 20 load >"$W/first" &
PIDS[first]=$!
like "two zones at a time: the one" "$("$BUILD/publish_ask" -u "$URL" \
    -d second.test -n 300 -c 20 load)" ' DONE=300 '
wait "${PIDS[first]}"
unset "PIDS[first]"
like "two zones at a time: the other" "$(cat "$W/first")" ' DONE=300 '
is "both over one connection" \
    "$(ss -Htn state established "dport = :$PORT_two" | wc -l)" 1
