# shellcheck shell=bash
# For the tests of dnsmail-status: the four daemons side by side.

# four_conf PORT [LINES-OF-DAEMON...]: $W/dnsmail.conf and the same for
# dnsmail-status; the primary is at PORT. "verifyd: exempt = {}" is a line of that
# daemon. Started as root they drop to a user: one for all, that they may talk.
FOUR_AS=$(id -u)
[ "$FOUR_AS" != 0 ] || FOUR_AS=64321
four_conf() {
	local port=$1
	key_file "$W/update.key" update-key "$UPDATE_SECRET"
	key_file "$W/transfer.key" transfer-key "$TRANSFER_SECRET"
	[ "$(id -u)" != 0 ] || chown "$FOUR_AS" "$W/transfer.key"
	{
		cat <<X
run-dir = "$W/run"
group = ""
domain "example.test" { primary = "127.0.0.1@$port" }
X
		_four_section signerd "milter = {\"unix:$W/run/signerd/milter.sock\"}" \
		    "publishers = {\"ipc://$W/run/publishd/publish.ipc\"}" "${@:2}"
		_four_section publishd "listen = {\"ipc://$W/run/publishd/publish.ipc\"}" \
		    "key-file = \"$W/update.key\"" \
		    "signers = {\"$FOUR_AS\", \"$(id -u)\"}" \
		    "removers = {\"$FOUR_AS\"}" "${@:2}"
		_four_section verifyd "milter = {\"unix:$W/run/verifyd/milter.sock\"}" \
		    "resolvers = {\"127.0.0.1@$port\"}" "${@:2}"
		_four_section reaperd "key-file = \"$W/transfer.key\"" \
		    "publishers = {\"ipc://$W/run/publishd/publish.ipc\"}" "${@:2}"
	} >"$W/dnsmail.conf"
	cp "$W/dnsmail.conf" "$W/status.conf"
}
_four_section() { # DAEMON LINE...: those of another daemon are left out
	local line
	printf '%s {\n\tuser = "%s"\n' "$1" "$FOUR_AS"
	for line in "${@:2}"; do
		case $line in
		"$1: "*) printf '\t%s\n' "${line#*: }" ;;
		signerd:*|publishd:*|verifyd:*|reaperd:*) ;;
		*) printf '\t%s\n' "$line" ;;
		esac
	done
	echo "}"
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
# metrics, each with "latency" where it is one; nulls_of DAEMON: those of moments
# that are none
of() { status --json "$1" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p"; }
members_of() {
	status --json "$1" | tr -d '\n' |
	    sed 's/.*"metrics": {//; s/{[^}]*}/latency/g; s/}*$//' | tr ',' '\n'
}
nulls_of() { members_of "$1" | sed -n 's/^ *"\([^"]*\)": null$/\1/p'; }
metrics_of() {
	members_of "$1" | grep -v 'null$' |
	    sed 's/^ *"\([^"]*\)": \(latency\)\{0,1\}.*/\1 \2/'
}
