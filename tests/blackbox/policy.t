#!/bin/bash
# The line protocol at signerd and verifyd: the same decisions as by milter,
# for an MTA that has none.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
plan 48

MARTHA=martha@domain.test CLAIRE=claire@my_isp.test
SIGN=unix:$W/run/signerd/policy.sock VERIFY=unix:$W/run/verifyd/policy.sock
V=unix:$W/run/verifyd/milter.sock

lines() { # ENDPOINT LINE...: one request, and its answer without the empty line
	local to=$1
	shift
	printf '%s\n' "$@" '' | "$BUILD/line_client" ${OPTIONS-} "$to" | sed '/^$/d'
}
sign() { lines "$SIGN" request=sign client_address=127.0.0.1 "$@"; }
verify() { lines "$VERIFY" request=verify client_address=198.51.100.7 "$@"; }
id_of() { sed -n 's/^action=PREPEND DNS-Mail-ID: //p' <<<"$1"; }
verifyd_counter() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json verifyd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}

# site [LINES-OF-VERIFYD]
site() {
	conf "policy = {\"$SIGN\", \"inet:$INET@127.0.0.1\"}
	max-recipients = 150 timeout = \"4s\""
	cat >>"$W/dnsmail.conf" <<X
verifyd {
	user = "$RUN_AS"
	milter = {"$V"}
	policy = {"$VERIFY"}
	socket-mode = 0666
	resolvers = {"127.0.0.1@$PORT_ns"}
	allow-networks = {"127.0.0.0/8"}
	allow-ports = {0}
	timeout = "3s" propagation-wait = "0s"
	${1-}
}
X
}

INET=$(free_port)
start_bind ns domain.test nonprofit.test
nsupdate -k "$W/ns/update.key" <<X
server 127.0.0.1 $PORT_ns
add dnsmail.domain.test 60 TXT "127.0.0.1@$PORT_ns"
add dead.domain.test 60 TXT "To:$CLAIRE*From:$MARTHA*date=Thu, 01 Jan 1970 00:00:00 +0000"
send
add dnsmail.nonprofit.test 60 TXT "127.0.0.1@$PORT_ns"
send
X
site
start_daemon publishd
start_daemon signerd
start_daemon verifyd

# ---- signing -------------------------------------------------------------------

answer=$(sign queue_id=1tQ-01 sender=$MARTHA from="Martha <$MARTHA>" \
    recipient=$CLAIRE header='Subject: Hello')
id=$(id_of "$answer")
like "a message of ours is signed" "$answer" \
    '^action=PREPEND DNS-Mail-ID: [a-z2-7]{26}\.domain\.test$'
like "its record is there, unbound" "$(txt "$PORT_ns" "$id")" \
    "^To:$CLAIRE\*From:$MARTHA\*date=[^*]*$"
like "and the log says so" "$(grep -a 'queue=1tQ-01 ' "$W/signerd.log")" \
    "action=signed id=${id%%.*} .*as=author from=$MARTHA to=$CLAIRE"

bind=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU
answer=$(sign from=$MARTHA recipient=$CLAIRE bind=$bind)
bound=$(id_of "$answer")
like "with the digest of its content it is bound" \
    "$(txt "$PORT_ns" "$bound")" "\*bind=$bind$"

OPTIONS=-s
answer=$(sign from=$MARTHA recipient=$CLAIRE)
like "a client that ends its side gets its answer" "$answer" '^action=PREPEND '
OPTIONS=-1
answer=$(sign header="From: $MARTHA" recipient="<$CLAIRE>")
like "octet by octet; From: as header=, with brackets" "$answer" '^action=PREPEND '
OPTIONS=
SAVED=$SIGN SIGN=inet:$INET@127.0.0.1
like "over TCP" "$(sign from=$MARTHA recipient=$CLAIRE)" '^action=PREPEND '
SIGN=$SAVED

is "foreign mail without an ID is left alone" \
    "$(sign from=bob@elsewhere.test recipient=$CLAIRE)" action=DUNNO
is "so is mail of a client that is not trusted" "$(lines "$SIGN" request=sign \
    client_address=198.51.100.9 from=$MARTHA recipient=$CLAIRE)" action=DUNNO
is "and of one without an address" "$(lines "$SIGN" request=sign \
    from=$MARTHA recipient=$CLAIRE)" action=DUNNO
like "a login is trusted" "$(lines "$SIGN" request=sign sasl_username=martha \
    client_address=198.51.100.9 from=$MARTHA recipient=$CLAIRE)" '^action=PREPEND '
is "two From: fields are not signed" \
    "$(sign from=$MARTHA from=$MARTHA recipient=$CLAIRE)" action=DUNNO

answer=$(sign from=bob@elsewhere.test recipient=$CLAIRE \
    original_recipient=claire@nonprofit.test dns_mail_id=a1.elsewhere.test)
like "a forward is signed in the domain that received it" "$answer" \
    '^action=PREPEND DNS-Mail-ID: [a-z2-7]{26}\.nonprofit\.test$'
like "for the author, to the final recipient" "$(txt "$PORT_ns" "$(id_of "$answer")")" \
    "^To:$CLAIRE\*From:bob@elsewhere.test\*"
is "what failed on its way in is not" "$(sign from=bob@elsewhere.test \
    recipient=$CLAIRE original_recipient=claire@nonprofit.test \
    dns_mail_id=a1.elsewhere.test \
    header='Authentication-Results: mx.domain.test; dnsmail=fail')" action=DUNNO

many=()
for i in $(seq 150); do many+=("recipient=r$i@elsewhere.test"); done
answer=$(sign from=$MARTHA "${many[@]}")
is "150 recipients need two IDs, a line each" \
    "$(grep -c '^action=PREPEND DNS-Mail-ID: ' <<<"$answer")" 2
is "that hold all records" "$(for i in $(id_of "$answer"); do
	txt "$PORT_ns" "$i"
done | wc -l)" 150
like "a recipient more: not now" \
    "$(sign from=$MARTHA "${many[@]}" recipient=one@more.test)" \
    '^action=DEFER 4\.7\.1 '

# many requests on one connection, some of them none
answer=$(printf '%s\n' request=sign client_address=127.0.0.1 from=$MARTHA \
    recipient=$CLAIRE '' request=verify '' request=sign from=x '' '' \
    request=sign client_address=127.0.0.1 from=$MARTHA recipient=$CLAIRE '' |
    "$BUILD/line_client" -n 5 "$SIGN" | sed 's/ID: .*/ID/; s/4\.3\.0.*/4.3.0/' |
    tr '\n' '|')
is "requests are answered in their order" "$answer" \
    'action=PREPEND DNS-Mail-ID||action=DEFER 4.3.0||action=DUNNO||action=DEFER 4.3.0||action=PREPEND DNS-Mail-ID||'

# ---- over the bounds -------------------------------------------------------------

long=$(head -c 70000 /dev/zero | tr '\0' x)
is "a line over 64 KiB: not now, and the connection ends" \
    "$(sign "from=$long" | tr '\n' '|')" \
    'action=DEFER 4.3.0 a line is longer than 64 KiB|'
is "the connection does end" "$(printf 'request=sign\nfrom=%s\n' "$long" |
    "$BUILD/line_client" -n 2 "$SIGN" | tail -n 1)" closed
is "with more behind it than sockets hold" \
    "$(head -c 9000000 /dev/zero | tr '\0' x |
	"$BUILD/line_client" -n 2 "$SIGN" | tr '\n' '|')" \
    'action=DEFER 4.3.0 a line is longer than 64 KiB||closed|'
is "a NUL" "$(printf 'request=sign\nfrom=a\0b\n\n' |
    "$BUILD/line_client" -n 2 "$SIGN" | tr '\n' '|')" \
    'action=DEFER 4.3.0 a line has a NUL||closed|'
is "a request over 1 MiB" "$({
	echo request=sign
	for i in $(seq 18); do printf 'unknown=%s\n' "${long:0:60000}"; done
	echo
} | "$BUILD/line_client" -n 2 "$SIGN" | tr '\n' '|')" \
    'action=DEFER 4.3.0 a request is larger than 1 MiB||closed|'
is "over TCP the answer is not lost with the rest" \
    "$(head -c 9000000 /dev/zero | tr '\0' x |
	"$BUILD/line_client" -n 2 "inet:$INET@127.0.0.1" | tr '\n' '|')" \
    'action=DEFER 4.3.0 a line is longer than 64 KiB||closed|'
ok "each is in the log, with why" \
    test "$(grep -c 'policy connection is being closed: ' "$W/signerd.log")" = 6

# ---- verifying --------------------------------------------------------------------

answer=$(verify queue_id=v1 from="Martha <$MARTHA>" recipient=$CLAIRE dns_mail_id="$id")
is "what was signed passes; one line, unfolded" "$answer" \
    "action=PREPEND Authentication-Results: mx.domain.test; dnsmail=pass header.from=$MARTHA policy.content=unbound policy.dnssec=no"
like "and the log says so" "$(grep -a 'queue=v1 ' "$W/verifyd.log")" \
    'action=accept result=pass content=unbound hops=1'
like "a bound record and the same digest: intact" \
    "$(verify from=$MARTHA recipient=$CLAIRE dns_mail_id="$bound" bind=$bind)" \
    'dnsmail=pass .*policy.content=intact'
like "another digest: changed" \
    "$(verify from=$MARTHA recipient=$CLAIRE dns_mail_id="$bound" \
	bind=1$(cut -c2- <<<$bind))" 'dnsmail=pass .*policy.content=changed'
like "no digest: as if it were not bound" \
    "$(verify from=$MARTHA recipient=$CLAIRE dns_mail_id="$bound")" \
    'dnsmail=pass .*policy.content=unbound'
like "another recipient fails" \
    "$(verify from=$MARTHA recipient=bob@my_isp.test dns_mail_id="$id")" \
    'dnsmail=fail reason="recipient-mismatch"'
like "another author fails" \
    "$(verify from=mallory@domain.test recipient=$CLAIRE dns_mail_id="$id")" \
    'dnsmail=fail reason="sender-mismatch"'
like "two recipients, one covered: fails" "$(verify from=$MARTHA \
    recipient=$CLAIRE recipient=bob@my_isp.test dns_mail_id="$id")" 'dnsmail=fail'
like "one ID twice: permerror" "$(verify from=$MARTHA recipient=$CLAIRE \
    dns_mail_id="$id" header="DNS-Mail-ID: $id")" \
    'dnsmail=permerror reason="duplicate-id"'
like "none" "$(verify from=$MARTHA recipient=$CLAIRE)" \
    'dnsmail=none .*policy.participates=yes'
is "an exempt client is not looked at" "$(lines "$VERIFY" request=verify \
    client_address=127.0.0.1 from=$MARTHA recipient=$CLAIRE)" action=DUNNO
is "nor a login" "$(verify sasl_username=x from=$MARTHA)" action=DUNNO
answer=$("$BUILD/milter_client" -a 198.51.100.7 -t $CLAIRE -h "From: $MARTHA" \
    -h "DNS-Mail-ID: $id" "$V" | grep INSHEADER)
like "the milter beside it says the same" "$answer" 'dnsmail=pass '

# ---- what is done with it ----------------------------------------------------------

acts() { # ACTION EXPECTED
	site "on-fail = \"$1\""
	stop verifyd
	start_daemon verifyd
	is "on-fail = $1" "$(verify from=mallory@domain.test recipient=$CLAIRE \
	    dns_mail_id="$id" | sed -E 's/^(action=[A-Z]+ [45]\.[0-9.]+ ).*/\1/
	    s/^(action=PREPEND .*dnsmail=[a-z]*).*/\1/')" "$2"
}
acts reject 'action=REJECT 5.7.1 '
acts tempfail 'action=DEFER 4.7.5 '
acts discard action=DISCARD
acts quarantine "action=PREPEND Authentication-Results: mx.domain.test; dnsmail=fail
action=HOLD held by DNS Mail verification"

# ---- trouble -----------------------------------------------------------------------

stop ns
like "the resolver is away: not now" \
    "$(verify from=$MARTHA recipient=$CLAIRE dns_mail_id="$id")" '^action=DEFER 4\.7\.5 '
like "the name server is away: not now" \
    "$(sign from=$MARTHA recipient=$CLAIRE)" '^action=DEFER 4\.7\.1 '
# A client that goes away in the middle of its wait is no harm.
printf 'request=sign\nclient_address=127.0.0.1\nfrom=%s\nrecipient=%s\n\n' \
    $MARTHA $CLAIRE | "$BUILD/line_client" -n 0 "$SIGN"
bind_again ns
like "and all goes on" "$(sign from=$MARTHA recipient=$CLAIRE)" '^action=PREPEND '
ok "nothing is left under way" wait_for 10 counts messages_under_way 0

# The last answers leave, then the sockets close.
kill -TERM "${PIDS[signerd]}"
ok "signerd ends" wait_for 10 gone "${PIDS[signerd]}"
