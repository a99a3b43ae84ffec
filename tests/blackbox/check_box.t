#!/bin/bash
# dnsmail-check in a booted systemd with the installed set, Debian's BIND and
# Postfix: by root, by who is in the group dnsmail-admin (whom publishd's unit
# does not let it see) and by nobody in particular.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-box.sh"
need_box
plan 19

start_box
ok "the box is up" box wait
check() { # USER [ARG...]
	out=$(inside runuser -u "$1" -- dnsmail-check "${@:2}" \
	    --outside 127.0.0.1 2>&1)
	status=$?
}
says() { like "$1" "$out" "^$2 +$3"; }

check root
says "root: daemons" ok 'verifyd: is up, version '
says "root: keys" ok 'publishd: /etc/dnsmail/update.key is for its owner alone'
says "root: publishing" ok 'domain.test: a probe record was published in '
says "root: removing" ok 'domain.test: the probe record was removed in '
says "root: who may transfer" ok 'domain.test: 127.0.0.1 gives no transfer without a key'
says "root: Postfix and signerd" ok 'signerd: postfix may connect to /run/dnsmail/signerd/milter.sock'
says "root: Postfix and verifyd, in the chroot" ok \
    'verifyd: postfix may connect to /var/spool/postfix/dnsmail/verifyd.sock'
says "root: the update key may more than dnsmail-setup would give it" warning \
    'domain.test: the update key may also change TXT of domain.test, '
says "root: nobody outside can reach 127.0.0.1" critical \
    'domain.test: dnsmail.domain.test lists 127.0.0.1, which nobody outside can reach'
is "root: so it is critical" "$status" 2

check keeper
says "who is in dnsmail-admin may have it probed" ok \
    'domain.test: a probe record was published in '
check stranger
says "others may not" 'cannot tell' \
    'domain.test: publishing was not tried: this user may not ask publishd'

inside gpasswd -d postfix dnsmail-mta >/dev/null 2>&1
check root
says "postfix is no member of dnsmail-mta" critical \
    "signerd: the mail server's user postfix may not connect to /run/dnsmail/signerd/milter.sock: the socket .* has mode 0660 and belongs to root:dnsmail-mta"
like "... and what to type" "$out" '-> usermod -aG dnsmail-mta postfix'

# ---- Exim, which knows no milters ---------------------------------------------------

inside mv /etc/postfix/main.cf /etc/postfix/away
check root
says "no mail server at all" 'cannot tell' "sockets: no mail server was found here"
inside sh -c 'mkdir -p /etc/exim4 &&
    printf "#!/bin/sh\n" >/usr/sbin/exim4 && chmod 755 /usr/sbin/exim4 &&
    useradd -r Debian-exim'
P=/run/dnsmail/signerd/policy.sock
check root
says "Exim has no socket to ask at" critical \
    "signerd: Exim asks by the line protocol, signerd has no policy, and there is no $P"
inside sh -c "$(sed -n 's/.* -> \(systemctl .* restart signerd\); or .*/\1/p' <<<"$out")"
check root
says "... there is one once it was done, and Exim is not in its group" critical \
    "signerd: the mail server's user Debian-exim may not connect to $P: "
inside usermod -aG dnsmail-mta Debian-exim
check root
says "... and when it is, it may connect" ok "signerd: Debian-exim may connect to $P"
