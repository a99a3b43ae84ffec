#!/bin/bash
# Internationalised mail through two real Postfix: signed where it leaves,
# verified where it arrives (RFC 6531, 6532).
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-postfix.sh"
. "$TESTS/lib-roundtrip.sh"
need_postfix
MORE_ZONE=xn--bcher-kva.test MORE_DOMAIN=bücher.test

plan 16
roundtrip_start "" 'socket-mode = 0666'
start_postfix mx "smtpd_milters = unix:$W/run/verifyd/milter.sock"
start_postfix out "smtpd_milters = $S" virtual_mailbox_domains= \
    virtual_mailbox_maps= "relayhost = [127.0.0.1]:$SMTP_mx"

# letter FROM TO SUBJECT
letter() {
	cat >"$W/letter" <<X
From: $1
To: $2
Subject: $3
Date: Tue, 24 Nov 2026 05:10:39 +0100
Message-ID: <$((++letters))@domain.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Schöne Grüße  


X
}
letters=0
# goes NAME SENDER RECIPIENT: the letter is sent, and arrives; $got
goes() {
	local n
	n=$(mailbox mx | wc -l)
	like "$1: is taken" "$(send_mail "$SMTP_out" "$2" "$3" <"$W/letter")" '^250 '
	ok "$1: arrives" wait_for 20 has_mail mx $((n + 1))
	got=$(mailbox mx | tail -1)
}
in_got() { # FIELD: of the head of $got, unfolded
	sed '/^$/q' "$got" | sed ':a; N; $!ba; s/\n[ \t]/ /g' |
	    sed -n "s/^$1: //p"
}
verdict() { in_got Authentication-Results; }
record() { txt "$PORT_ns" "$(in_got DNS-Mail-ID)" | sed 's/\*date=.*//'; }

letter 'Märta <märta@bücher.test>' 'Cläre <cläre@my_isp.test>' 'Grüße'
goes "SMTPUTF8" 'märta@bücher.test SMTPUTF8 BODY=8BITMIME' cläre@my_isp.test
like "an ID of the A-labels" "$(in_got DNS-Mail-ID)" \
    '^[a-z2-7]{26}\.xn--bcher-kva\.test$'
is "local parts in UTF-8, the domain in A-labels" "$(record)" \
    'To:cl\195\164re@my_isp.test*From:m\195\164rta@xn--bcher-kva.test'
is "passes, with its content" "$(verdict)" \
    'mx.domain.test; dnsmail=pass header.from=@xn--bcher-kva.test policy.content=intact policy.dnssec=no'

letter 'martha@domain.test' 'claire@BÜCHER.example' 'U'
goes "a recipient at U-labels" 'martha@domain.test SMTPUTF8 BODY=8BITMIME' \
    claire@BÜCHER.example
is "the record has A-labels" "$(record)" \
    'To:claire@xn--bcher-kva.example*From:martha@domain.test'
like "passes" "$(verdict)" 'dnsmail=pass .*content=intact'

letter '=?utf-8?q?M=C3=A4rta?= <martha@domain.test>' 'claire@my_isp.test' \
    $'Gr\xfc\xdfe'
goes "8 bits that are no UTF-8" \
    'martha@domain.test BODY=8BITMIME' claire@my_isp.test
like "pass" "$(verdict)" \
    'dnsmail=pass header.from=martha@domain.test .*content=intact'

letter $'M\xe4rta <martha@domain.test>' 'claire@my_isp.test' x
goes "a name that is no UTF-8" \
    'martha@domain.test BODY=8BITMIME' claire@my_isp.test
is "is not signed, and told so" "$(in_got DNS-Mail-ID)$(verdict)" \
    'mx.domain.test; dnsmail=permerror reason="bad-from"'
is "Postfix warned of nothing that we said" \
    "$(cat "$W"/{mx,out}/log | grep -c 'warning: .*milter')" 0
