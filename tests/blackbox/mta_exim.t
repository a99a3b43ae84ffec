#!/bin/bash
# Real Exim as Debian configures it for the internet, with the samples of
# etc/exim. Only the name in them is changed.
. "$(dirname "$0")/../lib-mta.sh"
mta_root exim4-daemon-light "$@"
. "$TESTS/lib.sh"
. "$TESTS/lib-smtp.sh"
. "$TESTS/lib-verifyd.sh"
plan 87

SAMPLES=$TESTS/../etc/exim
YOU=you@isp.test

# ---- the site -------------------------------------------------------------------

CONF=/etc/exim4
sed 's/mx\.domain\.com/mx.domain.test/' "$SAMPLES/dnsmail-macros" \
    >$CONF/conf.d/main/00_dnsmail
cp "$SAMPLES/dnsmail-acl" $CONF/
cp "$SAMPLES/dnsmail-router" $CONF/conf.d/router/190_dnsmail
cp "$SAMPLES/dnsmail-transport" $CONF/conf.d/transport/30_dnsmail
sed -i -e "s/^\(dc_eximconfig_configtype\)=.*/\1='internet'/" \
    -e "s/^\(dc_other_hostnames\)=.*/\1='domain.test'/" \
    -e "s/^\(dc_relay_domains\)=.*/\1='isp.test'/" \
    -e "s/^\(dc_local_interfaces\)=.*/\1='127.0.0.1 ; 10.77.0.1'/" \
    -e "s/^\(dc_use_split_config\)=.*/\1='true'/" $CONF/update-exim4.conf.conf
echo domain.test >/etc/mailname
ok "Debian's configuration takes the samples" update-exim4.conf
ok "and Exim takes them" exim4 -bV
[ $_failed = 0 ] || exit 1

for user in martha bob; do
	useradd -m $user
done
echo bob@isp.test >/home/bob/.forward
chown bob /home/bob/.forward
cat >/etc/aliases <<X
postmaster: martha
claire: claire@isp.test
gone: gone@isp.test
staff: a@isp.test, b@isp.test
X

# Exim takes no underscore in the domains of aliases and .forward files.
mta_zone isp.test 10.77.0.3
carols_zone claire bob staff gone martha
mta_zone sick.test 10.77.0.2
echo rubbish >"$W/ns/sick.test.zone"
# As the socket units have it, and the page.
groupadd -rf dnsmail-mta
usermod -aG dnsmail-mta Debian-exim
mta_site 'policy = {"unix:/run/dnsmail/verifyd/policy.sock"}
	socket-group = "dnsmail-mta"
	on-fail = "reject"
	on-permerror = "reject"' \
    'policy = {"unix:/run/dnsmail/signerd/policy.sock"}
	socket-group = "dnsmail-mta"'
start_sink isp 10.77.0.3@25 -r 'gone@isp.test 550 5.1.1 Nobody'
start_sink author 10.77.0.2@25

start exim exim4 -bdf -q1h
ok "it answers" wait_for 20 smtp_greets "$PUBLIC"
alive exim || exit 1

# Exim puts the newest below all others.
ids_of() { field_of "$1" DNS-Mail-ID | tac; }

again() { exim4 -qff; } # what waits is tried now
at_home() { grep -qs "^Subject: $2\$" "/var/mail/$1"; } # USER SUBJECT

# ---- signed when it leaves ---------------------------------------------------------

letter direct x@isp.test | from_us x@isp.test
expect_copies "to one outside" direct $MARTHA x@isp.test
like "it verifies" "$(verdict "$(copies isp direct)")" \
    '^dnsmail=pass header.from=martha@domain.test policy.content=intact'

cat <<X | from_us x@isp.test
From: martha@domain.test
 (Martha, of (domain))
To: x@isp.test,"Y, Z" <y@isp.test>,
   z@isp.test
Subject: odd
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Gr$(printf '\303\274')  $(printf '\t')
.
X
wait_for 20 has_copies isp odd 1
like "an odd message is signed, too" "$(verdict "$(copies isp odd)")" \
    '^dnsmail=pass .*policy.content=intact'

# What canonical form is about: blanks, empty lines, no end, nothing at all.
odd() { # NAME BODY-AS-PRINTF [CONTENT]
	{
		printf 'Subject:  odd   %s \nfrom: %s\nTO :\n x@isp.test\n' "$1" $MARTHA
		printf 'Cc: \nX: y\nReply-To: a@domain.test,\n\tb@domain.test\n\n'
		# shellcheck disable=SC2059
		printf "$2"
	} | sendmail -f $MARTHA x@isp.test
	wait_for 20 has_copies isp " odd   $1 " 1
	like "${3-intact}: $1" "$(verdict "$(copies isp " odd   $1 ")")" \
	    "^dnsmail=pass .*policy.content=${3-intact}"
}
odd "blanks" '  a  \t b \t \n\t\n c\n'
odd "empty lines between and behind" '\n\na\n\n\nb\n \n\n\n'
odd "empty lines alone" '\n \n\n'
odd "nothing" ''
odd "no end" 'a'
odd "dollars and braces" '${sg{a}{b}{c}} $1 \\n \\N } {\n'
odd "8 bit" '\303\274 \377\200 \n'
odd "long" "$(printf '%0300000d' 0 | sed 's/0\{900\}/& \\n/g')"
odd "more than 1 MiB" "$(printf '%01100000d' 0 | sed 's/0\{900\}/&\\n/g')" unbound
odd "an octet 0" 'a\0b\n' unbound

letter several 'x@isp.test, y@isp.test' |
    from_us x@isp.test y@isp.test Secret@isp.test
expect_copies "several, one of them blind" several $MARTHA \
    x@isp.test y@isp.test Secret@isp.test
is "nothing tells the others of him" \
    "$(copies isp several | xargs grep -l Secret | wc -l)" 1

letter all | from_us {claire,bob,staff}@domain.test
expect_copies "alias and .forward" all $MARTHA {claire,bob,a,b}@isp.test

letter submitted x@isp.test | sendmail -f $MARTHA x@isp.test
expect_copies "submitted by a program" submitted $MARTHA x@isp.test

{
	printf 'To: '
	for n in {1..4000}; do printf 'nobody%d@isp.test,\n ' "$n"; done
	printf 'x@isp.test\nFrom: %s\nSubject: crowd\n\n' $MARTHA
} | from_us x@isp.test
expect_copies "more in To: than Exim can ask about" crowd $MARTHA x@isp.test

letter local martha@domain.test | from_us martha@domain.test
ok "what stays here arrives" wait_for 20 at_home martha local
unlike "without an ID" "$(cat /var/mail/martha)" '^DNS-Mail-ID'

# ---- verified when it comes in, and signed for whom it is forwarded to -----------------

carols martha | from_carol martha@domain.test >/dev/null
ok "good mail from outside arrives" wait_for 20 at_home martha "for martha"
like "the verdict is in it" "$(grep '^Authentication-Results' /var/mail/martha)" \
    ": ${OURS}pass .*content=intact"

for who in claire bob staff; do
	carols $who | from_carol $who@domain.test >/dev/null
done
expect_copies "forwarded by alias" "for claire" carol@author.test claire@isp.test
expect_copies "by .forward" "for bob" carol@author.test bob@isp.test
expect_copies "to several" "for staff" carol@author.test {a,b}@isp.test
there=$(copies isp "for bob")
is "our ID is there, and the author's as it was" \
    "$(ids_of "$there" | sed 's/.*\.domain/*.domain/' | xargs)" \
    "*.domain.test to-bob.author.test"
like "our verdict is on top" "$(head_of "$there" | head -n 1)" \
    "^Authentication-Results: ${OURS}pass "
like "and the next server sees both hops" "$(verdict "$there")" \
    '^dnsmail=pass .*policy.via=domain.test policy.content=intact'

body_of "$there" | sed 's/^Subject: .*/Subject: relayed/' |
    from_carol bob@isp.test >/dev/null
wait_for 20 has_copies isp relayed 1
like "what a forwarder has changed is changed" \
    "$(results "$(copies isp relayed)" | head -n 1)" \
    "^${OURS}policy .*policy.via=domain.test policy.content=changed"
body_of "$there" | from_carol bob@isp.test >/dev/null
wait_for 20 has_copies isp "for bob" 2
like "what he has not is intact: both hops are seen here, too" \
    "$(results "$(copies isp "for bob" | tail -n 1)" | head -n 1)" \
    "^${OURS}pass .*policy.via=domain.test policy.content=intact"

{
	cat <<X
Authentication-Results: mx.domain.test; dnsmail=pass header.from=a@forged.test
AUTHENTICATION-RESULTS: MX.Domain.Test; dnsmail=pass header.from=b@forged.test
Authentication-Results: other.test; dnsmail=pass header.from=c@kept.test
Authentication-Results:
 (really) mx.domain.test (honest) 1;
 dnsmail=pass header.from=d@forged.test
Authentication-Results: mx.domain.test. 1 ; dnsmail=pass header.from=d@forged.test
Authentication-Results:
  another.test 1;
  dnsmail=pass header.from=c@kept.test
Subject: forged
Authentication-Results: "mx.domain.test"; dnsmail=pass header.from=e@forged.test
Authentication-Results: "m\\x.domain.test"; dnsmail=pass header.from=e@forged.test
X
	carols claire | sed '/^Subject/d'
} | from_carol claire@domain.test >/dev/null
wait_for 20 has_copies isp forged 1
there=$(copies isp forged)
is "of forged verdicts none is left" "$(grep -c @forged.test "$there")" 0
is "others' stay, below ours" "$(results "$there" | sed 's/;.*//' | xargs)" \
    "mx.domain.test other.test another.test 1"

like "nor is one taken that Exim cannot remove" \
    "$({ echo "Authentication-Results : mx.domain.test; dnsmail=pass"
	carols claire; } | from_carol claire@domain.test)" '^550 5\.6\.0 '

expect_no_id_for_spoof

expect_refusals '4\.7\.1 '
like "two From: fields are two" "$({ echo 'From: "a@author.test"'
    carols claire | sed 's/^From: Carol/From:/'; } | from_carol claire@domain.test)" \
    '^550 '
like "also where the one has a blank before its colon" \
    "$({ echo 'From : a@author.test'; carols claire; } |
    from_carol claire@domain.test)" '^550 '
like "or stands behind more than Exim shows" \
    "$({ carols claire | sed '/^$/,$d'; printf 'X: %0900d\n' {1..80}
	echo 'From : a@author.test'; echo; echo Hello.; } |
    from_carol claire@domain.test)" '^550 '

# acts ACTION: verifyd does that with failures from here on
acts() {
	sed -i "s/on-fail = .*/on-fail = \"$1\"/" "$W/dnsmail.conf"
	stop verifyd
	start_daemon verifyd
}
acts quarantine
carols claire | sed 's/^Subject: .*/Subject: held/' |
    from_carol martha@domain.test >/dev/null
frozen() { exim4 -bpu | grep -c frozen; }
is "what is to be held is frozen" "$(frozen)" 1
ok "and not delivered" eval '! at_home martha held'
exim4 -Mt "$(exim4 -bpu | awk '/frozen/ { print $3 }')" >/dev/null
again
ok "until it is let go" wait_for 20 at_home martha held
like "with its verdict in it" \
    "$(sed -n '/dnsmail=fail/,/^Subject/p' /var/mail/martha)" 'Subject: held'
acts discard
like "what is to be discarded is taken" "$(carols claire |
    sed 's/^Subject: .*/Subject: gone/' | from_carol martha@domain.test)" '^250 '
is "and is not in the queue" "$(exim4 -bpc)" 0
ok "nor anywhere" eval '! at_home martha gone'

# ---- bounces -----------------------------------------------------------------------

expect_bounce Mailer-Daemon@domain.test

# ---- what cannot be signed now waits -------------------------------------------------

queued() { exim4 -bpc; }
deferred() { grep -q "== $1@isp.test .*defer" /var/log/exim4/mainlog; }

stop signerd
letter unsigned1 | from_us late1@isp.test
ok "without signerd it waits" wait_for 20 deferred late1
like "which Exim's log says" "$(grep '== late1@isp.test' /var/log/exim4/mainlog)" \
    'failed to connect to socket /run/dnsmail/signerd/policy\.sock'
again
is "also at the next try" "$(queued)" 1
start_daemon signerd
stop publishd
letter unsigned2 | from_us late2@isp.test
ok "without publishd too" wait_for 30 deferred late2
like "and the log has signerd's words" "$(cat /var/log/exim4/*log)" \
    'signerd says action=DEFER 4\.7\.1 '
is "nothing has gone" "$(copies isp 'unsigned.' | wc -l)" 0
start_daemon publishd
again
expect_copies "a later try signs it" unsigned1 $MARTHA late1@isp.test
expect_copies "and the other" unsigned2 $MARTHA late2@isp.test
is "the queue is empty" "$(queued)" 0

is "of our own nothing has left unsigned" "$(unsigned_of_ours)" spoof
