# shellcheck shell=bash
# Sourced by the tests of dnsmail-check in place of lib.sh: a site with addresses
# that strangers could reach, in a network of its own. 9.9.9.1 is the primary and
# 9.9.9.2 its secondary, 9.9.9.3 has the public zone and is the resolver; nobody
# is at 9.9.9.9. Needs root.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${CHECK_NETWORK-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
	export CHECK_NETWORK=1
	exec unshare -n "$0" "$@"
fi
. "$TESTS/lib.sh"
ip link set lo up
for n in 1 2 3 4 9; do
	ip addr add 9.9.9.$n/32 dev lo
done

RUN_AS=64321
DOMAIN=domain.test

# named_conf NAME ADDRESS ZONE-LINES: its configuration; named NAME starts it
named_conf() {
	local dir=$W/$1
	mkdir -p "$dir"
	key_file "$dir/update.key" update-key $UPDATE_SECRET
	key_file "$dir/transfer.key" transfer-key $TRANSFER_SECRET
	cat "$dir/update.key" "$dir/transfer.key" - >"$dir/named.conf" <<X
options {
	directory "$dir";
	listen-on { $2; };
	listen-on-v6 { none; };
	query-source address $2;
	transfer-source $2;
	notify-source $2;
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion no;
	dnssec-validation no;
	key-directory "$dir";
};
controls { };
${NAMED_EXTRA-}
zone "$DOMAIN" {
	file "zone";
	$3
};
X
}
named() { # NAME ADDRESS
	bind_again "$1"
	wait_for 20 named_answers "$2" ||
	    diag "named does not answer: $(tail -5 "$W/$1.log")"
}
named_answers() {
	dig +short +time=1 +tries=1 "@$1" $DOMAIN SOA | grep -q '^[^;]'
}

GOOD_POLICY="update-policy {
		deny update-key subdomain dnsmail.$DOMAIN. ANY;
		deny update-key subdomain _dmarc.$DOMAIN. ANY;
		grant update-key wildcard *.$DOMAIN. TXT;
	};"
GOOD_TRANSFER="allow-transfer { key transfer-key; };"
zone_data() {
	cat <<X
\$TTL 60
@	SOA ns hostmaster ${SERIAL:-1} 60 60 3600 5
@	NS ns
ns	A 9.9.9.1
dnsmail	TXT "9.9.9.1,9.9.9.2"
X
}
TOLD="notify explicit; also-notify { 9.9.9.2; }; notify-delay 0;"
# primary [POLICY [TRANSFER [MORE]]]: anew, with an empty journal; its secondary
# follows by the serial
primary() {
	stop ns
	rm -rf "$W/ns"
	named_conf ns 9.9.9.1 "type primary;
	${1:-$GOOD_POLICY}
	${2:-$GOOD_TRANSFER}
	${NOTIFY-$TOLD}
	${3-}"
	SERIAL=$((${SERIAL:-0} + 1000))
	zone_data >"$W/ns/zone"
	named ns 9.9.9.1
}
secondary() { # [LINES]
	stop ns2
	rm -rf "$W/ns2"
	named_conf ns2 9.9.9.2 "type secondary;
	primaries { 9.9.9.1 key transfer-key; };
	allow-transfer { none; };
	${1-}"
	named ns2 9.9.9.2
}
# public TEXT...: what dnsmail.DOMAIN is in the public zone; none: nothing
public() {
	local text
	stop public
	named_conf public 9.9.9.3 "type primary;"
	{
		zone_data | grep -v ^dnsmail
		for text; do
			printf 'dnsmail TXT "%s"\n' "$text"
		done
	} >"$W/public/zone"
	named public 9.9.9.3
}

# site_conf [LINES-OF-DOMAIN [LINES-OF-PUBLISHD]]
BOTH='servers = {"9.9.9.1", "9.9.9.2"}'
site_conf() {
	cat >"$W/dnsmail.conf" <<X
run-dir = "$W/run"
group = ""
domain "$DOMAIN" {
	primary = "9.9.9.1"
	${1:-$BOTH}
}
signerd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/signerd/milter.sock"}
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
}
publishd {
	user = "$RUN_AS"
	listen = {"ipc://$W/run/publishd/publish.ipc"}
	key-file = "$W/update.key"
	signers = {"$RUN_AS"}
	removers = {"$RUN_AS"}
	timeout = "${TIMEOUT-2s}"
	${2-}
}
verifyd {
	user = "$RUN_AS"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {"9.9.9.3"}
}
reaperd {
	user = "$RUN_AS"
	key-file = "$W/transfer.key"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	poll = "1s"
}
X
}
site_start() {
	local daemon
	key_file "$W/update.key" update-key $UPDATE_SECRET
	key_file "$W/transfer.key" transfer-key $TRANSFER_SECRET
	primary
	secondary
	public "9.9.9.1,9.9.9.2"
	site_conf
	for daemon in publishd signerd verifyd reaperd; do
		start_daemon $daemon
	done
}
# again DAEMON: anew, with the configuration as it is
again() { stop "$1"; start_daemon "$1"; }

# check ARG...: sets $out and $status. The host's clock may be kept or not, and
# a root server is not here.
check() {
	out=$("$BUILD/dnsmail-check" -c "$W/dnsmail.conf" --outside 9.9.9.3 \
	    --mta-user "${MTA_USER-nobody}" --ignore clock-unsynced \
	    --ignore daemon-warned "$@" 2>&1 </dev/null)
	status=$?
}
# says NAME LEVEL WORDS: a finding, and that it has a remedy unless it is ok
says() {
	if [ "$2" = ok ]; then
		like "$1" "$out" "^ok +$3"
	else
		like "$1" "$(grep -A1 -E "^$2 " <<<"$out" |
		    grep -v '^--' | sed 'N; s/\n */ /')" "^$2 +$3.* -> [^ ]"
	fi
}
never() { unlike "$1" "$out" "^$2 +$3"; }
bad() { grep -E '^(warning|critical|cannot tell)' <<<"$out"; } # what is not ok

# what is in the zone for who may transfer it
zone_now() {
	dig @9.9.9.1 -k "$W/transfer.key" $DOMAIN AXFR +noall +answer |
	    grep -v SOA | sort
}
