#!/bin/bash
# Several primaries of one zone: updates go to the first that works.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 24

n=0
next() { n=$((n + 1)); id_name $n; }
# primaries LIST [SERVERS [TIMEOUT]]: starts publishd anew with these
primaries() {
	stop publishd
	publishd_conf 1 "$W/ns/update.key" "${2:+servers = {$2\}}" \
	    "timeout = \"${3-8s}\""
	sed -i "s#primary = .*#primary = {$1}#" "$W/dnsmail.conf"
	: >"$W/publishd.log"
	start_daemon publishd
}
at() { echo "\"127.0.0.1@$(port_of "$1")\""; }
line() { echo "updates go to 127.0.0.1@$(port_of "$2") now, no longer to 127.0.0.1@$(port_of "$1") zone=example.test"; }
there() { # NAME ID: the zone there has it
	[ "$(txt "$(port_of "$1")" "$2")" = "$RECORD" ]
}

start_bind ns example.test
start_bind two example.test

# Both must show a record: these two share nothing, so the second is shown it
primaries "$(at ns), $(at two)" "" 1s
id=$(next)
like "a primary that answers and does not show it is waited for" \
    "$(add "$id" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_two does not show the record: NXDOMAIN"
ok "the first has it" there ns "$id"
printf 'server 127.0.0.1 %d\nzone example.test\nupdate add %s 60 TXT "%s"\nsend\n' \
    "$PORT_two" "$id" "$RECORD" | nsupdate -v -k "$W/two/update.key"
is "the same record once more, which both show: DONE" \
    "$(add "$id" "$RECORD")" DONE
is "and it is there once" "$(txt "$PORT_ns" "$id" | wc -l)" 1

# Away, and back
primaries "$(at ns), $(at two)" "$(at two)"
stop ns
id=$(next)
is "the first is away: DONE within the time" "$(add "$id" "$RECORD")" DONE
ok "the second has it" there two "$id"
ok "and the log tells the change" logged "$(line ns two)"
is "and the status" "$(metric zones_not_at_first)" 1
bind_again ns
wait_for 20 bind_answers "$PORT_ns" example.test
back() { add "$(next)" "$RECORD" >/dev/null; logged "$(line two ns)"; }
ok "the first answers again: it takes the updates" wait_for 90 back
is "and the status says so" "$(metric zones_not_at_first)" 0

# NOTAUTH, a refusal of everything, silence
start_bind foreign other.test
primaries "$(at foreign), $(at two)" "$(at two)"
id=$(next)
is "NOTAUTH at the first: DONE" "$(add "$id" "$RECORD")" DONE
ok "the second has it" there two "$id"
ok "and the log tells the change" logged "$(line foreign two)"
ok "and why" logged "127.0.0.1@$PORT_foreign: NOTAUTH"
start_bind closed example.test
sed -i 's/zonesub TXT/name none.example.test. TXT/' "$W/closed/named.conf"
stop closed
bind_again closed
wait_for 20 bind_answers "$PORT_closed" example.test
primaries "$(at closed), $(at two)" "$(at two)"
is "REFUSED at the first: DONE" "$(add "$(next)" "$RECORD")" DONE
ok "by the second" logged "$(line closed two)"
primaries "$(at ns), $(at two)" "$(at two)"
kill -s STOP "${PIDS[ns]}"
is "silence at the first: DONE" "$(add "$(next)" "$RECORD")" DONE
ok "by the second" logged "$(line ns two)"
kill -s CONT "${PIDS[ns]}"

# Two that share one database, one killed under traffic
start_pdns one example.test
mkdir "$W/other"
PORT_other=$(free_port)
sed "s#^local-port=.*#local-port=$PORT_other#; s#^socket-dir=.*#socket-dir=$W/other#" \
    "$W/one/pdns.conf" >"$W/other/pdns.conf"
pdns_again other
wait_for 20 bind_answers "$PORT_other" example.test
primaries "$(at one), $(at other)"
ask -n 1000000 -s 5 -c 8 -a "$W/acks" load >"$W/load" 2>&1 &
PIDS[load]=$!
acks() { [ "$(wc -l <"$W/acks")" -ge "$1" ]; }
ok "both show what the first takes" wait_for 10 acks 20
kill -s KILL "${PIDS[one]}"
wait "${PIDS[one]}" 2>/dev/null
seen=$(wc -l <"$W/acks")
ok "the first is killed: requests go on" wait_for 10 acks $((seen + 50))
ok "by the second" logged "$(line one other)"
wait "${PIDS[load]}"
unset "PIDS[load]"
like "nobody had to ask again" "$(cat "$W/load")" \
    ' DONE=[0-9]+ BUSY=0 LATER=0 REFUSED=0 NONE=0 '
mkdir -p "$W/ns"
ok "every DONE is in the zone" all_visible "$PORT_other" "$W/acks"
stop other
like "all are away: LATER, with the cause" "$(add "$(next)" "$RECORD")" \
    '^LATER .*Connection refused'
