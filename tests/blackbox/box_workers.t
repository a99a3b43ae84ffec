#!/bin/bash
# verifyd with two workers as systemd runs it: it is ready, a worker that is
# stopped or killed is made again without the unit being restarted, a parent that
# is killed leaves none behind, and its unit comes back. Mail goes through.
. "$(dirname "$0")/../lib.sh"
why=$("$TESTS/box" --check 2>&1) || skip_all "$why"
plan 16

box() { "$TESTS/box" "$1" "$W/box" "${@:2}"; }
inside() { box exec "$@"; }
show() { inside systemctl show -P "$1" verifyd; }
workers() { inside pgrep -P "$(show MainPID)" '^verifyd: wor' | sort; }
are_two() { [ "$(workers | wc -l)" = 2 ]; }
is_other() { [ "$(show MainPID)" != "$1" ] && [ "$(show ActiveState)" = active ]; }
NEW=/var/mail/site/claire/new
have_arrived() { [ "$(inside sh -c "ls $NEW 2>/dev/null | wc -l")" -ge "$1" ]; }
sent=0
letter() { # what Postfix deferred it leaves alone for a while
	sent=$((sent + 1))
	inside sh -c 'printf "From: martha@domain.test\nTo: claire@my_isp.test\n\n." |
	    sendmail -f martha@domain.test claire@my_isp.test'
	wait_for 60 arrives
}
arrives() {
	have_arrived $sent && return
	inside postqueue -f
	read -rt 0.5 <> <(:)
	return 1
}

start box "$TESTS/box" run "$W/box" "$TESTS/box-site"
wait_for 120 test -e "$W/box/leader"
ok "the box is up" box wait
inside sed -i 's/^verifyd {/&\n\tworkers = 2/' /etc/dnsmail/dnsmail.conf
ok "verifyd begins with two workers" inside systemctl restart verifyd
is "it is ready" "$(show StatusText)" ready
ok "they are there" are_two
ok "a message is verified" letter

main=$(show MainPID)
one=$(workers | head -n 1)
is_gone() { ! inside test -e "/proc/$1"; }
inside kill -s KILL "$one"
ok "a worker that is killed is gone" wait_for 20 is_gone "$one"
ok "... and made again" wait_for 20 are_two
stopped=$(workers | head -n 1)
inside kill -s STOP "$stopped"
ok "one that is stopped is ended" wait_for 60 is_gone "$stopped"
ok "... and made again" wait_for 20 are_two
is "the unit was not restarted" "$(show MainPID) $(show NRestarts)" "$main 0"
ok "a message is verified" letter

old=$(workers)
inside kill -s KILL "$main"
ok "the unit of a parent that was killed is active again" \
    wait_for 30 is_other "$main"
all_gone() { local p; for p in $old; do is_gone "$p" || return 1; done; }
ok "no worker of it is left" wait_for 20 all_gone
ok "there are two new ones" wait_for 20 are_two
ok "a message is verified" letter
is "all are verified as pass" \
    "$(inside sh -c "grep -l 'dnsmail=pass header.from=martha@domain.test' $NEW/* | wc -l")" 3
