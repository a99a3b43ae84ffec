#!/bin/bash
# What verifyd does: each on-* option with each of its values, observed or
# not; and whose messages it leaves alone.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 73

CLAIRE=claire@nonprofit.test ISP=claire@my_isp.test
port=$(free_port)
server=127.0.0.1@$port
sealed=$(bound m@a.test Hello Hello)
cat >"$W/table" <<X
dnsmail.a.test txt $server
dnsmail.nonprofit.test txt $server
dnsmail.sick.test rcode 2
good.a.test txt $(record $CLAIRE m@a.test 9 "$sealed")
hop.nonprofit.test txt $(record $ISP m@a.test 9 "$sealed")
X
start server "$BUILD/dns_fake" "$server" "$W/table"
wait_for 10 grep -q ready "$W/server.log" || diag "no name server"
printf 'Hello\r\n' >"$W/body"
printf 'changed\r\n' >"$W/changed"

send() { # BODY OPTIONS
	local body=$1
	shift
	mta -b "$W/$body" -h 'Subject: Hello' "$@"
}
from=(-h 'From: m@a.test')
# One message for each option, of the result that it is about.
on_fail() { send body "${from[@]}" -t $CLAIRE -h 'DNS-Mail-ID: no.a.test' "$@"; }
on_permerror() { send body "${from[@]}" -t $CLAIRE -h 'DNS-Mail-ID: ?' "$@"; }
on_temperror() {
	send body -h 'From: m@sick.test' -t $CLAIRE \
	    -h 'DNS-Mail-ID: i.sick.test' "$@"
}
on_policy() {
	send changed "${from[@]}" -t $ISP -h 'DNS-Mail-ID: good.a.test' \
	    -h 'DNS-Mail-ID: hop.nonprofit.test' "$@"
}
on_missing() { send body "${from[@]}" -t $CLAIRE "$@"; }
on_changed() {
	send changed "${from[@]}" -t $CLAIRE -h 'DNS-Mail-ID: good.a.test' "$@"
}
options='fail permerror temperror policy missing changed'
declare -A result=([fail]=fail [permerror]=permerror [temperror]=temperror
	[policy]=policy [missing]=none [changed]=pass)

# What the MTA is told at the end of a message, its words left out.
declare -A told=(
	[accept]='INSHEADER ACCEPT'
	[quarantine]='INSHEADER QUARANTINE ACCEPT'
	[tempfail]='REPLYCODE 451 4.7.5'
	[reject]='REPLYCODE 550 5.7.1'
	[discard]='DISCARD'
)
of() { # ANSWER
	sed -En 's/^(INSHEADER|QUARANTINE|CHGHEADER) .*/\1/p
	    s/^(REPLYCODE [0-9]* [0-9.]*) .*/\1/p
	    /^(ACCEPT|DISCARD|TEMPFAIL|REJECT)$/p' <<<"$1" | paste -sd ' '
}
begin() { # OPTION-LINES
	stop verifyd
	verifyd_conf "\"$server\"" "timeout = \"3s\" $1"
	start_daemon verifyd
}
all_are() { # VALUE: as option lines
	local o
	for o in $options; do
		printf 'on-%s = "%s" ' "$o" "$1"
	done
}

# ---- each option and each value -------------------------------------------------

for value in accept quarantine tempfail reject discard; do
	begin "$(all_are $value)"
	for o in $options; do
		out=$("on_$o" -i "Q-$o-$value")
		is "on-$o = $value" "$(of "$out")" "${told[$value]}"
		like "... is logged" "$(logged "Q-$o-$value")" \
		    "action=$value result=${result[$o]} "
	done
done

begin ""
for o in $options; do
	want=accept
	[ "$o" != temperror ] || want=tempfail
	is "on-$o is $want where nothing is said" "$(of "$("on_$o")")" \
	    "${told[$want]}"
done

begin "$(all_are discard) observe = true"
seen=
for o in $options; do
	seen+="$(of "$("on_$o" -i "O-$o")"), "
done
is "observe: nothing but the field, whatever the result" "$seen" \
    "$(for o in $options; do printf 'INSHEADER ACCEPT, '; done)"
is "... and what would have been done is told" \
    "$(grep -ac 'queue=O-.* action=accept observed=discard ' "$W/verifyd.log")" 6

# ---- whose messages are left alone ----------------------------------------------

stop verifyd
verifyd_conf "\"$server\"" "$(all_are discard)"
sed -i 's,exempt = .*,exempt = {"192.0.2.0/24"\, "2001:db8:1::/48"},' \
    "$W/dnsmail.conf"
start_daemon verifyd
forged='Authentication-Results: mx.test; dnsmail=pass'
is "an exempt client of IPv6 is left alone" \
    "$(of "$(on_fail -a 2001:db8:1:2::3 -h "$forged")")" ACCEPT
is "its neighbour is not" "$(of "$(on_fail -a 2001:db8:2::3)")" DISCARD
is "nor the neighbour of one of IPv4" "$(of "$(on_fail -a 192.0.3.0)")" DISCARD
is "nor this host, where others are named" \
    "$(of "$(on_fail -a 127.0.0.1)")" DISCARD
sed -i '/exempt/d' "$W/dnsmail.conf"
kill -HUP "${PIDS[verifyd]}"
own_exempt() {
	[ "$(of "$(on_fail -a ::1)") $(of "$(on_fail -a 127.9.9.9)")" = \
	    "ACCEPT ACCEPT" ]
}
ok "where none is named, this host is exempt" wait_for 5 own_exempt
