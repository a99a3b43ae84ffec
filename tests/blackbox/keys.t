#!/bin/bash
# The update key is changed while records are published, without systemd: the name
# server knows two keys for a while, nothing is lost, nothing refused. And what
# doc/keys.md says for PowerDNS and Knot is done as it stands there.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
. "$TESTS/lib-pages.sh"
plan 41

# grants NAME...: BIND has these keys and lets them add
grants() {
	local name lines=
	for name; do lines+="grant $name zonesub TXT; "; done
	sed -i "s/update-policy {.*};/update-policy { $lines};/" \
	    "$W/ns/named.conf"
	kill -s HUP "${PIDS[ns]}"
}
may() { # KEY-FILE NAME [PORT]: that key may add it
	printf 'server 127.0.0.1 %s\nzone example.test.\nupdate add %s 60 TXT "x"\nsend\n' \
	    "${3-$PORT_ns}" "$2.example.test" | nsupdate -v -k "$1"
}
may_not() { ! may "$@"; }

# ---- the names of keys -----------------------------------------------------------

label=$(printf 'a%.0s' {1..63})
for name in . .. .a a..b '' -a 'a b' 'a"b' 'a;b' 'a/b' bücher "${label}a" \
    "$label.$label.$label.$label"; do
	is "\"${name:0:20}\" is no name of a key" \
	    "$("$BUILD/dnsmail-key" -- "$name" 2>&1)" \
	    "dnsmail-key: the key's name is no domain name"
done
for name in a update-2.example.test UPPER_case "$label"; do
	like "\"${name:0:20}\" is one" "$("$BUILD/dnsmail-key" -- "$name")" \
	    "^key \"$name\" \{"
done

start_bind ns example.test
cp "$W/ns/update.key" "$W/update.key"
chmod 600 "$W/update.key"
[ "$(id -u)" != 0 ] || chown nobody "$W/update.key"
publishd_conf "$PORT_ns" "$W/update.key"
start_daemon publishd

# What signerd and the mail server's queue do: ask until it is done.
traffic() {
	local n name
	for ((n = 1; ; n++)); do
		[ ! -e "$W/enough" ] || return 0
		name=$(id_name $n)
		until add "$name" "$RECORD" | grep -q '^DONE'; do
			[ -d "$W" ] || return
		done
		echo "$name" >>"$W/asked"
	done
}
start traffic traffic
asked() { [ "$(wc -l <"$W/asked")" -ge "$1" ]; }
more() { # so many more get in
	wait_for 30 asked $(($(wc -l <"$W/asked") + $1))
}
touch "$W/asked"
ok "records are published with the first key" more 20

(umask 077; "$BUILD/dnsmail-key" update-2 >"$W/new.key")
cat "$W/new.key" >>"$W/ns/named.conf"
grants update-key update-2
ok "the name server takes a second key" wait_for 10 may "$W/new.key" second
ok "records go on being published" more 20

# publishd's user may read it, so a reload is enough.
[ "$(id -u)" != 0 ] || chown nobody "$W/new.key"
mv "$W/new.key" "$W/update.key"
kill -s HUP "$(cat "/proc/${PIDS[publishd]}"/task/*/children)"
ok "publishd takes the new key" wait_for 10 logged 'configuration reloaded'
ok "and publishes" more 20

grants update-2
ok "the first key is taken away" wait_for 10 may_not "$W/ns/update.key" third
ok "records are published with the second key alone" more 20
touch "$W/enough"
wait_for 20 gone "${PIDS[traffic]}"
is "no update was refused" "$(metric updates_refused) $(metric updates_failed)" \
    "0 0"
ok "every record is in the zone" all_visible "$PORT_ns" "$W/asked"

# ---- with the other name servers, as the page says ---------------------------------

# The page's files and names are not those of these servers.
mkdir -p "$W/dnsmail" "$W/bin"
ln -s "$BUILD/dnsmail-key" "$W/bin/"
for tool in "pdnsutil --config-dir=$W/pdns" "knotc -c $W/knot/knot.conf"; do
	echo "exec $(command -v "${tool%% *}") ${tool#* } \"\$@\"" \
	    >"$W/bin/${tool%% *}"
	chmod +x "$W/bin/${tool%% *}"
done
# as_in HEADING N: the Nth box there is done
as_in() {
	box_of keys "## $1" "$2" |
	    sed "s|domain\.com|example.test|g; s|dnsmail-update-2|update-2|g
		s|dnsmail-update|update-key|g; s|/etc/knot/dnsmail|$W/knot/knot|
		s|/etc/dnsmail|$W/dnsmail|g" >"$W/box"
	[ -s "$W/box" ] && PATH=$W/bin:$PATH bash -e "$W/box"
}
ok "there is a second key" as_in "The update key, with BIND" 1
NEW=$W/dnsmail/update-2.key

start_pdns pdns example.test
stop pdns
echo domain-metadata-cache-ttl=1 >>"$W/pdns/pdns.conf"
pdns_again pdns
wait_for 20 bind_answers "$PORT_pdns" example.test
start_knot knot example.test
for server in PowerDNS:pdns:"With PowerDNS" Knot:knot:"With Knot DNS"; do
	IFS=: read -r name short heading <<<"$server"
	port=$(port_of "$short")
	ok "$name: it has not the second key" may_not "$NEW" none "$port"
	ok "$name: step 2" as_in "$heading" 1
	ok "$name: it takes the second key" wait_for 20 may "$NEW" two "$port"
	ok "$name: ... beside the first" may "$W/$short/update.key" one "$port"
	ok "$name: step 4" as_in "$heading" 2
	ok "$name: it has forgotten the first" \
	    wait_for 20 may_not "$W/$short/update.key" none "$port"
	ok "$name: ... and has the second" may "$NEW" three "$port"
done
