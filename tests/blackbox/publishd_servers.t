#!/bin/bash
# Several servers: a record counts as published only when every one shows it.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
plan 34

# The primary tells the secondary at once; BIND's own default is 5 seconds.
start_bind_pair ns second example.test
SECOND=$PORT_second

servers() { # LIST [TIMEOUT]: starts publishd anew with these
	stop publishd
	publishd_conf "$PORT_ns" "$W/ns/update.key" "servers = {$1}" \
	    "timeout = \"${2-8s}\""
	start_daemon publishd
}

servers "\"127.0.0.1@$PORT_ns\", \"127.0.0.1@$SECOND\""
missing=0
for i in {1..10}; do
	[ "$(add "$(id_name $i)" "$RECORD")" = DONE ] || diag "not done: $i"
	[ "$(txt "$SECOND" "$(id_name $i)")" = "$RECORD" ] ||
	    missing=$((missing + 1))
done
is "what is DONE is there at the secondary at that moment" $missing 0
ok "the secondary was asked" test "$(metric confirm_questions)" -ge 10

like "many at a time" "$(ask -n 500 -c 50 -a "$W/acks" load)" ' DONE=500 '
cp "$W/ns/transfer.key" "$W/key"
dig @127.0.0.1 -p "$SECOND" example.test AXFR -k "$W/key" +noall +answer |
    awk '$4 == "TXT" { sub(/\.$/, "", $1); print $1 }' | sort -u >"$W/there"
is "all of them are at the secondary" \
    "$(sort -u "$W/acks" | comm -12 - "$W/there" | wc -l)" 500
is "and none waits any more" "$(metric confirm_under_way)" 0

# 90 records at one name: more than a datagram holds
like "a large set of records is seen whole" \
    "$(ask -n 1 -r 90 -a "$W/large" load)" ' DONE=1 '
is "and is there" "$(txt "$SECOND" "$(cat "$W/large")" | wc -l)" 90

# A secondary that lags
kill -s STOP "${PIDS[second]}"
add "$(id_name 11)" "$RECORD" >"$W/lagging" &
PIDS[lagging]=$!
ok "a record that one server does not show yet is waited for" \
    wait_for 5 eval '[ "$(metric confirm_under_way)" = 1 ]'
is "although the primary has it" "$(txt "$PORT_ns" "$(id_name 11)")" "$RECORD"
is "and it is not DONE" "$(cat "$W/lagging")" ""
like "a removal does not wait for the others" \
    "$(remove "$(id_name 10)" "$RECORD")" '^DONE'
kill -s CONT "${PIDS[second]}"
wait "${PIDS[lagging]}"
unset "PIDS[lagging]"
is "it is DONE as soon as the server has it" "$(cat "$W/lagging")" DONE

# One that never shows it, and one that is not there
start_bind alone example.test
servers "\"127.0.0.1@$PORT_ns\", \"127.0.0.1@$SECOND\", \"127.0.0.1@$PORT_alone\"" 1s
like "a server that never shows it: LATER, and which" \
    "$(add "$(id_name 12)" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_alone does not show the record: NXDOMAIN"
ok "and the log says so" logged \
    "127.0.0.1@$PORT_alone does not show the record: NXDOMAIN"
stop alone
like "a server that is away: LATER, and which" \
    "$(add "$(id_name 13)" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_alone does not show the record: .*refused"
bind_again alone
wait_for 20 bind_answers "$PORT_alone" example.test
printf 'server 127.0.0.1 %d\nzone example.test\nupdate add %s 60 TXT "%s"\nsend\n' \
    "$PORT_alone" "$(id_name 14)" "$RECORD" |
    nsupdate -v -k "$W/alone/update.key"
is "once it shows it, it is DONE without a restart" \
    "$(add "$(id_name 14)" "$RECORD")" DONE

# One that is silent, one that does not have the zone; other makes; a primary
# that is not listed
kill -s STOP "${PIDS[alone]}"
began=${EPOCHREALTIME/[.,]/}
like "a server that is silent: LATER, and which" \
    "$(add "$(id_name 19)" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_alone does not show the record: .*no answer"
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
ok "in the request's time ($took ms)" test $took -ge 900 -a $took -le 2500
kill -s CONT "${PIDS[alone]}"
start_bind foreign other.test
servers "\"127.0.0.1@$PORT_ns\", \"127.0.0.1@$PORT_foreign\"" 1s
like "a server without the zone: LATER, and which" \
    "$(add "$(id_name 20)" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_foreign does not show the record: REFUSED"
stop foreign
start_pdns pdns example.test
start_knot knot example.test
servers "\"127.0.0.1@$PORT_pdns\", \"127.0.0.1@$PORT_knot\"" 1s
show() { # NAME: without publishd
	printf 'server 127.0.0.1 %d\nzone example.test\nupdate add %s 60 TXT "%s"\nsend\n' \
	    "$(eval "echo \$PORT_$1")" "$(id_name 21)" "$RECORD" |
	    nsupdate -v -k "$W/$1/update.key"
}
show pdns
like "of two one shows it: LATER, and which does not" \
    "$(add "$(id_name 21)" "$RECORD")" \
    "^LATER 127.0.0.1@$PORT_knot does not show the record: NXDOMAIN"
show knot
is "PowerDNS and Knot show it: DONE" "$(add "$(id_name 21)" "$RECORD")" DONE
is "at the primary, too, which is not listed" \
    "$(txt "$PORT_ns" "$(id_name 21)")" "$RECORD"
stop pdns
stop knot

# Reload
start_bind other second.test
publishd_conf "$PORT_ns" "$W/ns/update.key"
cat >>"$W/dnsmail.conf" <<X
domain "second.test" { primary = "127.0.0.1@$PORT_other" }
X
kill -s HUP "${PIDS[publishd]}"
wait_for 10 eval '[ "$(add "$(id_name 15)" "$RECORD")" = DONE ]'
is "SIGHUP: the domain's servers are the new ones" \
    "$(add "$(id_name 16)" "$RECORD")" DONE
is "SIGHUP: a new domain is served" "$("$BUILD/publish_ask" -u "$URL" \
    -d second.test add abc.second.test "$RECORD")" DONE
is "SIGHUP: by its own primary" "$(txt "$PORT_other" abc.second.test)" \
    "$RECORD"
if [ "$(id -u)" = 0 ]; then
	ok "SIGHUP: a key that only root may read is kept, and that is said" \
	    logged 'keeps the update key that it has'
else
	ok "SIGHUP: a key that only root may read # SKIP needs root" true
fi

# The key: new at the primary, then in our file
key=$W/update.key
key_file "$key" update-key bmV3IHNlY3JldCBmb3IgdGVzdHMgb25seSwgbm90IG9sZA==
sed -i "s#$UPDATE_SECRET#bmV3IHNlY3JldCBmb3IgdGVzdHMgb25seSwgbm90IG9sZA==#" \
    "$W/ns/named.conf"
stop ns
bind_again ns
wait_for 20 bind_answers "$PORT_ns" example.test
publishd_conf "$PORT_ns" "$key" "" 'timeout = "1s"'
chown "$RUN_AS" "$key"
reload() { # WORDS: SIGHUP, and waits until the log has the words
	: >"$W/publishd.log"
	kill -s HUP "${PIDS[publishd]}"
	wait_for 10 logged "$1"
}
ok "SIGHUP with a new key" reload 'reloaded'
is "SIGHUP: the new key is used" "$(add "$(id_name 17)" "$RECORD")" DONE
echo 'key "update-key" {' >"$key"
ok "SIGHUP with a broken key: told, with file and line" \
    reload "$key:[0-9]+: "
is "SIGHUP: then the old one goes on" "$(add "$(id_name 18)" "$RECORD")" DONE

# Of several sockets one cannot be had, and somebody else may ask
key_file "$key" update-key bmV3IHNlY3JldCBmb3IgdGVzdHMgb25seSwgbm90IG9sZA==
chown "$RUN_AS" "$key"
sockets() { (cd "$W/run/publishd" && echo *.ipc); }
before=$(sockets)
sed -i "s#listen = .*#listen = {\"ipc://$W/run/publishd/new.ipc\", \"ipc://$W/none/x.ipc\"}#
	s#signers = .*#signers = {\"54321\"}#" "$W/dnsmail.conf"
ok "SIGHUP with a socket that cannot be had: refused" \
    reload 'old configuration stays'
is "SIGHUP: no file of the other is left" "$(sockets)" "$before"
is "SIGHUP: and who may ask is as before" "$(add "$(id_name 19)" "$RECORD")" DONE
sed -i "s#, \"ipc://$W/none/x.ipc\"##" "$W/dnsmail.conf"
reload 'configuration reloaded'
like "SIGHUP: without that it is there" "$(sockets)" "^new.ipc "
