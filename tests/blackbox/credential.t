#!/bin/bash
# Keys that a systemd unit hands over: which of credential and key-file counts.
. "$(dirname "$0")/../lib.sh"
RUN_AS=$(id -un)
. "$TESTS/lib-tls.sh"
[ ! -e /etc/dnsmail/update.key ] ||
    skip_all "/etc/dnsmail/update.key is there, on which the default is"
plan 23

C=$W/credentials
mkdir "$C"
key_file "$W/right.key" update-key $UPDATE_SECRET
printf 'key "x" {\n\tsecret "*";\n};\n' >"$W/wrong.key"
chmod 600 "$W/wrong.key"

# conf [LINES-OF-PUBLISHD [LINES-OF-REAPERD]]
conf() {
	printf 'publishd {\n%s\n}\nreaperd {\n%s\n}\n' "${1-}" "${2-}" \
	    >"$W/dnsmail.conf"
}
# credential NAME FILE
credential() {
	rm -f "$C"/*
	install -m 400 "$2" "$C/$1"
}
# check DAEMON [DIRECTORY]: what -t says, then its exit status
check() {
	env -u CREDENTIALS_DIRECTORY ${2:+CREDENTIALS_DIRECTORY="$2"} \
	    "$BUILD/$1" -t -c "$W/dnsmail.conf" 2>&1
	echo "exit $?"
}
MISSING='update\.key: No such file'

conf
like "without a unit the default file is read" "$(check publishd)" \
    'key-file: /etc/dnsmail/update\.key: No such file'
credential update.key "$W/right.key"
like "the credential stands for the default file" "$(check publishd "$C")" \
    '^exit 0'
like "not where the name of its directory is none" \
    "$(cd "$W" && check publishd credentials)" "$MISSING"
credential update.key "$W/wrong.key"
like "a wrong one is told, with its line" "$(check publishd "$C")" \
    "key-file: $C/update\.key:2: .*base64"
like "... and is wrong configuration" "$(check publishd "$C")" '^exit 78'
conf "key-file = \"$W/right.key\""
like "a file that the configuration chose is that file" \
    "$(check publishd "$C")" '^exit 0'
conf
credential update.key "$W/right.key"
# So does one look that an access control list lets the unit's user read.
chmod 440 "$C/update.key"
like "one that a group may read is taken" "$(check publishd "$C")" '^exit 0'
for mode in 460 404; do
	chmod $mode "$C/update.key"
	like "with mode $mode it is refused" "$(check publishd "$C")" \
	    "$C/update\.key: group or others"
done
printf none >"$W/none"
credential update.key "$W/none"
like "one that says none is none" "$(check publishd "$C")" \
    "/etc/dnsmail/$MISSING"
echo none >"$W/none"
credential update.key "$W/none"
like "... with a newline too" "$(check publishd "$C")" "/etc/dnsmail/$MISSING"
echo nonesuch >"$W/none"
credential update.key "$W/none"
like "another word is a wrong key" "$(check publishd "$C")" \
    "$C/update\.key:1: "
credential transfer.key "$W/right.key"
like "one of another name is not for publishd" "$(check publishd "$C")" \
    "/etc/dnsmail/$MISSING"

like "reaperd needs none" "$(check reaperd)" '^exit 0'
like "but takes one" "$(check reaperd "$C")" '^exit 0'
credential transfer.key "$W/wrong.key"
like "a wrong one is told" "$(check reaperd "$C")" \
    "key-file: $C/transfer\.key:2: .*base64"
echo none >"$W/none"
credential transfer.key "$W/none"
like "one that says none is none for reaperd" "$(check reaperd "$C")" '^exit 0'
credential transfer.key "$W/wrong.key"
conf "" "key-file = \"$W/right.key\""
like "a file that the configuration chose is that file for reaperd" \
    "$(check reaperd "$C")" '^exit 0'
credential update.key "$W/wrong.key"
conf
like "publishd's is not for reaperd" "$(check reaperd "$C")" '^exit 0'

tls_authority ca
tls_certificate publishd ca dns1.domain.test
conf "key-file = \"$W/right.key\"
    listen = {\"tls+tcp://*:8530\"}
    tls-ca = \"$T/ca.crt\"
    tls-cert = \"$T/publishd.crt\""
credential update.key "$W/right.key"
like "without one for TLS the default file is read" "$(check publishd "$C")" \
    'tls: /etc/dnsmail/tls\.key: No such file'
credential tls.key "$T/publishd.key"
like "the credential stands for it" "$(check publishd "$C")" '^exit 0'
chmod 440 "$C/tls.key"
like "... also where a group may read it" "$(check publishd "$C")" '^exit 0'
chmod 404 "$C/tls.key"
like "... but no others" "$(check publishd "$C")" \
    "tls: $C/tls\.key: group or others"
