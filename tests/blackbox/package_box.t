#!/bin/bash
# The Debian package in a booted Debian: from the installation to the first signed
# and verified message in at most six commands, nothing edited but the public zone;
# upgraded while mail goes through, with a wrong configuration too; taken away.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
. "$TESTS/lib-package.sh"
needs dpkg-buildpackage
need_box
plan 51

package >/dev/null

# The version before it: the same, but for what it says of itself, and without a
# unit that the other units name.
OLD=$(tr 0-9 0 <<<"$VERSION") LATER=dnsmail-publish.target
older() {
	local root=$W/old f
	dpkg-deb -R "$DEB" "$root"
	for f in $DAEMONS; do
		LC_ALL=C sed -i "s/${VERSION//./\\.}/$OLD/g" "$root/usr/sbin/$f"
	done
	rm "$root/lib/systemd/system/$LATER"
	sed -i "/^Wants=$LATER\$/d; s/ $LATER//" "$root"/lib/systemd/system/*
	(cd "$root" && sed 's/.*  //' DEBIAN/md5sums | grep -v "/$LATER\$" |
	    tr '\n' '\0' | xargs -0 md5sum >"$W/md5sums")
	mv "$W/md5sums" "$root/DEBIAN/md5sums"
	sed -i "s/^Version: .*/Version: $OLD/" "$root/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$root" "$W/dnsmail_old.deb"
}
ok "there is an older package" older
start_box box-fresh
ok "the box is up" box wait
# What is there by names of ours; not what others remember of it, nor the tests
# that run on this host meanwhile.
ours() {
	inside find /etc /lib/ /run /usr /var -xdev \( -name '*dnsmail*' \
	    -o -name '*signerd*' -o -name '*verifyd*' -o -name '*publishd*' \
	    -o -name '*reaperd*' \) |
	    grep -v -e '^/var/\(cache\|lib/dpkg\|log\)/' -e '^/etc/netns/' \
	    -e "^${TESTS%/tests}" | sort
}
is "nothing of DNS Mail is there" "$(ours)" ""

# ---- the administrator ------------------------------------------------------------

COMMANDS=0
by_hand() { # COMMAND...: one command; what it says goes to $W/said
	COMMANDS=$((COMMANDS + 1))
	inside env DEBIAN_FRONTEND=noninteractive "$@" >"$W/said" 2>&1
}
all_are() { # STATE: daemons and sockets
	[ "$(inside systemctl is-active $DAEMONS {signerd,verifyd}.socket |
	    sort -u)" = "$1" ]
}

# As a new machine gets them: the servers in the same command.
by_hand apt-get -y install bind9 postfix "$W/dnsmail_old.deb"
is "apt installs it" $? 0
unlike "... without a word of trouble" "$(cat "$W/said")" \
    '[Ee]rror|[Ww]arning|[Ff]ailed|not found|disabled|static'
ok "nothing runs before somebody says for which domain" all_are inactive
is "... nothing is enabled" "$(inside systemctl is-enabled dnsmail.target \
    signerd.socket verifyd.socket | sort -u)" disabled
is "each daemon has its user" \
    "$(inside getent passwd | sed -n 's/^\(dnsmail-[a-z]*\):.*/\1/p' | sort | xargs)" \
    "dnsmail-publish dnsmail-reap dnsmail-sign dnsmail-verify"
is "its directories are its own" "$(inside stat -c '%n %U:%G %a' \
    /run/dnsmail/{sign,publish,verify,reap}{er,}d 2>/dev/null | sort)" \
    "/run/dnsmail/publishd dnsmail-publish:dnsmail 755
/run/dnsmail/reaperd dnsmail-reap:dnsmail 755
/run/dnsmail/signerd dnsmail-sign:dnsmail 755
/run/dnsmail/verifyd dnsmail-verify:dnsmail 755"
is "systemd finds nothing wrong with its units" \
    "$(inside sh -c 'cd /lib/systemd/system && systemd-analyze verify \
	$(dpkg -L dnsmail | sed -n "s|^/lib/systemd/system/||p" | grep .) 2>&1')" ""
is "dpkg finds what it unpacked" "$(inside dpkg --verify dnsmail)" ""

by_hand dnsmail-setup --yes --address 10.77.0.1 domain.test
is "dnsmail-setup makes a site of it" $? 0
public=$(sed -n 's/^ *\(dnsmail\.domain\.test\. .*"\)$/\1/p' "$W/said")
is "the record for the public zone is told" \
    "$(grep -o '"[^"]*"$' <<<"$public")" '"10.77.0.1"'
inside sh -c "echo '$public' >>/etc/world/domain.test.zone; systemctl reload world"
listed() { [ "$(inside dig +short dnsmail.domain.test TXT)" = '"10.77.0.1"' ]; }
wait_for 20 listed

LETTER='printf "From: martha@domain.test\nTo: claire@my_isp.test\n\nHello.\n" |
    sendmail -f martha@domain.test claire@my_isp.test'
by_hand sh -c "$LETTER"
ok "the first message arrives" wait_for 60 have_arrived 1
is "... signed and verified" "$(tally)" "$(all_well 1)"
diag "commands: $COMMANDS"
ok "six commands were enough" test $COMMANDS -le 6
ok "all is well" wait_for 20 inside dnsmail-status
is "nothing of the system is in trouble" \
    "$(inside systemctl --failed --plain --no-legend)" ""

# ---- the upgrade, while mail goes through -----------------------------------------------

inside journalctl --rotate -q
log >/dev/null
versions() { inside dnsmail-status | grep -o 'version [0-9.]*' | sort -u; }
sockets() { inside sh -c 'stat -c %i /run/dnsmail/*/milter.sock' | xargs; }
all_new() { # PIDS: none is among those of now, and all are there
	local now=" $(pids) " p
	for p in $1 0; do [[ $now != *" $p "* ]] || return 1; done
}
# traffic: batches of 20 by SMTP, in the background, until traffic_ended. It says
# then in $W/traffic.log how many letters, or that one was not taken.
traffic() {
	start traffic "$TESTS/box" exec "$W/box" sh -c 'n=0
	    until [ -e /run/enough ]; do
		smtp-source -m 20 -s 5 -f martha@domain.test \
		    -t claire@my_isp.test 127.0.0.1:25 || exit
		n=$((n + 20))
	    done
	    echo $n'
}
traffic_ended() {
	inside touch /run/enough
	wait "${PIDS[traffic]}"
	local status=$?
	unset "PIDS[traffic]"
	return $status
}
is "before it: the old version" "$(versions)" "version $OLD"
was=$(pids) sockets=$(sockets)
traffic
wait_for 60 have_arrived 40
ok "the upgrade works" by_hand apt-get -y install "$DEB"
ok "all daemons are new" all_new "$was"
is "... and of the new version" "$(versions)" "version $VERSION"
is "the sockets are the same" "$(sockets)" "$sockets"
is "... and what the old version did not have runs, too" \
    "$(inside systemctl is-active $LATER)" active
traffic_ended
is "... so no client of the mail server was refused" $? 0
COUNT=$(tail -1 "$W/traffic.log")
diag "$COUNT letters meanwhile"
wait_for 90 have_arrived "$COUNT"
is "nothing was lost, nothing unsigned" "$(tally)" "$(all_well "$COUNT")"
log >"$W/log"
is "nothing was put off" "$(deferred)" ""
is "... no socket was missing" "$(no_socket)" 0
is "dnsmail.conf is as it was" "$(inside sh -c \
    'find /etc/dnsmail -newer /run/seen -type f; ls /etc/dnsmail')" \
    "dnsmail.conf
dnsmail.conf.sample
transfer.key
update.key"

# ---- an upgrade whose configuration is wrong --------------------------------------------

inside sed -i '$a nonsense = 1' /etc/dnsmail/dnsmail.conf
was=$(pids)
ok "a wrong configuration does not fail the upgrade" \
    by_hand apt-get -y --reinstall install "$DEB"
like "... which says so" "$(cat "$W/said")" 'dnsmail.conf.*nonsense'
is "the daemons go on as they were" "$(pids)" "$was"
inside sh -c "$LETTER"
ok "... and mail, too" wait_for 60 have_arrived 1
is "... signed" "$(tally)" "$(all_well 1)"
inside sed -i '/^nonsense/d' /etc/dnsmail/dnsmail.conf
ok "once it is mended" by_hand apt-get -y --reinstall install "$DEB"
ok "... they are new" all_new "$was"

# ---- taken away -------------------------------------------------------------------------

# README.Debian's commands for Postfix: those of its lines that are for it.
leave_postfix() {
	inside sh -ec "$(sed -n '/^Taking it away/,$s/^    \(post\|systemctl\)/\1/p' \
	    "$TREE/debian/README.Debian")"
}
ok "Postfix is told to do without, as README.Debian says" leave_postfix
ok "apt removes the package" by_hand apt-get -y remove dnsmail
unlike "... without a word of trouble" "$(cat "$W/said")" \
    '[Ee]rror|[Ww]arning|[Ff]ailed|not found|^dnsmail:'
ok "nothing runs any more" all_are inactive
inside sh -c "$LETTER"
ok "mail goes as before" wait_for 60 have_arrived 1
is "... unsigned" "$(tally)" \
    "1 arrived, 1 different, 1 unsigned, 1 not pass"
is "the configuration and the keys are there until it is purged" \
    "$(inside ls /etc/dnsmail | xargs)" \
    "dnsmail.conf dnsmail.conf.sample transfer.key update.key"
ok "it comes back" by_hand apt-get -y install "$DEB"
ok "... runs, since it was enabled" all_are active
ok "... and works, with what was configured" wait_for 20 inside dnsmail-status
ok "apt purges it" by_hand apt-get -y purge dnsmail
is "only what BIND still reads is left" "$(ours)" \
    "/etc/bind/dnsmail.conf
/etc/bind/dnsmail.keys
/var/lib/bind/dnsmail"

# ---- and again --------------------------------------------------------------------------

ok "it can be installed again" by_hand apt-get -y install "$DEB"
ok "debian/tests/smoke passes" by_hand "$TREE/debian/tests/smoke"
is "nothing is in trouble" "$(inside systemctl --failed --plain --no-legend)" ""
