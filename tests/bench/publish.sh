# shellcheck shell=bash
# publishd alone: 256 requests of one record at a time, beside one nsupdate
# process per record, and beside a raw generator with 100 records per UPDATE.

nsupdate_each() { # N: one process per record; prints records per second
	local n=$1 i begin end
	begin=$(date +%s.%N)
	for ((i = 0; i < n; i++)); do
		printf 'server 127.0.0.1\nzone %s\nupdate add n%s-%s.%s 60 TXT "To:claire@nonprofit.org*From:martha@domain.com*date=Thu, 03 Aug 2006 09:10:49 -0400"\nsend\n' \
		    $DOMAIN $RANDOM $i $DOMAIN |
		    nsupdate -k "$W/named/update.key"
	done
	end=$(date +%s.%N)
	awk -v n="$n" -v b="$begin" -v e="$end" \
	    'BEGIN { printf "%.1f", n / (e - b) }'
}

raw_updates() { # RECORDS-PER-UPDATE UPDATES
	field records_per_s "$("$BUILD/update_load" -s 127.0.0.1 -z $DOMAIN \
	    -k "$W/named/update.key" -b "$1" -n "$2" | tail -n 1)"
}

publishd_load() { # REQUESTS
	field per_sec "$("$BUILD/publish_ask" \
	    -u "ipc://$W/run/publishd/publish.ipc" -d $DOMAIN -n "$1" -c 256 \
	    load | tail -n 1)"
}

publish_once() { # PREFIX
	note "$1.publishd.rate" "$(publishd_load 60000)"
	note "$1.raw100.rate" "$(raw_updates 100 1000)"
}

bench_publish() {
	local i
	bench_up
	for ((i = 0; i < REPEAT; i++)); do
		publish_once publish
		note publish.nsupdate.rate "$(nsupdate_each 60)"
	done
	printf '\nPublishing, records/s\n'
	printf '  %-46s %9.0f\n' \
	    "publishd, 256 requests of one record in flight" \
	    "$(median publish.publishd.rate)" \
	    "BIND from a raw generator, 100 per UPDATE" \
	    "$(median publish.raw100.rate)" \
	    "one nsupdate process per record" \
	    "$(median publish.nsupdate.rate)"
	aim "publishing: times one nsupdate process per record" \
	    "$(ratio "$(median publish.publishd.rate)" \
	    "$(median publish.nsupdate.rate)" 0)" ">=" 200
	aim "publishing: share of the raw generator's rate" \
	    "$(ratio "$(median publish.publishd.rate)" \
	    "$(median publish.raw100.rate)" 2)" ">=" 0.5
}
