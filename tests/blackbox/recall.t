#!/bin/bash
# dnsmail-recall: what was signed is withdrawn by each criterion, and fails from
# then on at verifyd; who may, what is told, and what happens when something is
# away in the middle.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root: it asks as several users"

# recall_conf [LINES-OF-REAPERD]: that of the round trip, and reaperd's
recall_conf() {
	roundtrip_conf
	sed -i "s/^\tsigners = .*/&\n\tremovers = {\"$RUN_AS\"}/" \
	    "$W/dnsmail.conf"
	cat >>"$W/dnsmail.conf" <<X
reaperd {
	user = "$RUN_AS"
	key-file = "$W/ns/transfer.key"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	${1-}
}
X
}
reload() { # LINES-OF-REAPERD
	local before
	recall_conf "$1"
	before=$(grep -c 'configuration reloaded' "$W/reaperd.log")
	reloaded() {
		[ "$(grep -c 'configuration reloaded' "$W/reaperd.log")" -gt \
		    "$before" ]
	}
	kill -HUP "$(cat "/proc/${PIDS[reaperd]}"/task/*/children)"
	wait_for 10 reloaded || diag "reaperd did not reload"
}

# recall ARG...: sets $out and $status
recall() {
	out=$("$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" "$@" 2>&1 </dev/null)
	status=$?
}
# recall_as UID GID GROUPS ARG...
recall_as() {
	local uid=$1 gid=$2 groups=$3
	shift 3
	out=$(setpriv --reuid "$uid" --regid "$gid" $groups \
	    "$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" "$@" 2>&1 </dev/null)
	status=$?
}
told() { grep -Eaq -- "$1" "$W/reaperd.log"; } # REGEX: in reaperd's log

# message NAME AUTHOR OPTION...: one that is signed; verdict NAME [RECIPIENT]
declare -A IDS=() AUTHORS=()
message() {
	local name=$1 author=$2
	shift 2
	mail -a 127.0.0.1 -h "From: $author" "$@"
	IDS[$name]=$(ids) AUTHORS[$name]=$author
}
verdict() {
	local id args=()
	for id in ${IDS[$1]}; do
		args+=(-h "DNS-Mail-ID: $id")
	done
	field "$(mta -h "From: ${AUTHORS[$1]}" "${args[@]}" -t "$2")"
}
passes() { like "$1" "$(verdict "$2" "$3")" 'dnsmail=pass '; }
fails() {
	like "$1" "$(verdict "$2" "$3")" 'dnsmail=fail reason="no-record"'
}

# by_hand: "NAME TEXT" lines on stdin become records
by_hand() {
	awk -v port="$PORT_ns" 'BEGIN { print "server 127.0.0.1 " port }
	    { name = $1; sub(/^[^ ]* /, "")
	      print "update add " name " 60 TXT \"" $0 "\"" }
	    NR % 200 == 0 { print "send" }
	    END { print "send" }' | nsupdate -v -k "$W/ns/update.key"
}
LOAD=$(record claire@my_isp.test load@domain.test 60)
# many N: records of one author, load@domain.test, always the same
many() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf 'many%022d.domain.test %s\n' $i "$LOAD"
	done | by_hand
}
many_left() { zone_texts | grep -c '^many'; }
# What has nothing to do with messages must stand there always.
others() { zone_texts | grep -E '^(www|_x|odd|(a\.)?deep|dnsmail|domain)' | sort; }

plan 83
roundtrip_start
stop publishd
recall_conf
start_daemon publishd
start_daemon reaperd
MARTHA=martha@domain.test
by_hand <<X
www.domain.test To:claire@my_isp.test
_x.domain.test v=spf1 -all
odd.domain.test $(record claire@my_isp.test $MARTHA 60) but not one
a.deep.domain.test $(record claire@my_isp.test $MARTHA 60)
domain.test $(record claire@my_isp.test $MARTHA 60)
X
others >"$W/others"
is "there are records that are no message's" "$(wc -l <"$W/others")" 8
others_stay() { ok "$1: all other records stay" cmp "$W/others" <(others); }

message claire $MARTHA -t claire@my_isp.test
message carl $MARTHA -t carl@x.test
message boss boss@domain.test -t claire@my_isp.test
message list list@nonprofit.test -t carl@x.test
message hidden $MARTHA -t claire@my_isp.test -t hidden@secret.test \
    -h 'To: claire@my_isp.test'
passes "all pass at first: claire's" claire claire@my_isp.test
passes "all pass at first: who is hidden" hidden hidden@secret.test
zone_texts | sort >"$W/before"

# ---- looking does nothing

recall --from Martha@Domain.test --dry-run
is "a dry run ends with 0" "$status" 0
like "it says how many match" "$out" '^4 of 6 message records match:'
like "it shows which" "$out" "  ${IDS[claire]}$"
like "it shows author and recipient" "$out" "from $MARTHA to carl@x.test"
like "it does not know who is blinded" "$out" "from $MARTHA to \(blinded\)"
unlike "it shows no other's" "$out" 'boss@|list@'
zone_texts | sort >"$W/now"
ok "it removes nothing" cmp "$W/before" "$W/now"
ok "the log says who asked what" \
    told "action=recall-dry-run uid=0 user=root ask=[0-9a-f]{16} from=Martha@domain.test\$"
ok "the log says what came of it" told \
    'action=recall-dry-run-over uid=0 user=root ask=[0-9a-f]{16} looked-at=6 matched=4 withdrawn=0'
recall --from $MARTHA
is "who says nothing at the question withdraws nothing: exit" "$status" 1
like "... which was asked" "$out" 'Type yes: '
out=$(echo no | "$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" --from $MARTHA 2>&1)
is "who says no withdraws nothing: exit" "$?" 1
zone_texts | sort >"$W/now"
ok "... and nothing is gone" cmp "$W/before" "$W/now"
recall --from nobody@domain.test
is "what matches nothing ends with 0" "$status" 0
like "... and says so" "$out" '^0 of 6 message records match\.$'

# ---- by each criterion

recall --id "${IDS[claire]}" --yes
is "by ID: exit" "$status" 0
is "by ID: what is told" "$out" "1 record withdrawn, of 5 looked at."
fails "by ID: it fails" claire claire@my_isp.test
passes "by ID: another of the same author passes" carl carl@x.test
ok "by ID: the log says who, what and how many" told \
    "action=recall uid=0 user=root ask=[0-9a-f]{16} id=${IDS[claire]}\$"
ok "by ID: and how many" told \
    'action=recall-over uid=0 user=root ask=[0-9a-f]{16} looked-at=5 matched=1 withdrawn=1 '

recall --to HIDDEN@Secret.test --yes
is "by a blinded recipient: what is told" "$out" \
    "1 record withdrawn, of 5 looked at."
like "by a blinded recipient: it fails for that one" \
    "$(verdict hidden hidden@secret.test)" 'dnsmail=fail'
passes "by a blinded recipient: it passes for who shared the message" hidden \
    claire@my_isp.test

recall --to carl@x.test --domain nonprofit.test --yes
is "by recipient and domain: both must hold" "$out" \
    "1 record withdrawn, of 1 looked at."
fails "by recipient and domain: the one in that domain fails" list carl@x.test
passes "by recipient and domain: the one in another passes" carl carl@x.test

old=old.domain.test
echo "$old $(record claire@my_isp.test $MARTHA 7200)" | by_hand
IDS[old]=$old AUTHORS[old]=$MARTHA
out=$(echo yes | "$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" --from $MARTHA \
    --since 1h 2>&1)
is "by author and time, and saying yes: exit" "$?" 0
like "by author and time: how many" "$out" '2 records withdrawn'
fails "by author and time: what was signed since fails" carl carl@x.test
passes "by author and time: what was signed before passes" old \
    claire@my_isp.test
message new $MARTHA -t claire@my_isp.test
recall --until "$(date -d '90 minutes ago' '+%Y-%m-%d %H:%M')" \
    --from $MARTHA --from boss@domain.test --yes
is "until a moment: exit" "$status" 0
fails "until a moment: what was signed before fails" old claire@my_isp.test
passes "until a moment: what was signed since passes" new claire@my_isp.test
passes "until a moment: of another author, too" boss claire@my_isp.test
recall --domain domain.test --yes
fails "a whole domain: all of it fails" boss claire@my_isp.test
others_stay "after all this"

# ---- who may

message kept $MARTHA -t claire@my_isp.test
recall_as 64001 64001 --clear-groups --from $MARTHA --yes
is "a user who is no admin: exit" "$status" 77
like "... is told who may" "$out" 'for root, and for the users and groups'
ok "... which is in the log" wait_for 5 told 'recall.ipc: a peer with uid 64001 may not ask'
passes "... and nothing is withdrawn" kept claire@my_isp.test
reload 'admins = {"%64123", "64002", "no-such-user"}'
ok "an admin who does not exist is told" told 'no user no-such-user'
recall_as 64001 64001 "--groups 64007,64123" --from $MARTHA --dry-run
is "who is in an admins' group may" "$status" 0
recall_as 64001 64123 --clear-groups --from $MARTHA --dry-run
is "who has it as first group may" "$status" 0
recall_as 64002 64001 --clear-groups --from $MARTHA --dry-run
is "a user who is named may" "$status" 0
recall_as 64123 64002 --clear-groups --from $MARTHA --dry-run
is "users are no groups" "$status" 77
recall_as 64001 64001 "--groups 64123" --from $MARTHA --yes
is "and it withdraws: exit" "$status" 0
fails "... it fails then" kept claire@my_isp.test
ok "... the log says who it was" told 'action=recall uid=64001 user=-'

# ---- what makes no sense

recall
is "no criterion: exit" "$status" 64
recall --yes --from 'martha'
is "no address: exit" "$status" 64
like "no address: in words" "$out" '"martha" is not an address'
recall --since yesterday --dry-run
is "no moment: exit" "$status" 64
recall --id abc.example.test --yes
is "a domain that is not ours: exit" "$status" 1
like "a domain that is not ours: in words" "$out" \
    'nothing is withdrawn: example.test is no domain of ours'

# ---- something is away

stop publishd
many 300
recall --from load@domain.test --yes
is "publishd away: exit" "$status" 1
like "publishd away: in words" "$out" \
    'not all is withdrawn: domain.test: publishd: not connected'
is "publishd away: nothing is gone" "$(many_left)" 300
start_daemon publishd

reload 'rate = 20'
recalled() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json reaperd |
	    grep -o '"records_recalled": *[0-9]*' | grep -o '[0-9]*$'
}
more_recalled() { [ "$(recalled)" -gt "$1" ]; }
# in_the_middle NAME: begins, and waits until some are gone
in_the_middle() {
	local before
	before=$(recalled)
	"$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" \
	    --from load@domain.test --yes >"$W/$1.out" 2>&1 </dev/null &
	middle=$!
	wait_for 20 more_recalled "$before" || diag "nothing goes"
}
# told_right NAME: as many are gone as it says
told_right() {
	is "$1: what is told to be withdrawn is gone, the rest stays" \
	    "$(sed -n 's/^\([0-9]*\) records* withdrawn; .*/\1/p' "$W/$1.out")" \
	    "$((300 - $(many_left)))"
}
in_the_middle interrupted
recall --from $MARTHA --dry-run
like "one at a time: another is told whose" "$out" \
    'another withdrawal is under way, asked for by uid=0 user=root'
kill -INT $middle
wait $middle
is "interrupted: exit" "$?" 1
like "interrupted: in words" "$(cat "$W/interrupted.out")" \
    'not all is withdrawn: it was stopped by who asked for it'
told_right interrupted

many 300
in_the_middle publishd
stop publishd
wait $middle
is "publishd stops in the middle: exit" "$?" 1
like "publishd stops in the middle: in words" "$(cat "$W/publishd.out")" \
    'not all is withdrawn: domain.test: publishd: '
told_right publishd
start_daemon publishd

many 300
in_the_middle ns
stop ns KILL
wait $middle
is "the name server is killed in the middle: exit" "$?" 1
like "... what is away is named" "$(cat "$W/ns.out")" \
    'not all is withdrawn: domain.test: '
bind_again ns
wait_for 20 bind_answers "$PORT_ns" domain.test
told_right ns
many 300
in_the_middle reload
recall_conf 'rate = 5'
kill -HUP "$(cat "/proc/${PIDS[reaperd]}"/task/*/children)"
wait $middle
is "reaperd gets another configuration in the middle: exit" "$?" 1
told_right reload

many 300
in_the_middle gone
kill -KILL $middle
wait $middle 2>/dev/null
ok "who asked is killed: it ends, and the log says so" wait_for 30 told \
    'action=recall-over .*: not all is withdrawn: who asked for it has gone'
ok "... before all is gone" [ "$(many_left)" -gt 0 ]

many 300
in_the_middle reaperd
kill_daemon reaperd
wait $middle
is "reaperd dies in the middle: exit" "$?" 69
like "reaperd dies in the middle: in words" "$(cat "$W/reaperd.out")" \
    'lost sight of it after [0-9]+ records.*the same command does the rest'
start_daemon reaperd

reload 'rate = 1000'
recall --from load@domain.test --yes
is "the same command does the rest: exit" "$status" 0
is "the same command does the rest: none is left" "$(many_left)" 0
others_stay "at the end"

# Nobody takes connections, and more than the kernel keeps are waiting.
pid=$(cat "/proc/${PIDS[reaperd]}"/task/*/children)
kill -STOP "${pid:-${PIDS[reaperd]}}"
start crowd "$BUILD/hold_connections" -a -n 1000 "unix:$W/run/reaperd/recall.ipc"
crowded() { ss -xlH src "$W/run/reaperd/recall.ipc" | awk '$3 > $4 { f = 1 } END { exit !f }'; }
wait_for 20 crowded || diag "no crowd"
timeout 60 "$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" --from $MARTHA --dry-run \
    >"$W/crowd.out" 2>&1
is "reaperd is stopped, and its backlog full: exit" "$?" 69
like "... in words" "$(cat "$W/crowd.out")" 'reaperd does not answer'
stop crowd
kill -CONT "${pid:-${PIDS[reaperd]}}"

stop reaperd
recall --from $MARTHA --dry-run
is "reaperd does not run: exit" "$status" 69
