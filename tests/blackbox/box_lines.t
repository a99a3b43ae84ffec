#!/bin/bash
# Who asks by the line protocol (Exim, dnsmail-filter) is refused nothing either
# while the daemons are restarted: systemd listens there, too.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
need_box
plan 9

start_box
ok "the box is up" box wait

# asks DAEMON REQUEST CLIENT: one request after the other, each by a connection of
# its own, until /run/enough; in the background
asks() {
	start "asks_$1" "$TESTS/box" exec "$W/box" bash -c 'until [ -e /run/enough ]; do
		printf "%s\n" request=$2 client_address=$3 from=martha@domain.test \
		    recipient=claire@my_isp.test "" |
		    "$4/line_client" -s unix:/run/dnsmail/$1/policy.sock 2>&1 | head -1
	    done' asks "$@" "$BUILD"
}
answers() { grep -c '^action=' "$W/asks_$1.log"; }
both_have() { [ "$(answers signerd)" -ge "$1" ] && [ "$(answers verifyd)" -ge "$2" ]; }
go_on() {
	wait_for 30 both_have $(($(answers signerd) + 20)) $(($(answers verifyd) + 20))
}

stop_asking() {
	inside touch /run/enough
	wait "${PIDS[asks_signerd]}" "${PIDS[asks_verifyd]}"
	unset "PIDS[asks_signerd]" "PIDS[asks_verifyd]"
}

# As the units say. Both daemons run already.
inside systemctl -q enable {signerd,verifyd}-policy.socket
inside systemctl restart signerd verifyd
for d in signerd verifyd; do
	is "the socket of $d is for the mail server's group" \
	    "$(inside stat -c '%U:%G %a' /run/dnsmail/$d/policy.sock)" \
	    "root:dnsmail-mta 660"
done
asks signerd sign 127.0.0.1
asks verifyd verify 10.77.0.9
restarts=0
for d in $DAEMONS $DAEMONS dnsmail.target; do
	go_on && inside systemctl restart $d && restarts=$((restarts + 1))
done
ok "they go on asking" go_on
stop_asking
is "each daemon was restarted twice, and all of them once" $restarts 9
for d in signerd verifyd; do
	diag "$(answers $d) answers of $d"
	is "... $d refused no connection, and put nothing off" \
	    "$(grep -v '^action=PREPEND ' "$W/asks_$d.log" | sort | uniq -c)" ""
done

# ---- stopped, and started again -------------------------------------------------

none_there() { inside sh -c '! ls /run/dnsmail/*/*.sock'; }
inside systemctl stop dnsmail.target
ok "stopping the target takes away the sockets, these too" wait_for 20 none_there
inside systemctl start dnsmail.target
inside rm /run/enough
asks signerd sign 127.0.0.1
asks verifyd verify 10.77.0.9
ok "starting it brings them back" go_on
stop_asking
box halt
