#!/bin/bash
# dnsmail-setup: what it shows, asks and writes, and what it leaves alone.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-setup.sh"
plan 92

system_root "$W/root"
A="--mta none --dns bind --address 155.47.64.164,2a01:db8::5"
before=$(state)
SECRET='[A-Za-z0-9+/]{42}[A-Za-z0-9+/=]='

# ---- wrong use ----
wrong() { # STATUS CLAIM ARG...
	local expected=$1 claim=$2
	shift 2
	setup "$@"
	is "$claim" "$STATUS" "$expected"
}
wrong 64 "a domain is wanted"
wrong 64 "... one" a.example b.example
wrong 64 "an unknown option is wrong use" --no a.example
wrong 64 "an unknown name server is wrong use" --dns none a.example
wrong 64 "an unknown mail server is wrong use" --mta mail a.example
for d in example -a.example a-.example a..example 'a.example;x' \
    "$(printf 'a%.0s' {1..64}).example" bücher.example 'a .example'; do
	wrong 64 "\"${d:0:20}\" is no domain of mail" --yes -- "$d"
done
wrong 64 "a name is no address" --yes --address ns.domain.com domain.com
wrong 64 "nor are blanks and quotes" --yes --address '1.2.3.4"x' domain.com
wrong 64 "a value is wanted" domain.com --address
unshare -n sh "$W/dnsmail-setup" --root "$R" --yes domain.com \
    >"$W/said" 2>&1
is "without a public address one must be given" "$?" 78
like "... which it says" "$(said)" 'no public address; --address'
# Of these addresses of a host, verifiers may ask the first three: section 8.1.
addresses="155.47.64.164 172.32.0.1 2a01:db8::5
0.1.2.3 10.1.2.3 100.64.0.1 100.127.0.1 127.1.2.3 169.254.1.2 172.16.0.1
172.31.0.1 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.0.1
198.51.100.1 203.0.113.1 fd00::1 2001::1 2001:1ff::1 2001:db8::1 2002:a01::1
3fff::1 3fff:fff::1 64:ff9b::1"
unshare -n sh -c 'ip link set lo up
	for a in $3; do ip address add $a dev lo; done
	sh "$1" --root "$2" --mta none --dns bind --dry-run domain.com' sh \
    "$W/dnsmail-setup" "$R" "$addresses" >"$W/said" 2>"$W/complaints"
is "by itself it takes those addresses that verifiers may ask" \
    "$(sed -n 's/^ *dnsmail.*TXT  "\(.*\)"$/\1/p' "$W/said" | tr , '\n' | sort | xargs)" \
    "155.47.64.164 172.32.0.1 2a01:db8::5"
is "nothing was changed by any of these" "$(state)" "$before"

# ---- the plan ----
# shellcheck disable=SC2086
setup $A domain.com
is "without an answer it ends with 1" "$STATUS" 1
is "... and has changed nothing" "$(state)" "$before"
like "... as it says" "$(said)" 'Nothing was changed'
for answer in n '' no x Y.; do
	sh "$W/dnsmail-setup" --root "$R" $A domain.com <<<"$answer" \
	    >/dev/null 2>&1
	is "\"$answer\" is no consent" "$? $(state | cksum)" \
	    "1 $(cksum <<<"$before")"
done
for f in /etc/dnsmail/update.key /etc/dnsmail/transfer.key \
    /etc/dnsmail/dnsmail.conf /etc/bind/dnsmail.keys /etc/bind/dnsmail.conf \
    /var/lib/bind/dnsmail/domain.com.zone; do
	like "the plan has $f" "$(said)" "write $f, new, [0-9]+, [a-z]+:[a-z]+"
done
like "... and the line for named.conf.local" "$(said)" \
    '^ *\+include "/etc/bind/dnsmail.conf";$'
like "... and the commands" "$(said)" 'run .*systemctl .*enable dnsmail.target'
like "... and the record for the public zone" "$(said)" \
    'dnsmail\.domain\.com\. .* TXT .*"155\.47\.64\.164,2a01:db8::5"'
unlike "no secret is shown" "$(said)" "$SECRET"
# shellcheck disable=SC2086
setup $A --dry-run domain.com
is "--dry-run shows and ends with 0" \
    "$STATUS $(grep -c 'write /' "$W/said")" "0 6"
is "... and changes nothing" "$(state)" "$before"
is "no copy of a key is left in the directory for such" \
    "$(TMPDIR=$W setup $A --dry-run domain.com; find "$W" -maxdepth 1 -name 'tmp.*')" ""

# ---- done ----
# shellcheck disable=SC2086
setup $A --yes Domain.COM.
is "--yes does it" "$STATUS" 0
unlike "... and shows no secret either" "$(said)" "$SECRET"
owners() { # PATH EXPECTED
	is "$1 is $2" "$(owned "$1")" "$2"
}
owners /etc/dnsmail "755 root:root"
owners /etc/dnsmail/update.key "600 root:root"
owners /etc/dnsmail/transfer.key "600 root:root"
owners /etc/dnsmail/dnsmail.conf "644 root:root"
owners /etc/bind/dnsmail.keys "640 root:bind"
owners /etc/bind/dnsmail.conf "644 root:bind"
owners /var/lib/bind/dnsmail "750 bind:bind"
owners /var/lib/bind/dnsmail/domain.com.zone "640 bind:bind"
like "the keys are different" \
    "$(sed -n 's/.*secret "\(.*\)";/\1/p' "$R"/etc/dnsmail/*.key | sort -u |
	grep -Ec "^$SECRET\$")" '^2$'
ok "the daemons take the configuration" \
    "$BUILD/signerd" -t -c "$R/etc/dnsmail/dnsmail.conf"
ok "the set is enabled" \
    test -L "$R/etc/systemd/system/dnsmail.target.wants/signerd.service"
ok "BIND takes its configuration and the zone" named-checkconf -z -t "$R"
is "no file of the way is left" "$(find "$R" -name '*.dnsmail-tmp' \
    -o -name 'setup-unfinished' -o -name '*.dnsmail-new')" ""

# ---- again ----
done_=$(state)
# shellcheck disable=SC2086
setup $A --yes domain.com
is "a second run ends with 0" "$STATUS" 0
is "... and changes nothing" "$(state)" "$done_"
like "... as it says" "$(said)" 'Nothing else: all of it is there'
setup --mta none --dns bind domain.com
is "it knows the addresses of a domain that is there" \
    "$STATUS $(grep -c '155.47.64.164,2a01:db8::5' "$W/said")" "0 1"
setup --mta none --dns bind --address 155.47.64.99 --yes domain.com
is "other ones are not for it to change" "$STATUS $(state | cksum)" \
    "78 $(cksum <<<"$done_")"

# ---- several primaries, by hand ----
cp -p "$R/etc/dnsmail/dnsmail.conf" "$W/one-primary"
sed -i 's/^\tprimary = .*/\tprimary = {\n\t\t"10.0.0.1", # the first\n\t\t"10.0.0.2@5353"\n\t}/' \
    "$R/etc/dnsmail/dnsmail.conf"
ok "several primaries: the daemons take them" \
    "$BUILD/signerd" -t -c "$R/etc/dnsmail/dnsmail.conf"
several=$(state)
# shellcheck disable=SC2086
setup $A --yes domain.com
is "... a run after that ends with 0, and changes nothing" \
    "$STATUS $(state | cksum)" "0 $(cksum <<<"$several")"
like "... as it says" "$(said)" 'Nothing else: all of it is there'
setup --mta none --dns print domain.com
like "... it knows them" "$(said)" 'At the name server 10.0.0.1, 10.0.0.2@5353, '
setup --mta none --dns bind --primary 10.0.0.1 --yes domain.com
is "... and does not make them one" "$STATUS $(state | cksum)" \
    "78 $(cksum <<<"$several")"
sed -i '/^\tservers = /d' "$R/etc/dnsmail/dnsmail.conf"
setup --mta none --dns bind --dry-run domain.com
like "... without servers they are what is listed" "$(said)" \
    '10.0.0.1,10.0.0.2@5353'
setup --mta none --dns print --address 155.47.64.164 --yes domain.net
is "... a further domain leaves the file to who edited it: 2" "$STATUS" 2
like "... and has it whole beside it" \
    "$(tr -d '\n\t' <"$R/etc/dnsmail/dnsmail.conf.dnsmail-new")" \
    'primary = \{"10.0.0.1", # the first"10.0.0.2@5353"\}.*domain "domain.net"'
rm "$R/etc/dnsmail/dnsmail.conf.dnsmail-new"
cp -p "$W/one-primary" "$R/etc/dnsmail/dnsmail.conf"
# Without quotes, or with others: the daemons take it so, too.
for value in 10.0.0.9 "'10.0.0.9'"; do
	sed -i "s/^\tprimary = .*/\tprimary = $value/; /^\tservers = /d" \
	    "$R/etc/dnsmail/dnsmail.conf"
	setup --mta none --dns print --primary 10.0.0.9 --dry-run domain.com
	like "a primary written $value is known" "$STATUS $(said)" \
	    'At the name server 10.0.0.9,'
	cp -p "$W/one-primary" "$R/etc/dnsmail/dnsmail.conf"
done
sed -i '/^\tprimary = /d; /^\tservers = /d' "$R/etc/dnsmail/dnsmail.conf"
setup --mta none --dns print --dry-run domain.com
is "where there is none it says so" "$STATUS $(said)" \
    "78 dnsmail-setup: /etc/dnsmail/dnsmail.conf has no primary for domain.com; add it there"
cp -p "$W/one-primary" "$R/etc/dnsmail/dnsmail.conf"

# ---- a second domain ----
keys=$(cat "$R"/etc/dnsmail/*.key "$R/etc/bind/dnsmail.keys")
zone=$(cat "$R/var/lib/bind/dnsmail/domain.com.zone")
# shellcheck disable=SC2086
setup $A --yes domain.org
is "a second domain is added" "$STATUS" 0
is "... in dnsmail.conf" "$(grep -c '^domain ' "$R/etc/dnsmail/dnsmail.conf")" 2
is "... in BIND's" "$(grep -c '^zone ' "$R/etc/bind/dnsmail.conf")" 2
ok "... as it takes it" named-checkconf -z -t "$R"
is "the keys and the first zone are as they were" \
    "$(cat "$R"/etc/dnsmail/*.key "$R/etc/bind/dnsmail.keys"
	cat "$R/var/lib/bind/dnsmail/domain.com.zone")" "$keys
$zone"

# ---- by hand ----
# answered KEYS: at a terminal, once it asks; how it ends, and whether it is done
answered() {
	printf '%s\n' 'wait Shall it? [y/N]' "keys $1\\x0d" end |
	    "$BUILD/pty_run" 100x200 sh "$W/dnsmail-setup" --root "$R" $A domain.example 2>&1 |
	    tail -1
	grep -c '^zone "domain.example"' "$R/etc/bind/dnsmail.conf"
}
is "who says no at a terminal changes nothing" "$(answered n | xargs)" "exit 1 0"
is "who says y does it" "$(answered y | xargs)" "exit 0 1"
sh "$W/dnsmail-setup" --root "$R" $A domain.biz <<<Yes >/dev/null 2>&1
is "... or yes, by a pipe" "$? $(grep -c '^zone "domain.biz"' "$R/etc/bind/dnsmail.conf")" "0 1"

# ---- what somebody edited ----
echo 'log-addresses = "hash"' >>"$R/etc/dnsmail/dnsmail.conf"
edited=$(cat "$R/etc/dnsmail/dnsmail.conf")
# shellcheck disable=SC2086
setup $A --yes domain.net
is "with an edited file it ends with 2" "$STATUS" 2
is "the file is as it was" "$(cat "$R/etc/dnsmail/dnsmail.conf")" "$edited"
like "its new form is beside it" \
    "$(cat "$R/etc/dnsmail/dnsmail.conf.dnsmail-new")" 'domain "domain.net"'
like "... with what was edited" \
    "$(cat "$R/etc/dnsmail/dnsmail.conf.dnsmail-new")" log-addresses
like "it says so" "$(said)" \
    'leave /etc/dnsmail/dnsmail.conf, which somebody has edited'
is "other files are written" "$(grep -c '^zone ' "$R/etc/bind/dnsmail.conf")" 5
done_=$(state)
# shellcheck disable=SC2086
setup $A --yes domain.net
is "again: still 2, and nothing changed" "$STATUS $(state | cksum)" \
    "2 $(cksum <<<"$done_")"

# ---- a name server that puts links where files are made ----
mkdir "$W/victim"
echo untouched >"$W/victim/file"
cat >"$R/usr/sbin/mktemp" <<X
#!/bin/sh
made=\$(/usr/bin/mktemp "\$@")
case \$made in
"$R"/var/lib/bind/*) mv "\$made" "\$made.away"; ln -s "$W/victim" "\$made" ;;
esac
echo "\$made"
X
cat >"$R/usr/sbin/cp" <<X
#!/bin/sh
for to; do :; done
case \$to in "$R"/var/lib/bind/*) ln -sf "$W/victim/file" "\$to" ;; esac
exec /bin/cp "\$@"
X
chmod 755 "$R/usr/sbin/mktemp" "$R/usr/sbin/cp"
victim=$(ls -l "$W/victim"; cat "$W/victim/file")
# shellcheck disable=SC2086
setup $A --yes domain.info
ok "links in the name server's directory: it ends" test "$STATUS" -ge 64
is "... and nothing is written through them" \
    "$(ls -l "$W/victim"; cat "$W/victim/file")" "$victim"
rm "$R/usr/sbin/mktemp" "$R/usr/sbin/cp"
# shellcheck disable=SC2086
setup $A --yes domain.info
is "without them it does the rest" \
    "$(grep -c . "$R/var/lib/bind/dnsmail/domain.info.zone" | sed "s/[1-9].*/some/")" some

# ---- without systemd, when the first run was cut short ----
rm "$R/lib/systemd/system/signerd.service"
sed -i /^dnsmail-reap:/d "$R/etc/passwd"
# shellcheck disable=SC2086
setup $A --dry-run domain.com
like "a user who is missing is made" "$(said)" 'run useradd .* dnsmail-reap$'
is "... and nobody who is there, again" \
    "$(grep -c 'run useradd\|run groupadd' "$W/said")" 1
