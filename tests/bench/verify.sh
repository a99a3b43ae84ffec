# shellcheck shell=bash
# Verifying: verifyd beside OpenDKIM, both asking BIND in the same namespace.
# A signing run feeds the verifying run.

VERIFY_MESSAGES=10000
LARGE_MESSAGES=2000 LARGE_BODY=51200

# verify_feed PREFIX SOCKET N [BODY]: signs N messages, keeps what was added.
verify_feed() {
	"$BUILD/milter_load" -c 16 -n "$3" -b "${4-2048}" -a $CLIENT_IN \
	    -w "$W/$1.added" "$2" >>"$W/load.log"
}

verify_groups() { echo "verifyd=${PIDS[verifyd]} named=${PIDS[named]}"; }

verify_once() {
	local c=$1 few=$(($1 == 1 ? 1 : 5))
	load verify.dnsmail.$c $c $((few * 2000)) "unix:$W/run/verifyd.sock" \
	    "$(verify_groups)" -b 2048 -a $CLIENT_OUT \
	    -x "$W/dnsmail.added"
	load verify.opendkim.$c $c $((few * 800)) \
	    "unix:$W/run/dkim-verify.sock" \
	    "opendkim=${PIDS[dkim-verify]} named=${PIDS[named]}" -b 2048 \
	    -a $CLIENT_OUT -x "$W/opendkim.added" \
	   
	load verify.nothing.$c $c $((few * 4000)) "unix:$W/run/null.sock" \
	    "null=${PIDS[null]}" -b 2048 -a $CLIENT_OUT
}

bench_verify() {
	local i c
	bench_up
	verify_feed dnsmail "unix:$W/run/signerd.sock" \
	    $VERIFY_MESSAGES
	verify_feed opendkim "unix:$W/run/dkim-sign.sock" \
	    $((VERIFY_MESSAGES * 2 / 5))
	for ((i = 0; i < REPEAT; i++)); do
		for c in 1 16 64 256; do
			verify_once $c
		done
	done
	load_table "Verifying, 2 KB messages" verify.dnsmail \
	    verify.opendkim verify.nothing
	verify_passed
	aim "verifying at 64: messages/s, times OpenDKIM" \
	    "$(ratio "$(median verify.dnsmail.64.rate)" \
	    "$(median verify.opendkim.64.rate)")" ">=" 5
	aim "verifying at 64: CPU of verifyd, share of OpenDKIM's" \
	    "$(ratio "$(median verify.dnsmail.64.cpu_verifyd)" \
	    "$(median verify.opendkim.64.cpu_opendkim)" 3)" "<=" 0.125
}

# Large messages: what the content costs. Each bears the ID and the signature, so
# that both verify the same octets.
large_feed() {
	verify_feed large.dnsmail "unix:$W/run/signerd.sock" \
	    $LARGE_MESSAGES $LARGE_BODY
	verify_feed large.opendkim "unix:$W/run/dkim-sign.sock" \
	    $LARGE_MESSAGES $LARGE_BODY
	awk 'BEGIN { RS = "" }
	    NR == FNR { id[FNR] = $0; next }
	    { print id[FNR] "\n" $0 "\n" }' \
	    "$W/large.dnsmail.added" "$W/large.opendkim.added" >"$W/large.added"
}
large_once() {
	load verify50k.dnsmail.16 16 $LARGE_MESSAGES "unix:$W/run/verifyd.sock" \
	    "verifyd=${PIDS[verifyd]}" -b $LARGE_BODY -a $CLIENT_OUT \
	    -x "$W/large.added" -w "$W/large.said"
	verified verifyd 'dnsmail=pass .*policy.content=intact'
	load verify50k.opendkim.16 16 $LARGE_MESSAGES \
	    "unix:$W/run/dkim-verify.sock" "opendkim=${PIDS[dkim-verify]}" \
	    -b $LARGE_BODY -a $CLIENT_OUT -x "$W/large.added" -w "$W/large.said"
	verified OpenDKIM 'dkim=pass'
}
# verified WHO PATTERN: each field of the run just made says so
verified() {
	local n
	n=$(awk -v p="$2" 'BEGIN { RS = "" } { gsub(/\n[ \t]/, " ") }
	    $0 ~ p { n++ } END { print n + 0 }' "$W/large.said")
	[ "$n" = $LARGE_MESSAGES ] ||
	    echo "$1: only $n of $LARGE_MESSAGES were verified as pass"
}
bench_verify_large() {
	local i
	bench_up
	large_feed
	for ((i = 0; i < REPEAT; i++)); do
		large_once
	done
	load_table "Verifying, 50 KB messages with their content bound" \
	    verify50k.dnsmail verify50k.opendkim
	aim "verifying 50 KB, bound: CPU of verifyd, share of OpenDKIM's" \
	    "$(ratio "$(median verify50k.dnsmail.16.cpu_verifyd)" \
	    "$(median verify50k.opendkim.16.cpu_opendkim)" 3)" "<" 1
}

# A figure counts only if the messages really were verified as pass.
verify_passed() {
	local log pass all
	pass=$(grep -c ' result=pass ' "$W/verifyd.log")
	all=$(grep -c ' result=' "$W/verifyd.log")
	echo "verified as pass: $pass of $all"
	[ "$pass" = "$all" ] || {
		echo "NOT all messages were verified as pass:"
		grep ' result=' "$W/verifyd.log" | grep -v ' result=pass ' |
		    head -n 3
	}
}
