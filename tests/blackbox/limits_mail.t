#!/bin/bash
# Thousands of idle and slow connections to the sockets of signerd and verifyd
# keep no mail out; what they hold of memory is bounded, too.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 46

MARTHA=martha@domain.test CLAIRE=claire@my_isp.test
V=unix:$W/run/verifyd/milter.sock
SP=unix:$W/run/signerd/policy.sock VP=unix:$W/run/verifyd/policy.sock
start_bind ns domain.test nonprofit.test
nsupdate -k "$W/ns/update.key" <<X2
server 127.0.0.1 $PORT_ns
add dnsmail.domain.test 60 TXT "127.0.0.1@$PORT_ns"
add known.domain.test 60 TXT "To:$CLAIRE*From:$MARTHA*date=$(LC_ALL=C date -uR)"
send
X2

# site [LINES-OF-BOTH]: both daemons, so configured
site() {
	stop signerd
	stop verifyd
	conf "policy = {\"$SP\"} ${1-}"
	cat >>"$W/dnsmail.conf" <<X2
verifyd {
	user = "$RUN_AS"
	milter = {"$V"}
	policy = {"$VP"}
	socket-mode = 0666
	resolvers = {"127.0.0.1@$PORT_ns"}
	allow-networks = {"127.0.0.0/8"}
	allow-ports = {0}
	${1-}
}
X2
	start_daemon signerd
	start_daemon verifyd
}
site
start_daemon publishd

# One fresh connection each, and what becomes of the message.
by_milter() { # signerd
	"$BUILD/milter_client" -a 127.0.0.1 -f "$MARTHA" -t "$CLAIRE" \
	    -h "From: $MARTHA" "$S" 2>&1
}
verified() {
	"$BUILD/milter_client" -a 198.51.100.7 -f "$MARTHA" -t "$CLAIRE" \
	    -h "From: $MARTHA" -h 'DNS-Mail-ID: known.domain.test' "$V" 2>&1
}
lines() { # ENDPOINT LINE...
	local to=$1
	shift
	printf '%s\n' "$@" "from=$MARTHA" "sender=$MARTHA" \
	    "recipient=$CLAIRE" '' | "$BUILD/line_client" "$to" 2>&1
}
by_lines() { lines "$SP" request=sign client_address=127.0.0.1; }
verified_by_lines() {
	lines "$VP" request=verify client_address=198.51.100.7 \
	    dns_mail_id=known.domain.test
}
metric() { # DAEMON NAME
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json "$1" |
	    grep -o "\"$2\": *[0-9]*" | grep -o '[0-9]*$'
}
process() { # DAEMON: its pid
	local pid
	read -r pid _ < <(cat "/proc/${PIDS[$1]}"/task/*/children)
	echo "$pid"
}
kib() { awk '/^VmRSS/ { print $2 }' "/proc/$(process "$1")/status"; }
descriptors() { find "/proc/$(process "$1")/fd" -type l 2>/dev/null | wc -l; }

# hold NAME OPTION... SOCKET [DATA]: 5000 connections; -a opens them again and
# again.
# Not to be called by ok, whose subshell would keep the process to itself.
hold() {
	local name=$1
	shift
	start "$name" "$BUILD/hold_connections" -n "${HOLD:-5000}" "$@"
	wait_for 60 grep -q ready "$W/$name.log" ||
	    diag "$name: $(tail -n 2 "$W/$name.log")"
}
# passes CLAIM COMMAND REGEX: three messages, one after the other
passes() {
	local i out=
	for i in 1 2 3; do out+=$($2)$'\n'; done
	is "$1" "$(grep -Ec -- "$3" <<<"$out")" 3
	[ "$(grep -Ec -- "$3" <<<"$out")" = 3 ] || diag "$out"
}
signed='^INSHEADER 0 DNS-Mail-ID: |^action=PREPEND DNS-Mail-ID: '
pass='Authentication-Results: .*dnsmail=pass'
negotiated='\x00\x00\x00\x0dO\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff'
mail_from='\x00\x00\x00\x07M<a@b>\x00'
packet='\x00\x0f\xff\xffL'	# the head of a large one
line='request=sign'	# and never its end

passes 'mail is signed' by_milter "$signed"
passes 'also by lines' by_lines "$signed"
passes 'mail is verified' verified "$pass"
passes 'also by lines' verified_by_lines "$pass"

# ---- connections -----------------------------------------------------------------

# besiege SOCKET-NAME DAEMON ENDPOINT COMMAND REGEX SLOW-DATA [BUSY-DATA]
besiege() {
	local before after
	before=$(kib "$2")
	hold idle -a "$3"
	passes "$1: with 5000 idle connections" "$4" "$5"
	after=$(kib "$2")
	diag "$1: $(((after - before) * 1024 / 4096)) octets for each idle one"
	ok "$1: which cost little" [ $((after - before)) -lt 16384 ]
	hold slow -s "$3" "$6"
	passes "$1: with 5000 slow ones, too" "$4" "$5"
	like "$1: those closed for others are counted" \
	    "$(metric "$2" connections_expelled)" '^[1-9][0-9]{2,}$'
	ok "$1: there are no more than may be" \
	    [ "$(metric "$2" connections_open)" -le 4096 ]
	if [ $# -gt 6 ]; then
		hold busy -i "$7" "$3"
		passes "$1: with 5000 of which each has a message" "$4" "$5"
		stop busy
	fi
	stop slow
	stop idle
	passes "$1: and after they have gone" "$4" "$5"
	ok "$1: which leaves nothing" \
	    wait_for 10 eval '[ "$(metric '"$2"' connections_open)" = 0 ]'
}
besiege 'signerd, milter' signerd "$S" by_milter "$signed" "$packet" \
    "$negotiated$mail_from"
besiege 'signerd, lines' signerd "$SP" by_lines "$signed" "$line" 'request=sign
'
besiege 'verifyd, milter' verifyd "$V" verified "$pass" "$packet" \
    "$negotiated$mail_from"
besiege 'verifyd, lines' verifyd "$VP" verified_by_lines "$pass" "$line"
like "the log tells of it" "$(cat "$W/verifyd.log")" \
    'verifyd: 4096 connections are open \(max-connections\): who is idle'
is "no answer is kept of memory" "$(metric verifyd connections_memory_bytes)" 0

# ---- memory ----------------------------------------------------------------------

site 'max-memory = 16'
HOLD=500
hold large -a -i "$packet" -x 60000 "$V" x
out=$(verified)
like "while others hold the memory a message gets 451" \
    "$(tail -n 1 <<<"$out")" '^REPLYCODE 451 |^TEMPFAIL|CLOSED'
like "which the log tells" "$(cat "$W/verifyd.log")" \
    'action=tempfail reason=no-memory'
ok "those who hold it and go on too slowly lose it" \
    wait_for 20 eval 'verified | grep -Eq "$pass"'
ok "they are counted" [ "$(metric verifyd connections_expelled)" -gt 0 ]
stop large
HOLD=200
hold larger -a -i "$packet" -x 400000 "$S" x
ok "nor can fewer hold more" \
    wait_for 20 eval 'by_milter | grep -Eq "$signed"'
ok "all together it is no more than may be" \
    [ "$(metric signerd connections_memory_bytes)" -le $((17 << 20)) ]
stop larger

# ---- descriptors -----------------------------------------------------------------

stop signerd
stop verifyd
conf
ulimit -n 700
start_daemon signerd
like "too few descriptors are told in words" "$(cat "$W/signerd.log")" \
    'max-connections: 4096 are too many for the 700 descriptors .*: 508 are'
HOLD=600
hold few "$S"
passes "and mail is signed with all of them taken" by_milter "$signed"
stop few
stop signerd
is "signerd ends well" $? 0
