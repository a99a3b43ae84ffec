# shellcheck shell=bash
# Sourced after lib.sh by tests that follow a message from signerd through
# publishd and BIND to verifyd. Brings lib-signerd.sh and lib-verifyd.sh.
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-verifyd.sh"

# roundtrip_start [LINES-OF-SIGNERD [LINES-OF-VERIFYD]]: BIND with two domains
# (and $MORE_ZONE, which is $MORE_DOMAIN in the configuration) that take part,
# and the three daemons.
roundtrip_start() {
	start_bind ns domain.test nonprofit.test ${MORE_ZONE-}
	for zone in domain.test nonprofit.test ${MORE_ZONE-}; do
		printf 'server 127.0.0.1 %s\nadd %s 60 TXT "127.0.0.1@%s"\nsend\n' \
		    "$PORT_ns" "dnsmail.$zone" "$PORT_ns"
	done | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"
	roundtrip_conf "$@"
	start_daemon publishd
	start_daemon signerd
	start_daemon verifyd
}
roundtrip_conf() {
	conf "${1-}"
	[ -z "${MORE_ZONE-}" ] || echo "domain \"$MORE_DOMAIN\" {
		primary = \"127.0.0.1@$PORT_ns\"
	}" >>"$W/dnsmail.conf"
	cat >>"$W/dnsmail.conf" <<X
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {"127.0.0.1@$PORT_ns"}
	exempt = {"192.0.2.0/24"}
	$REACH
	${2-}
}
X
}
# roundtrip_signer LINES, roundtrip_verifier LINES: that daemon anew, with these
roundtrip_signer() {
	stop signerd
	roundtrip_conf "$@"
	start_daemon signerd
}
roundtrip_verifier() {
	stop verifyd
	roundtrip_conf "" "$@"
	start_daemon verifyd
}

# site DOMAIN LINES-OF-SIGNERD: signerd as this one has it
site() {
	stop signerd
	roundtrip_conf "${2-}"
	awk -v keep="\"$1\"" '$1 != "domain" || $2 == keep { print; next }
	    $NF !~ /}$/ { while ((getline line) > 0 && line !~ /}/); }' \
	    "$W/dnsmail.conf" >"$W/one.conf"
	mv "$W/one.conf" "$W/dnsmail.conf"
	start_daemon signerd
}

# The last line of what signerd said, or of this answer: both libraries have it.
final() { tail -n 1 <<<"${1-$answer}"; }

# arrives OPTION...: a message with the IDs that signerd gave last, at verifyd.
# The field that it gets.
arrives() {
	local id ids=()
	for id in $(ids); do
		ids+=(-h "DNS-Mail-ID: $id")
	done
	field "$(mta "${ids[@]}" "$@")"
}

# zone_texts: all that somebody sees who may transfer the zones
zone_texts() {
	local zone
	for zone in domain.test nonprofit.test ${MORE_ZONE-}; do
		dig @127.0.0.1 -p "$PORT_ns" -k "$W/ns/transfer.key" $zone AXFR \
		    +noall +answer +time=20 | awk '$4 == "TXT"'
	done
}
