# shellcheck shell=bash
# Sourced before lib.sh by tests of a mail server that this host cannot have
# beside others, or that needs port 25 and files in /etc: see tests/mta-root.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# mta_root PACKAGE [ARGUMENT...]: from here on the test runs in a root of its
# own with that package: it starts again there, with these arguments.
mta_root() {
	local why package=$1
	[ -z "${MTA_ROOT-}" ] || return 0
	shift
	why=$("$TESTS/mta-root" --check 2>&1) || {
		echo "1..0 # SKIP $why"
		exit 0
	}
	exec "$TESTS/mta-root" "$package" -- "$(realpath "$0")" "$@"
}

# ---- in that root: a site, domain.test, and the world around it ------------------
# All of it may be used once lib.sh is there.
#
#   mta_zone author.test 10.77.0.2 'id1 TXT "..."'	# before mta_site
#   mta_site 'on-fail = "reject"'
#   start_sink isp 10.77.0.3@25			# where my_isp.test gets mail

# mta_zone ZONE MX-ADDRESS [LINES]: BIND shall have it. Its DNS Mail server is
# BIND.
mta_zone() {
	mkdir -p "$W/ns"
	cat >"$W/ns/$1.zone" <<X
\$TTL 60
@	SOA ns.$1. hostmaster.$1. 1 60 60 3600 1
@	NS ns.$1.
ns	A 127.0.0.1
@	MX 10 mx.$1.
mx	A $2
dnsmail	TXT "127.0.0.1"
${3-}
X
	MTA_ZONES+=("$1")
}
MTA_ZONES=()

# mta_site [LINES-OF-VERIFYD [LINES-OF-SIGNERD]]: a logger, BIND on port 53 and
# our daemons, each with its user, at the sockets of an installed system.
mta_site() {
	start syslog "$BUILD/log_socket" /dev/log
	wait_for 10 test -S /dev/log
	mta_zone domain.test 10.77.0.1
	mta_zone my_isp.test 10.77.0.3
	echo "	check-names ignore;" >"$W/ns.zone-options"
	BIND_PORT=53 start_bind ns "${MTA_ZONES[@]}"
	cat >"$W/dnsmail.conf" <<X
authserv-id = "mx.domain.test"
domain "domain.test" { primary = "127.0.0.1" }
publishd { key-file = "$W/ns/update.key" }
signerd {
	forward-domain = "domain.test"
	${2-}
}
verifyd {
	allow-networks = {"127.0.0.0/8"}
	${1-}
}
X
	start_daemon publishd
	start_daemon signerd
	start_daemon verifyd
}

# An author elsewhere, carol@author.test, signs what she writes to these users
# of ours. carols_zone USER... before mta_site; her letters have no other text.
carols_zone() {
	local user lines=
	for user; do
		lines+="to-$user TXT \"$(record "$user@domain.test" \
		    carol@author.test 60 "$(carols "$user" bound | digest)")\""$'\n'
	done
	mta_zone author.test 10.77.0.2 "$lines"
}
# carols USER: the letter. carols USER bound: what of it is bound, written as
# protocol.md section 6 has it.
carols() {
	if [ "${2-}" = bound ]; then
		printf '%s\r\n' 'from:Carol <carol@author.test>' \
		    "to:$1@domain.test" '' '' "subject:for $1" \
		    'date:Tue, 24 Nov 2026 04:10:40 +0000' \
		    'message-id:<1@author.test>' '' '' '' '' 'Hello.'
		return
	fi
	cat <<X
DNS-Mail-ID: to-$1.author.test
From: Carol <carol@author.test>
To: $1@domain.test
Subject: for $1
Date: Tue, 24 Nov 2026 04:10:40 +0000
Message-ID: <1@author.test>

Hello.
X
}

# forgeries: fields to stand above hers; one of them is another server's.
forgeries() {
	cat <<X
Authentication-Results: mx.domain.test; dnsmail=pass header.from=a@forged.test
AUTHENTICATION-RESULTS: MX.Domain.Test; dnsmail=pass header.from=b@forged.test
Authentication-Results: other.test; dnsmail=pass header.from=c@kept.test
Authentication-Results:
 (really) mx.domain.test (honest) 1;
 dnsmail=pass header.from=d@forged.test
Authentication-Results: "mx.domain.test"; dnsmail=pass header.from=e@forged.test
X
}
# results FILE: the verdicts in it
results() { field_of "$1" Authentication-Results | grep -i dnsmail=; }

# ---- who writes --------------------------------------------------------------------

PUBLIC=10.77.0.1:25	# where the world sends to; we send to 127.0.0.1
MARTHA=martha@domain.test
YOU=you	# in the To: field of a letter
# Of OURS there must be one field and it must be above what came.
# shellcheck disable=SC2034
OURS='mx.domain.test; dnsmail='

letter() { # SUBJECT [TO-FIELD]
	printf 'From: Martha <%s>\nTo: %s\nSubject: %s\n\nHello.\n' \
	    $MARTHA "${2-$YOU}" "$1"
}
from_us() { send_mail 25 $MARTHA "$@" >/dev/null; }	# RECIPIENT... <LETTER
from_carol() { send_mail $PUBLIC carol@author.test "$@"; }
body_of() { sed '1,/^$/d' "$1"; } # FILE

# ---- what has arrived at a sink ---------------------------------------------------

# copies NAME SUBJECT: the files of that subject; has_copies NAME SUBJECT COUNT
copies() {
	taken "$1" | xargs -r grep -l "^Subject: $2\$"
}
has_copies() { [ "$(copies "$1" "$2" | wc -l)" -ge "$3" ]; }

# field_of FILE NAME: the values of these fields, unfolded, one a line.
field_of() {
	head_of "$1" | awk -v name="${2,,}:" '
	    /^[ \t]/ { if (ours) printf " %s", $0; next }
	    { if (ours) print ""
	      ours = index(tolower($0), name) == 1
	      if (ours) printf "%s", substr($0, length(name) + 1) }
	    END { if (ours) print "" }' | sed 's/[ \t][ \t]*/ /g; s/^ //'
}
ids_of() { field_of "$1" DNS-Mail-ID; } # FILE
recipients_of() { envelope "$1" | sed -En 's/^RCPT TO:<([^>]*)>.*/\1/Ip'; }

# records_of FILE...: what the newest ID of each says, without date and binding
records_of() {
	local file
	for file; do
		txt 53 "$(ids_of "$file" | head -n 1)" | sed 's/\*date=.*//'
	done
}

# verdict FILE: what verifyd says of it, when its recipient's server asks
MTA_VERIFYD=unix:/run/dnsmail/verifyd/milter.sock
verdict() {
	sed '1,/^$/d' "$1" >"$W/verdict"
	"$BUILD/milter_client" -a 198.51.100.7 -m "$W/verdict" \
	    -t "$(recipients_of "$1")" \
	    "$MTA_VERIFYD" 2>&1 |
	    sed -n 's/^INSHEADER 0 Authentication-Results: [^;]*; //p' |
	    sed 's/\\n / /g'
}

# unsigned_of_ours: the subjects of what has left in our name without an ID
unsigned_of_ours() {
	local there
	for there in $(taken isp); do
		[[ $(field_of "$there" From) == *$MARTHA* ]] &&
		    [ -z "$(ids_of "$there")" ] && field_of "$there" Subject
	done | xargs
}

# ---- what each mail server must do with mail from outside ------------------------------

# expect_forwarded FILE: a copy of carol's letter to bob, which we forwarded
expect_forwarded() {
	is "our ID is above the author's, which is as it was" \
	    "$(ids_of "$1" | sed 's/.*\.domain/*.domain/' | xargs)" \
	    "*.domain.test to-bob.author.test"
	like "our verdict came first" "$(results "$1")" "^${OURS}pass "
	like "and the next server sees both hops" "$(verdict "$1")" \
	    '^dnsmail=pass .*policy.via=domain.test policy.content=intact'
}

# expect_no_forgeries: fields that claim a verdict of ours go when they come in
expect_no_forgeries() {
	local there
	{
		forgeries
		carols claire | sed 's/^Subject: .*/Subject: forged/'
	} | from_carol claire@domain.test >/dev/null
	wait_for 20 has_copies isp forged 1
	there=$(copies isp forged)
	is "of forged verdicts none is left" "$(grep -c @forged.test "$there")" 0
	is "another's stays, below ours" "$(results "$there" | sed 's/ .*//' | xargs)" \
	    "mx.domain.test; other.test;"
}

# expect_no_id_for_spoof: of a letter in our name from outside, which is forwarded
expect_no_id_for_spoof() {
	local there
	letter spoof | send_mail $PUBLIC $MARTHA claire@domain.test >/dev/null
	wait_for 20 has_copies isp spoof 1
	there=$(copies isp spoof)
	like "who writes in our name from outside has no ID" \
	    "$(results "$there")" "^${OURS}none "
	is "and gets none where it is forwarded" "$(ids_of "$there")" ""
}

# expect_refusals [TEXT]: by verdict, and while there is none, which TEXT says
expect_refusals() {
	like "a failure is refused" "$(carols claire | from_carol bob@domain.test)" \
	    '^550 5\.7\.1 '
	like "what cannot be verified now is for later" "$(carols claire |
	    sed 's/author\.test/sick.test/' | from_carol claire@domain.test)" \
	    '^451 4\.7\.5 '
	stop verifyd
	like "and so is all without verifyd" \
	    "$(carols claire | from_carol claire@domain.test)" "^451 ${1-}"
	start_daemon verifyd
	like "until it is back" \
	    "$(carols staff | from_carol staff@domain.test)" '^250 '
}

# expect_bounce FROM: what the next server refuses comes back to carol
expect_bounce() {
	local there
	carols gone | from_carol gone@domain.test >/dev/null
	ok "what the next server refuses is returned" wait_for 20 sunk author 1
	there=$(newest_of author)
	like "to the sender" "$(envelope "$there" | paste -sd ' ')" \
	    '^MAIL F(rom|ROM):<>.* RCPT T[oO]:<carol@author\.test>'
	is "with one ID" "$(ids_of "$there" | wc -l)" 1
	is "whose record says so" "$(records_of "$there")" \
	    "To:carol@author.test*From:$1"
	like "which verifies" "$(verdict "$there")" "^dnsmail=pass header.from=$1"
}

# expect_copies NAME SUBJECT FROM RECIPIENT...: one copy for each recipient of
# that mail, with one ID of ours, where one record names this recipient.
expect_copies() {
	local name=$1 subject=$2 from=$3 files file wanted=
	shift 3
	wait_for 20 has_copies isp "$subject" $#
	files=$(copies isp "$subject")
	is "$name: one copy for each recipient" \
	    "$(for file in $files; do recipients_of "$file"; done | sort | xargs)" \
	    "$(printf '%s\n' "$@" | sort | xargs)"
	is "$name: with an ID of its own" \
	    "$(for file in $files; do ids_of "$file" | head -n 1; done |
	    sort -u | grep -Ec '^[a-z2-7]{26}\.domain\.test$')" $#
	for file in $files; do
		wanted+="To:$(recipients_of "$file")*From:$from"$'\n'
	done
	# shellcheck disable=SC2086
	is "$name: whose record names him" "$(records_of $files)" "${wanted%$'\n'}"
}
