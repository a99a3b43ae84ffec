# shellcheck shell=bash
# Sourced after lib.sh by the tests of dnsmail-setup: a system below $R as "make
# install" and Debian's packages leave it, and the program set up for it.

[ "$(id -u)" = 0 ] || skip_all "gives files to users: needs root"

# system_root DIR: Debian's files of BIND, Knot and Postfix, and our set
system_root() {
	R=$1
	mkdir -p "$R/etc/bind" "$R/etc/knot" "$R/etc/postfix"
	cp /etc/bind/named.conf.local "$R/etc/bind/"
	printf 'include "/etc/bind/%s";\n' named.conf.options \
	    named.conf.local >"$R/etc/bind/named.conf"
	named_options 53
	cp /usr/share/postfix/main.cf.debian "$R/etc/postfix/main.cf"
	cp /usr/share/postfix/master.cf.dist "$R/etc/postfix/master.cf"
	grep -v ^dnsmail /etc/passwd >"$R/etc/passwd"
	grep -v ^dnsmail /etc/group >"$R/etc/group"
	env -u MAKEFLAGS make -s -o all -C "$TESTS/.." BUILD="$BUILD" DESTDIR="$R" \
	    prefix=/usr sysconfdir=/etc install \
	    systemdsystemunitdir=/lib/systemd/system \
	    sysusersdir=/usr/lib/sysusers.d >"$W/install.log" 2>&1 ||
	    { diag "make install: $(tail -5 "$W/install.log")"; exit 1; }
	sed "s|^datadir=.*|datadir=$R/usr/share/dnsmail sbindir=$R/usr/sbin sysconfdir=/etc unitdir=/lib/systemd/system|" \
	    "$R/usr/sbin/dnsmail-setup" >"$W/dnsmail-setup"
}
named_options() { # PORT
	mkdir -p "$R/var/cache/bind"
	chown bind "$R/var/cache/bind"
	cat >"$R/etc/bind/named.conf.options" <<X
options {
	directory "/var/cache/bind";
	listen-on port $1 { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file none;
	session-keyfile none;
	recursion no;
	dnssec-validation no;
};
controls { };
X
}

# setup ARG...: sets STATUS; what it says is in $W/said
setup() {
	sh "$W/dnsmail-setup" --root "$R" "$@" >"$W/said" 2>&1 </dev/null
	STATUS=$?
}
said() { cat "$W/said"; }

# Everything below $R: names, modes, owners, contents
state() {
	(cd "$R" && find . -printf '%p %m %U %G %l\n' | sort &&
	    find . -type f -exec cksum {} + | sort)
}
owned() { # PATH: mode and owners by the root's own names
	awk -F: -v uid="$(stat -c %u "$R$1")" -v gid="$(stat -c %g "$R$1")" \
	    -v mode="$(stat -c %a "$R$1")" '
	    FNR == 1 { file++ }
	    file == 1 && $3 == uid { user = $1 } file == 2 && $3 == gid { group = $1 }
	    END { print mode, user ":" group }' "$R/etc/passwd" "$R/etc/group"
}
