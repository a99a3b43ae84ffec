# shellcheck shell=bash
# A lab of mail sites, each a network namespace with real BIND, real Postfix
# and the four daemons under their own users. Sourced by the demo and by
# end-to-end tests. The host's network and files are not touched: the bridge
# lives in a namespace of its own, and every site sees its own resolv.conf,
# hosts, passwd and group (ip-netns(8) mounts /etc/netns/NAME/*).
#
#   lab_new DIR BUILD
#   lab_site NAME ADDRESS DOMAIN	# then edit files, then:
#   lab_boot NAME
#   lab_exec NAME COMMAND...
#   lab_down
#
# Files of a site: $LAB/NAME/{named,postfix,dnsmail.conf,run,mail,log}

LAB='' LAB_BUILD='' LAB_ID='' LAB_SITES=()

lab_new() {
	LAB=$1 LAB_BUILD=$2 LAB_ID=dnsmail-$$
	mkdir -p "$LAB"
	chmod 755 "$LAB"
	ip netns add "$LAB_ID-hub"
	ip -n "$LAB_ID-hub" link add br0 type bridge
	ip -n "$LAB_ID-hub" link set br0 up
	# A copy: the distribution may confine /usr/sbin/named to its own
	# directories (AppArmor), and that is tied to the path.
	cp /usr/sbin/named "$LAB/named"
}

lab_exec() {
	local site=$1
	shift
	ip netns exec "$LAB_ID-$site" "$@"
}

# lab_host NAME ADDRESS: a bare host on the bridge.
lab_host() {
	local ns=$LAB_ID-$1
	LAB_SITES+=("$1")
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	# Both ends are made inside; the host never sees them.
	ip link add eth0 netns "$ns" type veth peer name "v$1" \
	    netns "$LAB_ID-hub"
	ip -n "$LAB_ID-hub" link set "v$1" master br0 up
	ip -n "$ns" addr add "$2/24" dev eth0
	ip -n "$ns" link set eth0 up
	mkdir -p "/etc/netns/$ns" "$LAB/$1"
	echo "nameserver 127.0.0.1" >"/etc/netns/$ns/resolv.conf"
	echo "127.0.0.1 localhost" >"/etc/netns/$ns/hosts"
}

# lab_site NAME ADDRESS DOMAIN: a host with the configuration of a mail site.
lab_site() {
	local name=$1 address=$2 domain=$3 ns=$LAB_ID-$1 dir=$LAB/$1
	lab_host "$name" "$address"
	echo "$address mx.$domain" >>"/etc/netns/$ns/hosts"
	_lab_users "$ns"
	_lab_named "$dir" "$address" "$domain"
	_lab_dnsmail "$dir" "$address" "$domain"
	_lab_postfix "$dir" "$address" "$domain"
}

# The users of the design, in this site only. Who is in the group of publishd
# may connect to its socket; who is in "dnsmail" may ask for the status.
_lab_users() {
	local ns=$1 id=64990 who all=
	cp /etc/passwd /etc/group "/etc/netns/$ns/"
	for who in sign publish verify reap; do
		id=$((id + 1)) all=$all,dnsmail-$who
		echo "dnsmail-$who:x:$id:$id::/nonexistent:/usr/sbin/nologin" \
		    >>"/etc/netns/$ns/passwd"
		case $who in
		publish) echo "dnsmail-$who:x:$id:dnsmail-sign,dnsmail-reap" ;;
		*) echo "dnsmail-$who:x:$id:" ;;
		esac >>"/etc/netns/$ns/group"
	done
	echo "dnsmail:x:64990:${all#,}" >>"/etc/netns/$ns/group"
}

_lab_key() { # FILE NAME
	(umask 077
	printf 'key "%s" {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n' \
	    "$2" "$(head -c 32 /dev/urandom | base64)" >"$1")
}

# The site's name server: primary of its domain, resolver for the site itself.
_lab_named() {
	local dir=$1/named address=$2 domain=$3
	mkdir -p "$dir"
	_lab_key "$dir/update.key" "update.$domain"
	_lab_key "$dir/transfer.key" "transfer.$domain"
	cat >"$dir/$domain.zone" <<X
\$TTL 60
@	SOA mx.$domain. hostmaster.$domain. 1 60 60 3600 5
@	NS mx.$domain.
@	MX 10 mx.$domain.
mx	A $address
dnsmail	TXT "$address"
X
	cat "$dir/update.key" "$dir/transfer.key" - >"$dir/named.conf" <<X
options {
	directory "$dir";
	listen-on { 127.0.0.1; $address; };
	listen-on-v6 { none; };
	pid-file "$dir/named.pid";
	session-keyfile "$dir/session.key";
	recursion yes;
	allow-recursion { 127.0.0.0/8; };
	dnssec-validation no;
	empty-zones-enable no;
	notify no;
};
controls { };
zone "." { type hint; file "/dev/null"; };
zone "$domain" {
	type primary;
	file "$domain.zone";
	check-names ignore;
	update-policy { grant update.$domain zonesub TXT; };
	allow-transfer { key transfer.$domain; };
};
X
}

# lab_knows NAME DOMAIN ADDRESS: how this site's resolver finds that domain.
lab_knows() {
	printf 'zone "%s" { type static-stub; server-addresses { %s; }; };\n' \
	    "$2" "$3" >>"$LAB/$1/named/named.conf"
}

_lab_dnsmail() {
	local dir=$1 address=$2 domain=$3
	mkdir -p "$dir/run"
	cat >"$dir/dnsmail.conf" <<X
authserv-id = "mx.$domain"
run-dir = "$dir/run"

domain "$domain" {
	primary = "$address"
	lifetime = "${LAB_LIFETIME:-7d}"
}

signerd {
	milter = {"unix:$dir/run/signerd/milter.sock"}
	socket-group = "postfix"
	publishers = {"ipc://$dir/run/publishd/publish.ipc"}
}

publishd {
	listen = {"ipc://$dir/run/publishd/publish.ipc"}
	key-file = "$dir/named/update.key"
}

verifyd {
	milter = {"unix:$dir/run/verifyd/milter.sock"}
	socket-group = "postfix"
	on-fail = "${LAB_ON_FAIL:-accept}"
	# The lab's addresses are private ones.
	allow-networks = {"10.77.0.0/24"}
}

reaperd {
	key-file = "$dir/named/transfer.key"
	publishers = {"ipc://$dir/run/publishd/publish.ipc"}
	poll = "1s"
}
X
}

_lab_postfix() {
	local dir=$1 address=$2 domain=$3 etc=$1/postfix recipes
	recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/etc/postfix
	mkdir -p "$etc" "$dir/spool" "$dir/data" "$dir/mail"
	chown postfix "$dir/data"
	chown 65534:65534 "$dir/mail"
	chmod 755 "$dir" "$etc" "$dir/spool"
	[ -e /etc/postfix/main.cf ] ||
	    echo "compatibility_level = 3.6" >/etc/postfix/main.cf
	cat - "$recipes/main.cf.dnsmail" >"$etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $dir/spool
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /
maillog_file = $dir/postfix.log
myhostname = mx.$domain
mydomain = $domain
myorigin = $domain
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = $address, 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_connection_rate_limit = 0
alias_maps =
alias_database =
biff = no
virtual_alias_maps = texthash:$etc/virtual
virtual_mailbox_domains = $domain
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = texthash:$etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
X
	# The recipes name the sockets of an installed system.
	sed -i "s|unix:dnsmail/verifyd.sock|unix:$dir/run/verifyd/milter.sock|" \
	    "$etc/main.cf"
	: >"$etc/virtual"
	: >"$etc/mailboxes"
	{
		echo "smtp inet n - n - - smtpd"
		cat <<X
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
X
		sed "s|/run/dnsmail/|$dir/run/|" "$recipes/master.cf.dnsmail"
	} >"$etc/master.cf"
}

# lab_start NAME WHAT COMMAND...: in the background, output in a log.
lab_start() {
	local site=$1 what=$2
	shift 2
	# exec: no shell stays behind that holds our own output open.
	(exec ip netns exec "$LAB_ID-$site" "$@") \
	    >>"$LAB/$site/$what.log" 2>&1 </dev/null &
	disown
}

lab_poll() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.05 <> <(:) || :
	done
}

_lab_answers() { # SITE
	lab_exec "$1" dig +short +time=1 +tries=1 @127.0.0.1 \
	    "$(basename "$LAB/$1"/named/*.zone .zone)" SOA |
	    grep -q '^[^;]'
}

# lab_daemon SITE DAEMON: starts it; lab_daemon_pid SITE DAEMON finds it.
lab_daemon() {
	lab_start "$1" "$2" "$LAB_BUILD/$2" -c "$LAB/$1/dnsmail.conf"
}
lab_daemon_pid() {
	pgrep -f -- "^$LAB_BUILD/$2 -c $LAB/$1/dnsmail.conf"
}

# lab_boot NAME: name server, daemons, Postfix, in that order, each ready.
lab_boot() {
	local site=$1 daemon
	lab_start "$site" named "$LAB/named" -g -n 1 \
	    -c "$LAB/$site/named/named.conf"
	lab_poll 20 _lab_answers "$site" || return 1
	for daemon in publishd signerd verifyd reaperd; do
		lab_daemon "$site" "$daemon"
	done
	for daemon in publishd signerd verifyd reaperd; do
		lab_poll 20 test -S "$LAB/$site/run/$daemon/status.ipc" ||
		    return 1
	done
	lab_exec "$site" postfix -c "$LAB/$site/postfix" start \
	    >>"$LAB/$site/postfix.start.log" 2>&1
}

# Every process of the lab: those in its namespaces, and signerd, which has
# gone into a network namespace of its own but still names the lab's files.
_lab_pids() {
	local site
	for site in "${LAB_SITES[@]}"; do
		ip netns pids "$LAB_ID-$site" 2>/dev/null
	done
	pgrep -f -- "^$LAB_BUILD/[a-z]* -c $LAB/"
}
_lab_empty() { [ -z "$(_lab_pids)" ]; }

# Ends every process of the lab and removes its namespaces. The files stay; the
# caller removes them.
lab_down() {
	local site
	[ -n "$LAB_ID" ] || return 0
	_lab_pids | xargs -r kill 2>/dev/null || :
	lab_poll 15 _lab_empty ||
	    _lab_pids | xargs -r kill -s KILL 2>/dev/null || :
	for site in "${LAB_SITES[@]}" hub; do
		ip netns del "$LAB_ID-$site" 2>/dev/null || :
		rm -rf "/etc/netns/$LAB_ID-$site"
	done
	rmdir /etc/netns 2>/dev/null || :
	LAB_SITES=()
}
