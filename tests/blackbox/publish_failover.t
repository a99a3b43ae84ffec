#!/bin/bash
# signerd's messages while one of its two publishds, of which one is on another
# machine, dies, hangs, is busy, or behind a network that drops everything:
# none is lost and none goes unsigned.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-signerd.sh"
. "$TESTS/lib-tls.sh"
. "$TESTS/lab.sh"
[ "$(id -u)" = 0 ] || skip_all "machines (network namespaces) need root"
unshare -n true 2>/dev/null || skip_all "no network namespaces here"
plan 46

# mx: signerd, reaperd. dns: BIND, both publishds; the socket of one is seen
# from mx, the other is asked by TLS.
lab_new "$W/lab" "$BUILD"
AT_EXIT+=(lab_down)
lab_host mx 10.77.0.1
lab_host dns 10.77.0.2
echo "nameserver 10.77.0.2" >"/etc/netns/$LAB_ID-mx/resolv.conf"
in_mx() { ip netns exec "$LAB_ID-mx" "$@"; }
in_dns() { ip netns exec "$LAB_ID-dns" "$@"; }
dig() { in_dns dig "$@"; }
start_named() {
	mkdir -p "$W/bin" && cp -n /usr/sbin/named "$W/bin/"
	start "$1" ip netns exec "$LAB_ID-dns" "$W/bin/named" -g "${@:2}"
}
# begin MACHINE NAME DAEMON FILE: one of the daemons
begin() {
	: >"$W/$2.ready"
	start "$2" ip netns exec "$LAB_ID-$1" "$BUILD/notify_run" "$W/$2.ready" \
	    "$BUILD/$3" -c "$W/$4"
	wait_for 30 grep -q READY=1 "$W/$2.ready" ||
	    diag "$2 is not ready: $(tail -n 5 "$W/$2.log")"
}
child() { cat "/proc/${PIDS[$1]}"/task/*/children; }
near() { begin dns near publishd near.conf; }
far() { begin dns far publishd far.conf; }
said() { grep -Eq -- "$2" "$W/$1.log"; }
times() { grep -Ec -- "$2" "$W/$1.log"; }
times_is() { [ "$(times "$1" "$2")" -ge "$3" ]; }
FAR=tls+tcp://dns2.domain.test:8530
NEAR=ipc://$W/near/publishd/publish.ipc
mkdir -p "$W/ns"
{
	zone_text domain.test
	echo "dns2 A 10.77.0.2"
} >"$W/ns/domain.test.zone"
BIND_PORT=53 start_bind ns domain.test
stop ns
sed -i 's/listen-on port 53 { /&10.77.0.2; /' "$W/ns/named.conf"
bind_again ns
wait_for 20 bind_answers 53 domain.test
cp "$W/ns/update.key" "$W/update.key"
cp "$W/ns/transfer.key" "$W/transfer.key"
chown "$RUN_AS" "$W/update.key" "$W/transfer.key"

tls_authority ca
tls_certificate dns2 ca dns2.domain.test
tls_certificate mx1 ca mx1.domain.test
tls_certificate mx9 ca mx9.domain.test
chmod 755 "$T"
chown 0 "$T/mx1.key" # read before the jail; signerd's user may not

# publisher NAME LISTEN [LINES]: the file of one of the two
publisher() {
	cat >"$W/$1.conf" <<Y
run-dir = "$W/$1"
group = ""
domain "domain.test" { primary = "127.0.0.1@53" }
publishd {
	user = "$RUN_AS"
	listen = {"$2"}
	key-file = "$W/update.key"
	signers = {"$RUN_AS", "tls:mx1.domain.test"}
	removers = {"$RUN_AS", "tls:mx1.domain.test"}
	${3-}
}
Y
}
mail_conf() { # PUBLISHERS [LINES-OF-SIGNERD]
	cat >"$W/mx.conf" <<Y
authserv-id = "mx.domain.test"
run-dir = "$W/run"
group = ""
domain "domain.test" {
	primary = "10.77.0.2@53"
	lifetime = "${LIFE-7d}"
}
publishd { user = "$RUN_AS" }
signerd {
	user = "$RUN_AS"
	milter = {"$S"}
	socket-mode = 0666
	publishers = {$1}
	timeout = "9s"
	$(tls_lines mx1)
	${2-}
}
reaperd {
	user = "$RUN_AS"
	key-file = "$W/transfer.key"
	publishers = {"$FAR"}
	poll = "1s"
	$(tls_lines mx1)
}
Y
}
signer_again() { stop signerd; begin mx signerd signerd mx.conf; }
counter() {
	in_mx "$BUILD/dnsmail-status" -c "$W/mx.conf" --json signerd |
	    grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}
# load NAME MESSAGES: in the background
load() {
	start "$1" "$BUILD/milter_load" -c 8 -k 5 -n "$2" -a 127.0.0.1 -b 100 \
	    -f 'martha%m@domain.test' "$S"
}
loaded() { # NAME: sets $line
	wait "${PIDS[$1]}"
	unset "PIDS[$1]"
	line=$(tail -n 1 "$W/$1.log")
}
of() { sed -n "s/.* $1=\([0-9.]*\).*/\1/p" <<<"$2"; }
# all_signed NAME MESSAGES: and what was the longest wait
all_signed() {
	local line
	loaded "$1"
	is "$1: all are signed, none is lost" \
	    "$(of accept "$line") $(of inserted "$line") $(of tempfail "$line") $(of lost "$line")" \
	    "$2 $2 0 0"
	diag "$1: longest $(of max_ms "$line") ms"
	ok "... each within the request's time" \
	    awk -v ms="$(of max_ms "$line")" 'BEGIN { exit !(ms > 0 && ms < 9000) }'
}
up() { [ "$(counter publishers_up)" = "$1" ]; }
some_done() { [ "$(counter messages_signed_author)" -ge $(($1 + 40)) ]; }
under_way() { wait_for 20 some_done "$before"; }
begin_load() { # NAME MESSAGES: and it is under way
	before=$(counter messages_signed_author)
	load "$@"
	under_way
}

# ---- another machine alone, as root and so in the jail ------------------------------

publisher near "$NEAR"
publisher far "tls+tcp://*:8530" "$(tls_lines dns2)"
far
near
mail_conf "\"$FAR\""
signer_again
ok "in the jail the name is found, and publishd" wait_for 20 up 1
load alone 200
all_signed alone 200
is "... signerd's status tells when its certificate ends" \
    "$(counter tls_certificate_expires)" "$(date +%s -d "$(
    openssl x509 -noout -enddate -in "$T/mx1.crt" | cut -d = -f 2)")"
is "... and all are in the zone" "$(in_dns dig +noall +answer +time=20 \
    -k "$W/transfer.key" @127.0.0.1 domain.test AXFR | grep -c 'From:martha')" 200
LIFE=1s mail_conf "\"$FAR\""
begin mx reaperd reaperd mx.conf
none_left() {
	! dig +noall +answer +time=20 -k "$W/transfer.key" @127.0.0.1 \
	    domain.test AXFR | grep -q 'From:martha'
}
ok "reaperd has them removed there" wait_for 60 none_left
stop reaperd

# ---- workers, and a new certificate --------------------------------------------------

mail_conf "\"$FAR\"" "workers = 2"
chown "$RUN_AS" "$T/mx1.key"
signer_again
load workers 200
all_signed workers 200
# A name that may not ask tells that it is the new one that is shown.
cp "$T/mx1.crt" "$T/was.crt"
cp "$T/mx1.key" "$T/was.key"
cp "$T/mx9.crt" "$T/mx1.crt"
cat "$T/mx9.key" >"$T/mx1.key"
hup() {
	local n
	n=$(times signerd 'configuration reloaded')
	kill -s HUP "$(child signerd)"
	wait_for 20 times_is signerd 'configuration reloaded' $((n + 1))
}
ok "a reload with another certificate" hup
ok "... which new workers show" wait_for 20 said far 'may ask names=.?mx9'
cp "$T/was.crt" "$T/mx1.crt"
cat "$T/was.key" >"$T/mx1.key"
ok "and with the first again" hup
load renewed 200
all_signed renewed 200
is "... two workers tell of one certificate" \
    "$(counter tls_certificate_expires)" "$(date +%s -d "$(
    openssl x509 -noout -enddate -in "$T/mx1.crt" | cut -d = -f 2)")"

# ---- both -----------------------------------------------------------------------------

mail_conf "\"$NEAR\", \"$FAR\""
chown "$RUN_AS" "$T/mx1.key"
signer_again
ok "both are there" wait_for 20 up 2
is "... and nothing was asked twice" "$(counter publishers_asked_again)" 0
# One that is refused, for a socket.
tls_certificate_for 86400 soon ca mx1.domain.test
cp "$T/soon.crt" "$T/mx1.crt"
cat "$T/soon.key" >"$T/mx1.key"
sed -i "s|milter = .*|milter = {\"unix:$W/nowhere/milter.sock\"}|" "$W/mx.conf"
kill -s HUP "$(child signerd)"
wait_for 20 said signerd 'the old configuration stays'
is "a reload that is refused: the status tells of the certificate in use" \
    "$(counter tls_certificate_expires)" "$(date +%s -d "$(
    openssl x509 -noout -enddate -in "$T/was.crt" | cut -d = -f 2)")"
cp "$T/was.crt" "$T/mx1.crt"
cat "$T/was.key" >"$T/mx1.key"
mail_conf "\"$NEAR\", \"$FAR\""

for which in near far; do
	url=near/publishd/publish.ipc
	[ $which = near ] || url=dns2.domain.test:8530
	begin_load "$which-killed" 3000
	kill -s KILL "$(child $which)"
	wait "${PIDS[$which]}" 2>/dev/null
	unset "PIDS[$which]"
	all_signed "$which-killed" 3000
	ok "... the log says who is away" said signerd "publisher .*$url: is away"
	$which
	ok "... and it is back" wait_for 60 up 2

	begin_load "$which-stopped" 3000
	child=$(child $which)
	kill -s STOP "$child"
	all_signed "$which-stopped" 3000
	ok "... the log says who does not answer" \
	    said signerd "publisher .*$url: does not answer in time"
	kill -s CONT "$child"
	ok "... and it is back, though nobody asks for anything" wait_for 60 up 2
	load "$which-awake" 200
	all_signed "$which-awake" 200
done

# ---- a network that drops everything ---------------------------------------------------

COME_AND_GONE='publisher .*:8530: (is away|no connection)'
begin_load dropped 4000
cut=$(date +%s%N)
n=$(times signerd "$COME_AND_GONE")
ip -n "$LAB_ID-dns" route add blackhole 10.77.0.1/32
wait_for 60 times_is signerd "$COME_AND_GONE" $((n + 1))
noticed=$((($(date +%s%N) - cut) / 1000000))
diag "noticed after $noticed ms"
all_signed dropped 4000
ok "... noticed within 15 s" test $noticed -lt 15000
ip -n "$LAB_ID-dns" route del blackhole 10.77.0.1/32
ok "... and it is back" wait_for 60 up 2

# ---- one that is busy --------------------------------------------------------------------

stop far
publisher far "tls+tcp://*:8530" "$(tls_lines dns2)
	max-pending = 1"
far
ok "both are there" wait_for 60 up 2
asked=$(counter publishers_asked_again)
load busy 1000
all_signed busy 1000
ok "... what one turned away was asked of the other" \
    test "$(counter publishers_asked_again)" -gt "$asked"
is "nobody was asked what it does not understand" \
    "$(times near malformed)$(times far malformed)" 00
