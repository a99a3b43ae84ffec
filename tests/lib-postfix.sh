# shellcheck shell=bash
# Sourced behind lib.sh by tests that want a real Postfix of their own on
# 127.0.0.1. Needs root, as Postfix does.
#
#   start_postfix mx "smtpd_milters = inet:127.0.0.1:$port"
#   send_mail $SMTP_mx martha@domain.com claire@my_isp.net <message
#   mailbox mx            # the files of what has arrived, oldest first

. "$TESTS/lib-smtp.sh"
declare -A POSTFIX_PIDS=()

need_postfix() {
	[ "$(id -u)" = 0 ] || skip_all "Postfix needs root"
	needs postfix
}

# start_postfix NAME ["main.cf line"...]: sets SMTP_<NAME> to its port. Every
# recipient is delivered to one mailbox.
start_postfix() {
	local name=$1 dir=$W/$1 port
	shift
	port=$(free_port)
	eval "SMTP_$name=$port"
	mkdir -p "$dir"/{etc,spool,data,mail}
	chown postfix "$dir/data"
	chown nobody "$dir/mail"
	_postfix_main "$dir" "$name" >"$dir/etc/main.cf"
	printf '%s\n' "$@" >>"$dir/etc/main.cf"
	_postfix_master "$port" >"$dir/etc/master.cf"
	# The package's own configuration is looked at even so.
	[ -e /etc/postfix/main.cf ] ||
	    echo "compatibility_level = 3.6" >/etc/postfix/main.cf
	postfix -c "$dir/etc" start >"$W/$name.log" 2>&1 </dev/null
	POSTFIX_PIDS[$name]=$(cat "$dir/spool/pid/master.pid")
	wait_for 10 smtp_greets "$port" ||
	    diag "postfix does not answer: $(tail -qn 5 "$W/$name.log" "$dir/log")"
}

_postfix_main() { # DIR NAME
	cat <<X
compatibility_level = 3.6
queue_directory = $1/spool
data_directory = $1/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = $1/log
maillog_file_prefixes = $1
syslog_name = $2
myhostname = $2.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
smtp_dns_support_level = disabled
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:inbox/
virtual_mailbox_base = $1/mail
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtputf8_enable = yes
milter_default_action = tempfail
X
}

_postfix_master() { # PORT
	cat <<X
127.0.0.1:$1 inet n - n - - smtpd
postlog   unix-dgram n - n - 1 postlogd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
X
}

_postfix_end() {
	local name pid
	for name in "${!POSTFIX_PIDS[@]}"; do
		kill "${POSTFIX_PIDS[$name]}" 2>/dev/null
	done
	for name in "${!POSTFIX_PIDS[@]}"; do
		pid=${POSTFIX_PIDS[$name]}
		wait_for 10 gone "$pid" || kill -s KILL "$pid" 2>/dev/null
	done
}
AT_EXIT+=(_postfix_end)

mailbox() { # NAME
	find "$W/$1/mail/inbox/new" -type f -printf '%T@ %p\n' 2>/dev/null |
	    sort -n | cut -d' ' -f2-
}
has_mail() { # NAME COUNT
	[ "$(mailbox "$1" | wc -l)" -ge "$2" ]
}
