#!/bin/bash
# reaperd when something is not as it should be: it says so in words, removes
# nothing that it should not, and goes on by itself once it can.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-reaperd.sh"

NS=bind
mkdir -p "$W/bind"
bind_zone "$W/bind/example.test.zone" example.test
old_records 300 >>"$W/bind/example.test.zone"
echo "later TXT \"$(record claire@nonprofit.org 600)\"" \
    >>"$W/bind/example.test.zone"
cat >"$W/parent.zone" <<X
$(id_label 1).mail	TXT "$(record claire@nonprofit.org 7200)"
$(id_label 2).mail	TXT "$(record claire@nonprofit.org 60)"
$(id_label 3)		TXT "$(record claire@nonprofit.org 7200)"
$(id_label 4).a.mail	TXT "$(record claire@nonprofit.org 7200)"
X
bind_zone "$W/bind/parent.test.zone" parent.test
cat "$W/parent.zone" >>"$W/bind/parent.test.zone"
start_bind bind example.test parent.test
PRIMARY=$PORT_bind

fewer() { [ "$(old_left "$PRIMARY")" -lt "$1" ]; }
reload() {
	kill -HUP "${PIDS[reaperd]}"
	wait_for 10 logged "$1"
}
forget_log() { : >"$W/reaperd.log"; }

plan 25

# ---- keys

reap_conf
key_file "$W/transfer.key" transfer-key $UPDATE_SECRET
start_daemon publishd
start_reaper
ok "another secret: told in words" \
    wait_for 10 logged 'AXFR.*127.0.0.1@[0-9]*: NOTAUTH/BADSIG'
is "another secret: nothing is removed" "$(
    key_file "$W/transfer.key" transfer-key $TRANSFER_SECRET
    old_left "$PRIMARY")" 300
stop reaperd

key_file "$W/transfer.key" other-key $TRANSFER_SECRET
forget_log
start_reaper
ok "a key that the server does not have: told in words" \
    wait_for 10 logged 'NOTAUTH/BADKEY, key "other-key"'
stop reaperd

reap_conf
sed -i '/transfer.key/d' "$W/dnsmail.conf"
forget_log
start_reaper
ok "no key where one is needed: told in words" \
    wait_for 10 logged 'REFUSED, and no transfer key is configured'
key_file "$W/transfer.key" transfer-key $TRANSFER_SECRET
is "no key: nothing is removed" "$(old_left "$PRIMARY")" 300
stop reaperd

chmod 644 "$W/transfer.key"
reap_conf
start reaperd "$BUILD/reaperd" -c "$W/dnsmail.conf"
wait "${PIDS[reaperd]}"
is "a key that others may read: it does not start" "$?" 78
unset 'PIDS[reaperd]'
chmod 600 "$W/transfer.key"

# ---- publishd is away, and comes back

stop publishd
forget_log
start_reaper
ok "publishd away: told in words" \
    wait_for 10 logged 'publishd removes nothing: not connected'
is "publishd away: nothing is removed" "$(old_left "$PRIMARY")" 300
stop reaperd

# ---- the rate

reap_conf 'rate = 50'
start_daemon publishd
forget_log
start_reaper
begun=$(date +%s%N)
ok "removal begins" wait_for 10 fewer 300
wait_for 10 fewer 200
removed=$((300 - $(old_left "$PRIMARY")))
took=$((($(date +%s%N) - begun) / 1000000))
ok "no more than rate a second ($removed in $took ms)" \
    [ "$removed" -le $((50 * took / 1000 + 10)) ]

# ---- killed in the middle

kill -s KILL "$(cat /proc/"${PIDS[reaperd]}"/task/*/children)"
stop reaperd
left=$(old_left "$PRIMARY")
ok "killed in the middle: some are left" [ "$left" -gt 0 ]
reap_conf
forget_log
start_reaper
ok "started again: the rest goes" wait_for 15 none_left "$PRIMARY"
stop reaperd
is "SIGTERM ends it with 0" "$?" 0

# ---- publishd comes back while reaperd waits

refill() { # N FIRST: expired records, at names that were not there before
	old_records "$1" "$2" | awk -v port="$PRIMARY" '
	    NR == 1 { print "server 127.0.0.1 " port }
	    { owner = $1; sub(/^[^ ]* TXT /, "")
	      print "update add " owner ".example.test 60 TXT " $0 }
	    END { print "send" }' | nsupdate -v -k "$W/bind/update.key"
}
start_reaper
stop publishd
refill 100 1000
forget_log
ok "publishd stopped: told in words" \
    wait_for 10 logged 'publishd removes nothing'
is "publishd stopped: they stay" "$(old_left "$PRIMARY")" 100
start_daemon publishd
ok "publishd is back: they go" wait_for 20 none_left "$PRIMARY"
ok "publishd is back: told" wait_for 5 logged 'publishd removes again'

# ---- the primary restarts

stop bind
forget_log
ok "the primary is away: told in words" \
    wait_for 10 logged 'example.test: no SOA from 127.0.0.1@[0-9]*: Connection refused'
bind_again bind
wait_for 20 bind_answers "$PRIMARY" example.test
refill 100 2000
ok "the primary is back: what came meanwhile goes" \
    wait_for 20 none_left "$PRIMARY"
ok "the primary is back: told" wait_for 5 logged 'transfers work again'

# ---- a restored zone, whose serial is older

stop bind
rm -f "$W"/bind/*.jnl
bind_again bind
wait_for 20 bind_answers "$PRIMARY" example.test
ok "a zone with an older serial is learnt anew" \
    wait_for 30 none_left "$PRIMARY"

# ---- another configuration

reap_conf "" "domain \"mail.parent.test\" {
	primary = \"127.0.0.1@$PRIMARY\"
	zone = \"parent.test\"
	lifetime = \"1h\"
}"
sed -i '0,/lifetime = "1h"/s//lifetime = "5m"/' "$W/dnsmail.conf"
kill -HUP "${PIDS[publishd]}"
forget_log
reload 'configuration reloaded'
below_gone() { ! records "$PRIMARY" parent.test | grep -q "^$(id_label 1)"; }
ok "reload: a domain below its zone's name is reaped" wait_for 10 below_gone
is "reload: only names one label below the domain are" \
    "$(records "$PRIMARY" parent.test | grep -c '^testaaaa')" 3
later_gone() { ! records "$PRIMARY" | grep -q '^later'; }
ok "reload: a shorter lifetime counts" wait_for 10 later_gone
stop reaperd
stop publishd

# ---- nothing to do

reap_conf
forget_log
start_daemon publishd
start_daemon reaperd
wait_for 10 grep -q READY=1 "$W/reaperd.ready"
unlike "all well: nothing is complained of" "$(cat "$W/reaperd.log")" \
    'fail|refused|removes nothing|does not'
stop reaperd
stop publishd
stop bind
