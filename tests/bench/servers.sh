# shellcheck shell=bash
# The servers of the benchmark: BIND on port 53 of the namespace, our daemons,
# OpenDKIM signing and verifying, and a milter that does nothing.

DOMAIN=domain.com
CLIENT_IN=127.0.0.1	# a client whose mail is signed
CLIENT_OUT=192.0.2.1	# a client whose mail is verified

# bench_bind [ZONE-FILE]: the primary of DOMAIN, and the resolver. Its memory
# is in huge pages, as README advises, also where the kernel gives them to
# those only who ask (madvise); NAMED_MALLOC= measures it without.
bench_bind() {
	local dir=$W/named
	mkdir -p "$dir"
	key_file "$dir/update.key" update-key $UPDATE_SECRET
	key_file "$dir/transfer.key" transfer-key $TRANSFER_SECRET
	[ -e "$W/dkim/s1.txt" ] || dkim_keys
	{
		zone_text $DOMAIN
		echo 'dnsmail TXT "127.0.0.1"'
		cat "$W/dkim/s1.txt"
		[ $# = 0 ] || cat "$1"
	} >"$dir/$DOMAIN.zone"
	cat "$dir/update.key" "$dir/transfer.key" - >"$dir/named.conf" <<X
options {
	directory "$dir";
	listen-on { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion no;
	dnssec-validation no;
	${NAMED_NOTIFY-notify no;}
	max-journal-size 500m;
};
controls { };
zone "$DOMAIN" {
	type primary;
	file "$DOMAIN.zone";
	update-policy { grant update-key zonesub TXT; };
	allow-transfer { key transfer-key; };
};
X
	rm -f "$dir"/*.jnl
	MALLOC_CONF=${NAMED_MALLOC-thp:always} \
	    start_named named -n 2 -c "$dir/named.conf"
	wait_for 120 bind_answers 53 $DOMAIN ||
	    { echo "named does not answer"; tail "$W/named.log"; exit 1; }
}

dkim_keys() {
	mkdir -p "$W/dkim"
	(cd "$W/dkim" && opendkim-genkey -b 2048 -s s1 -d $DOMAIN)
}

bench_daemons() {
	cat >"$W/dnsmail.conf" <<X
authserv-id = "mx.bench.example"
run-dir = "$W/run"
domain "$DOMAIN" {
	primary = "127.0.0.1"
}
signerd {
	user = "0"
	milter = {"unix:$W/run/signerd.sock"}
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	${SIGNERD_OPTIONS-}
}
publishd {
	user = "0"
	listen = {"ipc://$W/run/publishd/publish.ipc"}
	key-file = "$W/named/update.key"
	signers = {"0"}
	removers = {"0"}
}
verifyd {
	user = "0"
	milter = {"unix:$W/run/verifyd.sock"}
	resolvers = {"127.0.0.1"}
	allow-networks = {"127.0.0.0/8"}
	max-query-rate = 0
	max-queries-per-server = 0
	${VERIFYD_OPTIONS-}
}
X
	mkdir -p "$W/run"
	start publishd "$BUILD/publishd" -c "$W/dnsmail.conf"
	start signerd "$BUILD/signerd" -c "$W/dnsmail.conf"
	start verifyd "$BUILD/verifyd" -c "$W/dnsmail.conf"
	wait_for 20 test -S "$W/run/signerd/status.ipc" -a \
	    -S "$W/run/publishd/status.ipc" -a \
	    -S "$W/run/verifyd/status.ipc" ||
	    { echo "the daemons are not up"; tail -n 3 "$W"/*d.log; exit 1; }
}

# opendkim_start NAME MODE
opendkim_start() {
	cat >"$W/$1.conf" <<X
Mode $2
Domain $DOMAIN
Selector s1
KeyFile $W/dkim/s1.private
Canonicalization relaxed/relaxed
Socket local:$W/run/$1.sock
Nameservers 127.0.0.1
InternalHosts $CLIENT_IN
RequireSafeKeys no
Background no
Syslog no
UMask 000
X
	start "$1" opendkim -f -x "$W/$1.conf"
	wait_for 10 test -S "$W/run/$1.sock"
}

bench_others() {
	opendkim_start dkim-sign s
	opendkim_start dkim-verify v
	start null "$BUILD/null_milter" "unix:$W/run/null.sock"
	wait_for 10 test -S "$W/run/null.sock"
}

# All of it once, with an empty zone.
bench_up() {
	[ -z "${BENCH_UP-}" ] || return 0
	BENCH_UP=1
	bench_bind
	bench_daemons
	bench_others
}

# named ends and starts with the records of FILE in its zone.
bench_zone() {
	stop named
	bench_bind "$@"
}
