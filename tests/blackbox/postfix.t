#!/bin/bash
# Two sites with real Postfix and BIND: mail is signed at the exit listener and
# verified at the receiver, while every daemon and the name server are killed
# and started again in turn. Nothing is lost, nothing leaves unsigned.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lab.sh"
[ "$(id -u)" = 0 ] || skip_all "network namespaces need root"
plan 11

MESSAGES=${MESSAGES:-60}
AT_EXIT+=(lab_down)
lab_new "$W/lab" "$BUILD"
lab_site sender 10.77.0.1 domain.com
lab_site receiver 10.77.0.3 my_isp.net
lab_knows sender my_isp.net 10.77.0.3
lab_knows receiver domain.com 10.77.0.1
for site in sender receiver; do
	# A message that was told 451 is tried again soon.
	cat >>"$LAB/$site/postfix/main.cf" <<X
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
X
done
echo "claire@my_isp.net claire/" >"$LAB/receiver/postfix/mailboxes"
echo "bob@my_isp.net bob/" >>"$LAB/receiver/postfix/mailboxes"
ok "the sending site is up" lab_boot sender
ok "the receiving site is up" lab_boot receiver

letter() { # NUMBER FROM TO-FIELD
	printf 'From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s@test>\n\nHello.\n' \
	    "$2" "$3" "$1" "$1"
}
submit() { # SENDER RECIPIENT...
	lab_exec sender sendmail -C "$LAB/sender/postfix" -f "$@"
}
mailbox() { find "$LAB/receiver/mail/$1/new" -type f 2>/dev/null; }
count() { mailbox "$1" | wc -l; }
has() { [ "$(count "$1")" -ge "$2" ]; }
head_of() { sed '/^$/q' "$1"; }

# --- one message ---------------------------------------------------------------

letter one martha@domain.com claire@my_isp.net |
    submit martha@domain.com claire@my_isp.net
ok "a message arrives" wait_for 20 has claire 1
first=$(mailbox claire)
like "it is signed" "$(head_of "$first")" '^DNS-Mail-ID: [a-z2-7]{26}\.domain\.com$'
like "it is verified" "$(head_of "$first")" 'dnsmail=pass header.from=martha@domain.com'

# --- a blind copy --------------------------------------------------------------

letter two martha@domain.com claire@my_isp.net |
    submit martha@domain.com claire@my_isp.net bob@my_isp.net
ok "both recipients have it" wait_for 20 eval 'has bob 1 && has claire 2'
unlike "the blind copy's ID is not in the other copy" \
    "$(head_of "$(mailbox bob)" | sed -n 's/^DNS-Mail-ID: //p' |
    xargs -I{} grep -rl {} "$LAB/receiver/mail/claire/new")" .
# what each of them sees with dig, at the ID of the own copy
tos_at() { # MESSAGE
	lab_exec receiver dig +short @10.77.0.1 \
	    "$(head_of "$1" | sed -n 's/^DNS-Mail-ID: //p')" TXT |
	    sed 's/^"//; s/\*From.*//' | sort | xargs
}
second=$(grep -l '^Subject: two' $(mailbox claire))
is "at claire's ID there is only claire, not the blind recipient" \
    "$(tos_at "$second")" To:claire@my_isp.net
is "at that of the blind copy only its recipient" \
    "$(tos_at "$(mailbox bob)")" To:bob@my_isp.net

# --- everything is restarted under traffic -------------------------------------

restart_daemon() { # SITE DAEMON
	local pid
	pid=$(lab_daemon_pid "$1" "$2")
	kill -s KILL "$pid"
	wait_for 10 gone "$pid"
	lab_daemon "$1" "$2"
}
restart_named() { # SITE
	local pid
	pid=$(pgrep -f -- "^$LAB/named .*$LAB/$1/named/named.conf")
	kill -s KILL "$pid"
	wait_for 10 gone "$pid"
	lab_start "$1" named "$LAB/named" -g -n 1 \
	    -c "$LAB/$1/named/named.conf"
}
steps=("restart_daemon sender signerd" "restart_daemon sender publishd"
	"restart_daemon sender reaperd" "restart_daemon receiver verifyd"
	"restart_named sender" "restart_named receiver")

before=$(count claire)
for ((n = 0; n < MESSAGES; n++)); do
	letter "n$n" martha@domain.com claire@my_isp.net |
	    submit martha@domain.com claire@my_isp.net
	if ((n % 5 == 4)); then
		${steps[$((n / 5 % ${#steps[@]}))]}
	fi
done
# What Postfix finds "still being delivered" it leaves alone for a minute.
all_here() {
	has claire $((before + MESSAGES)) && return
	lab_exec sender postqueue -c "$LAB/sender/postfix" -f
	read -rt 0.5 <> <(:)
	return 1
}
wait_for 90 all_here
is "every message arrived, once" "$(count claire)" $((before + MESSAGES))
bad=$(for m in $(mailbox claire); do
	head_of "$m" | grep -q '^DNS-Mail-ID: ' &&
	    head_of "$m" | grep -q '^Authentication-Results: .*dnsmail=pass' ||
	    echo "$m"
done)
is "every message was signed, and verified as pass" "$bad" ""
