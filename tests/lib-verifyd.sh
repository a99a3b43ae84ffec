# shellcheck shell=bash
# Sourced after lib.sh by the tests of verifyd: its configuration, an MTA in
# front of it, message records and digests made without our own code.

# Started as root the daemon drops to a user.
RUN_AS=$(id -u)
[ "$RUN_AS" != 0 ] || RUN_AS=$(id -u nobody)
# Servers on loopback may be asked, at any port.
REACH='allow-networks = {"127.0.0.0/8"}
	allow-ports = {0}'

# verifyd_conf RESOLVERS [OPTION-LINES]: $W/dnsmail.conf.
verifyd_conf() {
	cat >"$W/dnsmail.conf" <<X
authserv-id = "mx.test"
run-dir = "$W/run"
group = ""
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {$1}
	exempt = {"192.0.2.0/24"}
	$REACH
	${2-}
}
X
}

# mta [OPTIONS]: one message from outside; the replies on stdout, one a line.
mta() {
	"$BUILD/milter_client" -a 198.51.100.7 "$@" "unix:$W/run/verifyd/milter.sock" 2>&1
}

# record TO FROM [AGE-SECONDS [BIND]]: the text of a message record
record() {
	local date
	date=$(LC_ALL=C date -u -R -d "@$(($(date +%s) - ${3-0}))")
	printf 'To:%s*From:%s*date=%s%s' "$1" "$2" "$date" "${4:+*bind=$4}"
}

# digest: SHA-256 of stdin in base64url
digest() {
	openssl dgst -sha256 -binary | base64 -w0 | tr '+/' '-_' | tr -d '='
}

# bound FROM SUBJECT BODY: the binding of a message of just these fields and a
# body of one line, written as protocol.md section 5 has it: ten fields, those
# that are absent as an empty line.
bound() {
	printf 'from:%s\r\n\r\n\r\n\r\nsubject:%s\r\n\r\n\r\n\r\n\r\n\r\n\r\n%s\r\n' \
	    "$1" "$2" "$3" | digest
}

# field ANSWER: the value of the Authentication-Results that verifyd added
field() {
	sed -n 's/^INSHEADER 0 Authentication-Results: //p' <<<"$1"
}
# The last line: what becomes of the message.
final() { tail -n 1 <<<"$1"; }

# logged QUEUE-ID: verifyd's line about it
logged() { grep -a "queue=$1 " "$W/verifyd.log"; }
