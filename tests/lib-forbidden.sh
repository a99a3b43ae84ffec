# shellcheck shell=bash
# Sourced after lib-box.sh by the tests of what the units forbid.

# tried DAEMON: what a process in its place can do
tried() {
	inside sh -c "
	    d=/run/systemd/system/$1.service.d
	    mkdir -p \$d
	    printf '%s\n' '[Service]' Type=oneshot Restart=no \
		BindReadOnlyPaths=$BUILD/forbidden:/usr/sbin/$1 \
		StandardOutput=truncate:/run/tried >\$d/forbidden.conf
	    systemctl daemon-reload
	    systemctl stop $1 2>/dev/null
	    systemctl start $1
	    rm \$d/forbidden.conf
	    systemctl daemon-reload
	    systemctl start $1
	    cat /run/tried"
}
EVERYWHERE="packet EAFNOSUPPORT
vsock EAFNOSUPPORT
update-key EACCES
tls-key EACCES
shadow EACCES
root-home EACCES
write-etc EROFS
write-usr EROFS
write-var EROFS
write-run EACCES
write-own ok
set-user-id EPERM
memory ENOENT
setting ENOENT
init-environ ENOENT
other-processes ok
shell EACCES
trace EPERM
read-memory EPERM
user-namespace EPERM
mount-namespace EPERM
write-and-execute EPERM
execute-written EPERM
execute-own EPERM
mount EPERM
become-root EPERM
change-root EPERM
personality EPERM
host-name EPERM
module EPERM
kernel-log EPERM
real-time EPERM
filter EPERM"
# A key, or the directory of another's, is not there or not to be read.
forbids() { # DAEMON EXPECTED...
	if sanitized; then
		ok "# SKIP what $1 may do: a sanitizer's build" true
		return
	fi
	# Multicast needs a route before anything can forbid it.
	inside ip route replace 224.0.0.0/4 dev lo
	is "$1 may do what it must, and nothing else" \
	    "$(tried "$1" | sed 's/-key ENOENT/-key EACCES/' | sort)" \
	    "$(printf '%s\n' "$EVERYWHERE" "${@:2}" | sort)"
}
