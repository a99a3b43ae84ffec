# shellcheck shell=bash
# What each step to more machines costs and brings: requests by TLS instead of
# by a Unix socket, a second publishd, a second name server that has to show each
# record. All are on this machine: what one machine of a kind can do is a core's
# second divided by its CPU per message.

MACHINES_MESSAGES=10000 MACHINES_ALONE=1000
# BIND tells a secondary 20 times a second, which asks as often, if not told
# otherwise.
NAMED_QUICK="notify-rate 1000; serial-query-rate 1000;"

# ---- the servers ------------------------------------------------------------------

# machines_secondary OPTIONS: the primary anew, which tells a secondary at
# 127.0.0.2 of each change; both with these options.
machines_secondary() {
	stop secondary
	NAMED_NOTIFY="notify explicit; also-notify { 127.0.0.2; };
	notify-delay 0; $1" bench_zone
	secondary_conf "$1"
	start_named secondary -n 2 -c "$W/secondary/named.conf"
	wait_for 20 secondary_answers || echo "the secondary does not answer"
}
secondary_conf() { # OPTIONS
	local dir=$W/secondary
	mkdir -p "$dir"
	key_file "$dir/transfer.key" transfer-key $TRANSFER_SECRET
	cat "$dir/transfer.key" - >"$dir/named.conf" <<Y
options {
	directory "$dir";
	listen-on { 127.0.0.2; };
	listen-on-v6 { none; };
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion no;
	dnssec-validation no;
	notify no;
	$1
};
controls { };
zone "$DOMAIN" {
	type secondary;
	primaries { 127.0.0.1 key transfer-key; };
	allow-notify { 127.0.0.0/8; };
};
Y
}
secondary_answers() {
	dig +short +time=1 +tries=1 @127.0.0.2 $DOMAIN SOA | grep -q '^[^;]'
}

machines_alone() { # the primary
	stop secondary
	bench_zone
}

# machines_publishd NAME LISTEN [LINES-OF-DOMAIN]: one more
machines_publishd() {
	local conf=$W/$1.conf
	sed "s|run-dir = .*|run-dir = \"$W/$1\"|
	    s|listen = .*|listen = {\"$2\"}|
	    s|primary = .*|&\n${3-}|
	    s|signers = .*|signers = {\"0\", \"tls:mx1.domain.com\"}|
	    /^publishd {/r $W/publishd.tls" "$W/dnsmail.conf" >"$conf"
	mkdir -p "$W/$1/publishd"
	start "$1" "$BUILD/publishd" -c "$conf"
	wait_for 20 test -S "$W/$1/publishd/status.ipc" ||
	    echo "$1 is not up: see $W/$1.log"
}

# machines_signerd PUBLISHER...: anew, asking these
machines_signerd() {
	local conf=$W/machines.conf list
	printf -v list '"%s", ' "$@"
	stop signerd
	sed "s|publishers = .*|publishers = {${list%, }}|
	    /^signerd {/r $W/signerd.tls" "$W/dnsmail.conf" >"$conf"
	rm -f "$W/run/signerd/status.ipc"
	start signerd "$BUILD/signerd" -c "$conf"
	wait_for 20 machines_reached $# ||
	    echo "signerd does not reach $*: see $W/signerd.log"
}
machines_reached() { # N
	[ "$("$BUILD/dnsmail-status" -c "$W/machines.conf" --json signerd |
	    sed -n 's/.*"publishers_up": \([0-9]*\).*/\1/p')" = "$1" ]
}

machines_up() {
	local RUN_AS=0
	. "$HERE/../lib-tls.sh"
	ip addr add 127.0.0.2/32 dev lo
	tls_authority ca
	tls_certificate dns ca dns.domain.com IP:127.0.0.1
	tls_certificate mx1 ca mx1.domain.com
	tls_lines dns >"$W/publishd.tls"
	tls_lines mx1 >"$W/signerd.tls"
	machines_publishd dns1 tls+tcp://127.0.0.1:8531
	machines_publishd dns2 tls+tcp://127.0.0.1:8532
	machines_publishd both "ipc://$W/both/publishd/publish.ipc" \
	    'servers = {"127.0.0.1", "127.0.0.2"}'
}

# ---- the steps --------------------------------------------------------------------

# machines_once NAME PUBLISHDS NAMEDS PUBLISHER...: the lists are with commas
machines_once() {
	local name=$1 publishds=$2 nameds=$3 c n
	shift 3
	machines_signerd "$@"
	for c in 1 64; do
		n=$((c == 1 ? MACHINES_ALONE : MACHINES_MESSAGES))
		load "machines.$name.$c" $c $n "unix:$W/run/signerd.sock" \
		    "signerd=${PIDS[signerd]} publishd=$(machines_pids "$publishds") \
		    named=$(machines_pids "$nameds")" -b 2048 -a $CLIENT_IN
	done
}
machines_pids() { # NAME[,NAME]...
	local name list=
	for name in ${1//,/ }; do
		list+=${list:+,}${PIDS[$name]}
	done
	echo "$list"
}

machines_steps() {
	local tls=tls+tcp://127.0.0.1 both=ipc://$W/both/publishd/publish.ipc
	machines_once one publishd named "ipc://$W/run/publishd/publish.ipc"
	machines_once tls dns1 named $tls:8531
	machines_once two dns1,dns2 named $tls:8531 $tls:8532
	machines_secondary ""
	MACHINES_MESSAGES=1000 MACHINES_ALONE=30 \
	    machines_once slow both named,secondary "$both"
	machines_secondary "$NAMED_QUICK"
	machines_once servers both named,secondary "$both"
	machines_alone
}

bench_machines() {
	local i
	bench_up
	machines_up
	for ((i = 0; i < REPEAT; i++)); do
		machines_steps
	done
	load_table "Signing with more machines, all of them this one" \
	    machines.{one,tls,two,slow,servers}
	printf '\n%-44s %8s %8s %8s\n' "of what one publishd by a socket has" \
	    msgs/s CPU/msg "p50 at 1"
	machines_row "one publishd, by TLS" tls
	machines_row "two publishds, by TLS" two
	machines_row "two name servers, as BIND is" slow
	machines_row "two name servers, ${NAMED_QUICK%%;*}" servers
	machines_signerd "ipc://$W/run/publishd/publish.ipc"
	for i in dns1 dns2 both; do
		stop $i
	done
}
machines_row() { # TEXT NAME
	printf '%-44s %8s %8s %8s\n' "$1" \
	    "$(ratio "$(median "machines.$2.64.rate")" \
	    "$(median machines.one.64.rate)" 2)" \
	    "$(ratio "$(machines_cpu "$2")" "$(machines_cpu one)" 2)" \
	    "$(ratio "$(median "machines.$2.1.p50")" \
	    "$(median machines.one.1.p50)" 2)"
}
machines_cpu() { cpu_sum "machines.$1.64" signerd publishd named; } # NAME
