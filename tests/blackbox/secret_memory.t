#!/bin/bash
# Where a key's secret is in the memory of the daemons: once where it is used,
# nowhere else; not as it stood in the file; not after another one has taken its
# place, and not when the daemon has ended.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
[ "$(id -u)" = 0 ] || skip_all "only root may look into a daemon's memory"
! grep -qa __asan_init "$BUILD/publishd" ||
    skip_all "a sanitizer has terabytes of its own to look through"
plan 18

pid() { tr -d ' ' <"/proc/${PIDS[$1]}/task/${PIDS[$1]}/children"; }
# in_memory DAEMON SECRET...
in_memory() { "$BUILD/memory_seek" "$(pid "$1")" "${@:2}"; }
# at_the_end DAEMON SECRET...: it ends
at_the_end() {
	"$BUILD/memory_seek" -x "$(pid "$1")" "${@:2}"
	wait "${PIDS[$1]}"
	unset "PIDS[$1]"
}
NOWHERE="raw=0 base64=0" ONCE="raw=1 base64=0"
both_nowhere="$NOWHERE
$NOWHERE"

# ---- the tool sees what is there -----------------------------------------------------

start holder env HELD="$UPDATE_SECRET" sleep 600
wait_for 5 grep -q sleep "/proc/${PIDS[holder]}/comm"
like "a secret in memory is found" \
    "$("$BUILD/memory_seek" "${PIDS[holder]}" "$UPDATE_SECRET" "$TRANSFER_SECRET" |
	head -1)" '^raw=0 base64=[1-9]'
stop holder

# ---- each daemon at work -----------------------------------------------------------------

roundtrip_start
key_file "$W/transfer.key" transfer-key $TRANSFER_SECRET
cp "$W/ns/update.key" "$W/update.key"
chown "$RUN_AS" "$W/transfer.key" "$W/update.key"
chmod 600 "$W/update.key"
stop publishd
sed -i "s|key-file = .*|key-file = \"$W/update.key\"|
    s|^\tsigners = .*|&\n\tremovers = {\"$RUN_AS\"}|" "$W/dnsmail.conf"
cat >>"$W/dnsmail.conf" <<X
reaperd {
	user = "$RUN_AS"
	key-file = "$W/transfer.key"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	poll = "1s"
}
X
start_daemon publishd
start_daemon reaperd
is "publishd has the update key once when it starts" \
    "$(in_memory publishd "$UPDATE_SECRET" "$TRANSFER_SECRET")" "$ONCE
$NOWHERE"
for i in 1 2 3 4 5; do
	mail -f martha@domain.test -t claire@nonprofit.test \
	    -h 'From: martha@domain.test'
done
like "mail is signed" "$line" 'action=signed'
signed() { [ "$("$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
    grep -o '"records_live": *[0-9]*' | grep -o '[0-9]*$')" -ge 5 ]; }
ok "the zone is transferred" wait_for 20 signed
is "publishd has the update key once" \
    "$(in_memory publishd "$UPDATE_SECRET" "$TRANSFER_SECRET")" "$ONCE
$NOWHERE"
is "reaperd has the transfer key once" \
    "$(in_memory reaperd "$UPDATE_SECRET" "$TRANSFER_SECRET")" "$NOWHERE
$ONCE"
for d in signerd verifyd; do
	is "$d has neither" \
	    "$(in_memory $d "$UPDATE_SECRET" "$TRANSFER_SECRET")" "$both_nowhere"
done

# ---- another key, a wrong one ----------------------------------------------------------------

other=$(head -c 32 /dev/urandom | base64)
third=$(head -c 32 /dev/urandom | base64)
reloads() { # DAEMON FILE NAME SECRET TEXT: with this key, TEXT is in its log
	: >"$W/$1.log"
	key_file "$W/next.key" "$3" "$4"
	chown "$RUN_AS" "$W/next.key"
	mv "$W/next.key" "$2"
	kill -s HUP "$(pid "$1")"
	wait_for 10 grep -q "$5" "$W/$1.log"
}
ok "publishd takes another key" reloads publishd "$W/update.key" update-2 \
    "$other" 'configuration reloaded'
is "of the first nothing is left" \
    "$(in_memory publishd "$UPDATE_SECRET" "$other")" "$NOWHERE
$ONCE"
ok "reaperd takes another key" reloads reaperd "$W/transfer.key" transfer-2 \
    "$third" 'configuration reloaded'
is "of its first nothing is left" \
    "$(in_memory reaperd "$TRANSFER_SECRET" "$third")" "$NOWHERE
$ONCE"
wrong=$(head -c 32 /dev/urandom | base64)
key_file "$W/next.key" update-3 "$wrong"
echo 'key "another" {' >>"$W/next.key"
chown "$RUN_AS" "$W/next.key"
mv "$W/next.key" "$W/update.key"
kill -s HUP "$(pid publishd)"
ok "a file that is wrong behind its secret is not taken" \
    wait_for 10 grep -q 'the old configuration stays' "$W/publishd.log"
is "nothing of its secret is left" \
    "$(in_memory publishd "$wrong" "$other")" "$NOWHERE
$ONCE"
unlike "no secret is in a log" "$(cat "$W"/*d.log)" \
    "$(tail -c +10 <<<"$UPDATE_SECRET" | head -c 20)|${other:10:20}|${wrong:10:20}"

# ---- the end ----------------------------------------------------------------------------------

is "nothing is left at the end of publishd" \
    "$(at_the_end publishd "$UPDATE_SECRET" "$other")" "$both_nowhere"
is "nothing is left at the end of reaperd" \
    "$(at_the_end reaperd "$TRANSFER_SECRET" "$third")" "$both_nowhere"
ok "what could be seen ended as it should" grep -q stopped "$W/reaperd.log"
