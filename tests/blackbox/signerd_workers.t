#!/bin/bash
# signerd with two workers: both sign through publishd and BIND, the sums are
# right, one that is killed costs no message, a worker that fails in a reload
# leaves all as it was, an end while busy refuses nothing, and a worker is as
# locked in as its parent.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-postfix.sh"
need_postfix
plan 28

of() { counter "$1"; }
is_now() { [ "$(of "$1")" = "$2" ]; } # COUNTER VALUE
parent() { of pid; }
workers() { pgrep -P "$(parent)" '^signerd: wor' | sort; }
has_told() { # PATTERN TIMES
	[ "$(grep -c "$1" "$W/signerd.log")" -ge "$2" ]
}
load() { # MESSAGES [ARG...]: one message a connection
	timeout 120 "$BUILD/milter_load" -c 8 -k 1 -n "$1" -a 127.0.0.1 \
	    -f martha@domain.test "${@:2}" "$S" 2>&1 | tail -n 1
}
proc() { sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status"; } # PID FIELD
records() {
	dig @127.0.0.1 -p "$PORT_ns" -k "$W/ns/transfer.key" domain.test AXFR \
	    +noall +answer +time=20 | grep -c 'TXT.*"To:'
}

start_bind ns domain.test nonprofit.test
conf 'workers = 2'
start_daemon publishd
start_daemon signerd
is "two workers" "$(workers | wc -l) $(of workers)" "2 2"

# ---- the sum ------------------------------------------------------------------------

like "all are accepted" "$(load 400)" 'accept=400 .*inserted=400'
is "the sum of the signed is right" "$(of messages_signed_author)" 400
is "there is a record for each" "$(records)" 400
is "of each a line is logged" \
    "$(grep -c ' action=signed ' "$W/signerd.log")" 400

# ---- each is in the jail --------------------------------------------------------------

one=$(workers | head -n 1)
is "a worker is the user's" "$(proc "$one" Uid | cut -f1)" "$RUN_AS"
is "it has no capability" "$(proc "$one" CapPrm) $(proc "$one" CapEff)" \
    "0000000000000000 0000000000000000"
is "it can gain none" "$(proc "$one" NoNewPrivs)" 1
if [ "$(readlink /proc/self/ns/net)" = "$(readlink "/proc/$(parent)/ns/net")" ]; then
	skip 1 "network namespaces are not permitted here"
else
	is "it has its parent's network, which is none" \
	    "$(readlink "/proc/$one/ns/net")" \
	    "$(readlink "/proc/$(parent)/ns/net")"
fi

# ---- one is killed while real mail comes -----------------------------------------------

start_postfix mx "smtpd_milters = $S" "maximal_backoff_time = 2s" \
    "minimal_backoff_time = 1s" "queue_run_delay = 1s"
letters() { # FIRST LAST: each until it is taken, as a mail server would
	local i
	for ((i = $1; i <= $2; i++)); do
		until printf '%s\n' 'From: martha@domain.test' \
		    'To: claire@my_isp.test' \
		    "Message-ID: <letter-$i@domain.test>" '' text |
		    send_mail "$SMTP_mx" martha@domain.test \
		    claire@my_isp.test >>"$W/smtp.log"; do
			[ $((++again)) -lt 100 ] || return
		done
	done
}
again=0
senders=()
for ((k = 0; k < 4; k++)); do
	letters $((k * 25)) $((k * 25 + 24)) &
	senders+=($!)
done
wait_for 30 has_mail mx 20
kill -KILL "$one"
ok "the end of a worker is told" \
    wait_for 10 has_told "worker $one was ended by signal 9" 1
wait "${senders[@]}"
ok "all messages arrive" wait_for 60 has_mail mx 100
mails=$W/mx/mail/inbox/new
is "none of them is lost" \
    "$(grep -h '^Message-ID: <letter-' "$mails"/* | sort -u | wc -l)" 100
is "none goes unsigned" "$(grep -L '^DNS-Mail-ID: ' "$mails"/*)" ""
ok "there are two workers again" wait_for 10 is_now workers 2
is "that is counted" "$(of workers_ended)" 1
ok "what it had counted is kept" test "$(of messages_signed_author)" -ge 499
kill "${POSTFIX_PIDS[mx]}"
wait_for 20 gone "${POSTFIX_PIDS[mx]}"

# ---- a new worker that fails in a reload -------------------------------------------------

# A worker needs more descriptors than its parent, for which so many sockets are
# not too many.
MOST=200
fds() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
stop signerd
conf 'workers = 2'
start signerd prlimit --nofile=$MOST:$MOST "$BUILD/signerd" -c "$W/dnsmail.conf"
wait_for 20 is_now workers 2
before=$(workers)
one=$(head -n 1 <<<"$before")
pid=$(parent)
more=$((MOST - $(fds "$pid") - 1))
milters=$(for ((i = 0; i < more; i++)); do
	echo -n ", \"unix:$W/run/signerd/$i.sock\""
done)
sed -i "s#milter = .*#milter = {\"$S\"$milters}#" "$W/dnsmail.conf"
kill -HUP "$pid"
ok "the reload is not taken" \
    wait_for 20 has_told 'is not taken, the old configuration stays' 1
ok "since a worker could not begin" has_told 'before all of the new' 1
is "the workers are those of before" "$(workers)" "$before"
is "nobody listens at the new sockets" \
    "$(ss -lxH | grep -c "$W/run/signerd/[0-9]")" 0
files() { (cd "$W/run/signerd" && echo *.sock); }
is "... nor is a file of theirs left" "$(files)" milter.sock
like "and mail is signed" "$(load 20)" 'accept=20 .*inserted=20'

# What is in the new file alone, and then what is in the old one alone.
sed -i "s#milter = .*#milter = {\"$S\", \"unix:$W/run/signerd/new.sock\"}#" \
    "$W/dnsmail.conf"
kill -HUP "$pid"
wait_for 20 has_told 'configuration reloaded' 1
is "one that is taken has its socket" "$(files)" "milter.sock new.sock"
sed -i "s#milter = .*#milter = {\"$S\"}#" "$W/dnsmail.conf"
kill -HUP "$pid"
wait_for 20 has_told 'configuration reloaded' 2
is "... and leaves no file when that is gone" "$(files)" milter.sock

# ---- an end while it is busy ---------------------------------------------------------------

load 3000 -k 3000 >"$W/load.out" &
loading=$!
signed=$(of messages_signed_author)
more() { [ "$(of messages_signed_author)" -gt "$((signed + 50))" ]; }
wait_for 20 more
mine=$(workers)
kill -TERM "$pid"
wait $loading
like "an end refuses nothing that is under way" "$(cat "$W/load.out")" \
    ' accept=[1-9][0-9]* .*tempfail=0 '
stop signerd
is "it ends with 0" $? 0
none_left() { local p; for p in $mine; do gone "$p" || return 1; done; }
ok "no worker is left" none_left
unlike "none had to be killed" "$(cat "$W/signerd.log")" 'they are killed'
