#!/bin/bash
# From a fresh Debian with BIND and Postfix to the first signed and verified
# message, in a box with this host's systemd: at most six commands, and no file is
# edited by hand but the public zone.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
need_box
plan 40

TREE=$(cd "$TESTS/.." && pwd)

start_box box-fresh
ok "the box is up" box wait
is "nothing of DNS Mail is there" \
    "$(inside sh -c 'ls /etc/dnsmail; id dnsmail-sign; which signerd' 2>/dev/null)" ""

# ---- the administrator ------------------------------------------------------------

COMMANDS=0
by_hand() { # COMMAND...: one command; what it says goes to $W/said
	COMMANDS=$((COMMANDS + 1))
	inside "$@" >"$W/said" 2>&1
}
edited() { # since the last call
	inside find /etc /var/lib/bind -newer /run/mark -type f \
	    ! -path '/etc/world/*' ! -name '*.cache' | sort
}
said() { cat "$W/said"; }

# Before it: the packages bind9 and postfix by one command of apt.
COMMANDS=1
by_hand make -s -C "$TREE" BUILD="$BUILD" prefix=/usr install
is "the programs are installed" "$?" 0
inside touch /run/mark
by_hand dnsmail-setup --yes --address 10.77.0.1 domain.test
is "dnsmail-setup has done it" "$?" 0
unlike "... without a word of trouble" "$(said)" \
    '^[^ ].*([Ee]rror|[Ww]arning|[Ff]ailed|not found)'
cp "$W/said" "$W/first"

# The public zone is where it was, at a provider: what was told goes in there.
publish() { # DOMAIN
	local record
	record=$(sed -n "s/^ *\\(dnsmail\\.$1\\. .*\"\\)\$/\\1/p" "$W/said")
	inside sh -c "echo '$record' >>/etc/world/$1.zone; systemctl reload world"
	wait_for 20 listed "$1"
}
listed() { [ "$(inside dig +short "dnsmail.$1" TXT)" = '"10.77.0.1"' ]; }
ok "the record that was told is in the public zone" publish domain.test

by_hand sh -c 'printf "From: martha@domain.test\nTo: claire@my_isp.test\n\nHello.\n" |
	sendmail -f martha@domain.test claire@my_isp.test'
ok "the first message arrives" wait_for 60 have_arrived 1
letter=$(inside sh -c "cat $NEW/*")
like "it is signed" "$letter" '^DNS-Mail-ID: [a-z2-7]{26}\.domain\.test'
like "it is verified" "$letter" 'dnsmail=pass header\.from=martha@domain\.test'
id=$(sed -n 's/^DNS-Mail-ID: //p' <<<"$letter")
like "its record is at the DNS Mail server" \
    "$(inside dig +short @10.77.0.1 "$id" TXT)" \
    '^"To:claire@my_isp\.test\*From:martha@domain\.test\*'
is "... and not in the public zone" "$(inside dig +short "$id" TXT)" ""
diag "commands: $COMMANDS"
ok "six commands were enough" test $COMMANDS -le 6
is "nothing of the system is in trouble" \
    "$(inside systemctl --failed --plain --no-legend)" ""

# ---- what there is then ------------------------------------------------------------

for d in signerd publishd verifyd reaperd; do
	is "$d is ready" "$(inside systemctl show -P StatusText $d)" ready
done
ok "all is well" wait_for 20 inside dnsmail-status
unlike "reaperd may transfer" "$(inside journalctl -u reaperd -o cat)" 'refused|REFUSED'
like "Postfix takes what was written" "$(inside postfix check 2>&1; echo $?)" '^0$'
is "... and knows every parameter" "$(inside postconf 2>&1 >/dev/null)" ""
like "nobody transfers the zone without the key" \
    "$(inside dig @10.77.0.1 domain.test AXFR)" 'Transfer failed'

# ---- again, and with a second domain --------------------------------------------------

inside touch /run/mark
pids() { inside systemctl show -P MainPID signerd publishd verifyd reaperd named | xargs; }
before=$(pids)
by_hand dnsmail-setup --yes domain.test
is "a second run has nothing to do" "$? $(edited) $(grep -c 'Nothing else' "$W/said")" "0  1"
by_hand dnsmail-setup --yes --address 10.77.0.1 domain.example
is "a second domain is added" "$?" 0
is "... without a restart of anything" "$(pids)" "$before"
like "... and served" "$(inside dig +short @10.77.0.1 dnsmail.domain.example TXT)" \
    '^"10\.77\.0\.1"$'
publish domain.example
inside sh -c 'printf "From: martha@domain.example\nTo: claire@my_isp.test\n\n." |
	sendmail -f martha@domain.example claire@my_isp.test'
wait_for 60 have_arrived 2
like "its mail is signed, too" "$(inside sh -c "cat $NEW/*")" \
    '^DNS-Mail-ID: [a-z2-7]{26}\.domain\.example'

# ---- what runs already ------------------------------------------------------------------

# A command that fails is done by the next run, though no file is left to write.
inside sh -c 'echo nonsense >>/etc/bind/named.conf.options'
by_hand dnsmail-setup --yes --address 10.77.0.1 domain.org
is "what BIND would not take ends it" "$? $(tail -2 "$W/said" | grep -c 'failed: named-checkconf')" "71 1"
inside sed -i '/^nonsense/d' /etc/bind/named.conf.options
by_hand dnsmail-setup --yes domain.org
is "once that is mended it goes on" "$?" 0
is "... and the zone is served" \
    "$(inside dig +short @10.77.0.1 dnsmail.domain.org TXT)" '"10.77.0.1"'

# Sockets of daemons that run.
inside sh -c 'rm -r /etc/systemd/system/verifyd.socket.d \
    /var/spool/postfix/dnsmail/verifyd.sock && systemctl daemon-reload'
by_hand dnsmail-setup --yes domain.test
is "a socket for Postfix is added" "$?" 0
ok "... and there at once" inside test -S /var/spool/postfix/dnsmail/verifyd.sock
inside useradd -r Debian-exim
by_hand dnsmail-setup --yes --mta exim domain.test
is "sockets for Exim are added" "$?" 0
answer() { # DAEMON REQUEST
	inside sh -c "printf 'request=$2\n\n' |
	    '$BUILD/line_client' unix:/run/dnsmail/$1/policy.sock" 2>&1
}
like "... signerd answers there" "$(answer signerd sign)" '^action='
like "... and verifyd" "$(answer verifyd verify)" '^action='
for d in signerd publishd verifyd reaperd; do
	is "$d is ready again" "$(inside systemctl show -P StatusText $d)" ready
done
is "nothing is in trouble" "$(inside systemctl --failed --plain --no-legend)" ""
