# shellcheck shell=sh disable=SC2034,SC2154
# The mail servers: part of dnsmail-setup, which says what the words mean.

choose_mta() {
	if [ -n "$mta" ]; then
		:
	elif here /usr/sbin/postconf && here /etc/postfix/main.cf; then
		mta=postfix
	elif here /usr/sbin/exim4; then
		mta=exim
	elif here /usr/sbin/smtpd && here /etc/smtpd.conf; then
		mta=opensmtpd
	elif here /etc/mail/sendmail.mc; then
		mta=sendmail
	else
		mta=none
	fi
	mta_user=''
	case $mta in
	postfix|opensmtpd) mta_user=$mta ;;
	exim) mta_user=Debian-exim ;;
	esac
	mta_options
}

# For dnsmail.conf. With systemd the sockets are in its units.
mta_options() {
	socket_group='' run='' chroot_socket='' forward_domain=''
	case $mta in
	opensmtpd|sendmail) forward_domain=$domain ;;
	esac
	! systemd || return 0
	socket_group=$mta_user
	case $mta in
	postfix) chroot_socket=/var/spool/postfix/dnsmail/verifyd.sock ;;
	exim) run=/run/dnsmail ;;
	opensmtpd) run=/run/dnsmail socket_group=dnsmail-mta ;;
	esac
}

# The mail server's user at our sockets; before the daemons start.
mail_server_groups() {
	if ! systemd; then
		[ "$mta" != postfix ] ||
			want_dir 750 root:postfix /var/spool/postfix/dnsmail
		return 0
	fi
	if [ -n "$mta_user" ] &&
	    ! grep -Eq "^dnsmail-mta:.*[:,]$mta_user(,|\$)" "$root/etc/group"; then
		after usermod ${root:+-P "$root"} -aG dnsmail-mta "$mta_user"
	fi
	case $mta in
	postfix) postfix_socket ;;
	exim|opensmtpd) line_sockets ;;
	esac
}

# Each comes with its daemon, when that is started the next time.
line_sockets() {
	set -- signerd-policy.socket verifyd-policy.socket
	[ "$(systemctl ${root:+--root="$root"} is-enabled "$@" 2>/dev/null |
	    grep -c '^enabled')" != 2 ] || return 0
	systemctl_ enable "$@"
	live || return 0
	! systemctl -q is-active dnsmail.target ||
		after systemctl restart signerd.service verifyd.service
}

mail_server() { mta_"$mta"; }
mta_none() { :; }

# ---- Postfix ------------------------------------------------------------------------

# Debian runs smtpd in a chroot.
postfix_socket() {
	dir=/etc/systemd/system/verifyd.socket.d
	want_dir 755 root:root $dir
	want 644 root:root $dir/postfix.conf <<X
[Socket]
ListenStream=/var/spool/postfix/dnsmail/verifyd.sock
X
	live && planned $dir/postfix.conf || return 0
	after systemctl daemon-reload
	if systemctl -q is-active verifyd.socket; then
		after systemctl stop verifyd.socket verifyd.service
		after systemctl start verifyd.socket verifyd.service
	fi
}

postfix_says() { postconf ${root:+-c "$root/etc/postfix"} "$@" 2>/dev/null; }
postfix_set() { after postconf ${root:+-c "$root/etc/postfix"} "$@"; }

# A parameter that stands in main.cf with another value is somebody's.
postfix_parameter() { # NAME VALUE
	old=$(postfix_says -h "$1")
	if [ "$old" = "$2" ]; then
		:
	elif [ "$1" = smtpd_milters ]; then
		case $old in
		*"$2"*) ;;
		*) postfix_set -e "$1 = $2${old:+, $old}" ;;
		esac
	elif [ -n "$(postfix_says -n "$1")" ]; then
		: >"$T/kept"
		yours <<X
main.cf says "$1 = $old"; DNS Mail wants
    $1 = $2
X
	else
		postfix_set -e "$1 = $2"
	fi
}

# Each entry of the sample in one line: SERVICE/TYPE and all of it.
postfix_entries() {
	awk '/^#/ { next }
	    /^[^ ]/ { if (line) print line; line = $1 "/" $2 " " $0; next }
	    { $1 = $1; line = line " " $0 }
	    END { print line }' "$datadir/postfix/master.cf.dnsmail" |
	    sed "s|content_filter=out:|&$(postfix_says -h relayhost)|"
}
postfix_entry() { # SERVICE/TYPE ENTRY
	old=$(postfix_says -M "$1" | tr -s ' \t\n' ' ' | sed 's/ $//')
	if [ -z "$old" ]; then
		postfix_set -M -e "$1=$2"
	elif [ "$old" != "$2" ]; then
		: >"$T/kept"
		{ echo "master.cf has another entry for $1; DNS Mail wants"; echo "    $2"; } | yours
	fi
}

mta_postfix() {
	while read -r name is value; do
		case $name$is in
		[a-z]*=) postfix_parameter "$name" "$value" ;;
		esac
	done <"$datadir/postfix/main.cf.dnsmail"
	postfix_entries >"$T/entries"
	while read -r service entry; do
		postfix_entry "$service" "$entry"
	done <"$T/entries"
	postfix_remarks
	live && grep -q postconf "$T/then" || return 0
	after postfix check
	if systemd; then
		after systemctl reload-or-restart postfix
	else
		echo "Reload Postfix." | yours
	fi
}
postfix_remarks() {
	[ -z "$(postfix_says -h transport_maps)" ] || yours <<X
transport_maps: entries that name "smtp:" or "relay:" go around the exit; let them
name "sign:[127.0.0.1]:10027" (doc/postfix.md has more).
X
	case $(postfix_says -h smtpd_milters)$(postfix_says -h non_smtpd_milters) in
	''|unix:dnsmail/verifyd.sock) ;;
	*) yours <<X ;;
If one of your milters signs (OpenDKIM), put it behind signerd in master.cf, entry
127.0.0.1:10027: then its signature covers DNS-Mail-ID.
X
	esac
}

# ---- others: the samples say it -------------------------------------------------------

# The words at the head of a sample
sample() { # FILE COMMENT
	echo "$datadir/$1:"
	sed -n "/^$2/!q; s/^$2 \{0,1\}//p" "$datadir/$1"
}
mta_exim() {
	{
		sample exim/dnsmail-macros '#'
		echo "dnsmail.conf and the sockets are done. The other three are beside it."
	} | yours
}
mta_sendmail() {
	{ sample sendmail/dnsmail.m4 dnl; echo; sample sendmail/dnsmail-exit.mc dnl; } | yours
}
mta_opensmtpd() {
	{ sample opensmtpd/smtpd.conf '#'; echo "dnsmail.conf and the sockets are done."; } | yours
}
