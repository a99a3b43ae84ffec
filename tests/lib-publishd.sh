# shellcheck shell=bash
# Sourced after lib.sh by the tests of publishd: a configuration of one domain,
# example.test, and how to ask.

URL=ipc://$W/run/publishd/publish.ipc
RECORD='To:claire@nonprofit.org*From:martha@example.test*date=Mon, 23 Nov 2026 10:00:00 +0000'
ID=kq3abcdefghijklmnopqrstu7a.example.test

# Started as root the daemon drops to a user; who asks is who runs the test.
RUN_AS=$(id -u)
[ "$RUN_AS" != 0 ] || RUN_AS=$(id -u nobody)

# publishd_conf PORT KEY-FILE [LINES-OF-DOMAIN [LINES-OF-PUBLISHD]]
publishd_conf() {
	cat >"$W/dnsmail.conf" <<X
run-dir = "$W/run"
group = ""
domain "example.test" {
	primary = "127.0.0.1@$1"
	${3-}
}
publishd {
	user = "$RUN_AS"
	listen = {"$URL"}
	key-file = "$2"
	signers = {"$(id -u)"}
	removers = {"$(id -u)"}
	${4-}
}
X
}

# ask COMMAND...: of publishd, for example.test; the answer in one line.
ask() { "$BUILD/publish_ask" -u "$URL" -d example.test "$@"; }
add() { ask add "$@"; }
remove() { ask remove "$@"; }

# id N: an ID name that no other N has
id_name() { printf 'testaaaaaaaaaaaaaaaa%06d.example.test' "$1"; }

# all_visible PORT FILE: every owner in FILE is in the zone, by transfer
all_visible() {
	local key=$W/ns/transfer.key
	dig @127.0.0.1 -p "$1" -k "$key" example.test AXFR +noall +answer \
	    +time=20 | awk '$4 == "TXT" { sub(/\.$/, "", $1); print $1 }' |
	    sort -u >"$W/visible"
	sort -u "$2" | comm -23 - "$W/visible" >"$W/missing"
	[ -s "$2" ] && [ ! -s "$W/missing" ]
}

# logged REGEX: publishd has said so
logged() { grep -Eq -- "$1" "$W/publishd.log"; }

# metric NAME: a counter of publishd's
metric() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json publishd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
