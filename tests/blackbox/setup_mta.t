#!/bin/bash
# What dnsmail-setup does to mail servers, where there is no systemd, and when a
# command fails; and the keys that dnsmail-key makes.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-setup.sh"
plan 66

system_root "$W/root"
cp -a "$R" "$W/fresh"
fresh() { rm -rf "$R" && cp -a "$W/fresh" "$R"; }
D=domain.com
A="--dns bind --address 155.47.64.164 --yes"
parameters() { postconf -c "$1" -n 2>/dev/null | grep -v ^config_directory | sort; }
services() { postconf -c "$1" -M | tr -s ' \t' ' ' | sort; }
value() { postconf -c "$R/etc/postfix" -h "$1"; }
service() { postconf -c "$R/etc/postfix" -P "$1"; }

# ---- Postfix ------------------------------------------------------------------------

# By hand, as the samples say.
cp -r "$R/etc/postfix" "$W/by_hand"
cat "$TESTS/../etc/postfix/main.cf.dnsmail" >>"$W/by_hand/main.cf"
cat "$TESTS/../etc/postfix/master.cf.dnsmail" >>"$W/by_hand/master.cf"
before=$(state)
# shellcheck disable=SC2086
setup --dns bind --address 155.47.64.164 --mta postfix $D
is "Postfix: without consent nothing is changed" "$STATUS $(state | cksum)" \
    "1 $(cksum <<<"$before")"
like "... and each command is shown" "$(said)" \
    "run postconf .* -e 'default_transport = sign:\[127"
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "Postfix: it is set up" "$STATUS" 0
# What is a default already needs no line.
is "its parameters are those of the sample" \
    "$(parameters "$R/etc/postfix")" \
    "$(parameters "$W/by_hand" | grep -v '^milter_default_action = tempfail$')"
is "... and its services" "$(services "$R/etc/postfix")" \
    "$(services "$W/by_hand")"
is "Postfix knows all of them" "$(postconf -c "$R/etc/postfix" 2>&1 >/dev/null)" ""
like "its user may connect to the daemons" \
    "$(grep ^dnsmail-mta: "$R/etc/group")" ':postfix$'
like "verifyd has a socket in the chroot" \
    "$(cat "$R/etc/systemd/system/verifyd.socket.d/postfix.conf")" \
    '^ListenStream=/var/spool/postfix/dnsmail/verifyd\.sock$'
before=$(state)
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "a second run changes nothing" "$STATUS $(state | cksum)" \
    "0 $(cksum <<<"$before")"

fresh
postconf -c "$R/etc/postfix" -e 'smtpd_milters = inet:127.0.0.1:8891' \
    'relayhost = [relay.domain.com]:587' 'default_transport = smtp' \
    'transport_maps = hash:/etc/postfix/transport'
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "Postfix: a value that somebody has set is left" \
    "$STATUS $(value default_transport)" "2 smtp"
like "... and what is wanted is told" "$(said)" \
    'default_transport = sign:\[127\.0\.0\.1\]:10027'
is "other milters come after verifyd" "$(value smtpd_milters)" \
    "unix:dnsmail/verifyd.sock, inet:127.0.0.1:8891"
like "... and a word on those that sign" "$(said)" 'OpenDKIM'
like "... and on transport_maps" "$(said)" '^ *transport_maps: '
like "signed mail goes to the relay host" \
    "$(service 127.0.0.1:10027/inet/content_filter)" \
    '= out:\[relay\.domain\.com\]:587$'
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "a second run is of the same mind" "$STATUS $(grep -c 'run ' "$W/said")" "2 0"

fresh
postconf -c "$R/etc/postfix" -M -e 'sign/unix=sign unix - - n - 7 smtp'
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "Postfix: a service that somebody has changed is left" \
    "$STATUS $(services "$R/etc/postfix" | grep -c '^sign unix - - n - 7 smtp')" "2 1"

# ---- a command that fails ---------------------------------------------------------------

fresh
sed -i /^postfix:/d "$R/etc/passwd"	# usermod will not find the user
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "a command that fails ends it with 71" "$STATUS" 71
like "... and is named" "$(said)" 'failed: usermod .*postfix'
ok "what comes after it is not done" test ! -e \
    "$R/etc/systemd/system/dnsmail.target.wants"
is "... Postfix is as it was" "$(parameters "$R/etc/postfix")" \
    "$(parameters "$W/fresh/etc/postfix")"
cp "$W/fresh/etc/passwd" "$W/passwd"
grep ^dnsmail "$R/etc/passwd" >>"$W/passwd"
cp "$W/passwd" "$R/etc/passwd"
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "the next run goes on" "$STATUS" 0
is "... to the end" "$(services "$R/etc/postfix")" "$(services "$W/by_hand")"
ok "... all of it" test -e "$R/etc/systemd/system/dnsmail.target.wants"
ok "... and leaves no list of what is to be done" \
    test ! -e "$R/etc/dnsmail/setup-unfinished"

# ---- other mail servers --------------------------------------------------------------------

fresh
# shellcheck disable=SC2086
setup $A --mta none $D
is "none: no mail server is touched" \
    "$STATUS $(parameters "$R/etc/postfix" | cksum)" \
    "0 $(parameters "$W/fresh/etc/postfix" | cksum)"
for m in exim:Debian-exim opensmtpd:opensmtpd; do
	fresh
	user=${m#*:} m=${m%:*}
	grep -q "^$user:" "$R/etc/passwd" ||
	    echo "$user:x:150:150::/:/usr/sbin/nologin" >>"$R/etc/passwd"
	# shellcheck disable=SC2086
	setup $A --mta $m $D
	is "$m: it is set up" "$STATUS" 0
	like "$m: its user may connect" "$(grep ^dnsmail-mta: "$R/etc/group")" \
	    ":$user\$"
	for d in signerd verifyd; do
		ok "$m: $d has a socket for the line protocol" test -L \
		    "$R/etc/systemd/system/sockets.target.wants/$d-policy.socket"
	done
	like "$m: it says where the sample is" "$(said)" "share/dnsmail/$m/"
done
fresh
# shellcheck disable=SC2086
setup $A --mta sendmail $D
is "sendmail: it is set up" "$STATUS" 0
like "sendmail: what no trace names is signed in this domain" \
    "$(cat "$R/etc/dnsmail/dnsmail.conf")" "forward-domain = \"$D\""
like "sendmail: both samples are named" \
    "$(said | grep -c 'share/dnsmail/sendmail/')" '^2$'

# ---- what it finds -------------------------------------------------------------------------

# finds WHAT REGEX FILE...: a host that has these files, with nobody saying what
finds() {
	local file
	fresh
	rm -r "$R/etc/bind" "$R/etc/postfix" "$R/etc/knot"
	for file in "${@:3}"; do
		mkdir -p "$R${file%/*}"
		: >"$R$file"
	done
	setup --address 155.47.64.164 --dry-run $D
	is "it finds $1" "$STATUS $(said | grep -oE '(usermod .*|share/dnsmail/sendmail/dnsmail\.m4|write /etc/(bind|knot)/dnsmail\.conf|As root:|At the name server)' |
	    sed 's/.* -aG dnsmail-mta //' | sort -u | xargs)" "0 $2"
}
PRINT="At the name server"
finds "Postfix" "$PRINT postfix" /usr/sbin/postconf /etc/postfix/main.cf
finds "... nothing, where it only left a file" "$PRINT" /etc/postfix/main.cf
finds "Exim" "$PRINT Debian-exim" /usr/sbin/exim4
finds "OpenSMTPD" "$PRINT opensmtpd" /usr/sbin/smtpd /etc/smtpd.conf
finds "Sendmail" "$PRINT share/dnsmail/sendmail/dnsmail.m4" /etc/mail/sendmail.mc
finds "BIND" "write /etc/bind/dnsmail.conf" /etc/bind/named.conf.local
finds "Knot DNS" "write /etc/knot/dnsmail.conf" /etc/knot/knot.conf
finds "PowerDNS" "As root:" /etc/powerdns/pdns.conf

# ---- without systemd ------------------------------------------------------------------------

fresh
rm "$R"/lib/systemd/system/*
# shellcheck disable=SC2086
setup $A --mta postfix $D
is "without systemd: it is set up" "$STATUS" 0
is "each key is its daemon's" \
    "$(owned /etc/dnsmail/update.key) $(owned /etc/dnsmail/transfer.key)" \
    "600 dnsmail-publish:root 600 dnsmail-reap:root"
is "the place in the chroot is made" "$(owned /var/spool/postfix/dnsmail)" \
    "750 root:postfix"
conf=$(cat "$R/etc/dnsmail/dnsmail.conf")
is "both daemons let Postfix in" "$(grep -c 'socket-group = "postfix"' <<<"$conf")" 2
like "verifyd has its socket there" "$conf" \
    'milter = \{"unix:/var/spool/postfix/dnsmail/verifyd.sock"\}'
is "the daemons are told of their keys" \
    "$(grep -o 'key-file = .*\.key"' <<<"$conf" | xargs)" \
    "key-file = /etc/dnsmail/update.key key-file = /etc/dnsmail/transfer.key"
ok "the daemons take it" "$BUILD/signerd" -t -c "$R/etc/dnsmail/dnsmail.conf"
unlike "systemd is not asked" "$(said)" 'run systemctl'
like "who starts them is told" "$(said)" 'Start signerd'

# ---- dnsmail-key ------------------------------------------------------------------------

key() { "$BUILD/dnsmail-key" "$@" 2>&1; }
secret_octets() { sed -n 's/.*secret "\(.*\)";/\1/p' | base64 -d | wc -c; }
is "a key is for hmac-sha256, with 32 octets" \
    "$(key a.b | grep -c hmac-sha256) $(key a.b | secret_octets)" "1 32"
is "... or for another algorithm" "$(key -a hmac-sha512 a | secret_octets)" 64
is "no two are alike" "$(for _ in {1..20}; do key a; done | grep secret |
    sort -u | wc -l)" 20
key x >"$W/x.key"
ok "BIND reads it" named-checkconf "$W/x.key"
for a in "-a hmac-md5 a" "" "a b" "a;b" "-a"; do
	# shellcheck disable=SC2086
	key $a >/dev/null
	is "\"$a\" is wrong use" $? 64
done
is "a key that cannot be written is told" "$(key a >/dev/full; echo $?)" 74
