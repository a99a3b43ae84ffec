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

million_once() { # empty | full
	zone_of "$1"
	load "million.sign-$1.64" 64 20000 "unix:$W/run/signerd.sock" \
	    "$(sign_groups)" -b 2048 -a $CLIENT_IN
	verify_feed dnsmail "unix:$W/run/signerd.sock" \
	    $VERIFY_MESSAGES
	load "million.verify-$1.64" 64 20000 "unix:$W/run/verifyd.sock" \
	    "$(verify_groups)" -b 2048 -a $CLIENT_OUT \
	    -x "$W/dnsmail.added"
	publish_once "million.$1"
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
		aim "$what at 64: rate with a million records, of that with none" \
		    "$(ratio "$(median million.$what-full.64.rate)" \
		    "$(median million.$what-empty.64.rate)" 2)" ">=" 0.9
	done
	aim "publishd: rate with a million records, of that with none" \
	    "$(ratio "$(median million.full.publishd.rate)" \
	    "$(median million.empty.publishd.rate)" 2)" ">=" 0.9
}
