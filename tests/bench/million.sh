# shellcheck shell=bash
# The same with a million live records in the zone: nothing may get worse by
# more than a tenth. The two zones are measured in turn, in one run.

MILLION=${MILLION:-1000000}

zone_of() { # empty | full: restarts named with that zone
	[ -e "$W/$MILLION.zone" ] || "$BUILD/update_load" -z $DOMAIN \
	    -g "$MILLION" -a 86400 >"$W/$MILLION.zone"
	case $1 in
	empty) bench_zone ;;
	full) bench_zone "$W/$MILLION.zone" ;;
	esac
}

# Three of each with every start of named: what differs is small, and noise
# is not.
million_once() { # empty | full
	local i
	zone_of "$1"
	verify_feed dnsmail "unix:$W/run/signerd.sock" \
	    $VERIFY_MESSAGES
	for ((i = 0; i < 3; i++)); do
		load "million.sign-$1.1" 1 2000 "unix:$W/run/signerd.sock" \
		    "$(sign_groups)" -b 2048 -a $CLIENT_IN
		load "million.sign-$1.64" 64 20000 "unix:$W/run/signerd.sock" \
		    "$(sign_groups)" -b 2048 -a $CLIENT_IN
		load "million.verify-$1.64" 64 20000 \
		    "unix:$W/run/verifyd.sock" "$(verify_groups)" -b 2048 \
		    -a $CLIENT_OUT -x "$W/dnsmail.added"
		publish_once "million.$1"
	done
}

# million_aim TEXT FULL EMPTY: FULL is at least 0.9 of EMPTY
million_aim() {
	aim "$1, with a million records of that with none" \
	    "$(ratio "$2" "$3" 3)" ">=" 0.9
}

bench_million() {
	local i what
	bench_up
	for ((i = 0; i < REPEAT; i++)); do
		million_once empty
		million_once full
	done
	load_table "With $MILLION live records in the zone" \
	    million.sign-empty million.sign-full million.verify-empty \
	    million.verify-full
	for what in sign verify; do
		million_aim "$what at 64: messages/s" \
		    "$(median million.$what-full.64.rate)" \
		    "$(median million.$what-empty.64.rate)"
	done
	million_aim "one message alone: messages/s" \
	    "$(median million.sign-full.1.rate)" \
	    "$(median million.sign-empty.1.rate)"
	million_aim "publishd: records/s" \
	    "$(median million.full.publishd.rate)" \
	    "$(median million.empty.publishd.rate)"
	# What BIND itself loses, for comparison.
	printf '\nBIND alone, 100 records per UPDATE: %s of the rate without them\n' \
	    "$(ratio "$(median million.full.raw100.rate)" \
	    "$(median million.empty.raw100.rate)" 2)"
}
