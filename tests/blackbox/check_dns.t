#!/bin/bash
# dnsmail-check: what the public zone lists, who may read a whole zone, and port
# 53 outbound; each as it should be and broken, with real BIND.
. "$(dirname "$0")/../lib-check.sh"
plan 30

site_start
MTA_USER=root

# ---- what dnsmail.DOMAIN lists

lists() { # NAME LEVEL WORDS TEXT...
	local name=$1 level=$2 words=$3
	shift 3
	public "$@"
	check
	says "$name" "$level" "$DOMAIN: $words.*asked of 9.9.9.3"
}
lists "as the configuration" ok "dnsmail.$DOMAIN lists 9.9.9.[12],9.9.9.[12], as" \
    "9.9.9.2" "9.9.9.1"
is "... exit" "$status" 0
lists "none" critical "there is no dnsmail.$DOMAIN in DNS"
is "... exit" "$status" 2
like "... what to put into the public zone" "$out" \
    "-> put into the public zone: dnsmail.$DOMAIN. 60 IN TXT \"9.9.9.1,9.9.9.2\"\$"
lists "no address" critical "dnsmail.$DOMAIN names no address" "see below"
lists "one more" critical "dnsmail.$DOMAIN lists 9.9.9.4, which the config" \
    "9.9.9.1,9.9.9.2,9.9.9.4"
lists "one less" warning "dnsmail.$DOMAIN does not list 9.9.9.2," "9.9.9.1"
lists "a private address" critical "dnsmail.$DOMAIN lists 10.1.2.3, which nobody" \
    "9.9.9.1,9.9.9.2,10.1.2.3"
lists "another port" critical "dnsmail.$DOMAIN lists 9.9.9.2@5353, and verifiers" \
    "9.9.9.1,9.9.9.2@5353"
lists "too many" warning "dnsmail.$DOMAIN lists 5 servers" \
    "9.9.9.1,9.9.9.2,9.9.9.4,9.9.9.5,9.9.9.6"
stop public
check
says "the resolver is away" "cannot tell" \
    "$DOMAIN: the resolver 9.9.9.3 does not tell dnsmail.$DOMAIN: "
says "... which is seen at port 53, too" critical \
    "port 53: 9.9.9.3 \(a resolver of verifyd\) answers neither by UDP nor by TCP"
public "9.9.9.1,9.9.9.2"

# ---- the servers themselves

stop ns2
DOMAIN_WAS=$DOMAIN
DOMAIN=other.test
named_conf ns2 9.9.9.2 "type primary;"
zone_data >"$W/ns2/zone"
named ns2 9.9.9.2
DOMAIN=$DOMAIN_WAS
check
says "a server without the zone" critical "$DOMAIN: 9.9.9.2 has no zone for it: REFUSED"
rm -rf "$W/ns2"
stop ns2
secondary
stop ns
sed 's/9.9.9.1,9.9.9.2/9.9.9.4/' <(zone_data) >"$W/other"
primary
printf 'server 9.9.9.1\nupdate delete x.%s TXT\nsend\n' "$DOMAIN" |
    nsupdate -k "$W/update.key"
stop ns
rm -f "$W/ns/zone.jnl"
cp "$W/other" "$W/ns/zone"
named ns 9.9.9.1
check
says "a server that has another list itself" warning \
    "$DOMAIN: 9.9.9.1 itself says that dnsmail.$DOMAIN lists 9.9.9.4"

# ---- who may read the whole zone

primary "" "allow-transfer { any; };"
check
is "transfers for anybody: exit" "$status" 2
says "... critical" critical "$DOMAIN: 9.9.9.1 gave the whole zone without a key"
says "... the other does not" ok "$DOMAIN: 9.9.9.2 gives no transfer without a key"

# signed NSEC3-LINE: the primary with a signed zone
signed() {
	NAMED_EXTRA="dnssec-policy site {
		keys { csk lifetime unlimited algorithm ecdsa256; };
		$1
	};" primary "" "" "dnssec-policy site;"
	wait_for 30 has_chain || diag "not signed: $(tail -3 "$W/ns.log")"
}
has_chain() {
	dig +dnssec +noall +authority @9.9.9.1 no-such.$DOMAIN TXT |
	    grep -Eq 'NSEC3?[[:space:]]'
}
signed ""
check
is "signed with NSEC: exit" "$status" 2
says "... critical" critical "$DOMAIN: at 9.9.9.1 it is signed with NSEC: "
signed "nsec3param iterations 0 optout no salt-length 0;"
check
says "signed with NSEC3" ok \
    "$DOMAIN: at 9.9.9.1 it is signed with NSEC3 \(0 iterations, no opt-out\)"
signed "nsec3param iterations 20 optout yes salt-length 0;"
check
says "signed with NSEC3 of many iterations" warning \
    "$DOMAIN: at 9.9.9.1 it is signed with NSEC3 of 20 iterations \(opt-out\)"
primary

# ---- port 53 outbound

check --outside 9.9.9.9
says "nobody far away answers" critical \
    "port 53: 9.9.9.9 \(outside\) answers neither by UDP nor by TCP: "
says "... but the resolver does" ok \
    "port 53: 9.9.9.3 \(a resolver of verifyd\) answers by UDP and TCP"
start fake "$BUILD/dns_fake" 9.9.9.9@53 "$W/table"
echo '*/tcp silence' >"$W/table"
check --outside 9.9.9.9
says "TCP is blocked" critical "port 53: 9.9.9.9 \(outside\) answers by UDP, but not by TCP: "
is "... exit" "$status" 2
echo '*/udp silence' >"$W/table"
check --outside 9.9.9.9
says "UDP is blocked" critical "port 53: 9.9.9.9 \(outside\) answers by TCP, but not by UDP: "
: >"$W/table"
check --outside 9.9.9.9
says "neither is" ok "port 53: 9.9.9.9 \(outside\) answers by UDP and TCP"
n1='\x00\x00\x00\x01' # a number of a SOA
echo "$DOMAIN/udp rr 6 \\x00\\x00$n1$n1$n1$n1$n1" >"$W/table"
echo '*/tcp silence' >>"$W/table"
site_conf 'servers = {"9.9.9.1", "9.9.9.9"}'
check
says "a server of ours without TCP" critical "$DOMAIN: 9.9.9.9 answers by UDP, but not by TCP: "
site_conf
check --json
is "as it was: exit" "$status" 0
