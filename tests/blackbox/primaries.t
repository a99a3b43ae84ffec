#!/bin/bash
# A site on two PowerDNS that share one database, as doc/scaling.md has it:
# signerd, publishd, verifyd and reaperd while the first is killed, hangs and
# comes back; withdrawals; nothing is lost, and nothing goes unsigned.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root: dnsmail-recall asks as root"
plan 23

mkdir -p "$W/ns"
start_site() {
	start_pdns one domain.test
	mkdir "$W/other"
	PORT_other=$(free_port)
	sed "s#^local-port=.*#local-port=$PORT_other#; s#^socket-dir=.*#socket-dir=$W/other#" \
	    "$W/one/pdns.conf" >"$W/other/pdns.conf"
	pdns_again other
	wait_for 20 bind_answers "$PORT_other" domain.test
	ONE=127.0.0.1@$PORT_one OTHER=127.0.0.1@$PORT_other
	printf 'server 127.0.0.1 %s\nzone domain.test\nadd dnsmail.domain.test 60 TXT "%s,%s"\nsend\n' \
	    "$PORT_one" "$ONE" "$OTHER" | nsupdate -v -k "$W/one/update.key"
	key_file "$W/ns/update.key" update-key $UPDATE_SECRET
	key_file "$W/ns/transfer.key" transfer-key $TRANSFER_SECRET
	chown "$RUN_AS" "$W/ns/"*.key
}
site_conf() {
	PRIMARY=$PORT_one conf
	sed -i "s#^domain \"domain.test\".*#domain \"domain.test\" { primary = {\"$ONE\", \"$OTHER\"} }#
	    /^domain \"nonprofit.test\"/d
	    s#signers = .*#&\n	removers = {\"$RUN_AS\"}#" "$W/dnsmail.conf"
	cat >>"$W/dnsmail.conf" <<X
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {"$OTHER"}
	exempt = {"192.0.2.0/24"}
	$REACH
}
reaperd {
	user = "$RUN_AS"
	key-file = "$W/ns/transfer.key"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	poll = "60s"
}
X
}
# load NAME MESSAGES: in the background; all_signed waits for it
load() {
	start "$1" "$BUILD/milter_load" -c 8 -k 5 -n "$2" -a 127.0.0.1 -b 100 \
	    -f 'martha%m@domain.test' "$S"
}
of() { sed -n "s/.* $1=\([0-9.]*\).*/\1/p" <<<"$2"; }
all_signed() { # NAME MESSAGES
	local line
	wait "${PIDS[$1]}"
	unset "PIDS[$1]"
	line=$(tail -n 1 "$W/$1.log")
	is "$1: all are signed, none is lost or put off" \
	    "$(of accept "$line") $(of inserted "$line") $(of tempfail "$line") $(of lost "$line")" \
	    "$2 $2 0 0"
	diag "$1: longest $(of max_ms "$line") ms"
}
signed() { [ "$(counter messages_signed_author)" -ge "$1" ]; }
records() { # PORT: the message records there
	dig @127.0.0.1 -p "$1" -k "$W/ns/transfer.key" domain.test AXFR \
	    +noall +answer +time=20 | grep -c 'From:martha'
}
said() { grep -Eq -- "$2" "$W/$1.log"; }
recall() {
	out=$("$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" "$@" 2>&1 </dev/null)
	status=$?
}
MARTHA='From: martha@domain.test'
message() { mail -a 127.0.0.1 -h "$MARTHA" -t claire@my_isp.test; }
verdict() { arrives -h "$MARTHA" -t claire@my_isp.test; }

start_site
site_conf
for daemon in publishd signerd verifyd reaperd; do
	start_daemon $daemon
done
message
like "a message is signed, and verified" "$(verdict)" 'dnsmail=pass '

# ---- the first is killed under traffic -------------------------------------------------

load killed 3000
wait_for 30 signed 200
kill -s KILL "${PIDS[one]}"
wait "${PIDS[one]}" 2>/dev/null
unset "PIDS[one]"
all_signed killed 3000
ok "... by the second" said publishd "updates go to $OTHER now, no longer to $ONE"
is "... and every record is there" "$(records "$PORT_other")" 3001
message
ID=$(ids)
like "a message that is signed then is verified, though one server is away" \
    "$(verdict)" 'dnsmail=pass '

# ---- a withdrawal: reaperd has not noticed yet that the first is away ------------------

ok "reaperd still reads the first" eval '! said reaperd "transfers come from"'
recall --id "$ID" --dry-run
is "a withdrawal is tried: exit" "$status" 0
like "... the record is found" "$out" '^1 of 3002 message records match'
recall --id "$ID" --yes
is "a withdrawal while the first is away: exit" "$status" 0
like "... what is told" "$out" '^1 record withdrawn, of 3002 looked at'
like "... it does not pass: who asks is put off while a server is away" \
    "$(mta -h "DNS-Mail-ID: $ID" -h "$MARTHA" -t claire@my_isp.test | tail -1)" '451 4\.7\.5'
stop other
recall --id "$ID" --dry-run
is "a withdrawal while both are away: exit" "$status" 1
like "... which says who is away" "$out" \
    'domain.test: 127.0.0.1@[0-9]+: Connection refused'
pdns_again other
wait_for 20 bind_answers "$PORT_other" domain.test

# ---- the first is back -----------------------------------------------------------------

pdns_again one
wait_for 20 bind_answers "$PORT_one" domain.test
back() { message; said publishd "updates go to $ONE now, no longer to $OTHER"; }
like "the first is back: what is withdrawn fails" \
    "$(field "$(mta -h "DNS-Mail-ID: $ID" -h "$MARTHA" -t claire@my_isp.test)")" \
    'dnsmail=fail reason="no-record"'
ok "... and it takes the updates again" wait_for 90 back
load both 1000
all_signed both 1000
n=$(records "$PORT_one")
is "... both show the same" "$(records "$PORT_other")" "$n"

# ---- it hangs --------------------------------------------------------------------------

# Not while it has the lock of LMDB, by which the other, too, would hang: it does not
# see who stands still.
hangs() {
	kill -s STOP "${PIDS[one]}"
	timeout 2 pdnsutil --config-dir="$W/one" replace-rrset domain.test \
	    writable TXT '"yes"' >>"$W/hangs.pdnsutil" 2>&1 && return
	kill -s CONT "${PIDS[one]}"
	return 1
}
before=$(counter messages_signed_author)
load hangs 3000
wait_for 30 signed $((before + 100))
ok "it stands still, and has no lock" wait_for 30 hangs
all_signed hangs 3000
is "... every record is there" "$(records "$PORT_other")" $((n + 3000))
recall --domain domain.test --yes
is "all is withdrawn while it hangs: exit" "$status" 0
is "... and gone" "$(records "$PORT_other")" 0
is "... but not what is no message's" \
    "$(txt "$PORT_other" dnsmail.domain.test)" "$ONE,$OTHER"
kill -s CONT "${PIDS[one]}"
