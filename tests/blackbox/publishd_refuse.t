#!/bin/bash
# What publishd must not do, whoever asks; and what it says instead.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 31

start_bind ns example.test
publishd_conf "$PORT_ns" "$W/ns/update.key" "" "max-pending = 1000"
start_daemon publishd

refused() { # NAME OWNER TEXT WHY
	like "$1 is not added" "$(add "$2" "$3")" "^REFUSED.*$4"
	like "$1 is not removed" "$(remove "$2" "$3")" "^REFUSED.*$4"
}
refused "a name that is no ID name" 'a b.example.test' "$RECORD" 'ID name'
refused "the domain itself" example.test "$RECORD" 'below the domain'
refused "a name of a foreign zone" abc.other.test "$RECORD" 'below the domain'
refused "a name two labels below the domain" a.b.example.test "$RECORD" \
    'below the domain'
refused "a wildcard" '*.example.test' "$RECORD" 'ID name'
refused "a text that is no message record" spf.example.test 'v=spf1 -all' \
    'message record'
refused "a server list" dnsmail.example.test '127.0.0.1' 'message record'
like "a domain that is not ours is refused" \
    "$("$BUILD/publish_ask" -u "$URL" -d other.test add abc.other.test \
	"$RECORD")" '^REFUSED.*none of ours'
is "of all this no UPDATE was sent" "$(metric updates_sent)" 0
ok "a refusal is in the log with its reason" \
    logged 'request refused: .* domain='

# Whatever the octets are
like "3000 broken requests are answered, each" \
    "$(ask -n 3000 -r 3 broken)" ' NONE=0 '
ok "and a good one after them" add "$ID" "$RECORD"
unlike "none of them changed a name that is not right below the domain" \
    "$(dig @127.0.0.1 -p "$PORT_ns" -k "$W/ns/transfer.key" example.test AXFR \
	+noall +answer | awk '$4 == "TXT" && !/spf1/ { print $1 }')" \
    '\..*\.example\.test'

# One ID with more recipients than BIND takes: told in words.
for i in {1..100}; do
	printf 'update add many.example.test 60 TXT "%d"\n' "$i"
done >"$W/many"
{
	printf 'server 127.0.0.1 %d\nzone example.test\n' "$PORT_ns"
	cat "$W/many"
	printf 'send\n'
} | nsupdate -v -k "$W/ns/update.key"
is "BIND takes 100 records at one name" \
    "$(txt "$PORT_ns" many.example.test | wc -l)" 100
# Others are served meanwhile, which is what makes it the record's own fault.
ask -n 3000 -c 50 load >"$W/load.out" 2>&1 &
PIDS[load]=$!
like "the 101st is refused for good, with the cause" \
    "$(add many.example.test "$RECORD")" \
    '^(REFUSED|LATER).*SERVFAIL.*too many records'
wait "${PIDS[load]}"
is "and nobody else suffers" "$?" 0
unset "PIDS[load]"

# Users: only root can play another one.
if [ "$(id -u)" = 0 ]; then
	stop publishd
	publishd_conf "$PORT_ns" "$W/ns/update.key"
	sed -i 's/removers = .*/removers = {"54321"}/; s/signers = .*/signers = {"0"}/' \
	    "$W/dnsmail.conf"
	start_daemon publishd
	chmod 755 "$W/run" "$W/run/publishd"
	chmod 666 "$W/run/publishd/publish.ipc"
	as() { setpriv --reuid "$1" --regid "$1" --clear-groups \
	    "$BUILD/publish_ask" -u "$URL" -d example.test "${@:2}"; }
	like "who may only add cannot remove" "$(remove "$ID" "$RECORD")" \
	    '^REFUSED.*user'
	like "who may only remove cannot add" \
	    "$(as 54321 add "$ID" "$RECORD")" '^REFUSED.*user'
	# nng 1.5.2 loses a message that it was sending (its issue 1713), which
	# a leak checker says on stderr.
	is "who may do neither gets no answer" \
	    "$(as 54322 -t 1 add "$ID" "$RECORD" 2>"$W/as.log")" \
	    'NONE no answer in time'
	like "others are served after that" "$(add "$ID" "$RECORD")" '^DONE'
	# Users by name, as the configuration has them by default
	stop publishd
	sed -i 's/removers = .*/removers = {"no-such-user", "daemon"}/; s/signers = .*/signers = {"root"}/' \
	    "$W/dnsmail.conf"
	start_daemon publishd
	chmod 755 "$W/run" "$W/run/publishd"
	chmod 666 "$W/run/publishd/publish.ipc"
	like "a user by name may add" "$(add "$ID" "$RECORD")" '^DONE'
	like "another by name may remove" \
	    "$(as "$(id -u daemon)" remove "$ID" "$RECORD")" '^DONE'
	like "but not add" "$(as "$(id -u daemon)" add "$ID" "$RECORD")" \
	    '^REFUSED.*user'
	ok "a user that the system has not is told" \
	    logged 'removers: this system has no user no-such-user'
else
	for i in 1 2 3 4 5 6 7 8; do
		ok "users # SKIP needs root" true
	done
fi
