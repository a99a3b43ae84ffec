# shellcheck shell=bash
# Sourced by mta-root and box, as root: a root file system of one's own, which
# is this host's with an overlay to write to. The functions are to be called in
# a mount namespace of one's own. TREE and BUILD are set; $R will be the root.
# What is done in it is gone with the namespace.

no() { echo "$*" >&2; exit 77; }

root_check() {
	[ "$(id -u)" = 0 ] || no "a root of its own needs root"
	unshare -m sh -c 'mount -t tmpfs tmpfs /tmp && mkdir /tmp/u /tmp/w &&
	    mount -t overlay -o lowerdir=/,upperdir=/tmp/u,workdir=/tmp/w \
	    overlay /mnt' 2>/dev/null || no "overlays cannot be mounted here"
	unshare -npu true 2>/dev/null || no "no namespaces can be made here"
}

M=$BUILD/mnt R=$M/root	# seen in our own mount namespace only
# Mounts the overlay at $R; what is in TAR is in it.
root_overlay() { # [TAR]
	mount --make-rprivate /
	mkdir -p "$M"
	mount -t tmpfs -o mode=755 root "$M"
	mkdir "$M/upper" "$M/work" "$R"
	[ -z "${1-}" ] || tar -C "$M/upper" --xattrs \
	    --xattrs-include='trusted.*' -xf "$1"
	mount -t overlay -o \
	    "lowerdir=/,upperdir=$M/upper,workdir=$M/work" overlay "$R"
}

# What is mounted in every root: /dev, /proc, /run, /tmp. /proc/sys is the host's
# kernel: nothing of it may be changed, or the host would be.
root_mounts() {
	root_devices
	mount -t proc proc "$R/proc"
	mount --bind "$R/proc/sys" "$R/proc/sys"
	mount -o remount,bind,ro "$R/proc/sys"
	[ ! -e "$R/proc/sysrq-trigger" ] ||
	    mount --bind /dev/null "$R/proc/sysrq-trigger"
	mount -t tmpfs -o mode=755 run "$R/run"
	mount -t tmpfs -o mode=1777 tmp "$R/tmp"
	mkdir -m 1777 "$R/run/lock"
}

# A /dev of its own, so that a logger can be at /dev/log.
root_devices() {
	local d
	mount -t tmpfs -o mode=755 dev "$R/dev"
	for d in null zero full random urandom tty; do
		: >"$R/dev/$d"
		mount --bind "/dev/$d" "$R/dev/$d"
	done
	mkdir "$R/dev/pts"
	mkdir -m 1777 "$R/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$R/dev/pts"
	ln -s pts/ptmx "$R/dev/ptmx"
	ln -s /proc/self/fd "$R/dev/fd"
	ln -s fd/0 "$R/dev/stdin"
	ln -s fd/1 "$R/dev/stdout"
	ln -s fd/2 "$R/dev/stderr"
}

# A host name with a domain: Sendmail's installation waits a minute for one.
root_names() { # NAME
	rm -f "$R/etc/hosts"
	printf '127.0.0.1 localhost\n10.77.0.1 %s %s\n' \
	    "$1" "${1%%.*}" >"$R/etc/hosts"
	echo "$1" >"$R/etc/hostname"
	hostname "$1"
}

# Only the loopback interface, but with ten addresses.
root_network() {
	local n
	ip link set lo up
	for n in 1 2 3 4 5 6 7 8 9; do
		ip addr add 10.77.0.$n/32 dev lo
	done
	rm -f "$R/etc/resolv.conf"
	echo "nameserver 127.0.0.1" >"$R/etc/resolv.conf"
}

# The tree and BUILD, which may lie anywhere, as they are outside.
root_bind() {
	local d
	for d in "$TREE" "$BUILD"; do
		mkdir -p "$R$d"
		mount --bind "$d" "$R$d"
	done
}
