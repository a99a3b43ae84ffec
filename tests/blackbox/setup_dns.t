#!/bin/bash
# What dnsmail-setup writes for name servers: they take it, serve the zone, and
# the two keys may do what they must and nothing else.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-setup.sh"
. "$TESTS/lib-pages.sh"
plan 86

system_root "$W/root"
D=domain.test
RECORD="To:claire@nonprofit.org*From:martha@$D*date=$(date -u -R)"
ID=kq3abcdefghijklmnopqrstu7a.$D
KEYS=$R/etc/dnsmail

# update KEY COMMAND NAME TYPE DATA: "refused", or nothing
update() {
	printf 'server 127.0.0.1 %s\nzone %s\nupdate %s %s %s %s\nsend\n' \
	    "$PORT" "$D" "$2" "$3" "${4:+60 $4}" "${5-}" |
	    nsupdate -v ${1:+-k "$KEYS/$1.key"} 2>&1 |
	    grep -q 'REFUSED\|NOTAUTH\|BADKEY' && echo refused
}
delete() { # NAME TYPE: with the update key
	printf 'server 127.0.0.1 %s\nzone %s\nupdate delete %s %s\nsend\n' \
	    "$PORT" "$D" "$1" "${2-}" | nsupdate -v -k "$KEYS/update.key" 2>&1
}
transfer() { # KEY
	dig @127.0.0.1 -p "$PORT" ${1:+-k "$KEYS/$1.key"} $D AXFR +noall +answer |
	    grep -o 'Transfer failed' || echo transferred
}
records() { # all that the zone has, but for its serial
	dig @127.0.0.1 -p "$PORT" -k "$KEYS/transfer.key" $D AXFR +noall +answer |
	    grep -v SOA | sort -u
}

check_keys() { # SERVER: 7 tests
	is "$1: the update key adds a record" \
	    "$(update update add $ID TXT "\"$RECORD\"")" ""
	is "$1: ... which is there" "$(txt "$PORT" $ID)" "$RECORD"
	is "$1: without a key nothing is added" \
	    "$(update '' add other.$D TXT '"x"')" refused
	is "$1: the transfer key adds nothing" \
	    "$(update transfer add other.$D TXT '"x"')" refused
	is "$1: nobody transfers without a key" "$(transfer '')" 'Transfer failed'
	is "$1: ... nor with that for updates" "$(transfer update)" 'Transfer failed'
	is "$1: the transfer key does" "$(transfer transfer)" transferred
}
check_limits() { # SERVER: 9 tests
	local before name
	before=$(records)
	is "$1: the update key adds no TXT at the zone's name" \
	    "$(update update add $D TXT '"v=spf1 +all"')" refused
	for name in dnsmail _policy.dnsmail _dmarc a._domainkey; do
		is "$1: ... nor at $name" \
		    "$(update update add $name.$D TXT '"x"')" refused
	done
	is "$1: it adds no address" "$(update update add www.$D A 192.0.2.1)" refused
	is "$1: ... nor alias" "$(update update add www.$D CNAME a.test.)" refused
	delete $D NS >"$W/deleted"
	delete $D >>"$W/deleted"
	delete dnsmail.$D TXT >>"$W/deleted"
	is "$1: it removes nothing of what stands there" "$(records)" "$before"
	delete $ID TXT >"$W/deleted"
	is "$1: but its own record" "$(records | grep -c To:) $(records | wc -l)" \
	    "0 $(($(wc -l <<<"$before") - 1))"
}

# ---- BIND, in that root ---------------------------------------------------------------

PORT=$(free_port)
named_options "$PORT"
setup --mta none --dns bind --address "127.0.0.1@$PORT" \
    --primary "127.0.0.1@$PORT" --yes $D
is "BIND: it is set up" "$STATUS" 0
# bare: what is no comment, each line once, with the keys' usual names, for
# comparison with a page
bare() {
	sed 's/#.*//; /^[ \t]*$/d; /^secret()/d; s/[A-Za-z0-9+/=]\{44\}/SECRET/
	    s/our-own/dnsmail-update/; s/hmac-sha512/hmac-sha256/' | sort -u
}
# page NAME N: the same of its Nth box
page() {
	box_of "$1" "$2" "$3" | sed "s/domain\.com/$D/g; /^secret()/d" | sort -u
}
is "BIND: the page says what is written" "$(page bind "# BIND" 1)" \
    "$(bare <"$R/etc/bind/dnsmail.conf" | grep -v '^include ')"
start_named ns -t "$R" -u bind -n 1
ok "BIND: it serves the zone" wait_for 20 bind_answers "$PORT" $D
check_keys BIND
check_limits BIND
like "BIND: the zone cannot be walked: no NSEC" \
    "$(dig @127.0.0.1 -p "$PORT" +dnssec none.$D TXT | grep -c NSEC)" '^0$'
is "BIND: who may not ask for transfers, may ask for IDs" \
    "$(txt "$PORT" dnsmail.$D)" "127.0.0.1@$PORT"

# Our daemons on what was written, as who runs the test.
URL=ipc://$W/run/publishd/publish.ipc
{
	sed "s|^\(publishd\|reaperd\) .*||" "$R/etc/dnsmail/dnsmail.conf"
	cat <<X
run-dir = "$W/run"
group = ""
publishd {
	user = "nobody"
	key-file = "$KEYS/update.key"
	listen = {"$URL"}
	signers = {"$(id -u)"}
	removers = {"nobody"}
}
reaperd {
	user = "nobody"
	key-file = "$KEYS/transfer.key"
	publishers = {"$URL"}
	poll = "1s"
}
X
} >"$W/dnsmail.conf"
start_daemon publishd
start_daemon reaperd
OLD="To:claire@nonprofit.org*From:martha@$D*date=Mon, 2 Nov 2026 10:00:00 +0000"
now_() { txt "$PORT" "$1"; }
is "publishd publishes there" \
    "$("$BUILD/publish_ask" -u $URL -d $D \
	add "$ID" "$RECORD" >"$W/asked" 2>&1; now_ $ID)" "$RECORD"
goes() { [ -z "$(now_ old.$D)" ]; }
update update add old.$D TXT "\"$OLD\""
is "what is old" "$(now_ old.$D)" "$OLD"
ok "... reaperd finds by transfer, and publishd removes" wait_for 20 goes
is "... and nothing else" "$(now_ $ID)" "$RECORD"
stop reaperd
stop publishd

# named has written the zone and its journal; it is not ours any more.
stop ns
before=$(state)
setup --mta none --dns bind --yes $D
is "BIND: a second run changes nothing of what it has written" \
    "$STATUS $(state | cksum)" "0 $(cksum <<<"$before")"

# ---- BIND has the zone already -----------------------------------------------------------

rm "$R/etc/bind/dnsmail.conf" "$R/etc/dnsmail/dnsmail.conf"
printf 'zone "%s" { type primary; file "/x"; };\n' $D >>"$R/etc/bind/named.conf.local"
setup --mta none --dns bind --address 155.47.64.164 --yes $D
is "BIND: a zone that is there is not made again" \
    "$STATUS $(grep -c ^zone "$R/etc/bind/dnsmail.conf")" "0 0"
like "... and what to write into it is told" "$(cat "$W/said")" \
    "grant dnsmail-update wildcard \*\.$D\. TXT;"
sed -i '/^zone/d' "$R/etc/bind/named.conf.local"

# ---- a host that asks this server for names ---------------------------------------------

for asks in 127.0.0.1 ::1 9.9.9.9; do
	echo "nameserver $asks" >"$R/etc/resolv.conf"
	setup --mta none --dns bind --dry-run --address 155.47.64.164 domain.org
	is "a host that asks $asks" "$(grep -c 'CAREFUL: .*own name server' "$W/said")" \
	    "$([ $asks = 9.9.9.9 ] && echo 0 || echo 1)"
done
rm "$R/etc/resolv.conf"

# ---- a key that somebody has made -----------------------------------------------------

key_file "$KEYS/update.key" our-own $UPDATE_SECRET hmac-sha512
rm "$R/etc/bind/dnsmail.conf" "$R/var/lib/bind/dnsmail"/*
setup --mta none --dns bind --yes $D
is "BIND: a key that is there is taken" "$STATUS" 0
like "... by its name" "$(cat "$R/etc/bind/dnsmail.conf")" "grant our-own wildcard"
like "... and given to BIND" "$(cat "$R/etc/bind/dnsmail.keys")" "$UPDATE_SECRET"
ok "... which takes all that" named-checkconf -z -t "$R"
unlike "... and is not shown" "$(cat "$W/said")" "$UPDATE_SECRET"

# ---- BIND has views ------------------------------------------------------------------------

cp "$R/etc/bind/named.conf.local" "$W/local"
printf 'view all {\n};\n' >"$R/etc/bind/named.conf.local"
setup --mta none --dns bind --yes $D
is "BIND: with views no zone is put beside them" \
    "$STATUS $(grep -c dnsmail "$R/etc/bind/named.conf.local")" "0 0"
like "... and the line for the view is told" "$(cat "$W/said")" \
    '^ *include "/etc/bind/dnsmail.conf";$'
sed -i 's|^};|include "/etc/bind/dnsmail.conf";\n};|' "$R/etc/bind/named.conf.local"
ok "... as it takes it there" named-checkconf -z -t "$R"
rm "$R/etc/bind/named.conf.local"
setup --mta none --dns bind --yes $D
is "BIND: not as Debian has it" "$STATUS" 78
like "... which it says" "$(cat "$W/said")" 'no .*named.conf.local; --dns print'
mv "$W/local" "$R/etc/bind/named.conf.local"

# ---- a name server elsewhere --------------------------------------------------------------

before=$(cd "$R/etc/bind" && cat ./*)
setup --mta none --dns print --primary 155.47.64.165 --address 155.47.64.165 \
    --yes domain.info
is "elsewhere: it is set up, and no name server here is touched" \
    "$STATUS $(cd "$R/etc/bind" && cat ./* | cksum)" "0 $(cksum <<<"$before")"
like "elsewhere: publishd is told of it" \
    "$(grep -A 1 domain.info "$R/etc/dnsmail/dnsmail.conf")" '155\.47\.64\.165'
sed -n '/^    zone "domain.info"/,/^    };/s/^    //p' "$W/said" |
    cat "$KEYS"/*.key - >"$W/elsewhere.conf"
ok "elsewhere: BIND takes the lines that are told" named-checkconf "$W/elsewhere.conf"
is "... a zone" "$(grep -c '^zone' "$W/elsewhere.conf")" 1
sed -n '/^    ; What/,/^$/s/^    //p' "$W/said" >"$W/elsewhere.zone"
ok "... and its records" named-checkzone domain.info "$W/elsewhere.zone"
{
	printf 'server:\n    rundir: "%s"\n' "$W"
	sed -n '/^    for Knot DNS/,/^    for PowerDNS/s/^    //p' "$W/said" |
	    grep -v '^for ' | sed "s|(that in .*)|$UPDATE_SECRET|"
} >"$W/elsewhere.knot"
ok "elsewhere: Knot takes what is told for it" \
    knotc -c "$W/elsewhere.knot" conf-check
is "... a zone" "$(grep -c 'domain: domain.info' "$W/elsewhere.knot")" 1
is "elsewhere: the commands for PowerDNS are told" \
    "$(sed -n '/^    for PowerDNS/,/^$/p' "$W/said" | grep -c '^    pdnsutil ')" 6
is "... and no secret is shown" \
    "$(sed -n 's/.*secret "\(.*\)";/\1/p' "$KEYS"/*.key | grep -cFf - "$W/said")" 0

# ---- Knot DNS ---------------------------------------------------------------------------

PORT=$(free_port)
mkdir "$W/knot"
chown knot "$W/knot"
cat >"$R/etc/knot/knot.conf" <<X
server:
    user: knot:knot
    rundir: "$W/knot"
    listen: 127.0.0.1@$PORT
    background-workers: 1
    udp-workers: 1
    tcp-workers: 1
database:
    storage: "$W/knot"
X
setup --mta none --dns knot --yes $D
is "Knot: it is set up" "$STATUS" 0
is "Knot: the file with the keys is for it alone" \
    "$(owned /etc/knot/dnsmail.conf)" "640 root:knot"
is "Knot: the page says what is written" "$(page knot "# Knot DNS" 1)" \
    "$(bare <"$R/etc/knot/dnsmail.conf")"
ok "Knot: it takes its configuration" \
    knotc -c "$R/etc/knot/knot.conf" conf-check
sed -i "s|/var/lib/knot|$R&|" "$R/etc/knot/dnsmail.conf"
start knot knotd -c "$R/etc/knot/knot.conf"
ok "Knot: it serves the zone" wait_for 20 bind_answers "$PORT" $D
check_keys Knot
check_limits Knot
stop knot
setup --mta none --dns knot --address 155.47.64.164 --yes domain.example
is "Knot: what somebody edited is left" \
    "$STATUS $(grep -c domain: "$R/etc/knot/dnsmail.conf")" "2 1"
ok "... and the new form is one that it takes" sh -c \
    "cp '$R/etc/knot/dnsmail.conf.dnsmail-new' '$R/etc/knot/dnsmail.conf' &&
    knotc -c '$R/etc/knot/knot.conf' conf-check"

# ---- PowerDNS ---------------------------------------------------------------------------

setup --mta none --dns powerdns $D
unlike "PowerDNS: no secret is shown" "$(cat "$W/said")" "$UPDATE_SECRET"
sed -n '/^    As root:/,/^$/s/^    //p' "$W/said" | sed "1d; s|/etc/dnsmail|$KEYS|" \
    >"$W/commands"
PORT=$(free_port)
mkdir "$W/pdns"
{
	sed -n 's/^#\t//p' "$W/commands"
	cat <<X
launch=lmdb
lmdb-filename=$W/pdns/pdns.lmdb
lmdb-shards=1
local-address=127.0.0.1
local-port=$PORT
socket-dir=$W/pdns
guardian=no
daemon=no
X
} >"$W/pdns/pdns.conf"
as_told() (
	set -e
	pdnsutil() { command pdnsutil --config-dir="$W/pdns" "$@"; }
	. "$W/commands"
)
ok "PowerDNS: the commands work as they are told" as_told
is "PowerDNS: the page says the same of pdns.conf" \
    "$(page powerdns "# PowerDNS" 1)" "$(sed -n 's/^#\t//p' "$W/commands" | sort)"
is "PowerDNS: ... and of the commands" \
    "$(page powerdns "# PowerDNS" 2)" \
    "$(sed "s|$KEYS|/etc/dnsmail|" "$W/commands" | bare)"
start pdns pdns_server --config-dir="$W/pdns"
ok "PowerDNS: it serves the zone" wait_for 20 bind_answers "$PORT" $D
is "PowerDNS: the server list is in it" "$(txt "$PORT" dnsmail.$D)" \
    "155.47.64.164"
check_keys PowerDNS
