#!/bin/bash
# Real Sendmail with the samples of etc/sendmail: the main server as Debian
# configures it plus dnsmail.m4, and the exit server. Only the domain and the
# address to listen on are changed in them.
. "$(dirname "$0")/../lib-mta.sh"
mta_root sendmail "$@"
. "$TESTS/lib.sh"
. "$TESTS/lib-smtp.sh"
. "$TESTS/lib-verifyd.sh"
plan 65

SAMPLES=$TESTS/../etc/sendmail

# ---- the site -------------------------------------------------------------------

sed "s/\`domain\\.com'/\`domain.test'/" "$SAMPLES/dnsmail.m4" >/etc/mail/m4/dnsmail.m4
cat >"$W/lines" <<'X'
include(`/etc/mail/m4/dnsmail.m4')dnl
DAEMON_OPTIONS(`Family=inet, Name=WORLD, Port=smtp, Addr=10.77.0.1')dnl
MAILER_DEFINITIONS
X
sed -i -e "/^MAILER_DEFINITIONS/{r $W/lines
d}" /etc/mail/sendmail.mc
sed "s/\`domain\\.com'/\`domain.test'/" "$SAMPLES/dnsmail-exit.mc" \
    >/etc/mail/dnsmail-exit.mc
cat >>/etc/mail/access <<X	# a test is quicker than the world
ClientRate:10.77	0
ClientConn:10.77	0
GreetPause:10.77	0
X
ok "Debian's configuration takes the sample" make -s -C /etc/mail
ok "the exit server's sample is one" m4 /etc/mail/dnsmail-exit.mc
m4 /etc/mail/dnsmail-exit.mc >/etc/mail/dnsmail-exit.cf
# What else this host has to do shall put nothing off.
for cf in /etc/mail/{sendmail,dnsmail-exit}.cf; do
	printf 'O QueueLA=1000\nO RefuseLA=1000\n' >>$cf
done
install -d -m 700 /var/spool/mqueue-exit
echo domain.test >>/etc/mail/local-host-names

useradd -m bob
echo bob@my_isp.test >/home/bob/.forward
chown bob /home/bob/.forward
printf 'c@my_isp.test\nd@my_isp.test\n' >/etc/mail/list
cat >/etc/aliases <<X
claire: claire@my_isp.test
postmaster: /var/mail/postmaster
mailer-daemon: postmaster
martha: /var/mail/martha
gone: gone@my_isp.test
staff: a@my_isp.test, b@my_isp.test
list: :include:/etc/mail/list
X
newaliases >"$W/aliases.log"
mkdir -p /run/sendmail/mta

carols_zone claire bob staff gone
mta_zone sick.test 10.77.0.2
echo rubbish >"$W/ns/sick.test.zone"
mta_site 'on-fail = "reject"'
start_sink isp 10.77.0.3@25 -r 'gone@my_isp.test 550 5.1.1 Nobody'
start_sink author 10.77.0.2@25

start main /usr/sbin/sendmail -bD -q1h
start exit /usr/sbin/sendmail -C /etc/mail/dnsmail-exit.cf -L sm-exit -bD -q1h
ok "the main server answers" wait_for 20 smtp_greets "$PUBLIC"
ok "the exit server answers" wait_for 20 smtp_greets 10025

# ---- signed when it leaves ---------------------------------------------------------

letter direct x@my_isp.test | from_us x@my_isp.test
expect_copies "to one outside" direct $MARTHA x@my_isp.test
like "it verifies" "$(verdict "$(copies isp direct)")" \
    '^dnsmail=pass header.from=martha@domain.test policy.content=intact'

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
$(printf '%0900d' 0)

X
wait_for 20 has_copies isp odd 1
like "what Sendmail spells anew, it has spelled anew before" \
    "$(verdict "$(copies isp odd)")" '^dnsmail=pass .*policy.content=intact'

letter several 'x@my_isp.test, y@my_isp.test' |
    from_us x@my_isp.test y@my_isp.test secret@my_isp.test
expect_copies "several, one of them blind" several $MARTHA \
    x@my_isp.test y@my_isp.test secret@my_isp.test
is "nothing tells the others of him" \
    "$(copies isp several | xargs grep -l secret | wc -l)" 1

is "the exit takes one recipient per copy" "$(letter many | send_mail 10025 \
    $MARTHA x@my_isp.test y@my_isp.test)" '452 4.5.3 Too many recipients'

letter all | from_us {claire,bob,staff,list}@domain.test
expect_copies "alias, .forward and :include:" all $MARTHA \
    {claire,bob,a,b,c,d}@my_isp.test

letter local martha@domain.test | from_us martha@domain.test
ok "what stays here arrives" wait_for 20 grep -q '^Subject: local' /var/mail/martha
unlike "without an ID" "$(cat /var/mail/martha)" '^DNS-Mail-ID'

# ---- verified when it comes in, and signed for whom it is forwarded to -----------------

for who in claire bob staff; do
	carols $who | from_carol $who@domain.test >/dev/null
done
expect_copies "forwarded by alias" "for claire" carol@author.test claire@my_isp.test
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

# ---- the next server is away ---------------------------------------------------------

# Queue runs until that succeeds: one leaves out what another process holds.
main_runs() { "$@" || { /usr/sbin/sendmail -qf; "$@"; }; }
exit_runs() {
	"$@" || {
		/usr/sbin/sendmail -C /etc/mail/dnsmail-exit.cf -qf
		"$@"
	}
}
exit_queue() { mailq -C /etc/mail/dnsmail-exit.cf | grep -c '^[0-9A-Za-z]\{14\}'; }
stop isp
letter away | from_us away@my_isp.test
ok "what is signed and cannot go waits in the exit's queue" \
    wait_for 20 grep -q 'to=<away@.*stat=Deferred' "$W/syslog.log"
carols staff | from_carol staff@domain.test >/dev/null
ok "what is forwarded too" \
    wait_for 20 grep -q 'to=<b@.*stat=Deferred' "$W/syslog.log"
start_sink isp 10.77.0.3@25 -r 'b@my_isp.test 550 5.1.1 Nobody'
wait_for 30 exit_runs has_copies isp away 1
expect_copies "and goes later" away $MARTHA away@my_isp.test
ok "a bounce from the queue" wait_for 30 exit_runs sunk author 2
like "is signed as well" "$(verdict "$(newest_of author)")" \
    "^dnsmail=pass header.from=MAILER-DAEMON@domain.test"
ok "that queue is empty" wait_for 30 exit_runs eval '[ "$(exit_queue)" = 0 ]'

# ---- what cannot be signed now waits -------------------------------------------------

queued() { mailq | grep -c '^[0-9A-Za-z]\{14\}'; }
deferred() {
	grep "to=<$1@my_isp.test" "$W/syslog.log" | grep -q 'stat=Deferred: 451'
}

stop signerd
letter unsigned1 | from_us late1@my_isp.test
ok "without signerd the main server keeps it" wait_for 20 deferred late1
/usr/sbin/sendmail -qf
is "also at the next try" "$(queued)" 1
start_daemon signerd
stop publishd
letter unsigned2 | from_us late2@my_isp.test
ok "without publishd too" wait_for 30 deferred late2
is "nothing has gone" "$(copies isp 'unsigned.' | wc -l)" 0
start_daemon publishd
wait_for 30 main_runs has_copies isp unsigned1 1
wait_for 30 main_runs has_copies isp unsigned2 1
expect_copies "a later try signs it" unsigned1 $MARTHA late1@my_isp.test
expect_copies "and the other" unsigned2 $MARTHA late2@my_isp.test
ok "the queue is empty" wait_for 20 eval '[ "$(queued)" = 0 ]'

is "of our own nothing has left unsigned" "$(unsigned_of_ours)" spoof
