#!/bin/bash
# Requests to publishd by TLS: who comes in and who does not, and that those
# who do not harm nobody.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
. "$TESTS/lib-tls.sh"
plan 33

tls_authority ca
tls_authority other
tls_certificate dns ca dns.example.test DNS:localhost,IP:127.0.0.1
tls_certificate_for $((200 * 86400)) dns2 ca dns.example.test \
    DNS:localhost,IP:127.0.0.1
tls_certificate elsewhere ca elsewhere.test
tls_certificate mx1 ca mx1.example.test
tls_certificate reap1 ca reap1.example.test
tls_certificate stranger ca stranger.test
tls_certificate false other mx1.example.test
tls_certificate_for -86400 expired ca mx1.example.test

PORT=$(free_port)
TLS=tls+tcp://localhost:$PORT
by() { # CERTIFICATE COMMAND...
	"$BUILD/publish_ask" -t "${SECONDS_TO_WAIT-2}" -u "$TLS" \
	    -T "$T/${CA-ca}.crt" "$T/$1.crt" "$T/$1.key" \
	    -d example.test "${@:2}" 2>"$W/by.log"
}
# One other complaint a second is said, so it may have to come again.
comes_and() { # CERTIFICATE LOG
	SECONDS_TO_WAIT=1 by "$1" add "$ID" "$RECORD"
	logged "$2"
}
refused() { # NAME CERTIFICATE LOG
	like "$1: refused" "$(by "$2" add "$ID" "$RECORD")" '^NONE no answer'
	ok "... and the log says why" wait_for 10 comes_and "$2" "$3"
}
hup() { kill -s HUP "$(cat "/proc/${PIDS[publishd]}"/task/*/children)"; }
reloads() { grep -c 'configuration reloaded' "$W/publishd.log"; }

start_bind ns example.test
cp "$W/ns/update.key" "$W/update.key"
chmod 600 "$W/update.key"
chown "$RUN_AS" "$W/update.key"
publishd_conf "$PORT_ns" "$W/update.key" "" "$(tls_lines dns)"
sed -i "s|listen = .*|listen = {\"$URL\", \"tls+tcp://127.0.0.1:$PORT\"}|
    s|signers = .*|signers = {\"$(id -u)\", \"tls:mx1.example.test\"}|
    s|removers = .*|removers = {\"tls:REAP1.example.test\"}|" "$W/dnsmail.conf"
chmod 755 "$W" "$T"
start_daemon publishd

# ---- who may ------------------------------------------------------------------------

is "a signer's certificate: done" "$(by mx1 add "$ID" "$RECORD")" DONE
is "... and it is there" "$(txt "$PORT_ns" "$ID" | wc -l)" 1
like "it may not remove" "$(by mx1 remove "$ID" "$RECORD")" \
    '^REFUSED this user may not'
is "a remover's may" "$(by reap1 remove "$ID" "$RECORD")" DONE
like "... and not add" "$(by reap1 add "$ID" "$RECORD")" \
    '^REFUSED this user may not'
is "users of this system as ever" "$(add "$ID" "$RECORD")" DONE
like "nng's own TLS is understood, and answered" "$("$BUILD/nng_tls" "$TLS" \
    localhost "$T/ca.crt" "$T/mx1.crt" "$T/mx1.key" 2>&1 | tr -d '\0-\037')" \
    '^malformed request$'

# ---- until when ------------------------------------------------------------------------------

ends() { date -d "$(openssl x509 -noout -enddate -in "$T/$1.crt" | cut -d = -f 2)" "${@:2}"; }
is "its status tells when the certificate ends" \
    "$(metric tls_certificate_expires)" "$(ends dns +%s)"
like "... people as a date" "$("$BUILD/dnsmail-status" -c "$W/dnsmail.conf" publishd)" \
    "tls_certificate_expires +$(ends dns '+%Y-%m-%d %H:%M:%S')\$"

# ---- who may not --------------------------------------------------------------------

refused "an unknown name" stranger \
    'tls: .*127.0.0.1 refused: no such name may ask names="?stranger.test'
refused "another authority" false 'refused: .*(self-signed|unable to get)'
refused "an expired certificate" expired 'refused: its certificate: certificate has expired'
without() {
	openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$T/ca.crt" \
	    </dev/null >"$W/none.out" 2>&1
	logged 'refused: TLS: peer did not return a certificate'
}
ok "no certificate: the log says so" wait_for 10 without
ok "refusals are counted" test "$(metric tls_connections_refused)" -ge 4
CA=other like "a client believes no other authority's server" \
    "$(CA=other by mx1 add "$ID" "$RECORD")" '^NONE no answer'
like "... and says why" "$(cat "$W/by.log")" 'its certificate: '

# ---- who speaks something else, or nothing ----------------------------------------------

for i in 1 2 3 4 5; do
	head -c 3000 /dev/urandom >"/dev/tcp/127.0.0.1/$PORT"
done 2>/dev/null
is "garbage harms nobody" "$(by mx1 add "$ID" "$RECORD")" DONE
{
	printf '\0SP\0\0\x30\0\0\xff\xff\xff\xff\xff\xff\xff\xff'
} | timeout 10 openssl s_client -quiet -connect "127.0.0.1:$PORT" \
    -CAfile "$T/ca.crt" -cert "$T/mx1.crt" -key "$T/mx1.key" \
    >"$W/huge.out" 2>&1
is "nor does a message that claims to be huge" \
    "$(by mx1 add "$ID" "$RECORD")" DONE
for i in {1..40}; do
	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	held+=("$fd")
done
is "silent connections hold nobody up" "$(by mx1 add "$ID" "$RECORD")" DONE
ok "... and they are closed in time" \
    wait_for 15 sh -c "! ss -Htn state established sport = :$PORT | grep -q ."
for fd in "${held[@]}"; do exec {fd}>&-; done
sed -i 's/signers = /max-connections = 4\n&/' "$W/dnsmail.conf"
stop publishd
start_daemon publishd
held=()
for i in {1..20}; do
	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	held+=("$fd")
done
is "over max-connections the oldest that show nothing go" \
    "$(by mx1 add "$ID" "$RECORD")" DONE
for fd in "${held[@]}"; do exec {fd}>&-; done

# ---- a new certificate, a restart ----------------------------------------------------------

start load "$BUILD/publish_ask" -u "$TLS" -d example.test -t 20 -s 6 -n 1000000 \
    -c 8 -T "$T/ca.crt" "$T/mx1.crt" "$T/mx1.key" load
cp "$T/dns2.crt" "$T/dns.crt"
cp "$T/dns2.key" "$T/dns.key"
serial() {
	openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$T/ca.crt" \
	    </dev/null 2>/dev/null | openssl x509 -noout -serial
}
before=$(serial)
hup
ok "reloaded" wait_for 10 logged 'configuration reloaded'
is "who comes now meets the new certificate" "$(serial)" \
    "$(openssl x509 -noout -serial -in "$T/dns2.crt")"
is "... and its status tells of that one" "$(metric tls_certificate_expires)" \
    "$(ends dns2 +%s)"
isnt_before=$([ "$before" != "$(serial)" ] && echo new)
is "... which is another" "$isnt_before" new
stop publishd
start_daemon publishd
wait "${PIDS[load]}"
is "nothing was lost of what was under way, also by a restart" $? 0
chmod 644 "$T/dns.key"
n=$(reloads)
hup
ok "a key that others may read: no reload" wait_for 10 logged \
    'tls: .*dns.key: group or others may read it'
is "... and the old one is kept" "$(reloads) $(by mx1 add "$ID" "$RECORD")" \
    "$n DONE"
chmod 600 "$T/dns.key"
sed -i 's/"tls:mx1.example.test"/"tls:mx2.example.test"/' "$W/dnsmail.conf"
hup
wait_for 10 test "$(reloads)" != "$n"
wait_for 10 logged 'configuration reloaded'
like "a name that was taken out may not ask any more" \
    "$(by mx1 add "$ID" "$RECORD")" '^NONE no answer'
cp "$T/elsewhere.crt" "$T/dns.crt"
cp "$T/elsewhere.key" "$T/dns.key"
sed -i 's/"tls:mx2.example.test"/"tls:mx1.example.test"/' "$W/dnsmail.conf"
stop publishd
start_daemon publishd
by mx1 add "$ID" "$RECORD" >"$W/by.out"
like "a server with another's name is not asked" "$(cat "$W/by.out" "$W/by.log" | tr '\n' ' ')" \
    'NONE no answer.*its certificate: hostname mismatch'
