#!/bin/bash
# The systemd units as "make install" writes them: systemd finds nothing wrong
# with them, and they leave little open.
. "$(dirname "$0")/../lib.sh"
needs systemd-analyze
plan 58

SERVICES="signerd publishd verifyd reaperd"
SOCKETS="signerd signerd-policy verifyd verifyd-policy"
I=$W/inst U=$W/inst/units
install_to() { # VARIABLE=VALUE...
	env -u MAKEFLAGS make -s -C "$TESTS/.." BUILD="$BUILD" "$@" install
}
ok "make install works" install_to DESTDIR= prefix="$I" sysconfdir="$I/etc" \
    systemdsystemunitdir="$U" sysusersdir="$I/sysusers" \
    tmpfilesdir="$I/tmpfiles"
all=$(for s in $SERVICES; do echo "$s.service"; done
    for s in $SOCKETS; do echo "$s.socket"; done; printf '%s\n' dnsmail{,-publish}.target)
is "the set is complete" "$(cd "$U" && echo *)" "$(sort <<<"$all" | xargs)"
unlike "nothing is left to be filled in" "$(grep -h '^[^#]*@' "$U"/* |
    grep -v -e 'SystemCallFilter=' -e 'postfix@-')" .

# ---- what systemd thinks of them ----
said=$(cd "$U" && systemd-analyze verify --man=no ./* 2>&1)
is "systemd-analyze verify finds nothing wrong" $? 0
is "... and says nothing" "$said" ""

# unit FILE KEY: its values, one a line
unit() { sed -n "s/^$2=//p" "$U/$1"; }
exposure() { # SERVICE MOST: ten times what is allowed
	systemd-analyze security --no-pager --offline=true --threshold="$2" \
	    "$U/$1.service"
}
ok "signerd leaves little open" exposure signerd 3
ok "publishd leaves little open" exposure publishd 10
ok "verifyd leaves little open" exposure verifyd 10
ok "reaperd leaves little open" exposure reaperd 10

# ---- services ----
for s in $SERVICES; do
	like "$s starts what was installed" "$(unit $s.service ExecStart)" \
	    "^$I/sbin/$s -c $I/etc/dnsmail/dnsmail\.conf\$"
	like "$s tells when it is ready" "$(unit $s.service Type)" '^notify'
	is "$s has the watchdog" "$(unit $s.service WatchdogSec)" 30s
	is "$s always comes back" "$(unit $s.service Restart)" always
	is "... however often" "$(unit $s.service StartLimitIntervalSec)" 0
	is "$s depends on no other" "$(grep -hE \
	    '^(Requires|BindsTo|Requisite|Upholds)=' "$U/$s.service")" ""
done
# One that is After= another keeps that from starting until it has stopped, for
# which it may wait for just that: only at boot is there an order.
is "each can be restarted while another one is" \
    "$(grep -h ^After= "$U"/*.service | grep -o "[^ =]*\.service" | xargs)" ""
is "... and with all of them signerd comes after what it asks" \
    "$(unit signerd.service After) $(unit dnsmail-publish.target After)" \
    "signerd.socket dnsmail-publish.target network.target named.service pdns.service knot.service publishd.service"
is "each has a user of its own" \
    "$(for s in $SERVICES; do unit $s.service User; done | xargs)" \
    "dnsmail-sign dnsmail-publish dnsmail-verify dnsmail-reap"
is "two get a key, each its own" "$(grep -h ^LoadCredential= "$U"/* | xargs)" \
    "LoadCredential=update.key:$I/etc/dnsmail/update.key LoadCredential=transfer.key:$I/etc/dnsmail/transfer.key"
is "signerd has no network" \
    "$(unit signerd.service PrivateNetwork) $(unit signerd.service RestrictAddressFamilies) $(unit signerd.service IPAddressDeny)" \
    "yes AF_UNIX any"

# ---- a newer systemd, an older one ----
fill() { etc/systemd/fill "$1" /usr/sbin /etc "$2"; } # UNIT TYPE
cd "$TESTS/.." || exit
like "with notify-reload it is that" "$(fill signerd.service notify-reload)" \
    '^Type=notify-reload$'
reloads() { fill verifyd.service "$1" | sed -n 's/^ExecReload=//p'; } # TYPE
CHECKS='+/usr/sbin/verifyd -t -c /etc/dnsmail/dnsmail.conf'
is "... the file is checked, and systemd sends the signal" \
    "$(reloads notify-reload)" "$CHECKS"
is "with notify the file is checked, then the signal sent" \
    "$(reloads notify)" "$CHECKS
"'+/bin/kill -HUP $MAINPID'

# ---- sockets ----
for s in $SOCKETS; do
	d=${s%-policy}
	protocol=milter
	[ $s = "$d" ] || protocol=policy
	is "$s.socket is called as $d knows it" \
	    "$(unit $s.socket FileDescriptorName)" $protocol
	is "... is where the mail server looks" \
	    "$(unit $s.socket ListenStream)" "/run/dnsmail/$d/$protocol.sock"
	is "... for the mail server's group alone" \
	    "$(unit $s.socket SocketGroup) $(unit $s.socket SocketMode)" \
	    "dnsmail-mta 0660"
done

# ---- users and directories ----
# What systemd makes of the two files, in a root of their own.
root=$W/root
install_to DESTDIR="$root" prefix=/usr sysconfdir=/etc \
    systemdsystemunitdir=/usr/lib/systemd/system \
    sysusersdir=/usr/lib/sysusers.d tmpfilesdir=/usr/lib/tmpfiles.d
mkdir -p "$root/etc"
systemd-sysusers --root="$root" >"$W/sysusers.log" 2>&1
is "sysusers makes the four users" \
    "$(cut -d: -f1 "$root/etc/passwd" | sort | xargs)" \
    "dnsmail-publish dnsmail-reap dnsmail-sign dnsmail-verify"
is "nobody can log in as one" \
    "$(cut -d: -f7 "$root/etc/passwd" | sort -u)" /usr/sbin/nologin
like "all of them may ask for the status" \
    "$(grep ^dnsmail: "$root/etc/group")" \
    ':dnsmail-publish,dnsmail-reap,dnsmail-sign,dnsmail-verify$'
like "the mail server gets a group" "$(cut -d: -f1 "$root/etc/group")" \
    '^dnsmail-mta$'
like "who may withdraw mail gets a group" "$(cut -d: -f1 "$root/etc/group")" \
    '^dnsmail-admin$'
