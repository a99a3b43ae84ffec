#!/bin/bash
# dnsmail-check on a domain with several primaries: each is looked at. PowerDNS
# on one database, one of two away or silent; BINDs that share nothing; a BIND
# that follows the other, and takes updates or not.
. "$(dirname "$0")/../lib-check.sh"
plan 46

ONE=9.9.9.1 TWO=9.9.9.2
# Those that the configuration has, and what publishd does with them.
primaries() {
	sed -i "s/primary = .*/primary = {\"$ONE\", \"$TWO\"}/" "$W/dnsmail.conf"
	again publishd
	again reaperd
}
takes() { # ADDRESS: what is said of one that does all it should
	says "... $1 takes a record that all show" ok \
	    "$DOMAIN: the primary $1 took a probe record, and each server that answers showed it"
}
both_shown() {
	for server in $ONE $TWO; do
		says "... $server showed the probe" ok \
		    "$DOMAIN: $server showed the probe record after "
	done
}
by() { # ADDRESS
	says "... the probe was taken by $1" ok \
	    "$DOMAIN: a probe record was published in [0-9]+ ms \(primary $1\)"
	says "... and removed there" ok \
	    "$DOMAIN: the probe record was removed in [0-9]+ ms \(primary $1\)"
}

site_start
MTA_USER=root

# ---- PowerDNS on one database ------------------------------------------------------------

stop ns
stop ns2
mkdir -p "$W/pdns" "$W/other"
zone_data >"$W/pdns/$DOMAIN.zone"
start_pdns pdns $DOMAIN
stop pdns
at() { # NAME ADDRESS
	sed "s#^local-address=.*#local-address=$2#; s#^local-port=.*#local-port=53#
	    s#^socket-dir=.*#socket-dir=$W/$1#; s#^allow-dnsupdate-from=.*#allow-dnsupdate-from=9.9.9.0/24#" \
	    "$W/pdns/pdns.conf" >"$W/$1.conf"
	mv "$W/$1.conf" "$W/$1/pdns.conf"
}
at other $TWO
at pdns $ONE
up() { # NAME ADDRESS
	pdns_again "$1"
	wait_for 20 named_answers "$2" || diag "$1: $(tail -n 3 "$W/$1.log")"
}
up pdns $ONE
up other $TWO
primaries
check --ignore reach-unknown
is "PowerDNS on one database: exit" "$status" 0
is "... nothing is bad" "$(bad)" ""
by $ONE
takes $ONE
takes $TWO
both_shown
says "... they have one serial" ok "$DOMAIN: its primaries have the same serial"
for server in $ONE $TWO; do
	says "... $server gives no transfer" ok "$DOMAIN: $server gives no transfer without a key"
	says "... the clock of $server is looked at" ok "$DOMAIN: the primary $server has our time"
done
ok "... the log says which primary was probed" grep -Eq \
    "action=probe-add uid=0 user=root domain=$DOMAIN primary=$TWO@53$" "$W/publishd.log"
zone_texts() { dig "@$TWO" -k "$W/transfer.key" $DOMAIN AXFR +noall +answer | grep -c probe@; }
is "... and no record is left" "$(zone_texts)" 0

stop pdns
check --ignore reach-unknown
is "one is away: exit, as not all can be told" "$status" 3
by $TWO
says "... it does not answer" warning "$DOMAIN: the primary $ONE does not answer: .*; another one does"
says "... it takes no record" warning "$DOMAIN: the primary $ONE took no probe record: Connection refused"
takes $TWO
never "... and nothing is critical" critical ""
up pdns $ONE

again publishd
kill -s STOP "${PIDS[other]}"
check --ignore reach-unknown
says "one is silent: it takes no record" warning "$DOMAIN: the primary $TWO took no probe record: the primary did not answer in time"
takes $ONE
never "... nothing is critical" critical ""
never "... and there was time for everything" "cannot tell" ".*not looked at"
kill -s CONT "${PIDS[other]}"

# Where every packet is lost, and with the default timeout.
ip route add 192.0.2.0/24 dev lo
sed -i "s/primary = .*/primary = {\"192.0.2.1\", \"$ONE\", \"192.0.2.2\"}/
    s/timeout = .*/timeout = \"8s\"/" "$W/dnsmail.conf"
again publishd
before=$SECONDS
check --ignore reach-unknown
diag "two of three lost: $((SECONDS - before)) s"
for server in 192.0.2.1 192.0.2.2; do
	says "packets to $server are lost" warning "$DOMAIN: the primary $server took no probe record: the primary did not answer in time"
done
takes $ONE
never "... and there was time for everything" "cannot tell" ".*not looked at"
sed -i 's/timeout = .*/timeout = "2s"/' "$W/dnsmail.conf"
primaries
stop pdns
stop other
check
says "both are away: critical" critical "$DOMAIN: $ONE does not answer: "
says "... each of them" critical "$DOMAIN: $TWO does not answer: "
says "... no record can be published" critical "$DOMAIN: no record can be published: "

# ---- two BINDs that share nothing ----------------------------------------------------------

alone() { # the second, a primary of its own
	stop ns2
	rm -rf "$W/ns2"
	named_conf ns2 $TWO "type primary; $GOOD_POLICY $1"
	SERIAL=$2 zone_data >"$W/ns2/zone"
	named ns2 $TWO
}
TIMEOUT=2s NOTIFY="notify no;" primary
alone "allow-transfer { any; };" 5
again publishd
check
is "two that share nothing: exit" "$status" 2
says "... what the first takes" critical "$DOMAIN: the primary $ONE took a probe record, and $TWO does not show it"
says "... what the second takes" critical "$DOMAIN: the primary $TWO took a probe record, and $ONE does not show it"
says "... their serials" warning "$DOMAIN: the primary $TWO has serial [0-9]+, and does not come to that of $ONE, [0-9]+"
says "... and publishing" critical "$DOMAIN: no record can be published: $TWO@53 does not show the record: NXDOMAIN"
says "the second gives the zone to anybody" critical "$DOMAIN: $TWO gave the whole zone without a key"
is "nothing is left in the first" "$(zone_now | grep -c probe@)" 0
is "... nor in the second" "$(dig @$TWO $DOMAIN AXFR +noall +answer | grep -c probe@)" 0

# ---- a BIND that follows the other -----------------------------------------------------------

primary
secondary
again publishd
check --ignore reach-unknown
is "the second follows, and takes no updates: exit" "$status" 1
says "... which is said" warning "$DOMAIN: the primary $TWO took no probe record: .*(REFUSED|NOTAUTH|NOTIMP)"
takes $ONE
secondary "allow-update-forwarding { any; };"
again publishd
check --ignore reach-unknown
says "one that passes updates on to the first is none, either" warning \
    "$DOMAIN: the primary $TWO took no probe record: its answer is not to be believed"
is "... and nothing is left of them" "$(zone_now | grep -c probe@)" 0
