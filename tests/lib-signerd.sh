# shellcheck shell=bash
# Sourced after lib.sh by the tests of signerd: a configuration of two domains,
# publishd beside it, and an MTA of ours.

RUN_AS=$(id -u)
[ "$RUN_AS" != 0 ] || RUN_AS=$(id -u nobody)
S=unix:$W/run/signerd/milter.sock

# conf [LINES-OF-SIGNERD]: $PRIMARY may be another port than $PORT_ns, $PUBLISHERS
# other sockets.
conf() {
	cat >"$W/dnsmail.conf" <<X
authserv-id = "mx.domain.test"
run-dir = "$W/run"
group = ""
domain "domain.test" { primary = "127.0.0.1@${PRIMARY:-$PORT_ns}" }
domain "nonprofit.test" { primary = "127.0.0.1@${PRIMARY:-$PORT_ns}" }
publishd {
	user = "$RUN_AS"
	listen = {"ipc://$W/run/publishd/publish.ipc"}
	key-file = "$W/ns/update.key"
	signers = {"$RUN_AS"}
}
signerd {
	user = "$RUN_AS"
	milter = {"$S"}
	socket-mode = 0666
	publishers = {${PUBLISHERS:-"\"ipc://$W/run/publishd/publish.ipc\""}}
	${1-}
}
X
}

# signer [LINES-OF-SIGNERD]: signerd (again) with this configuration
signer() {
	stop signerd
	conf "$@"
	start_daemon signerd
}

# mail OPTION...: one message of its own queue id; sets $answer, $queue, $line
# shellcheck disable=SC2034
mail() {
	queue=q$((++queues))
	answer=$("$BUILD/milter_client" -i $queue "$@" "$S" 2>&1)
	wait_for 5 grep -aq "queue=$queue " "$W/signerd.log"
	line=$(grep -a "queue=$queue " "$W/signerd.log")
}
queues=0

# ids: the ID names that were inserted, at the top
ids() { sed -n 's/^INSHEADER 0 DNS-Mail-ID: //p' <<<"$answer"; }
final() { tail -n 1 <<<"$answer"; }

# at_ids: the records at them
at_ids() {
	local id
	for id in $(ids); do txt "$PORT_ns" "$id"; done
}

# without_date: records without what follows the From, sorted
without_date() { sed 's/\*date=.*//' | LC_ALL=C sort; }

# counter NAME: of signerd's
counter() {
	"$BUILD/dnsmail-status" -c "$W/dnsmail.conf" --json signerd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
counts() { [ "$(counter "$1")" = "$2" ]; } # NAME VALUE
