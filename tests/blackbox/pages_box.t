#!/bin/bash
# What the pages have in boxes for a site with systemd, BIND and Postfix, done as
# it stands there, in a booted Debian that dnsmail-setup has made a site: keys are
# changed under traffic (keys.md), the numbers go to Prometheus (monitoring.md),
# and the site is taken back (dnsmail-setup(8)).
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
. "$TESTS/lib-pages.sh"
need_box
plan 52

TREE=$(cd "$TESTS/.." && pwd)
MAN=$TREE/doc

# done_there: what stands on stdin, in the source tree, for this site's domain
done_there() {
	inside bash -ec "cd '$TREE'; $(sed 's/domain\.com/domain.test/g')"
}
# as_in PAGE HEADING N: the Nth box there is done
as_in() { box_of "$@" | done_there; }
# example PAGE PATTERN: the lines of a manual page from the one that it fits to the
# end of its display
example() {
	sed -n "/$2/,/^\.Ed/{/^\.Ed/d; s/\\\\e\$/\\\\/; s/^# //; p;}" "$MAN/$1"
}

start_box box-fresh
ok "the box is up" box wait
inside make -s -C "$TREE" BUILD="$BUILD" prefix=/usr install >"$W/install.log" 2>&1
inside dnsmail-setup --yes --address 10.77.0.1 domain.test >"$W/setup" 2>&1
is "it is a site" $? 0
inside sh -c "echo 'dnsmail 60 TXT \"10.77.0.1\"' >>/etc/world/domain.test.zone
    systemctl reload world"

# upgrade.md, from the source as it is. It begins with what may be built as anybody.
ok "all is well" wait_for 20 inside dnsmail-status
ok "it is upgraded" done_there < <(echo "export BUILD='$BUILD'"
    box_of upgrade "# Upgrading" 1)

# ---- mail meanwhile ---------------------------------------------------------------

more() { # so many more arrive
	wait_for 60 have_arrived $(($(arrived) + $1))
}
inside postconf -P out/unix/smtp_connection_cache_on_demand=no
inside sh -c 'systemctl reload postfix; journalctl --rotate -q'
log >/dev/null
start traffic "$TESTS/box" exec "$W/box" sh -c 'n=0
    until [ -e /run/enough ]; do
	smtp-source -m 5 -s 1 -f martha@domain.test \
	    -t claire@my_isp.test 127.0.0.1:25 || exit
	n=$((n + 5))
    done
    echo $n'
ok "mail is signed with the first key" more 10

# ---- keys.md ------------------------------------------------------------------------

inside cp -r /etc/dnsmail /run/first
# may KEY: it may add a record; may_transfer KEY: it may transfer
may() {
	inside sh -c "printf 'server 127.0.0.1\nzone domain.test\n%s\nsend\n' \
	    'update add one.domain.test 60 TXT \"x\"' | nsupdate -v -k '$1'"
}
may_not() { ! may "$@"; }
may_transfer() {
	[ "$(inside dig @127.0.0.1 domain.test AXFR -k "$1" +noall +answer |
	    grep -c '[[:space:]]SOA[[:space:]]')" = 2 ]
}
may_not_transfer() { ! may_transfer "$@"; }
NAME="## The update key, with BIND"
for n in 1 2; do
	ok "the update key, box $n" as_in keys "$NAME" $n
done
ok "BIND lets the second key change the zone" \
    wait_for 10 may /etc/dnsmail/update-2.key
ok "... and the first, too" may /run/first/update.key
is "... and neither what says something else" "$(for k in first/update.key \
    ../etc/dnsmail/update-2.key; do
	inside sh -c "printf 'zone domain.test\nserver 127.0.0.1\n%s\nsend\n' \
	    'update add _dmarc.domain.test 60 TXT \"x\"' |
	    nsupdate -v -k /run/$k 2>&1" | grep -o REFUSED
    done | xargs)" "REFUSED REFUSED"
ok "mail goes on" more 10
ok "the update key, box 3" as_in keys "$NAME" 3
ok "mail is signed with the second key" more 10
ok "the update key, box 4" as_in keys "$NAME" 4
ok "BIND has forgotten the first" wait_for 10 may_not /run/first/update.key
ok "mail goes on" more 10
number() { # DAEMON NAME
	inside dnsmail-status --json "$1" | grep -o "\"$2\": *[0-9]*" |
	    grep -o '[0-9]*$'
}
is "no update was refused" "$(number publishd updates_refused)" 0
is "no part of a page is left" "$(box_of keys "$NAME" 5)" ""

NAME="## The transfer key, with BIND"
ok "the transfer key, box 1" as_in keys "$NAME" 1
ok "BIND gives the zone to the second key" \
    wait_for 10 may_transfer /etc/dnsmail/transfer.key
ok "... and to the first, too" may_transfer /run/first/transfer.key
ok "the transfer key, box 2" as_in keys "$NAME" 2
ok "BIND has forgotten the first" \
    wait_for 10 may_not_transfer /run/first/transfer.key
# reaperd(8): does the primary give the zone to this key?
is "... and gives it to the second, as reaperd(8) asks" \
    "$(example reaperd.8 '^dig @127' | done_there | grep -c 'status: NOERROR\|^[0-9][0-9]*$')" 2
transferred() { [ "$(number reaperd transfers_whole)" -gt "$WHOLE" ]; }
WHOLE=$(number reaperd transfers_whole)
inside systemctl reload reaperd
ok "reaperd goes on" wait_for 20 transferred
is "... no transfer has failed" "$(number reaperd transfers_failed)" 0

inside touch /run/enough
wait "${PIDS[traffic]}"
is "no client of the mail server was refused" $? 0
unset "PIDS[traffic]"
COUNT=$(tail -1 "$W/traffic.log")
wait_for 90 have_arrived "$COUNT"
diag "$COUNT letters meanwhile"
is "nothing was lost, nothing unsigned" "$(tally)" "$(all_well "$COUNT")"
is "nothing was put off" "$(log | grep 'status=deferred')" ""

inside cp /etc/dnsmail/update.key /run/second.key
ok "the key that others may know" as_in keys "## Others may know the update key" 1
ok "BIND has forgotten it" wait_for 10 may_not /run/second.key
send() {
	inside sh -c 'printf "From: martha@domain.test\nTo: claire@my_isp.test\n\n." |
	    sendmail -f martha@domain.test claire@my_isp.test'
}
send
ok "mail goes on" wait_for 60 have_arrived 1
is "... signed" "$(tally)" "$(all_well 1)"
ok "dnsmail-setup finds nothing to do afterwards" \
    inside sh -c "dnsmail-setup --yes domain.test | grep 'Nothing else'"

# ---- monitoring.md --------------------------------------------------------------------

inside mkdir -p /var/lib/prometheus/node-exporter
ok "by node_exporter" as_in monitoring "## Prometheus" 2
TEXT=/var/lib/prometheus/node-exporter/dnsmail.prom
ok "... whose file is there" wait_for 30 inside \
    grep -q '^dnsmail_signerd_up 1' $TEXT
ok "by HTTP" as_in monitoring "## Prometheus" 3
like "... where the numbers are" "$(inside bash -c \
    'exec 3<>/dev/tcp/127.0.0.1/9725
     printf "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" >&3; cat <&3')" \
    '^dnsmail_signerd_up 1'
about=$(sed -n 's/.*The whole is about \([0-9]*\) series.*/\1/p' "$MAN/monitoring.md")
series=$(inside dnsmail-status --metrics | grep -vc '^#')
diag "$series series"
ok "... about as many as the page says" \
    test $((series * 10)) -ge $((about * 9)) -a $((series * 10)) -le $((about * 11))
# Nagios' user has to be in the group.
inside sh -c 'useradd nagios && usermod -aG dnsmail nagios'
like "as a plug-in" "$(inside runuser -u nagios -- sh -c "$(sed -n \
    's/^ *command_line *//p' "$MAN/monitoring.md")")" '^DNSMAIL (OK|WARNING) - '

# ---- postfix.md -----------------------------------------------------------------------

SOCKET=/var/spool/postfix/dnsmail/verifyd.sock
inside sh -c "rm -r /etc/systemd/system/verifyd.socket.d && systemctl daemon-reload &&
    systemctl stop verifyd.socket && systemctl restart verifyd && rm -f $SOCKET"
ok "verifyd's socket in the chroot, by hand" as_in postfix "# Postfix" 2
ok "... is there" inside test -S $SOCKET
# dnsmail(7): what "systemctl edit" would write stands there already.
ok "... also after it was restarted more often than systemd allows others" \
    eval 'for _ in {1..6}; do
	example dnsmail.7 "^# systemctl stop verifyd" | done_there || break
    done && inside test -S $SOCKET'
like "what shows that all is there finds it" "$(sed -n \
    's/^- Is it all there? `\(.*\)` and `\(.*\)`\.$/\1; \2/p' "$MAN/postfix.md" |
    done_there | xargs)" \
    '^default_transport = sign:.* relay_transport = sign:.* sign unix .* 127\.0\.0\.1:10027 inet '

# ---- examples of the manual --------------------------------------------------------------

inside useradd joe
like "dnsmail-log(7): all that happened to a message" "$(example dnsmail-log.7 \
    '^journalctl -t signerd -t verifyd D' | sed "s/4bKXq21/$(inside journalctl -o cat \
	-n 1 DNSMAIL_ACTION=signed | sed 's/^queue=\([^ ]*\) .*/\1/')/" |
    done_there)" ' action=signed id='
like "dnsmail-log(7): warnings of today" "$(example dnsmail-log.7 \
    '^journalctl -p warning' | done_there)" 'domain\.test|No entries'
ok "dnsmail-recall(8): let Joe do this, too" \
    done_there < <(example dnsmail-recall.8 '^# usermod')
ok "... and he may" inside runuser -u joe -- \
    dnsmail-recall --from martha@domain.test --since 1h --dry-run
ok "dnsmail.conf(5): check it, and let the daemons take it" \
    done_there < <(example dnsmail.conf.5 '^signerd -t &&')
ok "dnsmail-setup(8): back again" \
    done_there < <(example dnsmail-setup.8 '^postconf -X')
send
ok "... mail goes as before" wait_for 60 have_arrived 1
is "... unsigned" "$(tally)" \
    "1 arrived, 1 different, 1 unsigned, 1 not pass"
