# shellcheck shell=bash
# Sourced after lib.sh by the tests of dnsmail-filter: OpenSMTPD's side, in the
# lines that 6.8 was seen to say, and policy_fake as the daemon.

S=unix:$W/policy.sock
FILTER=$BUILD/dnsmail-filter
FILTER_ENV=()	# VARIABLE=value...

# smtpd [OPTION...]: the filter anew; what it says goes to $W/said, what is
# written to descriptor $to it hears.
smtpd() {
	filter_ends
	rm -f "$W/in" "$W/out" "$W/said"	# of the one before, too
	mkfifo "$W/in" "$W/out"
	env "${FILTER_ENV[@]}" "$FILTER" -d "$W" -t 5 "$@" <"$W/in" >"$W/out" 2>>"$W/filter.log" &
	PIDS[filter]=$!
	# Before it is open: nobody else shall hold it.
	start reader sh -c 'exec cat <"$0" >"$1"' "$W/out" "$W/said"
	exec {to}>"$W/in"
	printf 'config|%s\n' 'smtpd-version|6.8.0p2' 'smtp-session-timeout|300' \
	    'subsystem|smtp-in' 'admd|mx.test' ready >&"$to"
}
# It ends when smtpd does; sets $ended to its exit status.
filter_ends() {
	[ -n "${PIDS[filter]-}" ] || return 0
	exec {to}>&-
	wait "${PIDS[filter]}"
	ended=$?
	unset "PIDS[filter]"
	stop reader
	return 0
}

says() { printf 'report|0.6|1795703431.931794|smtp-in|%s\n' "$@" >&"$to"; }
asks() { printf 'filter|0.6|1795703431.931794|smtp-in|%s\n' "$@" >&"$to"; }

# mail SESSION SENDER [LINE...]: up to the message's end; the header section is
# "Subject: a", the body these lines.
mail() {
	local session=$1 sender=$2 line
	shift 2
	says "link-connect|$session|a.test|pass|192.0.2.1:5|127.0.0.1:25" \
	    "tx-begin|$session|${session:8}" \
	    "tx-mail|$session|${session:8}|ok|$sender" \
	    "tx-rcpt|$session|${session:8}|ok|claire@b.test"
	for line in "Subject: a" "" "$@" .; do
		asks "data-line|$session|00000000000000d0|$line"
	done
}
commit() { asks "commit|$1|00000000000000c0|"; }
quit() { says "tx-commit|$1|${1:8}|100" "link-disconnect|$1"; }

# lines SESSION: the message that came back; result SESSION: what becomes of it
lines() { sed -n "s/^filter-dataline|$1|00000000000000d0|//p" "$W/said"; }
result() { sed -n "s/^filter-result|$1|00000000000000c0|//p" "$W/said"; }
complete() { lines "$1" | grep -qx '\.'; }
decided() { [ -n "$(result "$1")" ]; }

# whole SESSION SENDER [LINE...]: a message and its session, to the end
whole() {
	mail "$@"
	wait_for 20 complete "$1"
	commit "$1"
	wait_for 20 decided "$1"
	quit "$1"
}
id() { printf -v s %016x $((++sessions)); } # a new session: $s
sessions=1000

start_policy_fake() {
	start fake "$BUILD/policy_fake" "$S"
	wait_for 10 grep -q ready "$W/fake.log"
}
