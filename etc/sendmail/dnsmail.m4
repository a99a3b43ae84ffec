dnl Sendmail 8.17 and DNS Mail, the main server (see dnsmail-exit.mc too).
dnl
dnl What it does: verifyd looks at what comes in by SMTP, and everything that
dnl leaves goes first to the exit server on 127.0.0.1 port 10025, after aliases,
dnl virtusertable and .forward files, one recipient per copy. There signerd sees
dnl who really receives it.
dnl
dnl Where it goes: /etc/mail/m4/dnsmail.m4. In /etc/mail/sendmail.mc, above the
dnl line MAILER_DEFINITIONS, write
dnl
dnl 	include(`/etc/mail/m4/dnsmail.m4')dnl
dnl
dnl then "make -C /etc/mail" and restart Sendmail.
dnl
dnl What to change: the domain in MASQUERADE_AS. Bounces are From: MAILER-DAEMON
dnl at that domain, and are signed if it is one of dnsmail.conf; without the line
dnl it is the host's name. Remove the line if sendmail.mc has one already.
dnl
dnl In dnsmail.conf "forward-domain" of signerd should name one of our domains:
dnl Sendmail leaves no trace of the address that an alias stood for, so only To:
dnl and Cc: show where a message was received. A mailertable entry with "smtp:"
dnl or "esmtp:" goes around the exit: write "relay:[127.0.0.1]" there. A site that
dnl has a smart host names it in dnsmail-exit.mc.
dnl
dnl Sendmail writes address lists anew ("a@x,b@y" becomes "a@x, b@y"). Our own mail
dnl is signed after that. Mail of others that is forwarded may be so changed: the
dnl next server then passes it only if it trusts us as a forwarder.
MASQUERADE_AS(`domain.com')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h 10025')dnl
dnl The exit greets with the same name; that is no loop.
MODIFY_MAILER_FLAGS(`RELAY', `+k')dnl
dnl One recipient per copy; the name is for the relay mailer too.
define(`SMTP_MAILER_MAXRCPTS', `1')dnl
dnl F=T: without verifyd the client is told 451.
INPUT_MAIL_FILTER(`verifyd', `S=local:/run/dnsmail/verifyd/milter.sock, F=T, T=C:30s;S:30s;R:30s;E:5m')dnl
