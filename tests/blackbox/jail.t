#!/bin/bash
# What a daemon has given up when it is ready, asked of the kernel and tried.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
. "$TESTS/lib-jail.sh"
[ "$(id -u)" = 0 ] || skip_all "only root has something to give up"
plan 27
toy_conf
mkdir -p "$W/open"
chmod 777 "$W/open"
start_toy TOY_PROBE="$W/open/probe"
pid=$(toy_pid)
proc() { sed -n "s/^$1:[[:blank:]]*//p" "/proc/$pid/status"; }

is "every uid is the user's" "$(proc Uid | tr '\t' ' ')" "$AS $AS $AS $AS"
is "every gid is the user's" "$(proc Gid | tr '\t' ' ')" "$AS $AS $AS $AS"
is "there are no other groups" "$(proc Groups | tr -d ' ')" ""
is "no capability is left" "$(proc CapPrm) $(proc CapEff)" \
    "0000000000000000 0000000000000000"
is "none can be gained by executing" "$(proc NoNewPrivs)" 1
like "no core is written" "$(grep 'core file' "/proc/$pid/limits")" \
    'size +0 +0 '
if grep -q '__asan_init' "$BUILD/toy_daemon"; then
	skip 2 "a leak checker needs a process that can be traced"
else
	is "system calls are filtered" "$(proc Seccomp)" 2
	# proc(5): what belongs to an undumpable process is root's.
	is "it cannot be traced" "$(stat -c %u "/proc/$pid/environ")" 0
fi

answer=$(ask "$TOY_PORT")
like "it serves as the user" "$answer" "uid=$AS "
if grep -q 'network namespace of its own: not permitted' "$W/toy.log"; then
	skip 2 "network namespaces are not permitted here"
else
	like "without JAIL_NET not even a datagram leaves" "$answer" ' net=no '
	unlike "it has a network namespace of its own" \
	    "$(readlink "/proc/$pid/ns/net" | tr -d "[]")" \
	    "$(readlink /proc/self/ns/net | tr -d "[]")"
fi
if grep -q 'the kernel has none' "$W/toy.log"; then
	skip 2 "the kernel has no landlock"
else
	like "it cannot write where any user may" "$answer" ' write=no$'
	is "nothing was written" "$(ls "$W/open")" ""
fi
is "its directory is the user's" "$(stat -c '%u %a' "$W/run/signerd")" \
    "$AS 755"
is "the one above stays root's" "$(stat -c '%u %a' "$W/run")" "0 755"

# A reload forks in the jail and reads the new file.
toy_conf "timeout = \"3s\""
kill -HUP "${PIDS[toy]}"
ok "a file that replaced the old one is read in the jail" \
    wait_for 10 grep -q 'configuration reloaded' "$W/toy.log"
stop toy
is "it ends with 0" $? 0

# Who begins as that user, as under systemd, must see to it himself: the kernel does
# it only where a user is changed.
is_there() { [ -n "$(toy_pid)" ]; }
start toy "$BUILD/notify_run" "$W/toy.ready" setpriv --reuid "$AS" \
    --regid "$AS" --clear-groups "$BUILD/toy_daemon" -c "$W/dnsmail.conf"
wait_for 20 is_there
if grep -q __asan_init "$BUILD/toy_daemon"; then
	skip 1 "a leak checker needs a process that can be traced"
else
	is "begun as its user it cannot be traced, either" \
	    "$(stat -c %u "/proc/$(toy_pid)/environ")" 0
fi
stop toy

# Whoever may write in run-dir must not choose what root gives away.
rm -rf "$W/run/signerd"
mkdir "$W/victim"
ln -s "$W/victim" "$W/run/signerd"
is "a symbolic link as directory is refused" \
    "$(exit_code "$BUILD/toy_daemon" -c "$W/dnsmail.conf")" 71
is "what it points to is untouched" "$(stat -c %u "$W/victim")" 0

# ---- what a process in the jail can still call ----------------------------------

if grep -q '__asan_init' "$BUILD/jail_probe"; then
	skip 7 "a leak checker traces, and its memory is its own"
	exit
fi
tried() { "$BUILD/jail_probe" "$@" | grouped; } # PROMISE...
deadly="another-program become-root kernel-keys mount new-namespace"
is "without a promise there is no socket" "$(tried)" \
    "killed: $deadly trace
refused: clone-namespace inet-socket inet6-socket memory-file netlink-socket packet-socket unix-socket write-and-execute write-then-execute
works: new-process read-file thread"
is "ipc: Unix sockets" "$(tried ipc)" \
    "killed: $deadly trace
refused: clone-namespace inet-socket inet6-socket memory-file netlink-socket packet-socket write-and-execute write-then-execute
works: new-process read-file thread unix-socket"
is "net: sockets to IP addresses, no others" "$(tried net)" \
    "killed: $deadly trace
refused: clone-namespace memory-file netlink-socket packet-socket unix-socket write-and-execute write-then-execute
works: inet-socket inet6-socket new-process read-file thread"
is "both" "$(tried ipc net)" \
    "killed: $deadly trace
refused: clone-namespace memory-file netlink-socket packet-socket write-and-execute write-then-execute
works: inet-socket inet6-socket new-process read-file thread unix-socket"
is "a worker makes no processes" "$(tried worker ipc)" "$(may_in_worker)"

# ---- tried by a worker itself ------------------------------------------------------

rm "$W/run/signerd"
toy_conf "workers = 2"
start_toy
is "what a worker of a daemon can do" \
    "$(tried_by "$BUILD/line_client" "inet:$TOY_PORT@127.0.0.1")" \
    "$(may_in_worker)"
is "each kill is the filter's, and is told" \
    "$(times 'signal 31 (Bad system call), another begins' "$W/toy.log")" \
    "$(killed_in_worker)"
