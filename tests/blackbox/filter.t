#!/bin/bash
# dnsmail-filter without OpenSMTPD: this test is smtpd, in the lines that
# OpenSMTPD 6.8 was seen to say, and policy_fake is the daemon.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-filter.sh"
plan 43

start_policy_fake

# ---- the usual ----------------------------------------------------------------------

smtpd -s "$S"
wait_for 10 grep -qx 'register|ready' "$W/said"
is "it registers for what it needs, and then says so" \
    "$(grep -c '^register|\(report\|filter\)|smtp-in|' "$W/said") $(tail -n 1 "$W/said")" \
    "11 register|ready"
jailed() { # PID
	sed -n 's/^\(NoNewPrivs\|Seccomp\):[[:blank:]]*//p' "/proc/$1/status" | xargs
	sed -n 's/^Max core file size  *//p' "/proc/$1/limits"
}
if grep -qa __asan_init "$FILTER"; then
	ok "# SKIP its jail: a leak checker traces its own process" true
else
	is "it can gain nothing, has its system calls filtered and leaves no core" \
	    "$(jailed "${PIDS[filter]}" | tr -s ' \n' ' ')" "1 2 0 0 bytes "
fi

id
whole "$s" martha@a.test one ..two '|three'
is "each field goes above the ones before, then all the lines" "$(lines "$s")" \
    "X-Second: yes
X-First: yes
Subject: a

one
..two
|three
."
is "and smtpd may take it" "$(result "$s")" proceed
is "the daemon was told who and whom" "$(sed -n '/^request/,/^$/p' "$W/fake.log" |
    sed 's/^bind=.\{43\}$/bind=/')" "request=sign
queue_id=${s:8}
client_address=192.0.2.1
sasl_username=
sender=martha@a.test
recipient=claire@b.test
bind="

for row in 'dunno|proceed' 'defer|reject|451 4.7.1 not now' \
    'reject|reject|550 5.7.1 no' 'hold|proceed' 'octets|proceed'; do
	id
	whole "$s" "${row%%|*}@a.test"
	is "${row%%|*}" "$(result "$s")" "${row#*|}"
done

# ---- a daemon that fails ----------------------------------------------------------------

for who in close half garbage endless silent; do
	id
	whole "$s" $who@a.test
	like "$who: not now" "$(result "$s")" '^reject\|451 4\.7\.1 '
	is "$who: and no line is said" "$(lines "$s")" .
done
like "the log says which and why" "$(cat "$W/filter.log")" \
    "queue=${s:8} put off: no answer in time"
id
says "link-connect|$s|a|pass|192.0.2.1:5|127.0.0.1:25" "tx-begin|$s|1" \
    "tx-mail|$s|1|ok|early@a.test"
for n in {1..1900}; do # more than fits into a socket
	asks "data-line|$s|00000000000000d0|To: $(printf %0500d "$n")"
done
asks "data-line|$s|00000000000000d0|."
wait_for 20 complete "$s"
commit "$s"
wait_for 20 decided "$s"
like "an answer before the end of the question counts" "$(result "$s")" '^reject\|451 4\.'

mv "$W/policy.sock" "$W/away.sock"
id
whole "$s" martha@a.test
like "nobody there: not now" "$(result "$s")" '^reject\|451 4\.7\.1 '
mv "$W/away.sock" "$W/policy.sock"
id
whole "$s" martha@a.test
is "and when he is back, all is well" "$(result "$s")" proceed

# ---- sessions that go away --------------------------------------------------------------

id
mail "$s" silent@a.test
says "tx-rollback|$s|${s:8}" "link-disconnect|$s"
gone=$s
id
whole "$s" martha@a.test
is "a client that leaves while the daemon thinks is forgotten" \
    "$(result "$s") $(lines "$gone")" "proceed "
id
whole "$s" martha@a.test
mail "$s" martha@a.test second
wait_for 20 eval '[ "$(lines "$s" | grep -cx "\.")" = 2 ]'
is "a second message in a session comes back, too" \
    "$(lines "$s" | tail -n 2 | head -n 1)" second

# ---- odd lines ------------------------------------------------------------------------

printf 'nonsense\n|||\nreport|0.6|1|smtp-in|tx-begin\n' >&"$to"
says "link-tls|$s|TLSv1.3" "tx-rcpt|$s|x"
id
mail "$s" martha@a.test "$(printf '%0200000d' 0)"
wait_for 20 complete "$s"
commit "$s"
wait_for 20 decided "$s"
like "a line that is too long is put off" "$(result "$s")" '^reject\|451 4\.3\.0 .*64 KiB'
id
asks "data-line|$s|00000000000000d0|A: b" "data-line|$s|00000000000000d0|."
commit "$s"
wait_for 20 decided "$s"
like "so is a session that never began" "$(lines "$s") $(result "$s")" \
    '^\. reject\|451 4\.3\.0 '
id
whole "$s" martha@a.test
is "and nothing is the worse for it" "$(result "$s")" proceed
is "what is not understood is logged once" \
    "$(grep -c 'is not understood' "$W/filter.log")" 1

# ---- many, and large -------------------------------------------------------------------

many() { # 500 sessions, line by line in turn
	awk -v n=500 'BEGIN {
		r = "report|0.6|1|smtp-in|"; f = "filter|0.6|1|smtp-in|data-line|"
		for (i = 1; i <= n; i++) {
			s = sprintf("00000000000a%04x", i)
			printf "%slink-connect|%s|a|pass|192.0.2.1:5|127.0.0.1:25\n", r, s
			printf "%stx-begin|%s|%04d\n%stx-mail|%s|1|ok|m@a.test\n", r, s, i, r, s
		}
		for (j = 0; j <= 5; j++)
			for (i = 1; i <= n; i++) {
				s = sprintf("00000000000a%04x", i)
				line = j == 0 ? "A: " i : j == 1 ? "" : j == 5 ? "." : i " " j
				printf "%s%s|00000000000000d0|%s\n", f, s, line
			}
	}' >&"$to"
}
smtpd -s "$S" -t 60
many
all_complete() { [ "$(grep -c '^filter-dataline|00000000000a.*|\.$' "$W/said")" = 500 ]; }
ok "500 messages at a time come back" wait_for 60 all_complete
is "each with its own lines, in order, and the fields on top" \
    "$(sed -n 's/^filter-dataline|00000000000a\(....\)|[^|]*|/\1 /p' "$W/said" | awk '
    { i = $1; sub(/^[^ ]* /, ""); all[i] = all[i] $0 "\n" }
    END {
	for (i in all) {
		n++
		split(all[i], line, "\n")
		k = substr(line[3], 4)
		if (all[i] == "X-Second: yes\nX-First: yes\nA: " k "\n\n" \
		    k " 2\n" k " 3\n" k " 4\n.\n" && !seen[k]++)
			good++
	}
	print n, good }')" "500 500"

large() { # 40 MB
	awk -v f="filter|0.6|1|smtp-in|data-line|$1|00000000000000d0|" 'BEGIN {
		line = sprintf("%0900d", 0)
		for (i = 1; i <= 44000; i++)
			print f i " " line
		print f "." }'
}
memory() { awk '/VmHWM/ { print $2 }' "/proc/${PIDS[filter]}/status"; }
smtpd -s "$S"
id
says "link-connect|$s|a|pass|192.0.2.1:5|127.0.0.1:25" "tx-begin|$s|1" \
    "tx-mail|$s|1|ok|m@a.test"
asks "data-line|$s|00000000000000d0|A: b" "data-line|$s|00000000000000d0|"
large "$s" >&"$to"
ok "40 MB come back" wait_for 60 complete "$s"
is "as they were" "$(lines "$s" | sed 1,4d | cksum)" \
    "$(large x | sed 's/.*d0|//' | cksum)"
kilobytes=$(memory)
ok "within 32 MB of memory ($kilobytes kB)" test "$kilobytes" -lt 32768
is "and nothing is left in the directory" "$(find "$W" -name 'dnsmail-*')" ""

# smtpd does not read: nothing is lost, and nothing is heaped up.
smtpd -s "$S"
wait_for 10 grep -qx 'register|ready' "$W/said"
id
says "link-connect|$s|a|pass|192.0.2.1:5|127.0.0.1:25" "tx-begin|$s|1" \
    "tx-mail|$s|1|ok|m@a.test"
kill -STOP "${PIDS[reader]}"
asks "data-line|$s|00000000000000d0|"
large "$s" >&"$to"
awk 'BEGIN {
	for (i = 1; i <= 20000; i++)
		printf "filter|0.6|1|smtp-in|commit|00000000000b%04x|00000000000000c0|\n", i
}' >&"$to" &
PIDS[writer]=$!
written() { awk '/^wchar/ { print $2 }' "/proc/${PIDS[writer]}/io"; }
stuck() {
	local before
	before=$(written) && [ "$before" -gt 0 ] || return 1
	read -rt 0.3 <> <(:)
	[ "$(written)" = "$before" ]
}
ok "while smtpd does not read it is not heard either" wait_for 20 stuck
kill -CONT "${PIDS[reader]}"
ok "and when it does all goes on" wait_for 60 complete "$s"
all_results() { [ "$(grep -c '^filter-result|00000000000b' "$W/said")" = 20000 ]; }
ok "with all it was asked" wait_for 60 all_results
kilobytes=$(memory)
ok "still within 32 MB ($kilobytes kB)" test "$kilobytes" -lt 32768
wait "${PIDS[writer]}"
unset "PIDS[writer]"

smtpd -s "$S" -m 1
id
says "link-connect|$s|a|pass|192.0.2.1:5|127.0.0.1:25" "tx-begin|$s|1"
asks "data-line|$s|00000000000000d0|"
large "$s" >&"$to"
wait_for 60 complete "$s"
commit "$s"
wait_for 20 decided "$s"
like "a message over -m is put off" "$(result "$s")" '^reject\|451 4\.3\.0 .*option -m'

# ---- its beginning and its end ------------------------------------------------------------

filter_ends
is "it ends with smtpd" "$ended" 0
for wrong in "" "-s $S -v $S" "-s nowhere" "-s $S -m 0" "-s $S -t x" "-s $S more"; do
	# shellcheck disable=SC2086
	"$FILTER" $wrong </dev/null >/dev/null 2>&1
	codes+="$? "
done
is "wrong use is told by 64" "$codes" "64 64 64 64 64 64 "
