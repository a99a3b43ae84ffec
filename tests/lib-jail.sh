# shellcheck shell=bash
# Sourced by the tests of what the jail forbids, after lib.sh.

# grouped: of lines "NAME works|refused|killed"
grouped() {
	sort | awk '{ names[$2] = names[$2] " " $1 }
	    END { for (how in names) print how ":" names[how] }' | sort
}
# tried_by COMMAND...: what a worker of the toy can do; it is asked by what
# COMMAND reads, and has been killed if it only says "closed"
tried_by() {
	local name answer
	for name in $("$BUILD/jail_probe" names); do
		answer=$(echo "try $name" | "$@" | head -n 1)
		echo "$name ${answer/closed/killed}"
	done | grouped
}
# What one with JAIL_IPC can do.
KILLED="another-program become-root clone-namespace kernel-keys mount new-namespace new-process trace"
may_in_worker() {
	cat <<E
killed: $KILLED
refused: inet-socket inet6-socket memory-file netlink-socket packet-socket write-and-execute write-then-execute
works: read-file thread unix-socket
E
}
killed_in_worker() { wc -w <<<"$KILLED"; }
