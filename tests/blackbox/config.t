#!/bin/bash
# Every daemon checks the whole file and says what is wrong, file:line first.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
daemons="signerd publishd verifyd reaperd"
plan 82

# check FILE: of each daemon its exit code, once each that differs
check() {
	local d
	for d in $daemons; do
		"$BUILD/$d" -t -c "$1" >"$W/$d.out" 2>&1
		echo $?
	done | sort -u | tr '\n' ' '
}
# said: what all say, without their names; once if they agree
said() {
	local d
	for d in $daemons; do
		sed "s/^$d: //" "$W/$d.out"
	done | sort | uniq -c | sed 's/^ *//'
}
# wrong NAME TEXT PATTERN: all refuse the text with 78, and all say it
wrong() {
	printf '%b' "$2" >"$W/x.conf"
	is "$1: 78 of every daemon" "$(check "$W/x.conf")" "78 "
	like "$1: all say where" "$(said)" "^4 $W/x\.conf:$3"
}

# A key for publishd, which wants one; the sample is right but for that.
key_file "$W/update.key" update-key "$UPDATE_SECRET"
sed "s|#key-file = \"/etc.*|key-file = \"$W/update.key\"|" etc/dnsmail.conf \
    >"$W/sample.conf"
is "the sample is right" "$(check "$W/sample.conf")" "0 "
like "... and they say so" "$(cat "$W/signerd.out")" "is right$"
echo "publishd { key-file = \"$W/update.key\" }" >"$W/short.conf"
is "a file with one option is right" "$(check "$W/short.conf")" "0 "

wrong "unknown option" 'log = stderr\nsignerd {\n\tfoo = 1\n}\n' '3: .*foo'
wrong "unknown section" '\nsignd {\n}\n' '2: .*signd'
wrong "wrong type" 'verifyd {\n\n\tmax-ids = eight\n}\n' '3: max-ids: "eight"'
wrong "out of range" 'publishd {\n\tmax-batch = 0\n}\n' '2: max-batch: "0"'
wrong "no duration" 'reaperd {\n\tpoll = 60\n}\n' '2: poll: "60"'
wrong "no such word" 'verifyd {\n\ton-fail = drop\n}\n' '2: on-fail: "drop"'
wrong "no address" 'verifyd {\n\tresolvers = {"a.test"}\n}\n' \
    '2: resolvers: "a\.test"'
wrong "no endpoint" 'signerd {\n\tmilter = {"/run/x"}\n}\n' '2: milter: "/run/x"'
wrong "required option missing" 'domain "a.test" {\n\tttl = 5\n}\n' \
    '3: .*"primary"'
wrong "no domain name" 'domain "a b" {\n\tprimary = "::1"\n}\n' '3: .*"a b" is no domain name'
wrong "domain twice" \
    'domain "a.test" { primary = "::1" }\ndomain "A.TEST" { primary = "::1" }\n' \
    '2: domain "a\.test"'
wrong "a zone that the domain is not in" \
    'domain "a.test" {\n\tprimary = "::1"\n\tzone = "b.test"\n}\n' \
    '3: zone: .*neither the domain nor above it'
wrong "a zone below the domain" \
    'domain "a.test" {\n\tprimary = "::1"\n\tzone = "b.a.test"\n}\n' \
    '3: zone: .*neither'
wrong "a TTL over an hour" \
    'domain "a.test" {\n\tprimary = "::1"\n\tttl = 3601\n}\n' '3: ttl: "3601"'
wrong "option twice" 'log = stderr\nlog = stderr\n' '2: "log" is given twice'
wrong "section twice" 'signerd {\n}\nsignerd {\n}\n' '4: section "signerd"'
wrong "brace missing" 'log = stderr\nsignerd {\n\tbind = true\n' '2: .*brace'
wrong "comment not closed" 'log = stderr\n/* signerd {\n}\n' '2: .*comment'
wrong "quote not closed" 'log = "stderr\n' '1: .*quoted'
wrong "brace too many" 'signerd {\n}\n}\n' '3: .*brace'
wrong "no syntax" 'log stderr\n' '1: .*equal sign'
wrong "too many workers" 'verifyd {\n\tworkers = 65\n}\n' '2: workers: "65"'
wrong "line protocol" 'signerd {\n\tpolicy = {"unix:x"}\n}\n' \
    '2: policy: '
wrong "a domain list twice" \
    'verifyd {\n\treputation "l.test" {\n\t}\n\treputation "L.test" {\n\t}\n}\n' \
    '5: reputation: .*given twice'
wrong "an answer of a list without an action" \
    'verifyd {\n\treputation "l.test" {\n\t\tanswers = {"127.0.1.2"}\n\t}\n}\n' \
    '3: answers: "127\.0\.1\.2" is not ADDRESS=WORD'
wrong "an answer with no such action" \
    'verifyd {\n\treputation "l.test" {\n\t\tanswers = {"127.0.1.2=drop"}\n\t}\n}\n' \
    '3: answers: "drop" is not one of'
wrong "an answer that no list gives" \
    'verifyd {\n\treputation "l.test" {\n\t\tanswers = {"192.0.2.1=reject"}\n\t}\n}\n' \
    '3: answers: .*127\.0\.0\.0/8'
wrong "foreign forward-domain" 'signerd {\n\tforward-domain = "x.test"\n}\n' \
    '2: forward-domain: '

# ---- the files that an option names ----
key() { # DAEMON NAME PATTERN: wrong for the daemon whose key it is
	is "$1, $2: 78" "$(exit_code "$BUILD/$1" -t -c "$W/key.conf")" 78
	like "$1, $2: said where" "$(cat "$W/out")" "key\.conf:3: key-file: .*$3"
}
for d in publishd reaperd; do
	printf "\n%s {\n\tkey-file = \"%s\"\n}\n" $d "$W/test.key" \
	    >"$W/key.conf"
	key $d "no key file" "No such file"
	echo "key { }" >"$W/test.key"
	chmod 600 "$W/test.key"
	key $d "no key in it" "."
	cp "$W/update.key" "$W/test.key"
	chmod 640 "$W/test.key"
	key $d "a key that the group may read" "."
	is "$d, its key: others do not care" \
	    "$(exit_code "$BUILD/verifyd" -t -c "$W/key.conf")" 0
	chmod 600 "$W/test.key"
	is "$d, a right key" \
	    "$(exit_code "$BUILD/$d" -t -c "$W/key.conf")" 0
	rm "$W/test.key"
done

# ---- what is no text file ----
mkdir "$W/dir.conf"
is "a directory: 78, no crash" "$(check "$W/dir.conf")" "78 "
like "... in words" "$(said)" "^4 $W/dir\.conf: is not a plain file"
is "a missing file: 78" "$(check "$W/none.conf")" "78 "
is "a binary file: 78" "$(check "$BUILD/free_port")" "78 "
if [ "$(id -u)" = 0 ]; then
	printf 'log = stderr\n' >"$W/secret.conf"
	chmod 600 "$W/secret.conf"
	setpriv --reuid "$AS" --regid "$AS" --clear-groups \
	    "$BUILD/signerd" -t -c "$W/secret.conf" >"$W/out" 2>&1
	is "a file that may not be read: 78" $? 78
	like "... in words" "$(cat "$W/out")" 'secret\.conf: Permission denied'
else
	skip 2 "needs root"
fi
printf 'log = a\nverifyd {\n\ttimeout = b\n}\nreaperd {\n\trate = c\n}\n' \
    >"$W/x.conf"
check "$W/x.conf" >/dev/null
is "all wrong values are told at once" "$(said | grep -c "^4 $W/x.conf:[136]:")" 3
