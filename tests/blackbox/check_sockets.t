#!/bin/bash
# dnsmail-check: may the mail server's user connect, with real sockets, modes and
# groups, and as the real postconf tells Postfix's services and chroots. What it
# says is compared with what that user's connect(2) does.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-status.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root: it connects as another user"
plan 28

MTA=postfix
GROUP=$(id -gn $MTA)
OTHER=$(id -gn nobody)
four_conf "$(free_port)"
sed -i "s/^signerd {/&\n\tsocket-group = \"$OTHER\"/; s/^verifyd {/&\n\tsocket-group = \"$OTHER\"/" \
    "$W/dnsmail.conf"
start_daemon signerd
start_daemon verifyd
S=$W/run/signerd/milter.sock V=$W/run/verifyd/milter.sock

# A Postfix of its own, as postconf sees it: chroots and milters per service.
export MAIL_CONFIG=$W/postfix
mkdir -p "$W/postfix" "$W/queue"
# postfix CHROOT MILTERS [MILTERS-OF-THE-EXIT]
postfix() {
	cat >"$W/postfix/main.cf" <<X
compatibility_level = 3.6
queue_directory = $W/queue
mail_owner = $MTA
smtpd_milters = $2
X
	cat >"$W/postfix/master.cf" <<X
smtp	inet	n	-	$1	-	-	smtpd
127.0.0.1:10027	inet	n	-	n	-	-	smtpd
	-o smtpd_milters=${3-}
relay	unix	-	-	y	-	-	smtp
X
}
check() {
	out=$("$BUILD/dnsmail-check" -c "$W/dnsmail.conf" --timeout 30s \
	    --outside 127.0.0.1@1 "$@" 2>&1)
	status=$?
}
says() { like "$1" "$out" "^$2 +$3"; }
remedy() { like "$1" "$(grep -A1 -E "$2" <<<"$out" | tail -1)" "-> $3"; }
# really: can that user connect? It knocks, as a milter client does.
really() {
	setpriv --reuid $MTA --regid "$GROUP" --init-groups \
	    "$BUILD/milter_client" "unix:$1" 2>&1 | grep -q '^ACCEPT\|^CONTINUE'
}
told() { # NAME SOCKET: does dnsmail-check say what connect(2) says?
	local seen=no said=no
	really "$2" && seen=yes
	grep -Eq "^ok +.*: $MTA may connect to $2" <<<"$out" && said=yes
	is "$1" "$said" "$seen"
}

postfix n ""
chmod 666 "$S"
check
says "open to all" ok "signerd: $MTA may connect to $S"
told "... as it is" "$S"
chmod 660 "$S"
chgrp "$OTHER" "$S"
check
is "another group's: exit" "$status" 2
says "... denied" critical "signerd: the mail server's user $MTA may not connect to $S: the socket $S has mode 0660 and belongs to "
told "... as it is" "$S"
remedy "... the group that helps is named" "signerd: the mail" \
    "usermod -aG $(id -gn nobody) $MTA"
chgrp "$GROUP" "$S"
check
says "its own group's" ok "signerd: $MTA may connect to $S"
told "... as it is" "$S"
chmod 600 "$S"
check
told "for its owner alone: denied, as it is" "$S"
remedy "... the option that helps is named" "signerd: the mail" \
    'socket-group = "postfix" and socket-mode = 0660 in signerd'
chmod 666 "$S"
chmod 700 "$W/run/signerd"
check
says "a directory in the way" critical "signerd: the mail server's user $MTA may not connect to $S: the directory $W/run/signerd has mode 0700"
told "... as it is" "$S"
remedy "... what to type" "signerd: the mail" "chmod o\+x $W/run/signerd\$"
check --mta-user root
says "... which root passes" ok "signerd: root may connect to $S"
chmod 755 "$W/run/signerd"
mv "$S" "$S.away"
check
says "no socket" critical "signerd: its socket $S is not there"
mv "$S.away" "$S"
check --mta-user no-such-user
says "no such user" "cannot tell" "sockets: this system has no user no-such-user"

# ---- Postfix's own paths

chmod 666 "$V"
postfix y "unix:$V"
check
is "in a chroot: exit" "$status" 2
says "... the path means another one" critical \
    "verifyd: Postfix's smtp/inet runs in a chroot, where $V would have to be at $W/queue$V, and nothing is there"
postfix n "unix:$V"
check
says "without the chroot" ok "verifyd: $MTA may connect to $V"
mkdir "$W/queue/dnsmail"
sed -i "/^verifyd/,/^}/s#milter = .*#milter = {\"unix:$V\", \"unix:$W/queue/dnsmail/verifyd.sock\"}#" \
    "$W/dnsmail.conf"
stop verifyd
start_daemon verifyd
chmod 666 "$V" "$W/queue/dnsmail/verifyd.sock"
postfix y "inet:127.0.0.1:1, { unix:dnsmail/verifyd.sock, default_action=accept }" "unix:$S"
check
says "a socket inside the chroot" ok "verifyd: $MTA may connect to $W/queue/dnsmail/verifyd.sock"
says "... and the exit listener's outside" ok "signerd: $MTA may connect to $S"
unlike "... nothing else is said of them" "$out" '^critical +(signerd|verifyd): (Postfix|the mail)'
chmod 700 "$W/queue"
chown 64321 "$W/queue"
check
says "a queue directory that it may not enter" critical \
    "verifyd: the mail server's user $MTA may not connect to $W/queue/dnsmail/verifyd.sock: the directory $W/queue has mode 0700"
chown $MTA "$W/queue"
check
says "... which is its own" ok "verifyd: $MTA may connect to $W/queue/dnsmail/verifyd.sock"

# ---- by TCP, and none at all

port=$(free_port)
sed -i "/^signerd/,/^}/s#milter = .*#milter = {\"inet:$port@127.0.0.1\"}#" "$W/dnsmail.conf"
check
says "nobody at a TCP port" critical "signerd: nobody answers at inet:$port@127.0.0.1: Connection refused"
stop signerd
start_daemon signerd
check
says "somebody there" ok "signerd: $MTA may connect to inet:$port@127.0.0.1"
sed -i "/^signerd/,/^}/s#milter = .*#milter = {}#" "$W/dnsmail.conf"
check
says "no socket at all" warning "signerd: it has no socket for a mail server"
setpriv --reuid 64001 --regid 64001 --clear-groups chmod 700 "$W" 2>/dev/null
is "nobody else has changed that" "$(stat -c %a "$W")" 755
