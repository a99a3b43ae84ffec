#!/bin/bash
# Real Postfix as Debian configures it, in its chroot, with the samples of
# etc/postfix added and nothing changed in them.
. "$(dirname "$0")/../lib-mta.sh"
mta_root postfix "$@"
. "$TESTS/lib.sh"
. "$TESTS/lib-smtp.sh"
. "$TESTS/lib-verifyd.sh"
plan 76

SAMPLES=$TESTS/../etc/postfix

ok "the settings of the host's kernel are not for this root to change" \
    test ! -w /proc/sys/kernel/panic

# ---- the site -------------------------------------------------------------------

echo domain.test >/etc/mailname
cat /usr/share/postfix/main.cf.debian - "$SAMPLES/main.cf.dnsmail" \
    >/etc/postfix/main.cf <<X
myorigin = /etc/mailname
mydestination = domain.test
mynetworks = 127.0.0.0/8
inet_interfaces = 10.77.0.1, 127.0.0.1
inet_protocols = ipv4
virtual_alias_maps = texthash:/etc/postfix/virtual
maillog_file = /var/log/postfix.log
X
cat /usr/share/postfix/master.cf.dist "$SAMPLES/master.cf.dnsmail" \
    >/etc/postfix/master.cf
install -d -g postfix -m 750 /var/spool/postfix/dnsmail

useradd -m martha
useradd -m bob
echo bob@my_isp.test >/home/bob/.forward
chown bob /home/bob/.forward
printf 'c@my_isp.test\nd@my_isp.test\n' >/etc/list
cat >/etc/aliases <<X
gone: gone@my_isp.test
staff: a@my_isp.test, b@my_isp.test
list: :include:/etc/list
owner-list: martha
X
newaliases
echo 'claire@domain.test claire@my_isp.test' >/etc/postfix/virtual

carols_zone claire bob staff gone
mta_zone sick.test 10.77.0.2
echo rubbish >"$W/ns/sick.test.zone"
MTA_VERIFYD=unix:/var/spool/postfix/dnsmail/verifyd.sock
mta_site 'socket-group = "postfix"
	milter = {"'$MTA_VERIFYD'"}
	on-fail = "reject"' 'socket-group = "postfix"'
start_sink isp 10.77.0.3@25 -r 'gone@my_isp.test 550 5.1.1 Nobody'
start_sink author 10.77.0.2@25

/usr/lib/postfix/configure-instance.sh -	# what goes into the chroot
_end() { postfix stop >/dev/null 2>&1; }
AT_EXIT+=(_end)
ok "Postfix takes the samples" postfix start
ok "the public listener answers" wait_for 20 smtp_greets "$PUBLIC"
ok "the exit listener answers" wait_for 20 smtp_greets 10027
ok "but not to others" bash -c '! exec 3<>/dev/tcp/10.77.0.1/10027'

# ---- signed when it leaves ---------------------------------------------------------

letter direct x@my_isp.test | from_us x@my_isp.test
expect_copies "to one outside" direct $MARTHA x@my_isp.test
like "it verifies" "$(verdict "$(copies isp direct)")" \
    '^dnsmail=pass header.from=martha@domain.test policy.content=intact'

roots() { # PROCESS-NAME: what those take for their root
	local pid
	for pid in $(pgrep -x "$1"); do
		readlink "/proc/$pid/root"
	done | sort -u | xargs
}
is "the public listener is in the chroot, and only it" "$(roots smtpd)" \
    "/ /var/spool/postfix"

cat <<X | from_us x@my_isp.test
From: martha@domain.test (Martha, of (domain))
To: x@my_isp.test,"Y, Z" <y@my_isp.test>,
   z@my_isp.test
Subject: odd
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Gr$(printf '\303\274')  $(printf '\t')
.

From here
$(printf '%01200d' 0)

X
wait_for 20 has_copies isp odd 1
like "odd spelling comes through" "$(verdict "$(copies isp odd)")" \
    '^dnsmail=pass .*policy.content=intact'

letter several 'x@my_isp.test, y@my_isp.test' |
    from_us x@my_isp.test y@my_isp.test secret@my_isp.test
expect_copies "several, one of them blind" several $MARTHA \
    x@my_isp.test y@my_isp.test secret@my_isp.test
is "nothing tells the others of him" \
    "$(copies isp several | xargs grep -l secret | wc -l)" 1

sed 's/^Subject/Bcc: hidden@my_isp.test\n&/' <(letter submitted x@my_isp.test) |
    sendmail -t -f $MARTHA
expect_copies "Bcc: of a submitted letter" submitted $MARTHA \
    x@my_isp.test hidden@my_isp.test
is "which the others do not learn of" \
    "$(copies isp submitted | xargs grep -l hidden | wc -l)" 1
is "nor from the records of their IDs" "$(for there in $(copies isp submitted); do
	[ "$(recipients_of "$there")" = hidden@my_isp.test ] ||
	    txt 53 "$(ids_of "$there")" | grep -c hidden
done)" 0

letter all | from_us {claire,bob,staff,list}@domain.test
expect_copies "virtual alias, .forward, alias and :include:" all $MARTHA \
    {claire,bob,a,b,c,d}@my_isp.test

is "a list's owner is the sender of its copies, not their author" \
    "$(copies isp all | xargs grep -il '^MAIL FROM:<owner-list@domain.test>' |
    while read -r there; do recipients_of "$there"; done | sort | xargs)" \
    "c@my_isp.test d@my_isp.test"

letter local martha@domain.test | from_us martha@domain.test
ok "what stays here arrives" wait_for 20 grep -q '^Subject: local' /var/mail/martha
unlike "without an ID" "$(cat /var/mail/martha)" '^DNS-Mail-ID'

# ---- verified when it comes in, and signed for whom it is forwarded to -----------------

for who in claire bob staff; do
	carols $who | from_carol $who@domain.test >/dev/null
done
expect_copies "forwarded by virtual alias" "for claire" carol@author.test \
    claire@my_isp.test
expect_copies "by .forward" "for bob" carol@author.test bob@my_isp.test
expect_copies "to several" "for staff" carol@author.test {a,b}@my_isp.test
expect_forwarded "$(copies isp "for bob")"
expect_no_forgeries
expect_no_id_for_spoof
expect_refusals

# ---- bounces -----------------------------------------------------------------------

expect_bounce MAILER-DAEMON@domain.test
letter nobody | from_us gone@my_isp.test
ok "a bounce of our own mail stays here" \
    wait_for 20 grep -q '^Subject: nobody' /var/mail/martha

# ---- what cannot be signed now waits -------------------------------------------------

queued() { mailq | grep -c '^[0-9A-F]\{5,\}'; }
deferred() {
	grep "to=<$1@my_isp.test>" /var/log/postfix.log |
	    grep -q 'status=deferred .*said: 451 '
}

stop signerd
letter late1 | from_us late1@my_isp.test
ok "without signerd it stays in the queue" wait_for 30 deferred late1
stop publishd
start_daemon signerd
letter late2 | from_us late2@my_isp.test
ok "without publishd too" wait_for 30 deferred late2
start_daemon publishd
stop ns
letter late3 | from_us late3@my_isp.test
ok "without the name server too" wait_for 30 deferred late3
is "nothing has gone" "$(copies isp 'late.' | wc -l)" 0
bind_again ns
wait_for 20 bind_answers 53 domain.test
is "all of it waits" "$(queued)" 3
postqueue -f
for n in 1 2 3; do
	expect_copies "a later try signs it ($n)" late$n $MARTHA late$n@my_isp.test
done
ok "the queue is empty" wait_for 20 eval '[ "$(queued)" = 0 ]'

# ---- a relayhost ---------------------------------------------------------------------

sed -i 's/content_filter=out:/&[10.77.0.4]/' /etc/postfix/master.cf
postfix reload
start_sink relay 10.77.0.4@25
letter relayed | from_us x@my_isp.test
ok "with a relayhost all goes there" wait_for 20 sunk relay 1
is "signed" "$(records_of "$(newest_of relay)")" "To:x@my_isp.test*From:$MARTHA"
like "and verifies" "$(verdict "$(newest_of relay)")" '^dnsmail=pass '

# ---- a next hop of its own, as doc/postfix.md says ---------------------------------------

{
	sed -n '/^127.0.0.1:10027 /,$p' "$SAMPLES/master.cf.dnsmail" |
	    sed 's/:10027/:10028/; s/content_filter=out:/&[10.77.0.5]/'
} >>/etc/postfix/master.cf
echo 'partner.test sign:[127.0.0.1]:10028' >/etc/postfix/transport
echo 'other.test sign:[127.0.0.1]:10027' >>/etc/postfix/transport
postconf -e 'transport_maps = texthash:/etc/postfix/transport'
postfix reload
start_sink partner 10.77.0.5@25
letter special | from_us x@partner.test
ok "a domain with a next hop of its own goes there" wait_for 20 sunk partner 1
is "... signed" "$(records_of "$(newest_of partner)")" \
    "To:x@partner.test*From:$MARTHA"
letter general | from_us x@other.test
ok "one without goes where all goes" wait_for 20 sunk relay 2
is "... signed" "$(records_of "$(newest_of relay)")" "To:x@other.test*From:$MARTHA"

is "of our own nothing has left unsigned" "$(unsigned_of_ours)" spoof
unlike "Postfix never warned about what a milter said" \
    "$(cat /var/log/postfix.log)" 'warning: milter .*(malformed|unexpected|unreasonable)'
