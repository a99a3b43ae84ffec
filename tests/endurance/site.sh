# shellcheck shell=bash
# The site in the box: mail through it, and what has become of it.

DAEMONS="signerd publishd verifyd reaperd"
NEW=/var/mail/site/claire/new
box() { "$TESTS/box" "$1" "$W/box" "${@:2}"; }
inside() { box exec "$@"; }

# ---- on its way --------------------------------------------------------------------

# bring PHASE COUNT: from now on; in the background
bring() {
	inside sh -c "mkdir -p $NEW && cd $NEW && find . -type f -delete
	    chown -R 65534:65534 /var/mail/site"
	journal >/dev/null
	start traffic "$TESTS/box" exec "$W/box" "$HERE/send" "$W/$1.sent" "$1" \
	    "$2" "$RATE" "${SESSIONS:-10}"
}
taken() { # PHASE: the numbers that Postfix has taken
	awk '$4 == "taken" { print $1 }' "$W/$1.sent" 2>/dev/null | sort -nu
}
taken_so_far() { [ "$(taken "$1" | wc -l)" -ge "$2" ]; } # PHASE COUNT
attempts() { # PHASE OUTCOME
	awk -v o="$2" '$4 == o' "$W/$1.sent" | wc -l
}
has_arrived() { [ "$(inside sh -c "ls $NEW | wc -l")" -ge "$1" ]; }
waiting() { # PHASE: taken and not there
	echo $(($(taken "$1" | wc -l) - $(inside sh -c "ls $NEW | wc -l")))
}
some_wait() { [ "$(waiting "$1")" -ge 10 ]; }
queue_is_empty() { inside postqueue -p | grep -q 'queue is empty'; }

# settle PHASE: all has been brought, and nothing is on its way any more
settle() {
	if [ -n "${PIDS[traffic]-}" ]; then
		wait "${PIDS[traffic]}"
		unset "PIDS[traffic]"
	fi
	wait_for 180 queue_is_empty
	journal postfix >"$W/$1.postfix"
	# shellcheck disable=SC2086
	journal $DAEMONS >"$W/$1.daemons"
}
# What they have logged since the last "journal" without a unit. A unit may
# have begun again, the box too.
journal() { # [UNIT...]
	local unit units=()
	if [ $# = 0 ]; then
		inside date +%s.%N >"$W/since"
		return
	fi
	for unit; do
		units+=(-u "$unit*")
	done
	inside journalctl --since "@$(cat "$W/since")" "${units[@]}" \
	    -o short-precise --no-pager
}

# ---- what has become of it -----------------------------------------------------------

# tally PHASE: sets arrived, lost, twice ... as tally.awk has them
tally() {
	local pair
	taken "$1" >"$W/$1.taken"
	inside sh -c "find $NEW -type f -printf '%T@ %p\n' |
	    awk -v tag=$1 -v taken='$W/$1.taken' -v sorted='$W/$1.delays' \
		-f '$HERE/tally.awk'" >"$W/$1.tally"
	for pair in $(cat "$W/$1.tally"); do
		printf -v "${pair%%=*}" %s "${pair#*=}"
	done
}

# deliveries PHASE [COUNT]: of what was taken, which is all where COUNT is given
deliveries() {
	local phase=$1 arrived lost twice strange untaken unsigned notpass late
	local p50 p99 max
	tally "$phase"
	[ $# = 1 ] || exactly "$phase" "messages taken" \
	    "$(taken "$phase" | wc -l)" "$2"
	exactly "$phase" "of them delivered" \
	    "$((arrived - untaken))" "$(taken "$phase" | wc -l)"
	exactly "$phase" "lost" "$lost" 0
	exactly "$phase" "delivered again" "$twice" 0
	exactly "$phase" "without DNS-Mail-ID" "$unsigned" 0
	exactly "$phase" "without dnsmail=pass" "$notpass" 0
	exactly "$phase" "delayed by more than 30 s" "$late" 0
	told "$phase" "delay: median" "$p50 s"
	told "$phase" "delay: 99 of 100 within" "$p99 s"
	told "$phase" "delay: longest" "$max s"
}

# By our part. Postfix has questions of its own for BIND, which may be away.
deferred() { # PHASE
	grep 'status=deferred' "$W/$1.postfix" | grep -vc 'Name service error'
}
deferred_by_dns() { grep -c 'status=deferred.*Name service error' "$W/$1.postfix"; }
# Who asked found nobody: the socket should always be there.
no_socket() { grep -c 'connect to Milter service' "$W/$1.postfix"; }

nothing_put_off() { # PHASE
	exactly "$1" "SMTP connections refused" "$(attempts "$1" refused)" 0
	exactly "$1" "put off when brought (4xx)" "$(attempts "$1" put-off)" 0
	exactly "$1" "put off in the queue" "$(deferred "$1")" 0
	told "$1" "put off by Postfix, who found no BIND" "$(deferred_by_dns "$1")"
	exactly "$1" "milter connections refused" "$(no_socket "$1")" 0
	reasons "$1"
}
reasons() { # PHASE: why, for who reads this
	sed -n 's/.*status=deferred (\(.*\))$/\1/p' "$W/$1.postfix" |
	    sed 's/[0-9A-F]\{8,\}/ID/g' | sort | uniq -c | sed 's/^/# /'
	sed -n 's/^.* action=tempfail reason=\([a-z-]*\) .*/\1/p' \
	    "$W/$1.daemons" | sort | uniq -c | sed 's/^/# tempfail: /'
	awk '$4 != "taken"' "$W/$1.sent" | cut -d' ' -f4- | sort | uniq -c |
	    sed 's/^/# sender: /'
}

# ---- what the daemons need -------------------------------------------------------------

pid() { inside systemctl show -P MainPID "$1"; }
# A sanitizer's program needs more.
sanitized() { grep -qa __asan_init "$BUILD/signerd"; }
resident() { inside awk '/^VmRSS:/ { print $2 }' "/proc/$(pid "$1")/status"; }
switches() { # PID: how often it has gone to sleep by itself
	inside sh -c "cat /proc/$1/task/*/status" |
	    awk '/^voluntary_ctxt_switches:/ { n += $2 } END { print n }'
}
declare -A RESIDENT=()
note_resident() { # WHEN
	local d
	for d in $DAEMONS; do
		RESIDENT[$d-$1]=$(resident "$d")
	done
}

resident_figures() { # PHASE
	local d grown
	! sanitized || return 0
	for d in $DAEMONS; do
		grown=$((RESIDENT[$d-late] - RESIDENT[$d-early]))
		at_most "$1" "$d: resident at the end" \
		    "${RESIDENT[$d-late]}" 12288 " KiB"
		# It remembers each record.
		if [ "$d" = reaperd ]; then
			told "$1" "$d: grown since a tenth of it" "$grown KiB"
		else
			at_most "$1" "$d: grown since a tenth of it" \
			    "$grown" 2048 " KiB"
		fi
	done
}

reaperd_knows() { # RECORDS
	[ "$(inside dnsmail-status --json reaperd |
	    sed -n 's/.*"records_live": \([0-9]*\).*/\1/p')" -ge "$1" ]
}
# It has not woken since the last call.
rests() { # DAEMON
	local before=$woken
	woken=$(switches "$(pid "$1")")
	[ "$woken" = "$before" ]
}
# A rate takes time to see. Idle is reaperd when it knows what the mail before
# has left: its next look at the zone, within a minute, brings that (some 35 reads
# for 3,600 records), later ones a serial. And to be asked for its status, which
# shows that, wakes it 30 times.
wakeup_figures() { # PHASE
	local d woken=''
	declare -A who=() before=()
	wait_for 90 reaperd_knows "$COUNT"
	wait_for 10 rests reaperd
	for d in $DAEMONS; do
		who[$d]=$(pid "$d")
		before[$d]=$(switches "${who[$d]}")
	done
	read -rt "$IDLE" <> <(:) || :
	for d in $DAEMONS; do
		at_most "$1" "$d: woken in $IDLE s without mail" \
		    $(($(switches "${who[$d]}") - ${before[$d]})) $((IDLE + 1))
	done
}
