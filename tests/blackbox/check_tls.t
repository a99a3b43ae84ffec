#!/bin/bash
# dnsmail-check where a publisher is on another machine: certificates, names,
# and each way in which it does not let us in.
. "$(dirname "$0")/../lib-check.sh"
. "$TESTS/lib-tls.sh"
plan 36

tls_authority ca
tls_authority other
tls_certificate dns ca dns1.domain.test DNS:dns1.domain.test,IP:9.9.9.1
tls_certificate mx1 ca mx1.domain.test
tls_certificate mx9 ca mx9.domain.test
tls_certificate false other mx1.domain.test
tls_certificate_for $((20 * 86400 + 3600)) soon ca mx1.domain.test \
    DNS:mx1.domain.test,IP:9.9.9.1
tls_certificate_for -86400 expired ca mx1.domain.test \
    DNS:mx1.domain.test,IP:9.9.9.1
chmod 755 "$W" "$T"

DNS=tls+tcp://9.9.9.1:8530
RE=${DNS/+/\\+}
# tells NAME LEVEL WORDS REMEDY
tells() {
	like "$1" "$(grep -A1 -E "^$2 " <<<"$out" | grep -v '^--' |
	    sed 'N; s/\n */ /')" "^$2 +$3.* -> .*$4"
}
# side FILE AUTHORITY: publishd's certificate
side() {
	site_conf "$BOTH" "$(tls_lines "$1" "$2")"
	sed -i "s|listen = .*|listen = {\"ipc://$W/run/publishd/publish.ipc\", \"tls+tcp://*:8530\"}|
	    s|signers = .*|signers = {\"$RUN_AS\", \"tls:mx1.domain.test\"}|" \
	    "$W/dnsmail.conf"
}
# mx CERTIFICATE [AUTHORITY [URL]]: dnsmail-check on a mail server that asks it
mx() {
	cat >"$W/mx.conf" <<X
run-dir = "$W/mx"
group = ""
signerd {
	publishers = {"${3-$DNS}"}
	$(tls_lines "$1" "${2-ca}")
}
X
	check -c "$W/mx.conf"
}
site_start
side dns ca
again publishd

# ---- all is well ------------------------------------------------------------------------

sed -i "0,/publishers = .*/s||publishers = {\"$DNS\"}\n$(tls_lines mx1 |
    sed ':a; N; $!ba; s/\n/\\n/g')|" "$W/dnsmail.conf"
MTA_USER=root check
is "a good site: exit" "$status" 0
is "... nothing is bad" "$(bad)" ""
says "... publishd's certificate" ok \
    "publishd: the certificate $T/dns.crt holds for 364 days more"
says "... signerd's" ok "signerd: the certificate $T/mx1.crt holds for 364 days more"
says "... signerd is let in" ok \
    "signerd: $RE answers \([0-9]+ ms\); its certificate holds for 364 days more"

# ---- who may come -------------------------------------------------------------------------

sed 's/, "tls:mx1.domain.test"//' "$W/dnsmail.conf" >"$W/nobody.conf"
check -c "$W/nobody.conf"
says "nobody may come" warning "publishd: listen has a tls\+tcp:// address, and neither signers"
sed 's|, "tls+tcp://\*:8530"||' "$W/dnsmail.conf" >"$W/unheard.conf"
check -c "$W/unheard.conf"
says "nobody comes" warning "publishd: signers or removers has a tls:NAME, and listen has no"
sed 's/tls:mx1.domain.test/tls:*.domain.test/' "$W/dnsmail.conf" >"$W/wild.conf"
check -c "$W/wild.conf"
says "a name that is none" critical \
    "configuration: $W/wild.conf:[0-9]+: signers: \"tls:\*.domain.test\": a wildcard names no machine"

# ---- our certificate ------------------------------------------------------------------------

mx soon
says "it ends soon" warning \
    "signerd: the certificate $T/soon.crt, or its authority's, holds for 20 days only"
says "... and is still taken" ok "signerd: $RE answers"
mx expired
says "it has ended" critical \
    "signerd: nobody takes the certificate $T/expired.crt: certificate has expired"
tells "... as is told there" critical \
    "signerd: $RE does not answer: TLS: .*alert certificate expired" \
    "ours has expired"
mx false
says "it is of another authority" warning \
    "signerd: who has the same tls-ca does not take the certificate $T/false.crt: "
tells "... as is told there" critical \
    "signerd: $RE does not answer: TLS: .*alert unknown ca" \
    "put the authority of our certificate into tls-ca of publishd there"
mx mx9
tells "its name is not in signers" critical \
    "signerd: $RE lets nobody in with the names of our certificate: mx9.domain.test" \
    "put one of them, as tls:NAME, into signers of"
never "... though the certificate is good" "(warning|critical)" "signerd: .*mx9.crt"
mx mx1 other
says "our authority is another" warning \
    "signerd: who has the same tls-ca does not take the certificate $T/mx1.crt: "
tells "... which does not know theirs" critical \
    "signerd: $RE does not answer: its certificate:" \
    "put its authority into our tls-ca"

# ---- files ------------------------------------------------------------------------------------

chmod 640 "$T/mx1.key"
mx mx1
tells "a key that others may read" critical \
    "signerd: TLS: $T/mx1.key: group or others may read it" \
    "chmod 600"
never "... then nobody is asked" ".*" "signerd: $RE"
chmod 600 "$T/mx1.key"
cp "$T/mx9.key" "$T/wrong.key"
cp "$T/mx1.crt" "$T/wrong.crt"
mx wrong
says "a key of another certificate" critical "signerd: TLS: $T/wrong.key: no private key "
mx none
says "no certificate" critical "signerd: TLS: $T/none.crt: No such file"
chown 0 "$T/mx1.key"
mx mx1
says "root may read all" ok "signerd: the certificate $T/mx1.crt holds"
out=$(setpriv --reuid $RUN_AS --clear-groups "$BUILD/dnsmail-check" \
    -c "$W/mx.conf" --outside 9.9.9.3 2>&1 </dev/null)
tells "another user cannot tell" "cannot tell" \
    "signerd: TLS: $T/mx1.key: Permission denied" \
    "run dnsmail-check as root"

# ---- their certificate, and the way there -----------------------------------------------------------

mx mx1 ca tls+tcp://9.9.9.2:8530
tells "another name than in its certificate" critical \
    "signerd: tls\+tcp://9.9.9.2:8530 does not answer: its certificate: IP address mismatch" \
    "name it in publishers as its certificate does"
mx mx1 ca tls+tcp://9.9.9.1:8531
tells "nobody listens" critical \
    "signerd: tls\+tcp://9.9.9.1:8531 does not answer: Connection refused" \
    "start publishd there"
mx mx1 ca tls+tcp://nowhere.invalid:8530
tells "a name that is not found" critical \
    "signerd: tls\+tcp://nowhere.invalid:8530 does not answer: .*(known|resolution)" \
    "(/etc/hosts|resolv.conf)"
child=$(cat "/proc/${PIDS[publishd]}"/task/*/children)
kill -s STOP "$child"
mx mx1
kill -s CONT "$child"
tells "nothing comes back" critical \
    "signerd: $RE does not answer: no connection and handshake in time" \
    "start publishd there; let all firewalls"
mx mx1 ca tls+tcp://9.9.9.3:53
says "it is another server" critical "signerd: tls\+tcp://9.9.9.3:53 does not answer: "
side soon ca
again publishd
mx mx1
says "theirs ends soon" warning \
    "signerd: $RE answers \([0-9]+ ms\), and its certificate, or its authority's, holds for 20 days only"
check
says "... which is said there, too" warning "publishd: the certificate $T/soon.crt, or"
side expired ca
again publishd
mx mx1
tells "theirs has ended" critical \
    "signerd: $RE does not answer: its certificate: certificate has expired" \
    "make a new one there"
check
says "... which is said there, too" critical "publishd: nobody takes the certificate $T/expired.crt"
sed 's/signerd {/reaperd {/' "$W/mx.conf" >"$W/reap.conf"
side dns ca
again publishd
check -c "$W/reap.conf"
says "reaperd asks as well" ok "reaperd: $RE answers"
sed -i "s|mx1\.|mx9.|g" "$W/reap.conf"
check -c "$W/reap.conf"
tells "... and is to be in removers" critical \
    "reaperd: $RE lets nobody in with .*: mx9.domain.test" \
    "put one of them, as tls:NAME, into removers of"
unlike "nothing was logged in between" "$out" '^tls: '
