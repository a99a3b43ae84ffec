#!/bin/bash
# The milter server under a milter that does nothing, against an MTA that does
# what MTAs do, and what they must not do.
. "$(dirname "$0")/../lib.sh"
plan 56

# milter NAME [OPTION...]: a null_milter; its socket is $S.
milter() {
	local name=$1
	shift
	S=unix:$W/$name.sock
	start "$name" "$BUILD/null_milter" -v "$@" "$S"
	wait_for 10 grep -q '^ready' "$W/$name.log" ||
	    diag "no null_milter: $(cat "$W/$name.log")"
}
client() { "$BUILD/milter_client" "$@" "$S"; }
load() { "$BUILD/milter_load" "$@" "$S"; }
says() { grep -q -- "$2" "$W/$1.log"; }	# NAME TEXT
count() { grep -c -- "$2" <<<"$1"; }		# TEXT PATTERN
ticks() { awk '{ print $14 + $15 }' "/proc/${PIDS[$1]}/stat"; }

# --- messages ------------------------------------------------------------------

milter plain -b
answer=$(client -l martha -a 2001:db8::1 -t 'claire@nonprofit.org ORCPT=rfc822;c@x.org' \
    -t bob@nonprofit.org -h 'From: martha@domain.com' -h 'X-Other: not asked for' \
    -h 'Subject: one' -B 200000)
is "a message costs one reply with the header field on top" \
    "$(tail -n +2 <<<"$answer")" \
    "$(printf 'INSHEADER 0 X-Null-Milter: seen\nACCEPT')"
like "every step and reply that can be spared is" "$answer" \
    '^OPTNEG version=6 actions=0x131 steps=0xff3c2 '
like "the milter saw client, login, queue ID, envelope, fields and body" \
    "$(grep '^message' "$W/plain.log")" \
    'addr=2001:db8::1 login=martha queue=4TEST0001 sender=<martha@domain.com> rcpt="<claire@nonprofit.org> ORCPT=rfc822;c@x.org" rcpt="<bob@nonprofit.org>" From/1="martha@domain.com" Subject/1="one" body=200000 overflow=0$'

answer=$(client --no-nr -h 'From: a@b.c' -h 'Subject: x' -B 10)
is "an MTA without NR flags gets CONTINUE for CONNECT MAIL RCPT, 2 fields, body" \
    "$(count "$answer" '^CONTINUE$')" 6
is "and the verdict" "$(tail -1 <<<"$answer")" ACCEPT
answer=$(client --v2 -h 'From: a@b.c' -B 10)
like "an MTA of protocol 2 is answered with 2" "$answer" \
    '^OPTNEG version=2 actions=0x31 steps=0x42$'
is "and served" "$(tail -1 <<<"$answer")" ACCEPT
is "an MTA that offers no change is refused" "$(client -O 0x10)" CLOSED

is "20 messages go over one connection" \
    "$(count "$(client -n 20 -h 'From: a@b.c')" '^ACCEPT$')" 20
is "QUIT_NC brings a new client on the same connection" \
    "$(count "$(client -n 5 -N -h 'From: a@b.c')" '^ACCEPT$')" 5
for step in connect mail rcpt header body eom; do
	is "after an ABORT behind $step the next message is as ever" \
	    "$(client -A $step -n 2 -h 'From: a@b.c' -B 10 | tail -3)" \
	    "$(printf 'ABORTED\nINSHEADER 0 X-Null-Milter: seen\nACCEPT')"
done
is "octets one by one are a message too" \
    "$(client -s -h 'From: a@b.c' -B 500 | tail -1)" ACCEPT

# --- malformed packets ---------------------------------------------------------

start bystander "$BUILD/milter_client" -H rcpt -T 60 "$S"
wait_for 10 says bystander OPTNEG || diag "the bystander is not connected"
is "a packet of length 0 closes the connection" "$(client -x 00000000)" CLOSED
is "a length over the limit closes it" "$(client -x 00100001)" CLOSED
is "a command before the negotiation closes it" \
    "$(client -x 0000000144)" CLOSED
is "a short negotiation closes it" "$(client -x 000000054f00000006)" CLOSED
is "an unknown command closes it" \
    "$(client -X 000000015a | tail -1)" CLOSED
is "RCPT before MAIL closes it" "$(client -X 000000045263403e00 | tail -1)" CLOSED
is "a header field with something behind its value closes it" \
    "$(client -X '000000044d613e00 000000074c410062006300' | tail -1)" CLOSED
ok "each is in the log in words" says plain \
    'milter connection closed: a command out of order'
ok "other connections stay" alive bystander
is "and new ones are served" "$(client | tail -1)" ACCEPT
stop bystander

# --- many at once --------------------------------------------------------------

like "200 connections at once are served, none lost" \
    "$(load -c 200 -n 2000)" 'msgs=2000 .*accept=2000 .*inserted=2000 .*lost=0'
is "a peer that does not read its replies is not read from" \
    "$(client -U -n 200000 -T 1 -h 'From: a@b.c' | tail -1)" BLOCKED
stop plain
is "TERM with nobody connected ends it with 0" $? 0

# --- time ----------------------------------------------------------------------

milter slow -d 0.5 -p 0.1
answer=$(client)
like "PROGRESS is sent while the daemon thinks" "$answer" '^PROGRESS$'
is "and the verdict after it" "$(tail -1 <<<"$answer")" ACCEPT
is "a connection lost meanwhile is forgotten" "$(client -Q eom; echo $?)" \
    "$(printf '%s\n0' "$(head -1 <<<"$answer")")"
wait_for 10 says slow "^forgotten"
is "once" "$(count "$(cat "$W/slow.log")" "^forgotten")" 1
start busy "$BUILD/milter_client" "$S"
start idle "$BUILD/milter_client" -H connect -T 60 "$S"
wait_for 10 says idle OPTNEG
wait_for 10 says busy PROGRESS || diag "no message is under way"
kill -TERM "${PIDS[slow]}"
ok "TERM closes an idle connection" wait_for 10 says idle CLOSED
ok "finishes the message under way" wait_for 10 says busy ACCEPT
stop slow
is "then ends with 0" $? 0
is "and listens no more" "$(client)" REFUSED

milter impatient -i 0.2 -d 0.5
is "a silent connection is closed" "$(client -H mail | tail -1)" CLOSED
is "but not while we think" "$(client | tail -1)" ACCEPT
stop impatient

# --- slowness ------------------------------------------------------------------

# hold NAME OPTION... : one connection that does that; NAME is closed
hold() { start "$1" "$BUILD/hold_connections" -n 1 "${@:2}"; }
closed() { grep -q 'closed 1$' "$W/$1.log"; }
hello='\x00\x00\x00\x0dO\x00\x00\x00\x06\x00\x00\x01\x31\x00\x00\x00\x00'
mail='\x00\x00\x00\x07M<a@b>\x00'

milter hasty -w 2
hold trickles -i "$hello" -s "$S" '\x00\x00\x00\x40C'
hold deaf -r -i "$hello$mail" -x 80000 "$S" '\x00\x00\x00\x07R<a@b>\x00'
start between "$BUILD/milter_client" -H connect -T 60 "$S"
ok "a packet that does not become whole in time is closed" \
    wait_for 15 closed trickles
ok "and who does not read our answers" wait_for 15 closed deaf
ok "but not who is between two packets" \
    [ "$(tail -n 1 "$W/between.log" | cut -c 1-6)" != CLOSED ]
stop hasty
stop between

milter brief -e 2 -w 60
hold recipients -i "$hello$mail" -s "$S" '\x00\x00\x00\x07R<a@b>\x00'
ok "a message that does not come to its end in time is closed" \
    wait_for 90 closed recipients
stop brief

# --- scarcity ------------------------------------------------------------------

milter full -m 1
start first "$BUILD/milter_client" -H connect -T 60 "$S"
wait_for 10 says first OPTNEG
is "a connection over max_connections is welcome" "$(client | tail -1)" ACCEPT
ok "for it the one that is idle is closed" wait_for 10 says first CLOSED
# Again and again the limit is met, and left.
for n in 1 2 3; do
	start "idle$n" "$BUILD/milter_client" -H connect -T 60 "$S"
	wait_for 10 says "idle$n" OPTNEG
	client >/dev/null
	wait_for 10 says "idle$n" CLOSED
done
is "the log says so once a minute, not each time" \
    "$(grep -c 'max-connections' "$W/full.log")" 1
stop full

milter thinking -m 1 -d 2
start second "$BUILD/milter_client" "$S"
wait_for 10 says thinking thinks
is "but none for which we think: then the new one is closed" "$(client)" CLOSED
ok "and the other is answered" wait_for 10 says second ACCEPT
stop thinking

milter poor
limit=0 free=0	# so that three descriptors are left
while [ $free -lt 3 ]; do
	[ -e "/proc/${PIDS[poor]}/fd/$limit" ] || free=$((free + 1))
	limit=$((limit + 1))
done
prlimit --pid "${PIDS[poor]}" --nofile=$limit
for i in 1 2 3 4 5 6; do
	start waiter$i "$BUILD/milter_client" -H connect -T 60 "$S"
done
ok "out of descriptors it says so" wait_for 10 says poor \
    'connections are not accepted for now: Too many open files'
before=$(ticks poor) since=${EPOCHREALTIME/[.,]/}
second_over() { [ $((${EPOCHREALTIME/[.,]/} - since)) -ge 1000000 ]; }
wait_for 10 second_over
ok "and does not spin" test $(($(ticks poor) - before)) -lt 20
for i in 1 2 3 4 5 6; do stop waiter$i; done
is "and serves again when there are some" "$(client | tail -1)" ACCEPT
stop poor

# --- verdicts ------------------------------------------------------------------

verdict() { # NAME EXPECTED OPTION...
	local name=$1 expected=$2
	shift 2
	milter "verdict$_ran" "$@"
	is "$name" "$(client -h 'Authentication-Results: one; a' -h 'From: a@b.c' \
	    -h 'authentication-results: two' -h 'Authentication-Results: three' |
	    tail -n +2)" "$(printf '%b' "$expected")"
	stop "verdict$((_ran - 1))"
}
verdict "a refusal has the daemon's words" 'REPLYCODE 451 4.7.1 Try again' \
    -r '451 4.7.1 Try again'
verdict "DISCARD drops the changes" DISCARD -x
verdict "TEMPFAIL drops the changes" TEMPFAIL -t
verdict "fields are removed from the last, counted by name in any case" \
    'CHGHEADER 3 Authentication-Results: \nCHGHEADER 1 Authentication-Results: \nQUARANTINE suspicious\nINSHEADER 0 X-Null-Milter: seen\nACCEPT' \
    -C -q suspicious
