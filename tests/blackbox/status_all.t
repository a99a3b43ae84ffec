#!/bin/bash
# dnsmail-status of the four real daemons: each one's own numbers, as a table
# and as JSON; with one killed and another hung the others are still told.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
. "$TESTS/lib-status.sh"
daemons="signerd publishd verifyd reaperd"
plan 21

start_bind ns example.test
four_conf "$PORT_ns" 'reaperd: poll = "1s"'

start_four

# number DAEMON NAME: as --json tells it; object DAEMON: all it tells of that one
object() { status --json "$1" | tr -d '\n'; }
number() { object "$1" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p"; }
count() { object "$1" | sed -n "s/.*\"$2\": {\"count\": \([0-9]*\).*/\1/p"; }
row() { sed -n "/^$1 /,/^[a-z]/s/^  *$2  *\(.*\)/\1/p" "$W/out"; }

# ---- work for each, and their own numbers ----------------------------------------

mail=(-f m@example.test -t claire@nonprofit.test -h 'From: m@example.test'
	-h 'Subject: Hello')
signed=$("$BUILD/milter_client" -n 3 "${mail[@]}" -a 127.0.0.1 \
    "unix:$W/run/signerd/milter.sock" | grep -c '^INSHEADER 0 DNS-Mail-ID: ')
is "three messages are signed" "$signed" 3
"$BUILD/milter_client" -n 2 "${mail[@]}" -a 198.51.100.7 \
    "unix:$W/run/verifyd/milter.sock" >/dev/null

is "all are well" "$(exit_code status)" 0
is "signerd: messages signed" "$(row signerd messages_signed_author)" 3
is "publishd: records added" "$(row publishd records_added)" 3
is "verifyd: messages without an ID" "$(row verifyd messages_none)" 2
is "verifyd: of none other" "$(row verifyd messages_pass)" 0
like "verifyd: how long they took" "$(row verifyd verify)" \
    '^2  p50 [0-9.]+[mu]?s  p99 [0-9.]+[mu]?s$'
knows() { [ "$(number reaperd records_live)" = 3 ]; }
ok "reaperd: records in the zone" wait_for 10 knows
is "the same numbers in JSON" "$(number signerd messages_signed_author)
$(number publishd records_added)
$(number verifyd messages_none) $(count verifyd verify)" "3
3
2 2"
unlike "no address is in them" "$(status; status --json)" '@|nonprofit|claire'

# ---- all of them in the live view, at the smallest size that it is made for ----------

LC_ALL=C.UTF-8 TERM=xterm "$BUILD/pty_run" 80x24 "$BUILD/dnsmail-status" \
    -c "$W/status.conf" --watch >"$W/pty" 2>&1 <<'X'
wait all is well
wait records_live
screen
keys q
end
X
is "80x24 has room for the live view" "$? $(tail -1 "$W/pty")" "0 exit 0"
is "... each daemon with at least four of its numbers" \
    "$(awk '/^[a-z]+d  +up / { d = $1 } /^  [a-z_]+ / { n[d]++ }
	END { for (d in n) if (n[d] >= 4) print d }' "$W/pty" | sort | xargs)" \
    "publishd reaperd signerd verifyd"

# ---- one killed, one hung -----------------------------------------------------------

kill -KILL "$(number verifyd pid)"
wait "${PIDS[verifyd]}" 2>/dev/null
unset 'PIDS[verifyd]'
hung=$(number publishd pid)
kill -STOP "$hung"
began=$SECONDS
is "one killed, one hung: 2" "$(exit_code status)" 2
ok "... told within 4 s" [ $((SECONDS - began)) -le 4 ]
is "... each by its name" "$(sed -n 's/^\([a-z]*\)  *down: .*/\1/p' "$W/out" |
    tr '\n' ' ')" "publishd verifyd "
is "... with the numbers of the others" \
    "$(row signerd messages_signed_author) $(row reaperd records_live)" "3 3"
json=$(status --json)
is "JSON ends so, too" $? 2
for d in signerd reaperd; do
	like "JSON: $d is there" "$(tr -d '\n' <<<"$json")" \
	    "\"$d\": \{\"state\": \"(up|degraded)\""
done
like "JSON: who is down has a reason" "$(tr -d '\n' <<<"$json")" \
    '"publishd": \{"state": "down", "reason": "[^"]+", .*"verifyd": \{"state": "down", "reason": "[^"]+", '
kill -CONT "$hung"
start_daemon verifyd
well() { [ "$(exit_code status)" -le 1 ]; }
ok "both are back" wait_for 10 well
