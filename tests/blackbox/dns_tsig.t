#!/bin/bash
# TSIG as the name servers do it: zones transferred over streams of signed
# messages, and UPDATEs, each answer verified.
. "$(dirname "$0")/../lib.sh"
plan 31

RECORDS=3000
zone_file() { # FILE
	bind_zone "$1" example.test
	"$BUILD/update_load" -z example.test -g $RECORDS >>"$1"
}
transfer() { "$BUILD/zone_transfer" "$@" 2>&1; }
update() { "$BUILD/update_load" -z example.test "$@" 2>&1; }

# the records, the 6 of bind_zone, and the SOA once more at the end
whole="^whole: ok messages=[0-9]+ signed=[0-9]+ records=$((RECORDS + 7)) "

key_file "$W/transfer.key" transfer-key "$TRANSFER_SECRET"
key_file "$W/secret.key" transfer-key "$UPDATE_SECRET"
key_file "$W/unknown.key" other-key "$TRANSFER_SECRET"

# What one says who does not accept our signature: PowerDNS does not tell why.
says_badsig=BADSIG says_badkey=BADKEY

for server in bind knot pdns; do
	mkdir -p "$W/$server"
	zone_file "$W/$server/example.test.zone"
	start_$server $server example.test
	port=PORT_$server
	at=127.0.0.1@${!port}

	like "$server: a zone is transferred, verified to its end" \
	    "$(transfer "$at" example.test "$W/transfer.key")" "$whole"
	like "$server: also when the reader pauses at each message" \
	    "$(transfer -p "$at" example.test "$W/transfer.key")" "$whole"
	like "$server: one bit changed on the way is seen" \
	    "$(transfer -f "$at" example.test "$W/transfer.key")" \
	    '^refused: (BADSIG|malformed) messages=2 signed=1 '
	[ $server != pdns ] ||
	    says_badsig="signature missing" says_badkey=$says_badsig
	like "$server: our secret is another: $says_badsig" \
	    "$(transfer "$at" example.test "$W/secret.key")" \
	    "^refused: $says_badsig messages=1 signed=0 records=0 "
	like "$server: our key is unknown there: $says_badkey" \
	    "$(transfer "$at" example.test "$W/unknown.key")" \
	    "^refused: $says_badkey messages=1 signed=0 records=0 "
	like "$server: an UPDATE is signed and its answer verified" \
	    "$(update -s "$at" -k "$W/$server/update.key" -n 3)" \
	    '^updates=3 records=3 '
	like "$server: three in flight over one connection" \
	    "$(update -s "$at" -k "$W/$server/update.key" -n 20 -w 3 -b 10)" \
	    '^updates=20 records=200 '
	like "$server: what was added is in the zone" \
	    "$(transfer "$at" example.test "$W/transfer.key")" \
	    "^whole: ok .* records=$((RECORDS + 7 + 203)) "
	stop $server
	for algorithm in hmac-sha384 hmac-sha512; do
		rm -rf "${W:?}/$server"
		UPDATE_ALGORITHM=$algorithm start_$server $server example.test
		port=PORT_$server
		like "$server: $algorithm" \
		    "$(update -s 127.0.0.1@${!port} \
		    -k "$W/$server/update.key" -n 3)" '^updates=3 records=3 '
		stop $server
	done
done

start_bind bind example.test
stop bind
LD_PRELOAD=$BUILD/clock_shift.so CLOCK_SHIFT=611 bind_again bind
wait_for 20 bind_answers "$PORT_bind" example.test
like "bind: its clock is 611 s ahead: BADTIME, and by how much" \
    "$(transfer "127.0.0.1@$PORT_bind" example.test "$W/transfer.key")" \
    '^refused: BADTIME messages=1 signed=0 records=0 .* skew=61[0-9]$'
