#!/bin/bash
# protocol.md 2.5 in front of a real name server: what the author's domain
# wishes for mail without an ID and mail that failed, when that is asked for,
# and what is done; which domains must take part, and which do.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-verifyd.sh"
plan 52

CLAIRE=claire@nonprofit.test
WORDS="none quarantine reject"

# ---- a domain for each pair of wishes, on one BIND ----------------------------

put() { # LABEL TEXT
	echo "add $1 60 TXT $2"
}
mkdir "$W/ns"
{
	zone_text wish.test
	echo "_policy.dnsmail.alias CNAME _policy.dnsmail.parked"
} >"$W/ns/wish.test.zone"
start_bind ns wish.test
port=$PORT_ns resolver="\"127.0.0.1@$PORT_ns\""
takes_part() { put "dnsmail.$1.wish.test" "\"127.0.0.1@$port\""; }
wishes() { put "_policy.dnsmail.$1.wish.test" "$2"; }
{
	echo "server 127.0.0.1 $port"
	for missing in $WORDS; do
		for fail in $WORDS; do
			d=$missing-$fail
			takes_part "$d"
			wishes "$d" "\"v=dnsmail1; missing=$missing; fail=$fail\""
			put "good.$d.wish.test" \
			    "\"$(record $CLAIRE "m@$d.wish.test" 60)\""
		done
	done
	echo send
	takes_part silent
	takes_part two
	wishes two '"v=dnsmail1; missing=reject"'
	wishes two '"v=dnsmail1; missing=reject; fail=reject"'
	takes_part among
	wishes among '"v=spf1 -all"'
	wishes among '"v=dns" "mail1; miss" "ing=reject"'
	takes_part other
	wishes other '"v=dnsmail2; missing=reject; fail=reject"'
	wishes parked '"v=dnsmail1; missing=reject"'
	takes_part alias
	echo send
} | nsupdate -k "$W/ns/update.key" || diag "nsupdate failed"

again() { # RESOLVER OPTIONS: verifyd with these
	stop verifyd
	verifyd_conf "$1" "$2"
	start_daemon verifyd
}
missing() { # DOMAIN [OPTIONS]: a message of it without an ID
	local d=$1
	shift
	mta -t $CLAIRE -h "From: m@$d.wish.test" "$@"
}
# failing DOMAIN: one with an ID that no record is at; passing DOMAIN
failing() { missing "$1" -h "DNS-Mail-ID: nosuch.$1.wish.test"; }
passing() { missing "$1" -h "DNS-Mail-ID: good.$1.wish.test"; }
# done_with ANSWER: in one of the words of a wish, of the actions, or as it is
done_with() {
	case $(final "$1") in
	ACCEPT)
		if grep -q '^QUARANTINE ' <<<"$1"; then
			echo quarantine
		else
			echo none
		fi ;;
	'REPLYCODE 550 5.7.1 '*) echo reject ;;
	'REPLYCODE 451 4.7.5 '*) echo tempfail ;;
	*) final "$1" ;;
	esac
}

# ---- each wish for each result ------------------------------------------------

again "$resolver" ''
for word in $WORDS; do
	other=reject
	[ "$word" != reject ] || other=none
	is "missing=$word is followed where there is no ID" \
	    "$(done_with "$(missing "$word-$other")")" "$word"
	is "fail=$word is followed where the ID fails" \
	    "$(done_with "$(failing "$other-$word")")" "$word"
done
out=$(missing quarantine-none)
is "the result stays what it is: none" "$(field "$out")" \
    "mx.test; dnsmail=none header.from=m@quarantine-none.wish.test\\n policy.participates=yes"
out=$(failing none-quarantine)
is "or fail" "$(field "$out")" \
    'mx.test; dnsmail=fail reason="no-record" header.from=m@none-quarantine.wish.test'
missing reject-none -i QW >/dev/null
like "the log says whose decision it was" "$(logged QW)" \
    'action=reject result=none .* participates=yes wish=reject ms='
out=$(passing reject-reject)
is "what passes is accepted, whatever is wished" "$(done_with "$out")" none
like "as pass" "$(field "$out")" dnsmail=pass
out=$(missing reject-reject -h 'DNS-Mail-ID: ?')
is "nor is permerror what a wish is for" "$(done_with "$out")" none
like "though it is told" "$(field "$out")" 'dnsmail=permerror reason="bad-id"'
is "an ID of a domain that has no say is a failure, too" \
    "$(done_with "$(missing none-reject -h 'DNS-Mail-ID: x.stranger.test')")" \
    reject
is "without a wish nothing is done" "$(done_with "$(missing silent)")" none
is "for neither result" "$(done_with "$(failing silent)")" none
is "of two wishes none counts" "$(done_with "$(missing two)")" none
is "for neither result" "$(done_with "$(failing two)")" none
is "a wish among other texts, in several strings" \
    "$(done_with "$(missing among)")" reject
is "another version is no wish" "$(done_with "$(missing other)")" none
is "nor for the other result" "$(done_with "$(failing other)")" none
is "a wish may be an alias" "$(done_with "$(missing alias)")" reject
out=$(missing parked)
is "a domain that takes no part may wish" "$(done_with "$out")" reject

# ---- honour-wish, and the options beside it ----------------------------------

again "$resolver" 'honour-wish = false'
is "honour-wish = false: missing=reject is not followed" \
    "$(done_with "$(missing reject-reject)")" none
is "nor missing=quarantine" "$(done_with "$(missing quarantine-none)")" none
is "nor fail=reject" "$(done_with "$(failing reject-reject)")" none
is "nor fail=quarantine" "$(done_with "$(failing none-quarantine)")" none
out=$(missing parked)
is "a domain that takes no part is not said to" "$(field "$out")" \
    "mx.test; dnsmail=none header.from=m@parked.wish.test"

again "$resolver" 'on-fail = "quarantine" on-missing = "tempfail"'
is "a wish makes an action stricter" "$(done_with "$(failing none-reject)")" \
    reject
is "never milder" "$(done_with "$(failing none-none)")" quarantine
is "on-missing beside a milder wish" \
    "$(done_with "$(missing quarantine-none)")" tempfail
is "and beside a stricter one" "$(done_with "$(missing reject-none)")" reject
is "on-missing is for domains that take part" \
    "$(done_with "$(mta -t $CLAIRE -h 'From: m@no.wish.test')")" none

again "$resolver" 'observe = true'
out=$(missing reject-none -i QO)
is "observe acts on no wish" "$(done_with "$out")" none
like "and logs it" "$(logged QO)" \
    'action=accept observed=reject .* wish=reject'

again "$resolver" 'require = {"Silent.wish.test", "none-reject.wish.test"}
	on-fail = "quarantine"'
out=$(missing silent)
like "a domain of require must carry an ID" "$(field "$out")" \
    'dnsmail=fail reason="unlinked"'
is "and on-fail is done without" "$(done_with "$out")" quarantine
is "as a failure is what its domain wishes" \
    "$(done_with "$(missing none-reject)")" reject
is "other domains need none" "$(done_with "$(missing none-none)")" none

# ---- what is asked, and trouble ----------------------------------------------

# Two servers, so that a failure takes the propagation-wait, and the question
# for the wish begins with half of the time gone.
port=$(free_port) fake=127.0.0.2@$port lagging=127.0.0.3@$port
cat >"$W/fake.table" <<X
dnsmail.pass.test txt $fake
i.pass.test txt $(record $CLAIRE m@pass.test 60)
_policy.dnsmail.pass.test txt v=dnsmail1; missing=reject; fail=reject
dnsmail.mute.test txt $fake, $lagging
_policy.dnsmail.mute.test silence
dnsmail.sick.test txt $fake
_policy.dnsmail.sick.test rcode 2
dnsmail.unknown.test rcode 2
_policy.dnsmail.unknown.test txt v=dnsmail1; missing=reject
X
start fake "$BUILD/dns_fake" "$fake" "$W/fake.table"
start lagging "$BUILD/dns_fake" "$lagging" "$W/fake.table"
for who in fake lagging; do
	wait_for 10 grep -q ready "$W/$who.log" || diag "$who is not ready"
done
again "\"$fake\"" 'timeout = "2s" propagation-wait = "1s"'
names() { sed -n 's/^udp \([^ ]*\) 16 .*/\1/p' "$W/fake.log" | tr '\n' ' '; }
queries() { grep -c "^udp $1 " "$W/fake.log"; }
from() { # DOMAIN [OPTIONS]
	local d=$1
	shift
	mta -t $CLAIRE -h "From: m@$d" "$@"
}
like "a message passes" "$(field "$(from pass.test \
    -h 'DNS-Mail-ID: i.pass.test')")" dnsmail=pass
is "with a question for the list and one for the ID, no more" "$(names)" \
    'dnsmail.pass.test i.pass.test '
from pass.test >/dev/null
from pass.test -h 'DNS-Mail-ID: nosuch.pass.test' >/dev/null
is "a wish is kept for its time" "$(queries _policy.dnsmail.pass.test)" 1
from nowhere.test >/dev/null
is "below a name that does not exist nothing is asked for" \
    "$(queries dnsmail.nowhere.test) $(queries _policy.dnsmail.nowhere.test)" \
    '1 0'
out=$(from sick.test -h 'DNS-Mail-ID: x.sick.test')
like "SERVFAIL for the wish leaves the result" "$(field "$out")" \
    'dnsmail=fail reason="no-record"'
is "and is no wish" "$(done_with "$out")" none
out=$(from mute.test -h 'DNS-Mail-ID: x.mute.test' -i QM)
like "nor does silence change it" "$(field "$out")" \
    'dnsmail=fail reason="no-record"'
like "and the message ends within its time" "$(logged QM)" \
    'action=accept .* ms=(1[89]|2[0-2])[0-9][0-9]$'
out=$(from mute.test -i QN)
is "without an ID it is none, and the domain takes part" "$(field "$out")" \
    "mx.test; dnsmail=none header.from=m@mute.test\\n policy.participates=yes"
out=$(from unknown.test)
is "whether a domain takes part is not said where it is not known" \
    "$(field "$out")" "mx.test; dnsmail=none header.from=m@unknown.test"
is "and its wish is not asked for" \
    "$(queries _policy.dnsmail.unknown.test)" 0
from mute.test -i QA -Q eom >/dev/null
is "a message given up while its wish is asked for, and the next one served" \
    "$(field "$(from pass.test -h 'DNS-Mail-ID: i.pass.test')" |
    grep -c dnsmail=pass)" 1
stop verifyd
is "it ends in order" $? 0
