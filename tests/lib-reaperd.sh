# shellcheck shell=bash
# Sourced after lib.sh by the tests of reaperd: a zone with expired records and
# with all that must stay, a configuration, and how to look.

URL=ipc://$W/run/publishd/publish.ipc
HOUR=3600 # the lifetime in these tests, seconds

# Started as root the daemons drop to a user.
RUN_AS=$(id -u)
[ "$RUN_AS" != 0 ] || RUN_AS=$(id -u nobody)

key_file "$W/transfer.key" transfer-key $TRANSFER_SECRET
[ "$(id -u)" != 0 ] || chown "$RUN_AS" "$W/transfer.key"

# record RECIPIENT AGE: the text of a message record, AGE seconds old
record() {
	printf 'To:%s*From:martha@example.test*date=%s' "$1" \
	    "$(date -u -R -d "@$(($(date +%s) - $2))")"
}

# id_label N: a label that no other N has
id_label() { printf 'testaaaaaaaaaaaaaaaa%06d' "$1"; }

# old_records N [FIRST]: zone file lines with N expired records, names numbered
# from FIRST
old_records() {
	awk -v n="$1" -v text="$(record '#' 7200)" -v first="${2:-0}" 'BEGIN {
		split(text, part, "#")
		for (i = 0; i < n; i++)
			printf "testbbbbbbbbbbbbbbbb%06d TXT \"%sclaire%d@" \
			    "nonprofit.org%s\"\n", first + i, part[1], i,
			    part[2]
	}'
}

# mixed_zone FILE ZONE: what must go stands after "; expired", one line each
mixed_zone() {
	local old new far
	old=$(record claire@nonprofit.org 7200)
	new=$(record claire@nonprofit.org 60)
	far=$(record claire@nonprofit.org -1000000000)
	bind_zone "$1" "$2"
	cat >>"$1" <<X
@		TXT "$old"
*		TXT "$old"
deeper.label	TXT "$old"
dnsmail		TXT "127.0.0.1"
_policy.dnsmail	TXT "v=dnsmail1; missing=none"
www		A 127.0.0.1
$(id_label 1)	TXT "$new"
$(id_label 2)	TXT "$far"
$(id_label 3)	TXT "$old" ; expired
$(id_label 4)	TXT "$old" ; expired
$(id_label 4)	TXT "$(record second@nonprofit.org 7300)" ; expired
$(id_label 4)	TXT "$(record third@nonprofit.org 7200)" ; expired
$(id_label 5)	TXT "$old" ; expired
$(id_label 5)	TXT "$(record second@nonprofit.org 60)"
$(id_label 6)	TXT "$old" ; expired
$(id_label 6)	TXT "v=spf1 -all"
$(id_label 6)	TXT "To:claire@nonprofit.org*From:martha@example.test*date=never"
$(id_label 6)	A 127.0.0.1
$(id_label 6)	MX 10 mx
$(id_label 7)	TXT "To:claire@nonprofit.org"
under.$(id_label 3)	TXT "$old"
one		TXT "$old" ; expired
UPPER-Case_9	TXT "$old" ; expired
$(id_label 8)	TXT "$old*note=" "joined*of=several" ; expired
X
}

# reap_conf [LINES-OF-REAPERD [MORE-DOMAINS]]: PRIMARY is a port; NS the name
# of the server, whose keys are used
reap_conf() {
	cat >"$W/dnsmail.conf" <<X
run-dir = "$W/run"
group = ""
domain "example.test" {
	primary = "127.0.0.1@$PRIMARY"
	lifetime = "1h"
}
${2-}
publishd {
	user = "$RUN_AS"
	listen = {"$URL"}
	key-file = "$W/$NS/update.key"
	signers = {"$RUN_AS"}
	removers = {"$RUN_AS"}
}
reaperd {
	user = "$RUN_AS"
	key-file = "$W/transfer.key"
	publishers = {"$URL"}
	poll = "1s"
	${1-}
}
X
}

# records PORT [ZONE]: all of the zone but its SOA, sorted, by transfer
records() {
	dig @127.0.0.1 -p "$1" -k "$W/transfer.key" "${2-example.test}" \
	    AXFR +noall +answer +nottlid +noclass +time=20 |
	    awk '$2 != "SOA" && $2 != "TSIG" && !/^;/ { $1 = tolower($1); print }' |
	    sort
}
# expired FILE ZONE: the lines marked so, in the form of records
expired() {
	sed -n 's/ ; expired$//p' "$1" |
	    awk -v zone="$2" '{ $1 = tolower($1) "." zone "."; print }'
}

# old_left PORT [ZONE]: how many of old_records are there
old_left() { records "$@" | grep -c '^testbbbb'; }
none_left() { [ "$(old_left "$@")" = 0 ]; }

logged() { grep -Eq -- "$1" "$W/reaperd.log"; }
start_reaper() { start_daemon reaperd -d; }
