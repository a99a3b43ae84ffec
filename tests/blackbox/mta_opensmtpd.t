#!/bin/bash
# Real OpenSMTPD with the sample of etc/opensmtpd: only the domain and the
# addresses to listen on are changed in it.
. "$(dirname "$0")/../lib-mta.sh"
mta_root opensmtpd "$@"
. "$TESTS/lib.sh"
. "$TESTS/lib-smtp.sh"
. "$TESTS/lib-verifyd.sh"
plan 55

SAMPLE=$TESTS/../etc/opensmtpd/smtpd.conf

# ---- the site -------------------------------------------------------------------

sed -e 's/domain\.com/domain.test/g' \
    -e 's/^listen on all \(.*\)/listen on 10.77.0.1 \1\nlisten on 127.0.0.1 \1/' \
    "$SAMPLE" >/etc/smtpd.conf
echo domain.test >/etc/mailname
ok "OpenSMTPD takes the sample" smtpd -n
cp "$BUILD/dnsmail-filter" /usr/sbin/

for user in martha bob; do
	useradd -m $user
done
echo bob@isp.test >/home/bob/.forward
chown bob /home/bob/.forward
cat >/etc/aliases <<X
claire: claire@isp.test
gone: gone@isp.test
staff: a@isp.test, b@isp.test
X

carols_zone claire bob staff gone martha
# OpenSMTPD takes no underscore in the domains of aliases and .forward files.
mta_zone isp.test 10.77.0.3
mta_zone sick.test 10.77.0.2
echo rubbish >"$W/ns/sick.test.zone"
# As the socket units have it, and the page.
groupadd -rf dnsmail-mta
usermod -aG dnsmail-mta opensmtpd
mta_site 'policy = {"unix:/run/dnsmail/verifyd/policy.sock"}
	socket-group = "dnsmail-mta"
	on-fail = "reject"
	on-missing = "quarantine"' \
    'policy = {"unix:/run/dnsmail/signerd/policy.sock"}
	socket-group = "dnsmail-mta"'
start_sink isp 10.77.0.3@25 -r 'gone@isp.test 550 5.1.1 Nobody'
start_sink author 10.77.0.2@25

start smtpd smtpd -d
ok "it answers" wait_for 20 smtp_greets "$PUBLIC"
alive smtpd || exit 1
ok "and so does its second listener" wait_for 20 smtp_greets 10027

again() { smtpctl schedule all >/dev/null; } # what waits is tried now
at_home() { # USER SUBJECT [FOLDER]
	grep -lr "^Subject: $2\$" "/home/$1/Maildir${3-}/new" 2>/dev/null
}

# ---- signed when it leaves ---------------------------------------------------------

letter direct x@isp.test | from_us x@isp.test
expect_copies "to one outside" direct $MARTHA x@isp.test
there=$(copies isp direct)
like "it verifies" "$(verdict "$there")" \
    '^dnsmail=pass header.from=martha@domain.test policy.content=intact'
like "the ID is on top" "$(head_of "$there" | head -n 1)" '^DNS-Mail-ID: '

{
	cat <<X
From: martha@domain.test (Martha, of (domain))
To: x@isp.test,"Y, Z" <y@isp.test>,
   z@isp.test
Subject: odd
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Gr$(printf '\303\274')  $(printf '\t')
.
..
.|a|b|
From here
X
	printf '%0900d\n' {1..300}	# more than the filter holds in memory
	printf '\n\n'
} >"$W/odd"
from_us x@isp.test <"$W/odd"
wait_for 20 has_copies isp odd 1
there=$(copies isp odd)
is "nothing of an odd message is lost" \
    "$(body_of "$there" | body_of - | cksum)" "$(body_of "$W/odd" | cksum)"
like "and it verifies" "$(verdict "$there")" \
    '^dnsmail=pass .*policy.content=intact'

letter several 'x@isp.test, y@isp.test' |
    from_us x@isp.test y@isp.test secret@isp.test
wait_for 20 has_copies isp several 1
there=$(copies isp several)
is "several leave as one message with one ID" "$(recipients_of "$there" | sort | xargs) \
$(ids_of "$there" | wc -l)" "secret@isp.test x@isp.test y@isp.test 1"
is "with a record for each, the hidden one blinded" \
    "$(records_of "$there" | sed 's/To:#[^*]\{43\}\*/To:#*/' | sort)" \
    "To:#*From:$MARTHA
To:x@isp.test*From:$MARTHA
To:y@isp.test*From:$MARTHA"
verifies_for() { # WHO FILE
	body_of "$2" >"$W/verdict"
	"$BUILD/milter_client" -a 198.51.100.7 -m "$W/verdict" -t "$1" \
	    unix:/run/dnsmail/verifyd/milter.sock 2>&1 |
	    grep -q 'dnsmail=pass .*content=intact'
}
for who in x y secret; do
	ok "which verifies for $who" verifies_for $who@isp.test "$there"
done

# copies_verify SUBJECT RECIPIENT...: these have got it, and each verifies.
copies_verify() {
	local file who got=
	for file in $(copies isp "$1"); do
		for who in $(recipients_of "$file"); do
			verifies_for "$who" "$file" && got+="$who "
		done
	done
	shift
	[ "$(printf '%s\n' $got | sort | xargs)" = "$(printf '%s\n' "$@" | sort | xargs)" ]
}
letter all | from_us {claire,bob,staff}@domain.test
ok "alias and .forward are followed before the signature" \
    wait_for 20 copies_verify all {a,b,bob,claire}@isp.test

letter local martha@domain.test | from_us martha@domain.test
ok "what stays here arrives" wait_for 20 at_home martha local
unlike "without an ID" "$(cat "$(at_home martha local)")" '^DNS-Mail-ID'

# ---- verified when it comes in, and signed for whom it is forwarded to -----------------

carols martha | from_carol martha@domain.test >/dev/null
ok "good mail from outside arrives" wait_for 20 at_home martha "for martha"
like "the verdict is in it" "$(grep -A1 '^Authentication-Results' \
    "$(at_home martha "for martha")" | xargs)" ": ${OURS}pass .*content=intact"

for who in claire bob; do
	carols $who | from_carol $who@domain.test >/dev/null
done
expect_copies "forwarded by alias" "for claire" carol@author.test claire@isp.test
expect_copies "by .forward" "for bob" carol@author.test bob@isp.test
expect_forwarded "$(copies isp "for bob")"

expect_no_forgeries
expect_no_id_for_spoof
expect_refusals '4\.7\.1 '

letter doubtful | sed 's/domain\.test/author.test/' |
    from_carol martha@domain.test >/dev/null
ok "what is to be held is put into the folder for junk" \
    wait_for 20 at_home martha doubtful /.Junk

# ---- bounces -----------------------------------------------------------------------

expect_bounce MAILER-DAEMON@domain.test

# ---- what cannot be signed now waits -------------------------------------------------

queued() { smtpctl show queue | wc -l; }
none_queued() { [ "$(queued)" = 0 ]; }
deferred() { grep "to=<$1@isp.test>" "$W/smtpd.log" | grep -q 'TempFail.*451'; }

stop signerd
letter unsigned | from_us late@isp.test
ok "without signerd it waits" wait_for 20 deferred late
is "in the queue" "$(queued)" 1
start_daemon signerd
again
expect_copies "a later try signs it" unsigned $MARTHA late@isp.test
ok "the queue is empty" wait_for 20 none_queued

# ---- many at once ---------------------------------------------------------------------

senders=()
for n in {1..20}; do
	letter "many$n" x@isp.test | from_us x@isp.test &
	senders+=($!)
done
wait "${senders[@]}"
ok "twenty at a time" wait_for 30 has_copies isp 'many[0-9]*' 20
is "have twenty IDs" "$(for there in $(copies isp 'many[0-9]*'); do
	ids_of "$there"; done | sort -u | wc -l)" 20

senders=()
for n in {1..6}; do
	sed "s/^Subject: odd/Subject: large$n/" "$W/odd" | from_us x@isp.test &
	senders+=($!)
done
wait "${senders[@]}"
ok "six large ones at a time" wait_for 30 has_copies isp 'large[0-9]' 6
is "are as they were, each" "$(for there in $(copies isp 'large[0-9]'); do
	verdict "$there"; done | grep -c '^dnsmail=pass .*policy.content=intact')" 6

is "of our own nothing has left unsigned" "$(unsigned_of_ours)" spoof
ok "the filters have never ended" alive smtpd
