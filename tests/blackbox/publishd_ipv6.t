#!/bin/bash
# A primary and a listed server that are reached by IPv6 only.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
"$BUILD/dns_ask" -t 0.2 ::1@9 example.test 2>&1 | grep -q refused ||
    skip_all "no IPv6 here"
plan 12

# only6 NAME: a server that start_bind made goes on, by ::1 alone
only6() {
	local port
	eval "port=\$PORT_$1"
	sed -i "s/listen-on port .*/listen-on { none; };/
	    s/listen-on-v6 .*/listen-on-v6 port $port { ::1; };/" \
	    "$W/$1/named.conf"
	stop "$1"
	again6 "$1" "$port"
}
again6() { # NAME PORT
	bind_again "$1"
	wait_for 20 answers6 "$2"
}
dig6() { dig +short +time=1 +tries=1 @::1 -p "$@"; }
answers6() { dig6 "$1" example.test SOA | grep -q '^[^;]'; }
txt6() { dig6 "$1" "$2" TXT | sed 's/" "//g; s/^"//; s/"$//'; }
conf6() { # LINES-OF-DOMAIN: publishd anew, its primary by IPv6
	stop publishd
	publishd_conf "$PORT_ns" "$W/ns/update.key" "${1-}" 'timeout = "1s"'
	sed -i 's/primary = .*/primary = "::1@'"$PORT_ns"'"/' "$W/dnsmail.conf"
	start_daemon publishd
}

start_bind ns example.test
start_bind second example.test
only6 ns
only6 second
is "nothing answers by IPv4" "$(txt "$PORT_ns" example.test | grep spf)" ""

conf6
is "a primary at ::1: a record is added" "$(add "$(id_name 1)" "$RECORD")" DONE
is "and is there" "$(txt6 "$PORT_ns" "$(id_name 1)")" "$RECORD"
is "and removed" "$(remove "$(id_name 1)" "$RECORD")" DONE
is "and gone" "$(txt6 "$PORT_ns" "$(id_name 1)")" ""
like "many at a time" "$(ask -n 300 -c 50 load)" ' DONE=300 '

stop ns
like "away: LATER, with the cause" "$(add "$(id_name 2)" "$RECORD")" \
    "^LATER .*::1@$PORT_ns: Connection refused"
ok "and the log tells it" logged "::1@$PORT_ns: Connection refused zone="
again6 ns "$PORT_ns"
is "back: it goes on by itself" "$(add "$(id_name 2)" "$RECORD")" DONE

conf6 "servers = {\"::1@$PORT_ns\", \"::1@$PORT_second\"}"
like "a listed server at ::1 that does not show it: LATER, and which" \
    "$(add "$(id_name 3)" "$RECORD")" \
    "^LATER ::1@$PORT_second does not show the record: NXDOMAIN"
printf 'server ::1 %d\nzone example.test\nupdate add %s 60 TXT "%s"\nsend\n' \
    "$PORT_second" "$(id_name 4)" "$RECORD" |
    nsupdate -v -k "$W/second/update.key"
is "that shows it: DONE" "$(add "$(id_name 4)" "$RECORD")" DONE
is "and the primary has it" "$(txt6 "$PORT_ns" "$(id_name 4)")" "$RECORD"
