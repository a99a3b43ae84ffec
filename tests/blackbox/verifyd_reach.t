#!/bin/bash
# Whom verifyd sends a packet to and whom never, seen by listeners on those
# very addresses: a host of its own, and another one behind a wire that has
# all the others. The list of each domain names one address.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
. "$TESTS/lab.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root"
plan 22

CLAIRE=claire@nonprofit.test
OWN=155.47.64.1 FAR=155.47.64.164 FAR6=2a00:1450::53

AT_EXIT+=(lab_down)
lab_new "$W/lab" "$BUILD"
lab_host mx $OWN
lab_host far $FAR
far=(10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 192.0.2.1 192.168.0.1
	198.18.0.1 fd00::1 2001:db8::5 64:ff9b::a00:1)
for a in "${far[@]}" $FAR6; do
	lab_exec far ip addr add "$a" dev lo
done
lab_exec far ip addr add fe80::1 dev eth0 nodad
lab_exec mx ip addr add 2a00:1451::1/64 dev eth0 nodad
lab_exec far ip route add default dev eth0
lab_exec far ip -6 route add default dev eth0
lab_exec mx ip route add default via $FAR
lab_exec mx ip -6 route add default via fe80::1 dev eth0
# All of them hear on port 53, and would vouch.
echo "* txt $(record $CLAIRE m@d.test 60)" >"$W/table"
listen() { # HOST NAME ADDRESS
	start "$2" ip netns exec "$LAB_ID-$1" \
	    "$BUILD/dns_fake" "$3@53" "${4-$W/table}"
	wait_for 10 grep -q ready "$W/$2.log" || diag "$3: $(cat "$W/$2.log")"
}
never=()
for a in "${far[@]}"; do
	listen far "never${#never[@]}" "$a"
	never+=("$a")
done
for a in $OWN 127.0.0.1 127.255.255.254 ::1 2a00:1451::1; do
	listen mx "never${#never[@]}" "$a"
	never+=("$a")
done
listen far global4 $FAR
listen far global6 $FAR6
: >"$W/resolver.table"
lab_exec far ip addr add 155.47.64.53 dev lo
listen far resolver 155.47.64.53 "$W/resolver.table"
echo "nameserver 155.47.64.53" >"/etc/netns/$LAB_ID-mx/resolv.conf"

# Started in its host; no resolvers, and no network allowed but by default.
begin() { # OPTIONS
	stop verifyd
	REACH=
	verifyd_conf "" "timeout = \"2s\" propagation-wait = \"0s\" $1"
	: >"$W/verifyd.ready"
	start verifyd ip netns exec "$LAB_ID-mx" "$BUILD/notify_run" \
	    "$W/verifyd.ready" "$BUILD/verifyd" -c "$W/dnsmail.conf"
	wait_for 20 grep -q READY=1 "$W/verifyd.ready" ||
	    diag "verifyd: $(tail -5 "$W/verifyd.log")"
}
n=0
ask() { # LIST: sets `said` to the result of a message of such a domain
	n=$((n + 1))
	printf 'dnsmail.d%s.test txt %s\n' $n "$1" >>"$W/resolver.table"
	said=$(field "$(mta -t $CLAIRE -h "From: m@d$n.test" -T 10 \
	    -h "DNS-Mail-ID: i.d$n.test")" | sed 's/.*dnsmail=\([a-z]*\).*/\1/')
}
queries() { grep -c '^udp' "$W/$1.log"; }
heard() { # those that should hear nothing, and did
	local i
	for i in "${!never[@]}"; do
		[ "$(queries "never$i")" = 0 ] || echo "${never[i]}"
	done
}

begin ""
ask $FAR
is "a global address is asked (its record names another author)" \
    "$said $(queries global4)" "fail 1"
ask $FAR6
is "so is one of IPv6" "$said $(queries global6)" "fail 1"
is "by the resolver that resolv.conf names" "$(grep -c "^udp dnsmail" "$W/resolver.log")" 2

for a in "${never[@]}"; do
	ask "$a"
	[ "$said" = permerror ] || diag "$a: $said"
	is "$a hears nothing" "$(heard)" ""
done
others=0
for a in 0.0.0.0 224.0.0.1 255.255.255.255 ff02::1 fe80::1 :: \
    ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::127.0.0.1 2002:a00:1::1 \
    64:ff9b::7f00:1 127.1 0x7f000001 2130706433 "localhost" "10.0.0.1."; do
	ask "$a"
	[ "$said" = permerror ] && others=$((others + 1)) || diag "$a: $said"
done
is "16 other ways to write such a one are no usable server" $others 16
is "... and nobody heard of them" "$(heard)" ""
ask "10.0.0.1, $FAR, 127.0.0.1, $OWN"
is "of a list of good and bad only the good one is asked" \
    "$(queries global4) $(heard)" "2 "

begin 'allow-networks = {"10.0.0.0/8", "fd00::/8"}'
ask "10.0.0.1"
ask "fd00::1"
is "allowed networks are asked" "$(heard | tr '\n' ' ')" "10.0.0.1 fd00::1 "
