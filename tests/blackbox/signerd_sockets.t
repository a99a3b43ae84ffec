#!/bin/bash
# Where MTAs find signerd, who may, and what of an address it logs.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 32

MARTHA=(-a 127.0.0.1 -t claire@my_isp.test -h 'From: martha@domain.test')
IN4=$(free_port)
IN6=$(free_port)
SECOND=unix:$W/run/signerd/second.sock
MILTERS="\"$S\", \"$SECOND\", \"inet:$IN4@127.0.0.1\""
six=
if "$BUILD/dns_ask" -t 0.2 ::1@9 domain.test 2>&1 | grep -q refused; then
	six=inet6:$IN6@::1
	MILTERS+=", \"$six\""
fi

# again [LINES-OF-SIGNERD [TOP-LINE]]: signerd anew, at all these sockets
again() {
	stop signerd
	conf "${1-}"
	sed -i "s#milter = .*#milter = {$MILTERS}#" "$W/dnsmail.conf"
	[ -z "${2-}" ] || sed -i "1i $2" "$W/dnsmail.conf"
	start_daemon signerd
}
# signs NAME SOCKET
signs() {
	S=$2 mail "${MARTHA[@]}"
	is "$1: signed" "$(final) $(ids | wc -l)" "ACCEPT 1"
}
mode() { stat -c "$1" "$W/run/signerd/milter.sock"; }

start_bind ns domain.test nonprofit.test
conf
start_daemon publishd
again

signs "a unix socket" "$S"
signs "a second one" "$SECOND"
signs "inet" "inet:$IN4@127.0.0.1"
if [ -n "$six" ]; then
	signs "inet6" "$six"
else
	ok "inet6: signed # SKIP no IPv6 here" true
fi

is "socket-mode is the file's" "$(mode %a)" 666
kill_daemon signerd
again
signs "a socket that a killed signerd left is taken" "$S"
stop signerd
rm -f "$W/run/signerd/milter.sock"
echo mine >"$W/run/signerd/milter.sock"
"$BUILD/signerd" -c "$W/dnsmail.conf" >"$W/other.log" 2>&1
ok "a file that is no socket: it does not start" test $? -ne 0
is "and the file stays" "$(cat "$W/run/signerd/milter.sock")" mine
rm "$W/run/signerd/milter.sock"

if [ "$(id -u)" = 0 ]; then
	conf 'socket-group = "daemon"'
	sed -i 's/socket-mode = .*/socket-mode = 0660/' "$W/dnsmail.conf"
	start_daemon signerd
	is "socket-group and socket-mode" "$(mode '%a %G')" "660 daemon"
	try() { # UID GID
		setpriv --reuid "$1" --regid "$2" --clear-groups \
		    "$BUILD/milter_client" "${MARTHA[@]}" "$S" 2>&1 | tail -1
	}
	chmod 755 "$W/run" "$W/run/signerd"
	is "who is in the group may" "$(try 54321 "$(id -g daemon)")" ACCEPT
	unlike "who is not may not" "$(try 54321 54321)" ACCEPT
	conf 'socket-group = "no-such-group"'
	stop signerd
	"$BUILD/signerd" -c "$W/dnsmail.conf" >"$W/other.log" 2>&1
	ok "with a group that is none it does not start" test $? -ge 64
	like "and tells which" "$(cat "$W/other.log")" \
	    'milter\.sock: .*group "no-such-group"'
else
	for i in 1 2 3 4 5; do
		ok "groups # SKIP needs root" true
	done
fi

# --- a reload exchanges the sockets, or leaves them -----------------------------

MILTERS="\"$S\", \"$SECOND\""
THIRD=unix:$W/run/signerd/third.sock
again
inode() { stat -c %i "$W/run/signerd/milter.sock"; }
# reload MILTERS TEXT: what it says to that
reload() {
	sed -i "s#milter = .*#milter = {$1}#" "$W/dnsmail.conf"
	: >"$W/signerd.log"
	kill -HUP "${PIDS[signerd]}"
	wait_for 10 grep -q "$2" "$W/signerd.log"
}
before=$(inode)
mkdir "$W/taken"
ok "a reload to a place that cannot be had is refused" \
    reload "\"$S\", \"$THIRD\", \"unix:$W/taken\"" 'old configuration stays'
is "and the socket before is the same, not another one" "$(inode)" "$before"
signs "who comes by it" "$S"
signs "and by the second" "$SECOND"
unlike "what was opened in vain is closed" \
    "$("$BUILD/milter_client" "${MARTHA[@]}" "$THIRD" 2>&1)" ACCEPT
files() { (cd "$W/run/signerd" && echo *.sock); }
is "... and its file is removed" "$(files)" "milter.sock second.sock"
ok "a reload to another place is taken" \
    reload "\"$S\", \"$THIRD\"" 'configuration reloaded'
is "who stays is not closed in between" "$(inode)" "$before"
is "of who does not, no file is left" "$(files)" "milter.sock third.sock"
ok "... so there is a way back" \
    reload "\"$S\", \"$SECOND\"" 'configuration reloaded'
signs "the second again" "$SECOND"

# --- what is logged of an address ----------------------------------------------

again "" 'log-addresses = "yes"'
mail "${MARTHA[@]}"
like "log-addresses = yes" "$line" \
    ' from=martha@domain\.test to=claire@my_isp\.test '
again "" 'log-addresses = "no"'
mail "${MARTHA[@]}"
like "log-addresses = no: signed all the same" "$line" 'action=signed id='
unlike "and neither address is there" "$line" 'martha|claire|my_isp'
again "" 'log-addresses = "hash"'
mail "${MARTHA[@]}"
first=$(grep -o 'from=[^ ]* to=[^ ]*' <<<"$line")
unlike "log-addresses = hash: neither address is there" "$line" 'martha|claire'
like "but something for each" "$first" '^from=[^ -][^ ]* to=[^ -][^ ]*$'
mail "${MARTHA[@]}"
is "the same for the same" "$(grep -o 'from=[^ ]* to=[^ ]*' <<<"$line")" "$first"
mail -a 127.0.0.1 -t dan@my_isp.test -h 'From: martha@domain.test'
is "the sender's again with another recipient" \
    "$(grep -o 'from=[^ ]*' <<<"$line")" "${first% *}"
unlike "whose is another" "$(grep -o 'to=[^ ]*' <<<"$line")" "^${first#* }\$"
