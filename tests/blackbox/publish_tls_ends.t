#!/bin/bash
# Connections to publishd by TLS do not outlive the certificate of either side,
# nor the authority that vouched for it; what is under way is answered first.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
. "$TESTS/lib-tls.sh"
plan 18

tls_authority ca
tls_authority other
tls_certificate dns ca dns.example.test DNS:localhost,IP:127.0.0.1
tls_certificate long ca dns.example.test DNS:localhost,IP:127.0.0.1
tls_certificate mx1 ca mx1.example.test
cp "$T/ca.crt" "$T/now.crt"

PORT=$(free_port)
ask_tls() { # CERTIFICATE COMMAND...
	"$BUILD/publish_ask" -u "tls+tcp://localhost:$PORT" -t 60 -d example.test \
	    -T "$T/ca.crt" "$T/$1.crt" "$T/$1.key" "${@:2}"
}
hup() {
	local n
	n=$(grep -c 'configuration reloaded' "$W/publishd.log")
	kill -s HUP "$(cat "/proc/${PIDS[publishd]}"/task/*/children)"
	wait_for 20 reloaded "$n"
}
reloaded() { [ "$(grep -c 'configuration reloaded' "$W/publishd.log")" -gt "$1" ]; }
open_are() { [ "$(metric tls_connections_open)" = "$1" ]; }
pending_is() { [ "$(metric records_pending)" = "$1" ]; }
# held CERTIFICATE: a request that its primary keeps waiting
held() {
	kill -s STOP "${PIDS[ns]}"
	start held ask_tls "$1" add "$ID" "$RECORD"
	ok "a request is under way" wait_for 20 pending_is 1
}
let_go() { # sets $answer
	kill -s CONT "${PIDS[ns]}"
	wait "${PIDS[held]}"
	unset "PIDS[held]"
	answer=$(grep -E "^[A-Z]+( |$)" "$W/held.log")
	: >"$W/held.log"
}

start_bind ns example.test
cp "$W/ns/update.key" "$W/update.key"
chmod 600 "$W/update.key"
chown "$RUN_AS" "$W/update.key"
publishd_conf "$PORT_ns" "$W/update.key" "" "timeout = \"60s\"
    $(tls_lines dns now)"
sed -i "s|listen = .*|listen = {\"$URL\", \"tls+tcp://127.0.0.1:$PORT\"}|
    s|signers = .*|signers = {\"$(id -u)\", \"tls:mx1.example.test\"}|" \
    "$W/dnsmail.conf"
chmod 755 "$W" "$T"
start_daemon publishd

# ---- who asks ------------------------------------------------------------------------

tls_certificate_for 8 brief ca mx1.example.test
held brief
ok "its certificate ends: the log says so" wait_for 30 logged \
    'tls: .*127.0.0.1 must leave: its certificate has expired names=.?mx1.example.test'
ok "... it is still there" open_are 1
let_go
is "... what it asked is answered" "$answer" DONE
ok "... and then it is gone" wait_for 20 open_are 0

tls_certificate_for 8 brief ca mx1.example.test
mkfifo "$W/silent"
exec {silent}<>"$W/silent"
start silent sh -c 'exec openssl s_client -quiet -connect "127.0.0.1:$1" \
    -CAfile "$2/ca.crt" -cert "$2/brief.crt" -key "$2/brief.key" <"$3"' \
    sh "$PORT" "$T" "$W/silent"
printf '\0SP\0\0\x30\0\0' >&$silent
ok "one that asks nothing is there" wait_for 20 open_are 1
ok "... until its certificate ends" wait_for 30 open_are 0
exec {silent}>&-
stop silent

# ---- who is asked -----------------------------------------------------------------------

tls_certificate_for 10 dns ca dns.example.test DNS:localhost,IP:127.0.0.1
hup
start load ask_tls mx1 -s 14 -n 1000000 -c 8 load
ok "a load is under way" wait_for 20 open_are 1
cp "$T/long.crt" "$T/dns.crt"
cat "$T/long.key" >"$T/dns.key"
hup
wait "${PIDS[load]}"
is "publishd's certificate ends: nothing that was asked is lost" $? 0
like "... its client says so, and begins anew" "$(cat "$W/load.log")" \
    'no connection: its certificate: certificate has expired'
is "... once" "$(grep -c 'no connection' "$W/load.log")" 1

# ---- another authority -------------------------------------------------------------------

cat "$T/other.crt" "$T/ca.crt" >"$T/now.crt"
: >"$W/load.log"
start load ask_tls mx1 -s 3 -n 1000000 -c 8 load
wait_for 20 open_are 1
hup
wait "${PIDS[load]}"
is "one more authority: nothing is lost" $? 0
is "... and nobody has to leave" "$(grep -c 'no connection' "$W/load.log")" 0
held mx1
cp "$T/other.crt" "$T/now.crt"
hup
ok "another authority: who is not of it must leave" wait_for 20 logged \
    'must leave: its certificate is not of our authority any more names=.?mx1'
let_go
is "... what it asked is answered" "$answer" DONE
ok "... and then it is gone" wait_for 20 open_are 0
like "... for good" "$("$BUILD/publish_ask" -u "tls+tcp://localhost:$PORT" -t 2 \
    -d example.test -T "$T/ca.crt" "$T/mx1.crt" "$T/mx1.key" add "$ID" "$RECORD" \
    2>"$W/by.log")" '^NONE no answer'
