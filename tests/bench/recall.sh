# shellcheck shell=bash
# dnsmail-recall on a million records: recaller.sh measures, in a lab of its own.

bench_recall() {
	local line
	"$HERE/recaller.sh" "$BUILD" "${MILLION:-1000000}" >"$W/recaller.out"
	printf '\ndnsmail-recall with %s records\n' "${MILLION:-1000000}"
	grep '^recall\.' "$W/recaller.out" | while IFS='=' read -r line; do
		note "${line%%=*}" "${line#*=}"
		printf '  %-40s %s\n' "${line%%=*}" "${line#*=}"
	done
	aim "recall: seconds to find an author's" \
	    "$(median recall.count.seconds)" "<=" 30
	aim "recall: seconds to withdraw them, a hundredth of all" \
	    "$(median recall.some.seconds)" "<=" 30
	aim "recall: withdrawn per second, of all" \
	    "$(median recall.all.per_second)" ">=" 20000
	aim "recall: megabytes that reaperd takes meanwhile" \
	    "$(median recall.all.memory_mb)" "<=" 32
}
