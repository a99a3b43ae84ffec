#!/bin/bash
# SMTP sessions that outlive restarts of their daemons: between two messages, in
# an envelope, while the content comes. Real systemd and Postfix, in a box; each
# session is to verifyd or signerd over one milter connection. None of its
# messages is put off.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
need_box
plan 15

start_box
ok "the box is up" box wait

# connections DAEMON: how many it has
connections() {
	inside dnsmail-status --json "$1" |
	    grep -o '"connections_open": *[0-9]*' | grep -o '[0-9]*$'
}

# session DAEMON ADDRESS PORT: one of three messages, each with three restarts; it
# says what was not taken, and how many restarts there were.
session() {
	inside bash -c '
	. "$1/lib-smtp.sh"
	n=0
	step() { _smtp_say "$fd" "$1" || echo "$1: $REPLY_LINE"; }
	again() { systemctl restart "$daemon" && n=$((n + 1)); }
	daemon=$2
	exec {fd}<>"/dev/tcp/$3/$4"
	read -rt 20 greeting <&"$fd"
	step "EHLO martha.test"
	for i in 1 2 3; do
		again
		step "MAIL FROM:<martha@domain.test>"
		step "RCPT TO:<claire@my_isp.test>"
		again
		step "DATA"
		printf "From: martha@domain.test\r\nTo: claire@my_isp.test\r\n" >&"$fd"
		again
		printf "Message-ID: <%s-%s@domain.test>\r\n\r\nx\r\n" "$daemon" $i >&"$fd"
		step "."
	done
	step QUIT
	echo $n' session "$TESTS" "$@"
}

is "verifyd: nothing is put off in 9 restarts" \
    "$(session verifyd 10.77.0.3 25)" 9
is "signerd: nothing is put off in 9 restarts" \
    "$(session signerd 127.0.0.1 10027)" 9
ok "all arrives" wait_for 60 have_arrived 6
is "what came by signerd is signed, and passes" "$(inside sh -c \
    "cd $NEW && grep -l '^DNS-Mail-ID: ' * | xargs grep -l 'dnsmail=pass' | wc -l")" 3
is "what came by verifyd was verified" \
    "$(inside sh -c "cd $NEW && grep -l 'dnsmail=none' * | wc -l")" 3
like "that they go on is told" "$(inside journalctl -q -o cat -u verifyd)" \
    '^goes on with [0-9]+ connections? of the process before$'
for d in verifyd signerd; do
	is "$d: none is left" "$(connections $d)" 0
	is "$d: nothing is left in systemd's store" \
	    "$(inside systemctl show -P NFileDescriptorStore $d)" 0
done

# ---- many at once -----------------------------------------------------------------

# 90 that say nothing more than their greeting: Postfix has as many processes.
inside bash -c 'for ((i = 0; i < 90; i++)); do
	exec {fd}<>/dev/tcp/10.77.0.3/25
done
touch /run/open
while [ -e /run/open ]; do read -rt 0.2 <> <(:) || :; done' &
many=$!
all_open() { [ "$(connections verifyd)" -ge "$1" ]; }
ok "verifyd has many connections" wait_for 60 all_open 90
began=${EPOCHREALTIME/./}
inside systemctl restart verifyd
diag "the restart took $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
ok "after a restart it has them all" all_open 90
inside rm /run/open
wait $many
ok "when their clients go they are gone" wait_for 20 eval '! all_open 1'

# ---- one that stops ---------------------------------------------------------------

# Without a next process they end, so that the mail server learns of it.
inside bash -c 'exec {fd}<>/dev/tcp/10.77.0.3/25; touch /run/open
while [ -e /run/open ]; do read -rt 0.2 <> <(:) || :; done' &
many=$!
wait_for 20 all_open 1
inside systemctl stop verifyd.socket verifyd
is "who is stopped leaves none with systemd" \
    "$(inside systemctl show -P NFileDescriptorStore verifyd)" 0
inside rm /run/open
wait $many
