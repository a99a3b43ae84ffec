#!/bin/bash
# log = "syslog": the lines go to /dev/log in the form of RFC 3164, facility
# mail. A logger that is away, or that does not read, harms nobody.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root, for a /dev of its own"
unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
plan 14

# A /dev that has nothing but null and log, which leads to our logger.
mkdir -m 755 "$W/dev" "$W/logger"
cat >"$W/private-dev" <<X
set -e
mount --make-rprivate /
mount -t tmpfs none "$W/dev"
touch "$W/dev/null"
mount --bind /dev/null "$W/dev/null"
ln -s "$W/logger/socket" "$W/dev/log"
mount --rbind "$W/dev" /dev
exec "\$@"
X
start_logger() { # its lines are in $W/logger.log
	start logger "$BUILD/log_socket" "$W/logger/socket"
	wait_for 5 test -S "$W/logger/socket"
}
start_signerd() {
	: >"$W/ready"
	start signerd unshare -m sh "$W/private-dev" \
	    "$BUILD/notify_run" "$W/ready" \
	    "$BUILD/signerd" -d -c "$W/dnsmail.conf"
	wait_for 20 grep -q READY=1 "$W/ready"
}
pid() { cat "/proc/${PIDS[signerd]}"/task/*/children | tr -d " "; }
told() { wait_for 5 grep -Eq -- "$1" "$W/logger.log"; } # REGEX
# client OPTION...: mail that is not ours to sign; how many were accepted
client() {
	timeout 20 "$BUILD/milter_client" -a 192.0.2.1 -t a@x.test \
	    -h 'From: b@elsewhere.test' "$@" "$S" 2>&1 | grep -c '^ACCEPT'
}

PORT_ns=53 # nobody asks it
conf
sed -i '1i log = "syslog"' "$W/dnsmail.conf"
start_logger
start_signerd
ok "signerd is ready" grep -q READY=1 "$W/ready"
pid=$(pid)
head="[A-Z][a-z]{2} [ 123][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9] signerd\[$pid\]: "
ok "an info line: facility mail, its name, its pid" \
    told "^<22>${head}version [0-9.]+ is ready\$"
is "a message passes" "$(client -i L1)" 1
ok "its line is there" told "^<22>${head}queue=L1 action=skipped reason="
cp "$W/dnsmail.conf" "$W/right.conf"
echo "nonsense = 1" >>"$W/dnsmail.conf"
kill -HUP "$pid"
ok "a warning has its level" told "^<20>${head}.*dnsmail\.conf:[0-9]+: "
ok "debug lines have theirs" told "^<23>$head"
cp "$W/right.conf" "$W/dnsmail.conf"
is "nothing of it is on stderr" \
    "$(grep -E 'ready|queue=|dnsmail\.conf' "$W/signerd.log")" ""

stop logger
rm -f "$W/logger/socket"
is "without a logger mail goes on" "$(client -i L2 -n 20)" 20
start_logger
is "and when there is one again" "$(client -i L3)" 1
ok "it is told the next line" told "queue=L3 action=skipped"
kill -s STOP "${PIDS[logger]}"
is "a logger that does not read stops nobody" "$(client -i L4 -n 500)" 500
kill -s CONT "${PIDS[logger]}"
ok "what it had room for comes late" told "queue=L4"
client -i L5 >/dev/null
ok "and the next lines come" told "queue=L5"
is "it is the same process" "$(pid)" "$pid"
