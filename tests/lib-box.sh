# shellcheck shell=bash
# Sourced by the tests in a box (tests/box), after lib.sh: of the installed set
# (box-site), or of how it comes there (box-fresh).

DAEMONS="signerd publishd verifyd reaperd"
CONF=/etc/dnsmail/dnsmail.conf
box() { "$TESTS/box" "$1" "$W/box" "${@:2}"; }
inside() { box exec "$@"; }
need_box() {
	local why
	why=$("$TESTS/box" --check 2>&1) || skip_all "$why"
}
start_box() { # [box-fresh]; "box wait" is next
	NEW=/var/mail/site/claire/new
	[ "${1-}" != box-fresh ] || NEW=/var/mail/isp
	start box "$TESTS/box" run "$W/box" "$TESTS/${1-box-site}"
	wait_for 120 test -e "$W/box/leader"
	AT_EXIT+=(halt_box)
}
halt_box() { [ ! -e "$W/box/leader" ] || box halt; }
show() { inside systemctl show -P "$1" "$2"; } # PROPERTY UNIT
pid() { show MainPID "$1"; }
pids() { for d in $DAEMONS; do pid "$d"; done | xargs; }
# A sanitizer's program needs more memory, and some of what is forbidden.
sanitized() { grep -qa __asan_init "$BUILD/signerd"; }

# How often a process has gone to sleep by itself.
switches() { # PID
	inside sh -c "cat /proc/$1/task/*/status" |
	    awk '/^voluntary_ctxt_switches:/ { n += $2 } END { print n }'
}

# ---- workers ---------------------------------------------------------------------

# with_workers N: from their next start on
with_workers() {
	inside sh -c "sed -i 's/^verifyd {/&\n\tworkers = $1/' $CONF
	    printf 'signerd {\n\tworkers = %d\n}\n' $1 >>$CONF"
}
workers() { # DAEMON: those that take mail
	inside pgrep -P "$(pid "$1")" "^$1: wor" | sort
}
are_two() { [ "$(workers "$1" | wc -l)" = 2 ]; }
is_gone() { ! inside test -e "/proc/$1"; }
are_gone() { local p; for p; do is_gone "$p" || return 1; done; }

# ---- mail -----------------------------------------------------------------------

arrived() { inside sh -c "ls $NEW 2>/dev/null | wc -l"; }
have_arrived() { [ "$(arrived)" -ge "$1" ]; }
# What Postfix finds "still being delivered" it leaves alone for a minute.
all_have_arrived() {
	have_arrived "$1" && return
	inside postqueue -f
	read -rt 0.5 <> <(:)
	return 1
}
# tally: of what has arrived, which goes then
tally() {
	inside sh -c "cd $NEW &&
	    echo \$(ls | wc -l) arrived, \
		\$(grep -hi '^Message-ID:' * | sort -u | wc -l) different, \
		\$(grep -L '^DNS-Mail-ID: [a-z2-7]*\.domain\.test' * | wc -l) \
		unsigned, \
		\$(grep -L 'dnsmail=pass header.from=martha@domain.test' * |
		    wc -l) not pass
	    rm -f *"
}
all_well() { echo "$1 arrived, $1 different, 0 unsigned, 0 not pass"; }
# queue COUNT NAME: puts so many letters into the queue
queue() {
	inside bash -c 'for ((i = 0; i < $1; i++)); do
		printf "From: martha@domain.test\nTo: claire@my_isp.test\n%s\n\n." \
		    "Message-ID: <$2-$i@domain.test>" |
		    sendmail -f martha@domain.test claire@my_isp.test
	done' letters "$@"
}
# What Postfix has logged since the last call.
log() {
	inside journalctl --cursor-file=/run/seen -u 'postfix*' -o cat --no-pager
}
deferred() { sed -n 's/.*status=deferred/deferred/p' "$W/log" | sort | uniq -c; }
no_socket() { grep -c 'connect to Milter service' "$W/log"; }

# traffic COUNT: from now on, by SMTP; in the background
traffic() {
	start traffic "$TESTS/box" exec "$W/box" smtp-source -m "$1" -s 5 \
	    -f martha@domain.test -t claire@my_isp.test -S traffic 127.0.0.1:25
}
# under_way COUNT NEXT...: at the latest when so many have arrived, NEXT
under_way() {
	wait_for 60 have_arrived "$1"
	"${@:2}"
}
traffic_ended() {
	wait "${PIDS[traffic]}"
	local status=$?
	unset "PIDS[traffic]"
	return $status
}
