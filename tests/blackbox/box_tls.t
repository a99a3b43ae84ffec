#!/bin/bash
# doc/scaling.md, done as it stands there, on three machines, each a box with a
# systemd of its own, on one network: mx1 has Postfix, signerd and verifyd, dns1
# BIND, publishd and reaperd, dns2 another publishd. The units let through what
# they must and nothing else; keys are root's; machines, certificates and keys go
# and come while mail goes through; who is taken out of "signers" is out.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
. "$TESTS/lib-forbidden.sh"
. "$TESTS/lib-pages.sh"
need_box
plan 65

MACHINES="mx1 dns1 dns2"
ln -s box "$W/mx1" # where things are done "inside"
on() { "$TESTS/box" exec "$W/$1" "${@:2}"; } # MACHINE COMMAND...
# page HEADING N: the Nth box below it, for this site's domain
page() { box_of scaling "$@" | sed 's/domain\.com/domain.test/g'; }

# ---- three machines --------------------------------------------------------------

for m in dns1 dns2; do
	start "$m" "$TESTS/box" run "$W/$m" "$TESTS/box-site"
done
start_box
for m in $MACHINES; do
	wait_for 120 test -e "$W/$m/leader"
	ok "$m is up" "$TESTS/box" wait "$W/$m"
done

leader() { cat "$W/$1/leader"; }
# cable MACHINE ADDRESS...: to the switch, which is in mx1
cable() {
	local address
	ip link add eth0 netns "$(leader "$1")" type veth \
	    peer name "$1" netns "$(leader mx1)"
	inside ip link set "$1" master switch up
	for address in "${@:2}"; do
		on "$1" ip addr add "$address/24" dev eth0
	done
	on "$1" ip link set eth0 up
}
inside ip link add switch type bridge
inside ip addr add 192.0.2.10/24 dev switch
inside ip link set switch up
cable dns1 192.0.2.1 192.0.2.53	# it is the resolver, too
cable dns2 192.0.2.2

# The zone is on dns1 alone.
on dns1 sed -i 's/listen-on { .*/listen-on { any; };/' /etc/bind/named.conf
on dns1 sh -c 'cd /var/lib/bind
    sed -i "s/^dnsmail.*/dnsmail TXT \"192.0.2.1\"/" *.zone
    printf "dns1 A 192.0.2.1\ndns2 A 192.0.2.2\n" >>domain.test.zone
    systemctl restart named'
inside systemctl disable -q --now named
on dns2 systemctl disable -q --now named reaperd
inside sh -c 'echo nameserver 192.0.2.53 >/etc/resolv.conf
    printf "192.0.2.%d dns%d.domain.test\n" 1 1 2 2 >>/etc/hosts'
on dns1 cat /etc/dnsmail/update.key | on dns2 sh -c 'cat >/etc/dnsmail/update.key'

# One file for all.
{
	inside cat $CONF | sed -e 's/127\.0\.0\.1/192.0.2.1/' \
	    -e 's,127\.0\.0\.0/8,192.0.2.0/24,'
	page '### The DNS Mail server' 1
	page '### The mail servers' 1
} >"$W/dnsmail.conf"
for m in $MACHINES; do
	on $m sh -c "cat >$CONF" <"$W/dnsmail.conf"
done
inside systemctl restart postfix verifyd
on dns1 systemctl restart reaperd

# ---- certificates -----------------------------------------------------------------

CA=$W/ca
mkdir -m 700 "$CA"
# do_page NAME SED-SCRIPT HEADING N: a box, where NAME is that machine's
do_page() {
	(cd "$CA" && bash -ec \
	    "$(page "${@:3}" | sed -e "s/^NAME=.*/NAME=$1/" -e "$2")") 2>>"$W/ca.log"
}
certificate() { do_page "$1.domain.test" '' '### Certificates' 2; }
# again MACHINE [NAME]: of the same key
again() {
	do_page "$1.domain.test" \
	    "/^openssl req/d; s/DNS:\$NAME/DNS:${2-$1}.domain.test/" \
	    '### Certificates' 2
}
bring() { # MACHINE: an authority's and its own certificate, and its key
	on "$1" sh -c 'cat >/etc/dnsmail/tls-ca.crt' <"$CA/tls-ca.crt"
	on "$1" sh -c 'cat >/etc/dnsmail/tls.crt' <"$CA/$1.domain.test.crt"
	on "$1" sh -c 'umask 077; cat >/etc/dnsmail/tls.key' \
	    <"$CA/$1.domain.test.key"
}
ok "there is an authority" do_page '' '' '### Certificates' 1
for m in $MACHINES; do
	ok "$m has a certificate" certificate "$m"
	bring "$m"
done
is "the keys are root's alone" "$(for m in $MACHINES; do
	on "$m" stat -c '%U:%G %a' /etc/dnsmail/tls.key; done | sort -u)" \
    "root:root 600"

# ---- the drop-ins -------------------------------------------------------------------

# edit MACHINE UNIT <DROP-IN: what "systemctl edit" does
edit() {
	on "$1" sh -c "mkdir -p /etc/systemd/system/$2.service.d
	    cat >/etc/systemd/system/$2.service.d/override.conf
	    systemctl daemon-reload"
}
# as_in MACHINE HEADING N: the commands there
as_in() { on "$1" bash -ec "$(page "${@:2}")"; }
status_text() { on "$1" systemctl show -P StatusText "$2"; }
for m in dns1 dns2; do
	page '### The DNS Mail server' 2 | edit $m publishd
	ok "$m: publishd begins" as_in $m '### The DNS Mail server' 3
	is "... and is ready" "$(status_text $m publishd)" ready
	is "... systemd finds nothing wrong with its unit" \
	    "$(on $m systemd-analyze verify publishd.service 2>&1)" ""
done
page '### The mail servers' 2 | edit mx1 signerd
ok "mx1: signerd begins" as_in mx1 '### The mail servers' 3
is "... and is ready" "$(status_text mx1 signerd)" ready
is "... systemd finds nothing wrong with its unit" \
    "$(inside systemd-analyze verify signerd.service 2>&1)" ""
exposure=$(inside systemd-analyze security --no-pager signerd | tail -n 1 |
    grep -o '[0-9]*\.[0-9]')
diag "exposure of signerd: $exposure"
# most WORDS: the number after them on the page
most() { grep -o "$1 [0-9]*\.[0-9]" "$TESTS/../doc/scaling.md" | grep -o '[0-9.]*$'; }
ok "... which leaves as little open as the page says" \
    awk -v is="$exposure" -v most="$(most 'exposure of')" \
    'BEGIN { exit !(is > 0 && is <= most) }'

number() { inside dnsmail-status --json signerd | grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'; }
up() { [ "$(number publishers_up)" = "$1" ]; }
ok "it has found both, by names in its /etc/hosts" wait_for 60 up 2
for m in $MACHINES; do
	is "$m: all units are up" "$(on $m systemctl is-system-running)" running
done
inside sh -c 'journalctl --rotate -q'
log >/dev/null
queue 1 first
ok "a message arrives" wait_for 30 have_arrived 1
id=$(inside sh -c "sed -n 's/^DNS-Mail-ID: //p' $NEW/*")
like "its record is on dns1" "$(on dns1 dig +short @127.0.0.1 "$id" TXT)" \
    '^"To:claire@my_isp\.test\*From:martha@domain\.test\*'
is "it is signed, and verified" "$(tally)" "$(all_well 1)"

# ---- what they keep ------------------------------------------------------------------

ok "the user of signerd cannot read the key" \
    inside sh -c '! runuser -u dnsmail-sign -- cat /etc/dnsmail/tls.key'
ok "nor can that of publishd" \
    on dns1 sh -c '! runuser -u dnsmail-publish -- cat /etc/dnsmail/tls.key'
forbids signerd "inet ok" "inet6 ok" "netlink EAFNOSUPPORT" \
    "name-server EINPROGRESS" "multicast EPERM" \
    "publishd-key EACCES" "reaperd-key EACCES"
ok "... and is back" wait_for 60 up 2

# The resolver is another address of dns1: only the unit is between.
said() { inside journalctl -q --no-pager -o cat --since "$since" -u signerd | grep -Eq "$1"; }
since=$(inside date '+%F %T')
inside sed -i '/dns[12]\./d' /etc/hosts
inside systemctl restart signerd
ok "names that are not in /etc/hosts are asked for, which the unit forbids" \
    wait_for 30 said 'dns1.domain.test:8530: no connection: .*name resolution'
ok "... so nobody is found" up 0
{
	page '### The mail servers' 2
	echo 'IPAddressAllow=192.0.2.53'
} | edit mx1 signerd
inside systemctl restart signerd
ok "with the resolver in IPAddressAllow both are found" wait_for 60 up 2
queue 1 names
wait_for 30 have_arrived 1
is "a message is signed, and verified" "$(tally)" "$(all_well 1)"

# The units of publishd as narrow as the page allows.
narrow() { # MACHINE ADDRESS...
	{
		page '### The DNS Mail server' 2
		printf 'IPAddressAllow=\nIPAddressAllow=%s\n' "${*:2}"
	} | edit "$1" publishd
	on "$1" systemctl restart publishd
}
narrow dns2 192.0.2.1
ok "a publishd whose unit does not name the mail server is not reached" \
    wait_for 30 up 1
narrow dns2 192.0.2.1 192.0.2.10
ok "... one that does is" wait_for 30 up 2

# ---- fail-over --------------------------------------------------------------------------

# load COUNT: traffic that is to arrive
load() {
	COUNT=$1
	log >/dev/null
	traffic "$1"
}
# went_through WHAT: all of the traffic, and nothing was put off
went_through() {
	traffic_ended
	wait_for 60 all_have_arrived "$COUNT"
	log >"$W/log"
	is "$1: nothing is lost, nothing unsigned" "$(tally)" "$(all_well "$COUNT")"
	is "... nothing was put off" "$(deferred)" ""
}
for m in dns1 dns2; do
	since=$(inside date '+%F %T')
	load 200
	under_way 50 on $m systemctl stop publishd
	went_through "publishd of $m is stopped"
	ok "... the log says who is away" said "publisher .*$m.*: is away"
	on $m systemctl start publishd
	ok "... and it is back" wait_for 30 up 2
done

# Its cable is pulled: nobody says a word.
since=$(inside date '+%F %T')
load 400
under_way 50 inside ip link set dns2 down
cut=$(date +%s%N)
ok "dns2 is gone without a word, which is noticed" \
    wait_for 60 said 'publisher .*dns2.*: (is away|no connection)'
noticed=$((($(date +%s%N) - cut) / 1000000))
diag "noticed after $noticed ms"
ok "... within 15 s" test $noticed -lt 15000
went_through "dns2 is gone"
inside ip link set dns2 up
ok "... and it is back" wait_for 90 up 2

# ---- a new certificate ---------------------------------------------------------------------

signers() { # NAME...: those that publishd has
	local m list
	list=$(printf ', "tls:%s.domain.test"' "$@")
	for m in dns1 dns2; do
		on $m sed -i "s/signers  *=.*/signers = {\"dnsmail-sign\"$list}/" $CONF
		on $m systemctl reload publishd || return
	done
}
serial() { openssl x509 -noout -serial; }
shown() { # MACHINE: the certificate that it shows
	inside sh -c "openssl s_client -connect $1.domain.test:8530 </dev/null 2>/dev/null"
}
is_new() { [ "$(shown "$1" | serial)" = "$(serial <"$CA/$1.domain.test.crt")" ]; }
reload() { # MACHINE DAEMON
	bring "$1"
	on "$1" systemctl reload "$2"
}
load 300
again dns1 && again dns2 && again mx1 mx2
under_way 50 reload dns1 publishd
under_way 100 reload dns2 publishd
under_way 150 reload mx1 signerd
went_through "each has a new certificate, by reload"
for m in dns1 dns2; do
	ok "$m shows it" is_new $m
done
ok "signerd's is for another name, the only one that may ask now" signers mx2
one_more() { # NAME: it arrives
	queue 1 "$1"
	wait_for 60 all_have_arrived 1
	tally
}
is "... and it does" "$(one_more named)" "$(all_well 1)"

# ---- out, and in again ------------------------------------------------------------------------

log >/dev/null
ok "it is taken out" signers mx1
queue 1 out
put_off() {
	log >>"$W/log"
	grep -q 'status=deferred.*451 4\.7\.1' "$W/log"
}
: >"$W/log"
ok "... so its mail is put off" wait_for 30 put_off
like "... the log of who was asked says why" "$(for m in dns1 dns2; do
	on $m journalctl -q --no-pager -o cat -u publishd; done | grep refused:)" \
    'this user may not ask that domain=domain\.test names="?mx2\.domain\.test'
is "... it waits in the queue" "$(arrived) $(inside postqueue -j | grep -c .)" "0 1"
ok "it is let in again" signers mx1 mx2
wait_for 60 all_have_arrived 1
is "... and its mail arrives" "$(tally)" "$(all_well 1)"

# ---- a new key --------------------------------------------------------------------------------

restart() { # MACHINE DAEMON
	bring "$1"
	on "$1" systemctl restart "$2"
}
load 200
certificate mx1
certificate dns1
under_way 50 restart dns1 publishd
under_way 100 restart mx1 signerd
went_through "new keys, by restart"
ok "dns1 shows it" is_new dns1
ok "signerd has its own name again, the only one that may ask now" signers mx1
is "... and it does" "$(one_more renamed)" "$(all_well 1)"

for m in dns1 dns2; do
	"$TESTS/box" halt "$W/$m"
done
