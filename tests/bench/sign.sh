# shellcheck shell=bash
# Signing: signerd, publishd and BIND together, beside OpenDKIM with RSA-2048
# and beside no work at all, by the same generator.

sign_groups() {
	echo "signerd=${PIDS[signerd]} publishd=${PIDS[publishd]}" \
	    "named=${PIDS[named]}"
}

# sign_once CONNECTIONS: messages are as many as take a second or two.
sign_once() {
	local c=$1 few=$(($1 == 1 ? 1 : 5))
	load sign.dnsmail.$c $c $((few * 2000)) "unix:$W/run/signerd.sock" \
	    "$(sign_groups)" -b 2048 -a $CLIENT_IN
	load sign.opendkim.$c $c $((few * 400)) "unix:$W/run/dkim-sign.sock" \
	    "opendkim=${PIDS[dkim-sign]}" -b 2048 -a $CLIENT_IN \
	   
	load sign.nothing.$c $c $((few * 4000)) "unix:$W/run/null.sock" \
	    "null=${PIDS[null]}" -b 2048 -a $CLIENT_IN
}

bench_sign() {
	local i c exchange
	bench_up
	for ((i = 0; i < REPEAT; i++)); do
		for c in 1 16 64 256; do
			sign_once $c
		done
		exchange=$("$BUILD/update_load" -s 127.0.0.1 -z $DOMAIN \
		    -k "$W/named/update.key" -n 1000 -b 1 | tail -n 1)
		note sign.exchange.p50 "$(field p50_ms "$exchange")"
	done
	load_table "Signing, 2 KB messages" sign.dnsmail sign.opendkim \
	    sign.nothing
	aim "signing at 64: messages/s, times OpenDKIM RSA-2048" \
	    "$(ratio "$(median sign.dnsmail.64.rate)" \
	    "$(median sign.opendkim.64.rate)")" ">=" 8
	aim "signing at 64: CPU of signerd+publishd+BIND, share of OpenDKIM's" \
	    "$(ratio "$(cpu_sum sign.dnsmail.64 signerd publishd named)" \
	    "$(median sign.opendkim.64.cpu_opendkim)" 3)" "<=" 0.1
	aim "one message alone: times a bare UPDATE exchange" \
	    "$(ratio "$(median sign.dnsmail.1.p50)" \
	    "$(median sign.exchange.p50)" 2)" "<=" 3
}
