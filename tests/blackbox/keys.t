#!/bin/bash
# The update key is changed while records are published, as doc/keys.md says:
# the name server knows two keys for a while. Nothing is lost, nothing refused.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 30

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

# ---- the other name servers take a second key while they run ------------------------

"$BUILD/dnsmail-key" update-2 >"$W/two.key"
secret=$(sed -n 's/.*secret "\(.*\)".*/\1/p' "$W/two.key")
start_pdns pdns example.test
{
	pdns pdns import-tsig-key update-2 hmac-sha256 "$secret"
	pdns pdns set-meta example.test TSIG-ALLOW-DNSUPDATE update-key update-2
} >>"$W/pdns.log" 2>&1
ok "PowerDNS takes a second key" wait_for 90 may "$W/two.key" two "$PORT_pdns"
ok "beside the first" may "$W/pdns/update.key" one "$PORT_pdns"

start_knot knot example.test
sed -i "/^acl:/i\\  - id: update-2\n    algorithm: hmac-sha256\n    secret: $secret
    s/key: update-key/key: [ update-key, update-2 ]/" "$W/knot/knot.conf"
kill -s HUP "${PIDS[knot]}"
ok "Knot takes a second key" wait_for 20 may "$W/two.key" two "$PORT_knot"
ok "beside the first" may "$W/knot/update.key" one "$PORT_knot"
