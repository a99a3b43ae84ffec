# shellcheck shell=bash
# For the tests of dnsmail-status: the four daemons side by side.

# four_conf PORT: $W/dnsmail.conf and the same for dnsmail-status; the primary
# is at PORT. Started as root they drop to a user: one for all, that they may
# talk.
four_conf() {
	local port=$1 as
	as=$(id -u)
	[ "$as" != 0 ] || as=64321
	key_file "$W/update.key" update-key "$UPDATE_SECRET"
	cat >"$W/dnsmail.conf" <<X
run-dir = "$W/run"
group = ""
domain "example.test" { primary = "127.0.0.1@$port" }
signerd {
	user = "$as"
	milter = {"unix:$W/run/signerd/milter.sock"}
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
}
publishd {
	user = "$as"
	listen = {"ipc://$W/run/publishd/publish.ipc"}
	key-file = "$W/update.key"
	signers = {"$as"}
	removers = {"$as"}
}
verifyd {
	user = "$as"
	milter = {"unix:$W/run/verifyd/milter.sock"}
	resolvers = {"127.0.0.1@$port"}
	exempt = {}
}
reaperd {
	user = "$as"
	publishers = {"ipc://$W/run/publishd/publish.ipc"}
	poll = "1s"
}
X
	cp "$W/dnsmail.conf" "$W/status.conf"
}

start_four() {
	local daemon
	for daemon in publishd signerd verifyd reaperd; do
		start_daemon $daemon
	done
}

# status ARG...: dnsmail-status
status() { "$BUILD/dnsmail-status" -c "$W/status.conf" "$@"; }

# of DAEMON MEMBER: a number of its status; metrics_of DAEMON: the names of its
# metrics, each with "latency" where it is one.
of() { status --json "$1" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p"; }
metrics_of() {
	status --json "$1" | tr -d '\n' |
	    sed 's/.*"metrics": {//; s/{[^}]*}/latency/g; s/}*$//' | tr ',' '\n' |
	    sed 's/^ *"\([^"]*\)": \(latency\)\{0,1\}.*/\1 \2/'
}
