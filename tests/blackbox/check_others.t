#!/bin/bash
# dnsmail-check with PowerDNS and Knot DNS: publishing, how far the update key
# reaches (and where that cannot be told), transfers.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-status.sh"
plan 18

check() {
	out=$("$BUILD/dnsmail-check" -c "$W/dnsmail.conf" \
	    --outside "127.0.0.1@$1" --mta-user root 2>&1)
}
site() { # PORT KEY-FILE
	four_conf "$1"
	sed -i "/^publishd/,/^}/s#key-file = .*#key-file = \"$2\"#" "$W/dnsmail.conf"
	stop publishd
	start_daemon publishd
}
zone_now() { # PORT
	dig @127.0.0.1 -p "$1" -y "hmac-sha256:transfer-key:$TRANSFER_SECRET" \
	    example.test AXFR +noall +answer | grep -v SOA | sort
}
works() { # NAME
	like "$1: a probe is published" "$out" '^ok +example.test: a probe record was published'
	like "$1: ... and removed" "$out" '^ok +example.test: the probe record was removed'
	like "$1: ... its clock is seen" "$out" '^ok +example.test: the primary .* has our time'
}
ALL="MX of example.test, TXT of example.test, AAAA of www.example.test, TXT of _dmarc.example.test, TXT of dnsmail.example.test"

start_knot knot example.test
site "$PORT_knot" "$W/knot/update.key"
zone_now "$PORT_knot" >"$W/before"
check "$PORT_knot"
works Knot
like "Knot: a key for all TXT" "$out" \
    '^warning +example.test: the update key may also change TXT of example.test, TXT of _dmarc.example.test, TXT of dnsmail.example.test '
like "Knot: ... it may change nothing else" "$out" \
    '^ok +example.test: the update key may not change MX of example.test, AAAA of www.example.test '
like "Knot: no transfer without a key" "$out" 'gives no transfer without a key: NOTAUTH'
is "Knot: nothing in the zone has changed" "$(zone_now "$PORT_knot")" "$(cat "$W/before")"
stop knot
# As etc/setup/knot.conf has it.
awk '/^  - id: update$/ {
	print "  - id: not\n    key: update-key\n    action: update\n    update-owner: name"
	print "    update-owner-match: sub-or-equal"
	print "    update-owner-name: [ dnsmail, _dmarc ]\n    deny: on" }
    { print }
    /update-type: TXT/ {
	print "    update-owner: name\n    update-owner-match: sub"
	print "    update-owner-name: example.test." }
    ' "$W/knot/knot.conf" | sed 's/acl: \[update,/acl: [not, update,/' >"$W/knot.conf"
cp "$W/knot.conf" "$W/knot/knot.conf"
knot_again knot
wait_for 20 bind_answers "$PORT_knot" example.test
check "$PORT_knot"
like "Knot: a key that is limited as dnsmail-setup does it" "$out" \
    "^ok +example.test: the update key may not change $ALL "
unlike "Knot: ... nothing is left to warn of" "$out" 'may also change'
stop knot

start_pdns pdns example.test
site "$PORT_pdns" "$W/pdns/update.key"
zone_now "$PORT_pdns" >"$W/before"
check "$PORT_pdns"
works PowerDNS
like "PowerDNS: what the key may cannot be told" "$out" \
    "^cannot tell +example.test: whether the update key may change $ALL .*: PowerDNS says yes also"
like "PowerDNS: it gives transfers to everybody on the host" "$out" \
    '^warning +example.test: 127.0.0.1@[0-9]+ gives the whole zone without a key to every user of this host'
is "PowerDNS: nothing in the zone has changed" "$(zone_now "$PORT_pdns")" "$(cat "$W/before")"
stop pdns
# The reason why it cannot be told: what a script forbids is answered NOERROR.
cat >"$W/policy.lua" <<'X'
function updatepolicy(input)
	return input:getQType() == pdns.TXT and
	    input:getQName():toString() ~= input:getZoneName():toString()
end
X
echo "lua-dnsupdate-policy-script=$W/policy.lua" >>"$W/pdns/pdns.conf"
pdns_again pdns
wait_for 20 bind_answers "$PORT_pdns" example.test
printf 'server 127.0.0.1 %s\nzone example.test\nadd example.test 60 MX 9 no.test\nsend\n' \
    "$PORT_pdns" | nsupdate -v -k "$W/pdns/update.key"
is "PowerDNS with a policy script: it says yes to what that forbids" "$?" 0
is "... and does not do it" "$(zone_now "$PORT_pdns")" "$(cat "$W/before")"
check "$PORT_pdns"
like "... so it cannot be told either" "$out" \
    "^cannot tell +example.test: whether the update key may change $ALL "
