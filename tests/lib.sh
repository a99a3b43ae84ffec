# shellcheck shell=bash
# Sourced by the black-box tests (bash). TAP on stdout; every process that a
# test starts is remembered by pid and ended with it; its directory is removed
# unless something failed. Nothing here sleeps to wait: wait_for polls.
#
#   . "$(dirname "$0")/../lib.sh"
#   plan 3
#   start_bind ns example.test
#   ok "a claim" command args...

set -u
BUILD=${BUILD:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build}
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TEST=$(basename "$0" .t)
mkdir -p "$BUILD/work"
W=$(mktemp -d "$BUILD/work/$TEST.XXXXXX")	# this test's directory
chmod 755 "$W"
declare -A PIDS=()
_planned=0 _ran=0 _failed=0

plan() { _planned=$1; echo "1..$1"; }
skip_all() { echo "1..0 # SKIP $*"; _planned=0; exit 0; }
# needs COMMAND...: of what .ci/packages installs, so CI fails where one is missing
needs() {
	local c
	for c; do
		command -v "$c" >/dev/null || skip_all "$c is not installed"
	done
}
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

_result() { # STATUS NAME
	_ran=$((_ran + 1))
	if [ "$1" = 0 ]; then
		echo "ok $_ran - $2"
	else
		_failed=$((_failed + 1))
		echo "not ok $_ran - $2"
		diag "logs are in $W"
	fi
}

# ok NAME COMMAND...: the command succeeds. Its output is shown when not.
ok() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		_result 0 "$name"
	else
		_result 1 "$name"
		diag "expected success of: $*"
		diag "saw: $out"
	fi
}

# is NAME SEEN EXPECTED
is() {
	if [ "$2" = "$3" ]; then
		_result 0 "$1"
	else
		_result 1 "$1"
		diag "expected: $3"
		diag "saw:      $2"
	fi
}

# like NAME SEEN EXTENDED-REGEX; unlike the same, negated
like() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		_result 0 "$1"
	else
		_result 1 "$1"
		diag "expected to match: $3"
		diag "saw: $2"
	fi
}
unlike() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		_result 1 "$1"
		diag "expected not to match: $3"
		diag "saw: $2"
	else
		_result 0 "$1"
	fi
}

# wait_for SECONDS COMMAND...: polls until it succeeds; 1 when time is over.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.05 <> <(:) || :
	done
}

# start NAME COMMAND...: in the background; output in $W/NAME.log.
start() {
	local name=$1
	shift
	"$@" >>"$W/$name.log" 2>&1 </dev/null &
	PIDS[$name]=$!
}
alive() { kill -0 "${PIDS[$1]}" 2>/dev/null; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# stop NAME [SIGNAL]: ends it and gives its exit status.
stop() {
	local pid=${PIDS[$1]-} status
	[ -n "$pid" ] || return 0
	unset "PIDS[$1]"
	# In this order: CONT would undo the stop with which a leak checker
	# looks at a process that is ending, and hang it.
	kill -s CONT "$pid" 2>/dev/null
	kill -s "${2-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	status=$?
	return $status
}

AT_EXIT=()	# commands to run first at the end
_cleanup() {
	local status=$? name pid
	for name in "${AT_EXIT[@]}"; do
		$name
	done
	for name in "${!PIDS[@]}"; do
		kill -s CONT "${PIDS[$name]}" 2>/dev/null
		kill "${PIDS[$name]}" 2>/dev/null
	done
	for name in "${!PIDS[@]}"; do
		pid=${PIDS[$name]}
		wait_for 12 gone "$pid" || kill -s KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ $_ran = "$_planned" ] || {
		diag "$_ran of $_planned tests ran; logs are in $W"
		_failed=1
	}
	[ $_failed = 0 ] && [ $status = 0 ] && [ -z "${KEEP-}" ] && rm -rf "$W"
	exit $((_failed != 0 ? 1 : status))
}
trap _cleanup EXIT
trap 'exit 130' INT TERM

# A port that is free on 127.0.0.1 for UDP and TCP.
free_port() { "$BUILD/free_port"; }

# ---- name servers -------------------------------------------------------------

UPDATE_SECRET=c2VjcmV0LWZvci10ZXN0cy1vbmx5LXVwZGF0ZS1rZXk=
TRANSFER_SECRET=c2VjcmV0LWZvci10ZXN0cy1vbmx5LXRyYW5zZmVyLWs=

# key_file FILE NAME SECRET [ALGORITHM]
key_file() {
	(umask 077
	printf 'key "%s" {\n\talgorithm %s;\n\tsecret "%s";\n};\n' \
	    "$2" "${4:-hmac-sha256}" "$3" >"$1")
}

# zone_text ZONE: a small zone with other data in it. bind_zone FILE ZONE
# writes it.
zone_text() {
	cat <<X
\$TTL 60
@	SOA ns.$1. hostmaster.$1. 1 60 60 3600 60
@	NS ns.$1.
ns	A 127.0.0.1
@	MX 10 mx.$1.
mx	A 127.0.0.1
@	TXT "v=spf1 -all"
X
}
bind_zone() { zone_text "$2" >"$1"; }

# start_bind NAME ZONE...: sets PORT_<NAME>; keys "update-key" (may update any
# TXT) and "transfer-key" (may transfer). $W/NAME/named.conf can be appended
# to through the file $W/NAME.zone-options before the start; zone files that
# are there already are taken. BIND_PORT says which port, else any.
start_bind() {
	local name=$1 dir=$W/$1 port zone
	shift
	port=${BIND_PORT:-$(free_port)}
	eval "PORT_$name=$port"
	mkdir -p "$dir"
	key_file "$dir/update.key" update-key $UPDATE_SECRET \
	    "${UPDATE_ALGORITHM:-hmac-sha256}"
	key_file "$dir/transfer.key" transfer-key $TRANSFER_SECRET
	{
		cat "$dir/update.key" "$dir/transfer.key"
		cat <<X
options {
	directory "$dir";
	listen-on port $port { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion no;
	allow-query { any; };
	dnssec-validation no;
	notify no;
	max-journal-size 200m;
	tcp-clients 1000;
};
controls { };
X
		for zone; do
			[ -e "$dir/$zone.zone" ] ||
			    bind_zone "$dir/$zone.zone" "$zone"
			cat <<X
zone "$zone" {
	type primary;
	file "$zone.zone";
	update-policy { grant update-key zonesub TXT; };
	allow-transfer { key transfer-key; };
	$(cat "$W/$name.zone-options" 2>/dev/null)
};
X
		done
	} >"$dir/named.conf"
	bind_again "$name"
	FIRST_ZONE=$1
	wait_for 20 bind_answers "$port" "$1" ||
	    diag "named does not answer: $(tail -5 "$W/$name.log")"
}
# bind_again NAME: starts it (again) as configured, on its port.
bind_again() {
	start_named "$1" -n 2 -c "$W/$1/named.conf"
}
# start_named NAME ARG...: a copy, since the distribution may confine
# /usr/sbin/named to its own directories (AppArmor) by that path.
start_named() {
	local name=$1
	shift
	if [ ! -x "$W/bin/named" ]; then
		mkdir -p "$W/bin" && cp /usr/sbin/named "$W/bin/" || return
	fi
	start "$name" "$W/bin/named" -g "$@"
}
# start_bind_pair PRIMARY SECONDARY ZONE: the secondary is told of each change
# at once. Sets the PORT_ of both.
start_bind_pair() {
	local primary=$1 dir=$W/$2 zone=$3 port
	port=$(free_port)
	eval "PORT_$2=$port"
	cat >"$W/$primary.zone-options" <<X
	notify explicit;
	also-notify port $port { 127.0.0.1; };
	notify-delay 0;
X
	start_bind "$primary" "$zone"
	rm "$W/$primary.zone-options"
	mkdir "$dir"
	cat "$W/$primary/transfer.key" - >"$dir/named.conf" <<X
options {
	directory "$dir";
	listen-on port $port { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion no;
	dnssec-validation no;
};
controls { };
zone "$zone" {
	type secondary;
	file "$zone.zone";
	primaries { 127.0.0.1 port $(port_of "$primary") key transfer-key; };
	allow-notify { 127.0.0.1; };
};
X
	bind_again "$2"
	wait_for 20 bind_answers "$port" "$zone"
}
port_of() { eval "echo \$PORT_$1"; } # NAME
bind_answers() { # PORT ZONE
	dig +short +time=1 +tries=1 @127.0.0.1 -p "$1" "$2" SOA | grep -q '^[^;]'
}

# txt PORT NAME: the TXT records at a name, one per line, strings joined.
txt() {
	dig +short +time=2 +tries=2 @127.0.0.1 -p "$1" "$2" TXT |
	    sed 's/" "//g; s/^"//; s/"$//'
}

# start_pdns NAME ZONE...: PowerDNS with LMDB; sets PORT_<NAME>. The same keys
# and rights as start_bind gives. pdns_again NAME starts it again.
start_pdns() {
	local name=$1 dir=$W/$1 port zone algorithm=${UPDATE_ALGORITHM:-hmac-sha256}
	shift
	port=$(free_port)
	eval "PORT_$name=$port"
	mkdir -p "$dir"
	key_file "$dir/update.key" update-key $UPDATE_SECRET "$algorithm"
	cat >"$dir/pdns.conf" <<X
launch=lmdb
lmdb-filename=$dir/pdns.lmdb
lmdb-shards=1
local-address=127.0.0.1
local-port=$port
socket-dir=$dir
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
allow-axfr-ips=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
guardian=no
daemon=no
X
	for zone; do
		[ -e "$dir/$zone.zone" ] || bind_zone "$dir/$zone.zone" "$zone"
		{
			pdns "$name" load-zone "$zone" "$dir/$zone.zone"
			pdns "$name" set-meta "$zone" TSIG-ALLOW-DNSUPDATE \
			    update-key
			pdns "$name" set-meta "$zone" TSIG-ALLOW-AXFR \
			    transfer-key
		} >>"$W/$name.log" 2>&1
	done
	{
		pdns "$name" import-tsig-key update-key "$algorithm" \
		    $UPDATE_SECRET
		pdns "$name" import-tsig-key transfer-key hmac-sha256 \
		    $TRANSFER_SECRET
	} >>"$W/$name.log" 2>&1
	pdns_again "$name"
	FIRST_ZONE=$1
	wait_for 20 bind_answers "$port" "$1" ||
	    diag "pdns_server does not answer: $(tail -5 "$W/$name.log")"
}
pdns() { # NAME COMMAND...: pdnsutil on its database
	local name=$1
	shift
	pdnsutil --config-dir="$W/$name" "$@"
}
pdns_again() {
	start "$1" pdns_server --config-dir="$W/$1"
}

# start_knot NAME ZONE...: Knot DNS, as start_pdns.
start_knot() {
	local name=$1 dir=$W/$1 port zone
	shift
	port=$(free_port)
	eval "PORT_$name=$port"
	mkdir -p "$dir"
	key_file "$dir/update.key" update-key $UPDATE_SECRET \
	    "${UPDATE_ALGORITHM:-hmac-sha256}"
	cat >"$dir/knot.conf" <<X
server:
    rundir: "$dir"
    listen: 127.0.0.1@$port
    background-workers: 1
    udp-workers: 1
    tcp-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "$dir"
key:
  - id: update-key
    algorithm: ${UPDATE_ALGORITHM:-hmac-sha256}
    secret: $UPDATE_SECRET
  - id: transfer-key
    algorithm: hmac-sha256
    secret: $TRANSFER_SECRET
acl:
  - id: update
    key: update-key
    action: update
    update-type: TXT
  - id: transfer
    key: transfer-key
    action: transfer
template:
  - id: default
    storage: "$dir"
    acl: [update, transfer]
    zonefile-sync: -1
    journal-content: all
zone:
X
	for zone; do
		[ -e "$dir/$zone.zone" ] || bind_zone "$dir/$zone.zone" "$zone"
		printf '  - domain: %s\n    file: %s.zone\n' "$zone" "$zone" \
		    >>"$dir/knot.conf"
	done
	knot_again "$name"
	FIRST_ZONE=$1
	wait_for 20 bind_answers "$port" "$1" ||
	    diag "knotd does not answer: $(tail -5 "$W/$name.log")"
}
knot_again() {
	start "$1" knotd -c "$W/$1/knot.conf"
}

# ---- our daemons --------------------------------------------------------------

# start_daemon DAEMON [ARG...] with $W/dnsmail.conf; waits until it is ready.
start_daemon() {
	local daemon=$1
	shift
	: >"$W/$daemon.ready"
	start "$daemon" \
	    "$BUILD/notify_run" "$W/$daemon.ready" \
	    "$BUILD/$daemon" -c "$W/dnsmail.conf" "$@"
	wait_for 20 grep -q READY=1 "$W/$daemon.ready" ||
	    diag "$daemon is not ready: $(tail -5 "$W/$daemon.log")"
}

# kill_daemon DAEMON: as a crash would end it, not its notify_run
kill_daemon() {
	kill -s KILL "$(cat "/proc/${PIDS[$1]}"/task/*/children)"
	wait "${PIDS[$1]}"
	unset "PIDS[$1]"
}
