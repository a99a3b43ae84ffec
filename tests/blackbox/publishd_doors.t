#!/bin/bash
# publishd's doors: directories in which it listens too, and where the kernel
# says who comes. (As the systemd units have them: box.t.)
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-publishd.sh"
[ "$(id -u)" = 0 ] || skip_all "only root can play other users"
plan 17

SIGN=54321 REAP=54322 STRANGER=54323
D=$W/run/publishd
door() { install -d -m "$2" -o "${4-$RUN_AS}" -g "$3" "$D/$1"; } # NAME MODE GROUP [USER]
as() { # USER DOOR COMMAND...
	setpriv --reuid "$1" --regid "$1" --clear-groups "$BUILD/publish_ask" \
	    -t 2 -u "ipc://$D/$2/publish.ipc" -d example.test "${@:3}" \
	    2>"$W/as.log"
}
NOBODY='^NONE no answer'

start_bind ns example.test
cp "$W/ns/update.key" "$W/update.key"
chmod 600 "$W/update.key"
chown "$RUN_AS" "$W/update.key"
publishd_conf "$PORT_ns" "$W/update.key"
chmod 755 "$W"
install -d -m 755 "$W/run"
install -d -m 755 -o "$RUN_AS" "$D"

# ---- who comes by which -------------------------------------------------------------

door signers 2710 $SIGN
door removers 2710 $REAP
start_daemon publishd
is "the socket is the group's" \
    "$(stat -c '%u %g %a' "$D/signers/publish.ipc")" "$RUN_AS $SIGN 660"
is "who may enter signers may add" \
    "$(as $SIGN signers add "$ID" "$RECORD")" DONE
like "... and not remove" "$(as $SIGN signers remove "$ID" "$RECORD")" \
    '^REFUSED this user may not'
like "who may enter removers may not add" \
    "$(as $REAP removers add "$ID" "$RECORD")" '^REFUSED this user may not'
is "... but remove" "$(as $REAP removers remove "$ID" "$RECORD")" DONE
like "nobody comes by another's door" \
    "$(as $REAP signers add "$ID" "$RECORD")" "$NOBODY"
like "... nor in the other direction" \
    "$(as $SIGN removers remove "$ID" "$RECORD")" "$NOBODY"
like "a stranger comes by none" \
    "$(as $STRANGER signers add "$ID" "$RECORD")" "$NOBODY"
is "where users are looked at all is as without doors" \
    "$(add "$ID" "$RECORD")" DONE
cp "$W/dnsmail.conf" "$W/same.conf"
kill -s HUP "$(cat "/proc/${PIDS[publishd]}"/task/*/children)"
wait_for 10 logged 'configuration reloaded'
is "they stay at a reload" "$(as $SIGN signers add "$ID" "$RECORD")" DONE
stop publishd
is "they are gone with it" "$(find "$D" -name '*.ipc')" ""

# ---- users that are hidden -------------------------------------------------------------

# In a user namespace all others look like user 65534. Who trusts that one must
# not trust everybody.
rm -r "$D/signers" "$D/removers"
sed -i 's/signers = .*/signers = {"65534", "54321"}/' "$W/dnsmail.conf"
OWN=54320
chown -R $OWN:$OWN "$D" "$W/update.key"
if setpriv --reuid $OWN --regid $OWN --clear-groups unshare -U true; then
	: >"$W/hidden.ready"
	start hidden setpriv --reuid $OWN --regid $OWN --clear-groups \
	    unshare -U --map-user=$OWN --map-group=$OWN \
	    "$BUILD/publishd" -c "$W/dnsmail.conf"
	wait_for 20 grep -q 'is ready' "$W/hidden.log"
	chmod 666 "$D/publish.ipc"
	like "whom the namespace hides may not ask" \
	    "$(as $SIGN . add "$ID" "$RECORD")" "$NOBODY"
	ok "... which is told" grep -q \
	    'signers: 65534 is hidden here (PrivateUsers=)' "$W/hidden.log"
	stop hidden
else
	ok "hidden users # SKIP no user namespaces" true
	ok "... # SKIP no user namespaces" true
fi

# ---- a door that keeps nobody out ----------------------------------------------------------

chown -R "$RUN_AS" "$D" "$W/update.key"
publishd_conf "$PORT_ns" "$W/update.key"
own_group=$(id -g "$RUN_AS" 2>/dev/null) || own_group=$RUN_AS
refused() { # WHY NAME MODE GROUP [USER]
	rm -rf "$D/signers"
	door "${@:2}"
	"$BUILD/publishd" -c "$W/dnsmail.conf" >"$W/refused.log" 2>&1
	is "refused: $1" "$? $(grep -c "does not say who comes: $1" "$W/refused.log")" "69 1"
}
refused "others may enter it" signers 2711 $SIGN
refused "the daemon's own group may enter it" signers 2710 "$own_group"
refused "it is another user's" signers 2710 $SIGN $STRANGER
rm -rf "$D/signers"
: >"$D/signers"
"$BUILD/publishd" -c "$W/dnsmail.conf" >"$W/refused.log" 2>&1
is "refused: a file" "$? $(grep -c 'it is no directory' "$W/refused.log")" "69 1"
