#!/bin/bash
# dnsmail-check on a whole site with real BIND: all is well, and each thing
# broken in turn that has to do with daemons, files and publishing.
. "$(dirname "$0")/../lib-check.sh"
plan 82

site_start
zone_now >"$W/before"
MTA_USER=root
check
is "a good site: exit" "$status" 0
is "... nothing is bad" "$(bad)" ""
says "... the configuration" ok "configuration: $W/dnsmail.conf is valid"
for daemon in signerd publishd verifyd reaperd; do
	says "... $daemon" ok "$daemon: is up, version "
done
says "... keys" ok "publishd: $W/update.key is for its owner alone"
says "... the list" ok \
    "$DOMAIN: dnsmail.$DOMAIN lists 9.9.9.[12],9.9.9.[12], as .* \(asked of 9.9.9.3\)"
for server in 9.9.9.1 9.9.9.2; do
	says "... $server answers" ok "$DOMAIN: $server answers for it by UDP and TCP"
	says "... $server shows the probe, and no longer" ok \
	    "$DOMAIN: $server showed the probe record after [0-9]+ ms, and no longer [0-9]+ ms after"
	says "... $server gives no transfer" ok \
	    "$DOMAIN: $server gives no transfer without a key: REFUSED"
	says "... $server cannot be walked" ok "$DOMAIN: at $server it is not signed"
done
says "... publishing" ok "$DOMAIN: a probe record was published in [0-9]+ ms"
says "... removing" ok "$DOMAIN: the probe record was removed in [0-9]+ ms"
says "... the key is limited" ok \
    "$DOMAIN: the update key may not change MX of $DOMAIN, TXT of $DOMAIN, AAAA of www.$DOMAIN, TXT of _dmarc.$DOMAIN, TXT of dnsmail.$DOMAIN "
says "... the primary's clock" ok "$DOMAIN: the primary 9.9.9.1 has our time"
like "... a summary stands last" "$(tail -1 <<<"$out")" \
    '^ok: 0 critical, 0 warnings, 0 not known, [0-9]+ ok$'
ok "... nothing in the zone has changed" cmp "$W/before" <(zone_now)
ok "... publishd's log says who probed" grep -Eq \
    'action=probe-add uid=0 user=root domain=domain.test primary=-$' "$W/publishd.log"
check --json
is "as JSON: exit" "$status" 0
is "as JSON: each finding has its members" \
    "$(grep -c '"level": "[a-z]*", "name": "[a-z0-9-]*",$' <<<"$out")" \
    "$(grep -cE '"remedy": ".*" \}' <<<"$out")"
like "as JSON: the whole" "$(tr -d '\n' <<<"$out")" \
    '^\{ *"level": "ok", *"summary": "ok: 0 crit[^"]*", *"findings": \[.*\] *\}$'

# ---- the configuration, keys, users

sed 's/poll = .*/poll = "soon"/' "$W/dnsmail.conf" >"$W/wrong.conf"
check -c "$W/wrong.conf"
is "a wrong configuration: exit" "$status" 2
says "... with file and line" critical \
    "configuration: $W/wrong.conf:$(grep -n soon "$W/wrong.conf" | cut -d: -f1): .*poll"
chmod o+w "$W/dnsmail.conf"
check
is "a configuration that others can change: exit" "$status" 1
says "... a warning" warning "configuration: others than root can change "
chmod o-w "$W/dnsmail.conf"
chmod g+r "$W/update.key"
check
is "a key that others can read: exit" "$status" 2
says "... critical" critical "publishd: group or others may read $W/update.key \(mode 0640\)"
chmod g-r "$W/update.key"
chown 64007 "$W/update.key"
check
says "a key that another user owns" warning "publishd: $W/update.key belongs to "
chown 0 "$W/update.key"
mv "$W/update.key" "$W/away.key"
check
says "no key" critical "publishd: there is no key file $W/update.key"
mv "$W/away.key" "$W/update.key"
sed "0,/user = .*/s//user = \"no-such-user\"/" "$W/dnsmail.conf" >"$W/wrong.conf"
check -c "$W/wrong.conf"
says "no user" critical "signerd: this system has no user no-such-user"
sed "/^domain/,/^}/d" "$W/dnsmail.conf" >"$W/wrong.conf"
check -c "$W/wrong.conf"
says "no domain" warning "configuration: it has no section domain"

# ---- daemons

stop reaperd
check
is "a daemon is down: exit" "$status" 2
says "... which" critical "reaperd: does not run"
mkdir "$W/old"
sed 's/\x000\.1\.0\x00/\x000.0.9\x00/g' "$BUILD/reaperd" >"$W/old/reaperd"
chmod +x "$W/old/reaperd"
cp "$BUILD/notify_run" "$W/old/"
BUILD=$W/old start_daemon reaperd
check
says "a daemon of another version" warning \
    "reaperd: is version 0.0.9, and this is version "
is "... a warning: exit" "$status" 1
again reaperd

# ---- publishing

stop ns2
check
is "a secondary is away: exit" "$status" 2
says "... it does not answer" critical "$DOMAIN: 9.9.9.2 does not answer: "
says "... no record can be published" critical "$DOMAIN: no record can be published: 9.9.9.2@53 does not show the record"
says "... it is the one that did not show it" critical "$DOMAIN: 9.9.9.2 did not show the probe record"
says "... the other did" ok "$DOMAIN: 9.9.9.1 showed the probe record"
says "... who knows nothing of transfers" "cannot tell" "$DOMAIN: whether 9.9.9.2 gives transfers to anybody: "
ok "... the probe is removed all the same" cmp "$W/before" <(zone_now)

ended() { [ ! -e "/proc/$1" ] || grep -q ') Z ' "/proc/$1/stat"; }
probed() { [ "$(grep -c 'action=probe-add' "$W/publishd.log")" -gt "$probes" ]; }
# lagging SECONDS: the secondary learns of changes only as it starts, and does
# so so long after the probe came
lagging() {
	local probes
	probes=$(grep -c 'action=probe-add' "$W/publishd.log")
	NOTIFY="notify no;" primary
	secondary
	(
		wait_for 20 probed
		read -rt "$1" <> <(:)
		kill "${PIDS[ns2]}"
		wait_for 20 ended "${PIDS[ns2]}"
		rm -f "$W/ns2/zone"*
		exec "$W/bin/named" -g -n 2 -c "$W/ns2/named.conf" >>"$W/ns2.log" 2>&1
	) &
	PIDS[lagging]=$!
	check
	stop lagging
	wait "${PIDS[ns2]}" 2>/dev/null
	unset "PIDS[ns2]"
}
TIMEOUT=8s site_conf
again publishd
lagging 0.1
says "a secondary that stays behind" warning \
    "$DOMAIN: 9.9.9.2 still showed the probe record 5000 ms after its removal"
is "... a warning: exit" "$status" 1
lagging 2.3
says "a secondary that is slow" warning \
    "$DOMAIN: 9.9.9.2 showed the probe record only after [0-9]{4} ms"
primary
secondary

site_conf
key_file "$W/update.key" update-key "$TRANSFER_SECRET"
again publishd
check
says "another secret" critical "$DOMAIN: no record can be published: update refused by 9.9.9.1@53: NOTAUTH/BADSIG"
says "... the key's reach is not known" "cannot tell" "$DOMAIN: whether the update key may change MX of $DOMAIN, .*BADSIG"
never "... and no secondary is to blame" critical "$DOMAIN: 9.9.9.2 did not show"
key_file "$W/update.key" update-key $UPDATE_SECRET
again publishd

primary "update-policy { grant update-key subdomain other.$DOMAIN. TXT; };"
check
says "a key that may not" critical "$DOMAIN: no record can be published: update refused by 9.9.9.1@53: REFUSED"
primary "update-policy { grant update-key zonesub ANY; };"
check
is "a key that may too much: exit" "$status" 1
says "... what" warning "$DOMAIN: the update key may also change MX of $DOMAIN, TXT of $DOMAIN, AAAA of www.$DOMAIN, TXT of _dmarc.$DOMAIN, TXT of dnsmail.$DOMAIN "
ok "... and nothing is changed by it" cmp "$W/before" <(zone_now)
stop ns
check
is "the primary is away: exit" "$status" 2
says "... no record can be published" critical "$DOMAIN: no record can be published: .*9.9.9.1@53: Connection refused"
says "... the key's reach is not known" "cannot tell" "$DOMAIN: whether the update key may change .*Connection refused"

# ---- clocks

export CLOCK_SHIFT=30
LD_PRELOAD=$BUILD/clock_shift.so primary
check
is "a clock that differs a little: exit" "$status" 1
says "... by how much" warning "$DOMAIN: the clock of the primary 9.9.9.1 is (29|30|31) s ahead of ours"
CLOCK_SHIFT=-611
LD_PRELOAD=$BUILD/clock_shift.so primary
check
is "a clock that differs much: exit" "$status" 2
says "... by how much" critical "$DOMAIN: the clock of the primary 9.9.9.1 is 61[0-2] s behind ours"
primary

# our_clock STATE OPTION...: as the kernel tells it of this host
our_clock() {
	out=$(CLOCK_STATE=$1 CLOCK_SHIFT=0 LD_PRELOAD=$BUILD/clock_shift.so \
	    "$BUILD/dnsmail-check" -c "$W/dnsmail.conf" --outside 9.9.9.3 \
	    --mta-user root "${@:2}" 2>&1)
	status=$?
}
if grep -qa __asan_init "$BUILD/dnsmail-check"; then
	for _ in 1 2 3 4 5; do ok "# SKIP nothing can be put into a sanitizer's build" true; done
else
	our_clock kept-by-nobody
	is "our own clock is kept by nobody: exit" "$status" 1
	says "... told" warning "clock: the kernel says that nothing keeps it right"
	says "... and what publishd warned of" warning \
	    "publishd: is up, and warned in the last minutes: "
	our_clock right --ignore daemon-warned
	is "our own clock is kept: exit" "$status" 0
	says "... told" ok "clock: is synchronised, to within 12\.5 ms"
fi

# ---- who may have it probed, and wrong use

as_user() { # GID GROUPS
	out=$(setpriv --reuid 64001 --regid "$1" $2 "$BUILD/dnsmail-check" \
	    -c "$W/dnsmail.conf" --outside 9.9.9.3 --mta-user root 2>&1)
	status=$?
}
as_user 64001 --clear-groups
says "a user who is no admin" "cannot tell" "$DOMAIN: publishing was not tried: this user may not ask publishd"
is "... what cannot be told is no success: exit" "$status" 3
says "... and how the daemons are" "cannot tell" "signerd: Permission denied"
says "... sees the rest" ok "$DOMAIN: dnsmail.$DOMAIN lists"
site_conf "" 'admins = {"%64123"}'
again publishd
as_user 64001 "--groups 64007,64123"
says "a user in the group of admins may" ok "$DOMAIN: a probe record was published"
stop publishd
check
says "publishd does not run" "cannot tell" "$DOMAIN: publishing was not tried: publishd does not run here"
start_daemon publishd
"$BUILD/dnsmail-check" --timeout never >/dev/null 2>&1
is "no duration: exit" "$?" 64
"$BUILD/dnsmail-check" --ignore nothing >/dev/null 2>&1
is "no finding of that name: exit" "$?" 64
"$BUILD/dnsmail-check" nonsense >/dev/null 2>&1
is "no such command: exit" "$?" 64

# ---- nobody answers at all

for name in ns ns2 public; do
	kill -s STOP "${PIDS[$name]}"
done
before=$SECONDS
check --timeout 3s
ok "nobody answers: it ends in time" [ $((SECONDS - before)) -le 6 ]
says "... and what it could not look at is named" "cannot tell" ".*: not looked at, as there was no time left"

# ---- the manual

is "the manual has every finding, with its level and words" \
    "$("$TESTS/check-words" "$TESTS/../admin/check_words.c" |
	while IFS=$'\t' read -r name level words _; do
	    grep -A1 -Fx ".It Sy $name Pq $level" "$TESTS/../doc/dnsmail-check.8" |
		sed 's/^\\&//' | grep -Fxq -- "$words" || echo "$name"
	done)" ""
