# shellcheck shell=bash
# For the tests of what all daemons share: the toy daemon, which goes by
# signerd's name and section.

AS=${AS-}	# the user option, if we are root: any number will do
[ "$(id -u)" != 0 ] || AS=${AS:-64321}

# toy_conf [OPTION-LINE...]: $W/dnsmail.conf; the lines go into its section.
toy_conf() {
	TOY_PORT=${TOY_PORT:-$(free_port)}
	{
		echo "run-dir = \"$W/run\""
		echo "signerd {"
		[ -z "$AS" ] || echo "	user = \"$AS\""
		echo "	milter = {\"inet:$TOY_PORT@127.0.0.1\"}"
		[ $# = 0 ] || printf '\t%s\n' "$@"
		echo "}"
	} >"$W/new.conf"
	[ -e "$W/status.conf" ] || cp "$W/new.conf" "$W/status.conf"
	mv "$W/new.conf" "$W/dnsmail.conf"	# as an editor does
}

# start_toy [ENV=VALUE...]: waits until it is ready.
start_toy() {
	: >"$W/toy.ready"
	start toy env "$@" "$BUILD/notify_run" "$W/toy.ready" \
	    "$BUILD/toy_daemon" -d -c "$W/dnsmail.conf"
	wait_for 20 grep -q READY=1 "$W/toy.ready" ||
	    diag "the toy is not ready: $(tail -5 "$W/toy.log")"
}

# ask PORT: what the toy answers, or nothing
ask() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1" && echo x >&3 && cat <&3) 2>/dev/null
}

# With the first file: one that is wrong later must not matter here.
status() { "$BUILD/dnsmail-status" -c "$W/status.conf" "$@"; }

# The process of the toy itself, not of notify_run.
toy_pid() {
	status --json signerd | sed -n 's/.*"pid": \([0-9]*\).*/\1/p'
}

# exit_code COMMAND...: as text; its output is kept in $W/out.
exit_code() {
	"$@" >"$W/out" 2>&1
	echo $?
}

# times TEXT FILE: how many lines have it
times() { grep -c -- "$1" "$2"; }
has_times() { [ "$(times "$2" "$3")" -ge "$1" ]; }

# skip N WHY: N tests that cannot run here
skip() {
	local i
	for ((i = 0; i < $1; i++)); do
		_result 0 "# SKIP $2"
	done
}
