#!/bin/bash
# log-addresses: whatever happens to mail, and with -d, no line, no status of any
# daemon has an address where it is "no" or "hash"; a hash is the same for the
# same address. With "yes" the same events do name them, so that is no accident.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-roundtrip.sh"
plan 25

DAEMONS="signerd publishd verifyd reaperd"
# with HOW: all four daemons anew, with -d
with() {
	local d
	for d in $DAEMONS; do stop $d; done
	roundtrip_conf 'timeout = "2s"' 'timeout = "2s"'
	sed -i "1i log-addresses = \"$1\"
	    s/^\tsigners = .*/&\n\tremovers = {\"$RUN_AS\"}/
	    /^publishd {/a\	timeout = \"1s\"" "$W/dnsmail.conf"
	cat >>"$W/dnsmail.conf" <<X
reaperd {
	user = "$RUN_AS"
	key-file = "$W/ns/transfer.key"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	admins = {"$(id -u)"}
}
X
	for d in $DAEMONS; do start_daemon $d -d; done
}
as_signerd() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$RUN_AS" --clear-groups "$@"
	else
		"$@"
	fi
}
MARTHA="-f martha@domain.test -a 127.0.0.1"
# All that can happen: signed, not ours, not to be written, verified, another
# sender, another recipient, a blind copy, withdrawn, refused for its user,
# nobody to ask.
events() {
	local id
	mail $MARTHA -t claire@nonprofit.test -h 'From: Martha <martha@domain.test>'
	id=$(ids)
	mail -a 192.0.2.9 -t claire@nonprofit.test -h 'From: martha@domain.test'
	mail $MARTHA -t '"claire x"@nonprofit.test' -h 'From: martha@domain.test'
	mail $MARTHA -t claire@nonprofit.test -h 'From: martha@domain.test, martha@x.test'
	mta -i v1 -t claire@nonprofit.test -h 'From: martha@domain.test' \
	    -h "DNS-Mail-ID: $id"
	mta -i v2 -t claire@nonprofit.test -h 'From: martha.other@domain.test' \
	    -h "DNS-Mail-ID: $id"
	mta -i v3 -t claire.other@nonprofit.test -h 'From: martha@domain.test' \
	    -h "DNS-Mail-ID: $id"
	mta -i v4 -t claire@nonprofit.test -h 'From: martha@domain.test <martha@' \
	    -h "DNS-Mail-ID: $id"
	mail $MARTHA -t victor@secret.test -t claire@nonprofit.test \
	    -h 'From: martha@domain.test' -h 'To: claire@nonprofit.test'
	arrives -t victor@secret.test -h 'From: martha@domain.test'
	recall --from martha@domain.test --to claire@nonprofit.test --dry-run
	recall --yes --from martha@domain.test --to claire@nonprofit.test
	as_signerd "$BUILD/publish_ask" -t 5 -u "ipc://$W/run/publishd/publish.ipc" \
	    -d domain.test add martha.domain.test "To:claire@x.test" || :
	kill -s STOP "${PIDS[ns]}"
	mail $MARTHA -t claire@nonprofit.test -h 'From: martha@domain.test'
	mta -i v5 -t claire@nonprofit.test -h 'From: martha@domain.test' \
	    -h "DNS-Mail-ID: q$id"
	kill -s CONT "${PIDS[ns]}"
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json publishd >"$W/publishd.last"
	stop publishd
	mail $MARTHA -t claire@nonprofit.test -h 'From: martha@domain.test'
} >/dev/null 2>&1
recall() {
	"$BUILD/dnsmail-recall" -c "$W/dnsmail.conf" "$@" </dev/null
}
# What a daemon said, and its status: its last warning is in there.
said() {
	cat "$W/$1.log"
	[ ! -e "$W/$1.last" ] || cat "$W/$1.last"
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json "$1" 2>&1
}
words() { grep -aoE "$1=[^ ]*" "$W/$2.log" | sort | uniq -c | sort -rn; } # KEY DAEMON
all_happened() {
	grep -aq action=signed "$W/signerd.log" &&
	    grep -aq 'action=signed.* recipients=2 ' "$W/signerd.log" &&
	    grep -aq 'action=tempfail reason=publishd' "$W/signerd.log" &&
	    grep -aq unrepresentable "$W/signerd.log" &&
	    grep -aq result=pass "$W/verifyd.log" &&
	    grep -aq reason=sender-mismatch "$W/verifyd.log" &&
	    grep -aq reason=recipient-mismatch "$W/verifyd.log" &&
	    grep -aq 'request refused: ' "$W/publishd.log" &&
	    grep -aq 'action=recall-over' "$W/reaperd.log"
}

roundtrip_start
for how in yes hash no; do
	with $how
	events
	ok "$how: all of it happened" all_happened
	for d in $DAEMONS; do
		said $d >"$W/said.$how.$d"
		[ $how = yes ] ||
		    unlike "$how: $d names nobody" "$(cat "$W/said.$how.$d")" \
			'[Mm]artha|claire|victor'
	done
	for d in signerd verifyd reaperd; do
		case $how in
		yes) like "yes: $d does" "$(cat "$W/said.$how.$d")" 'martha@domain\.test' ;;
		no) is "no: $d has no hash of it, either" \
		    "$(grep -aoE ' from=[^ ]*' "$W/$d.log" | sort -u | xargs)" from=- ;;
		hash) like "hash: $d has one word for martha" \
		    "$(grep -aE "action=(signed|recall) | result=pass" "$W/$d.log" |
			grep -aoE ' from=[^ ]*' | sort -u | xargs)" '^from=[0-9a-f]{16}$' ;;
		esac
	done
	for d in $DAEMONS; do : >"$W/$d.log"; done
done
like "hash: martha and another one differ at verifyd" \
    "$(grep -aoE ' from=[0-9a-f]{16}' "$W/said.hash.verifyd" | sort -u | wc -l)" '^[2-9]$'
like "yes: signerd names who gets a blind copy" "$(cat "$W/said.yes.signerd")" \
    'action=signed.* to=victor@secret\.test recipients=2 '
like "debug lines were among them" "$(cat "$W"/said.no.*)" 'landlock|seccomp'
like "and warnings" "$(cat "$W"/said.no.publishd)" '"last_error": [^n]'
is "publishd never names anybody" "$(grep -acE 'martha@|claire@' "$W"/said.*.publishd |
    cut -d: -f2 | sort -u)" 0
