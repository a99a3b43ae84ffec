#!/bin/bash
# Our daemons and rspamd at one listener of Postfix, with what doc/with-dkim.md
# has in boxes: going out rspamd's signature covers DNS-Mail-ID, coming in both
# verdicts stay, and nothing that is forged.
. "$(dirname "$0")/../lib-mta.sh"
mta_root rspamd "$@"
. "$TESTS/lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-postfix.sh"
. "$TESTS/lib-pages.sh"
need_postfix
plan 13

start_bind ns domain.test nonprofit.test
chown "$RUN_AS" "$W/ns/update.key"
conf
V=unix:$W/run/verifyd/milter.sock
cat >>"$W/dnsmail.conf" <<X
verifyd {
	user = "$RUN_AS"
	milter = {"$V"}
	socket-mode = 0666
	resolvers = {"127.0.0.1@$PORT_ns"}
	exempt = {}
}
X
for d in publishd signerd verifyd; do
	start_daemon $d
done

# ---- rspamd, as Debian and the page configure it -----------------------------------------

CONF=/etc/rspamd/local.d
for n in 1 2; do
	box_of with-dkim "## rspamd" $n | sed 's/domain\.com/domain.test/g' >"$W/box"
	file=$(sed -n '1s/^# //p' "$W/box")
	is "box $n of the page is for a file of rspamd" "${file%/*}" $CONF
	cp "$W/box" "$file"
done
# Here all comes from this host, which by default it does not judge.
echo 'skip_local = false;' >>$CONF/milter_headers.conf
# There is nobody to ask.
echo 'dns { timeout = 0.1s; retransmits = 1; }' >$CONF/options.inc
echo 'enabled = false;' >$CONF/rbl.conf
mkdir -p /var/lib/rspamd/dkim
openssl genrsa -out /var/lib/rspamd/dkim/domain.test.key 2048 2>/dev/null
chown -R _rspamd: /var/lib/rspamd
start rspamd rspamd -f -u _rspamd -g _rspamd
listens() { (: <"/dev/tcp/127.0.0.1/$1"); }
for port in 11332 11333; do
	wait_for 300 listens $port ||
	    diag "no rspamd: $(tail -5 /var/log/rspamd/rspamd.log)"
done

# ---- letters ----------------------------------------------------------------------------

letter() { # [FIELD]
	cat <<X
From: martha@domain.test
To: claire@my_isp.test
Subject: one
Date: $(LC_ALL=C date -u -R)
Message-ID: <$RANDOM@domain.test>
${1-MIME-Version: 1.0}

Hello.
X
}
newest() { mailbox "$1" | tail -1; }
unfolded() { # NAME: the header section of the newest message
	sed '/^$/q' "$(newest "$1")" |
	    awk '/^[ \t]/ { printf " %s", $0; next } { printf "\n%s", $0 }
		END { print "" }'
}
through() { # NAME [FIELD]: one letter; then it is there
	letter "${@:2}" | send_mail "$(eval "echo \$SMTP_$1")" \
	    martha@domain.test claire@my_isp.test >/dev/null
	wait_for 60 has_mail "$1" 1
}
covered() { # NAME: how many IDs the newest signature covers
	unfolded "$1" | sed -n 's/^DKIM-Signature:.*[; \t]h=\([^;]*\).*/\1/p' |
	    head -1 | tr -d ' \t' | tr : '\n' | grep -c '^dns-mail-id$'
}
# results NAME: what it bears in the name of the site. Of who is on this host
# rspamd says no more than "none".
results() {
	unfolded "$1" | sed -n \
	    's/^authentication-results: *mx\.domain\.test;[ \t]*\([a-z=]*\).*/\1/Ip' |
	    sort | xargs
}

R=inet:127.0.0.1:11332
start_postfix right "smtpd_milters = $S, $R"
start_postfix wrong "smtpd_milters = $R, $S"
start_postfix in "smtpd_milters = $V, $R" "myhostname = mx.domain.test"
start_postfix in_wrong "smtpd_milters = $R, $V" "myhostname = mx.domain.test"

ok "signerd first: the message arrives" through right
is "with an ID" "$(unfolded right | grep -c '^DNS-Mail-ID: ')" 1
is "that the signature covers" "$(covered right)" 1
ok "rspamd first: the message arrives" through wrong
is "with an ID" "$(unfolded wrong | grep -c '^DNS-Mail-ID: ')" 1
is "that the signature does not cover" "$(covered wrong)" 0

forged='Authentication-Results: mx.domain.test; dkim=pass header.d=domain.test
Authentication-Results: mx.domain.test; dnsmail=pass header.from=martha@domain.test
Authentication-Results: other.test; dkim=pass header.d=other.test'
ok "verifyd first: the message arrives" through in "$forged"
is "with what both have found, and nothing that is forged" "$(results in)" \
    "dnsmail=none none"
is "what others have found stays" "$(unfolded in | grep -c ' other\.test;')" 1
ok "rspamd first: the message arrives" through in_wrong "$forged"
is "and what rspamd has found is lost" "$(results in_wrong)" "dnsmail=none"
