#!/bin/bash
# Hostile and odd input: each row of tests/hostile/*.rows (README there) is one
# message and what must come of it, with the number of packets that verifyd
# sends for it. hostile.t FILE... runs these, ROWS=words the rows that have them in
# their name. With BY_FILE=yes the messages for verifyd are files, and it is
# dnsmail-check that says what comes of them (check_hostile.t).
#
# All runs in a network of its own that has one interface, and on it every
# address of the Internet: the name servers are at their real addresses and at
# port 53, so verifyd needs no leave to ask them, and a packet to any other
# address would be seen.
. "$(dirname "$0")/../lib.sh"

net=(unshare --net)
[ "$(id -u)" = 0 ] ||
    net=(unshare --user --map-current-user --keep-caps --net)
if [ -z "${HOSTILE_NET-}" ]; then
	"${net[@]}" true 2>/dev/null || skip_all "needs a network namespace"
	rm -rf "$W"
	HOSTILE_NET=1 exec "${net[@]}" "$0" "$@"
fi
. "$TESTS/lib-verifyd.sh"
. "$TESTS/lib-signerd.sh"

RESOLVER=155.47.64.53 OWN=155.47.64.1 OWN6=2a00:1451::1
rows=("$TESTS"/hostile/*.rows)
[ $# = 0 ] || rows=("$@")
only=()
[ -z "${ROWS-}" ] || only=(-o "$ROWS")

{
	ip link set lo up &&
	ip addr add $OWN/32 dev lo &&
	ip addr add $OWN6/128 dev lo nodad &&
	ip route add local 0.0.0.0/0 dev lo src $OWN &&
	ip -6 route add local ::/0 dev lo
} || skip_all "no network of its own"
: >"$W/table"
for family in 0.0.0.0 ::; do
	start "dns$family" "$BUILD/dns_fake" -t 0 "$family@53" "$W/table"
	wait_for 10 grep -q ready "$W/dns$family.log" ||
	    diag "dns_fake: $(cat "$W/dns$family.log")"
done

mkdir -p "$W/run/publishd"
start publish_fake "$BUILD/publish_fake" "ipc://$W/run/publishd/publish.ipc"
wait_for 10 test -S "$W/run/publishd/publish.ipc" || diag "no publish_fake"

# options_of FILE: its lines for the configuration
options_of() { sed -n 's/^option //p' "$1"; }

policy_of() { echo "policy = {\"unix:$W/run/$1/policy.sock\"}"; } # DAEMON
# by_lines FILE: are its rows to be run by the line protocol, too?
by_lines() { grep -q '^also line-protocol$' "$1"; }

# verifyd_rows FILE
verifyd_rows() {
	REACH='' verifyd_conf "\"$RESOLVER\"" "$(policy_of verifyd)
$(options_of "$1")"
	run verifyd "$1" -t "$W/table" -r $RESOLVER
}
# signerd_rows FILE
signerd_rows() {
	PRIMARY=53 conf "$(policy_of signerd)
$(options_of "$1")"
	run signerd "$1" -p "$W/publish_fake.log"
}

# run DAEMON FILE OPTION...: the rows, and whether the daemon still stood
run() {
	local daemon=$1 file=$2
	shift 2
	start_daemon "$daemon"
	run_by milter "$@" "$file"
	! by_lines "$file" || run_by policy -y "$@" "$file"
	stop "$daemon"
	is "$(basename "$file"): $daemon ends in order" $? 0
	mv "$W/$daemon.log" "$W/$(basename "$file").log"
}
run_by() { # SOCKET OPTION... FILE
	local socket=$1
	shift
	"$BUILD/hostile" "${only[@]}" -n $((_ran + 1)) -l "$W/$daemon.log" \
	    -e "unix:$W/run/$daemon/$socket.sock" "$@" >"$W/tap" 2>"$W/err"
	took
}
took() { # what the tool has run counts here
	cat "$W/tap"
	_ran=$((_ran + $(grep -c '^ok \|^not ok ' "$W/tap")))
	_failed=$((_failed + $(grep -c '^not ok ' "$W/tap")))
	[ ! -s "$W/err" ] || diag "$(cat "$W/err")"
}

count() { "$BUILD/hostile" -c "${only[@]}" "$@"; }

# ---- in files ----

# file_rows FILE: the rows, with the configuration that verifyd has
file_rows() {
	REACH='' verifyd_conf "\"$RESOLVER\"" "$(options_of "$1")"
	"$BUILD/hostile" "${only[@]}" -n $((_ran + 1)) -t "$W/table" \
	    -r $RESOLVER -f "$BUILD/dnsmail-check" -k "$W/dnsmail.conf" "$1" \
	    >"$W/tap" 2>"$W/err"
	took
}
if [ -n "${BY_FILE-}" ]; then
	mapfile -t rows < <(grep -l '^daemon verifyd$' "${rows[@]}")
	plan "$(count -f "$BUILD/dnsmail-check" "${rows[@]}")"
	for file in "${rows[@]}"; do
		file_rows "$file"
	done
	exit
fi

# ---- by an MTA ----

lines=()
for file in "${rows[@]}"; do
	! by_lines "$file" || lines+=("$file")
done
plan $(($(count "${rows[@]}") + $(count -y "${lines[@]}") + ${#rows[@]}))
for file in "${rows[@]}"; do
	"$(sed -n 's/^daemon //p' "$file")_rows" "$file"
done
