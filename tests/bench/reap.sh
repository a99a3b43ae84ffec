# shellcheck shell=bash
# reaperd on a million records: reaper.sh measures, in a lab of its own.

bench_reap() {
	local line records
	"$HERE/reaper.sh" "$BUILD" "${MILLION:-1000000}" >"$W/reaper.out"
	printf '\nreaperd with %s records\n' "${MILLION:-1000000}"
	grep '^reaper\.' "$W/reaper.out" | while IFS='=' read -r line; do
		note "${line%%=*}" "${line#*=}"
		printf '  %-40s %s\n' "${line%%=*}" "${line#*=}"
	done
	records=$(median reaper.records)
	aim "reaperd: octets of memory for a live record" \
	    "$(median reaper.memory.octets_per_record)" "<=" 64
	aim "reaperd: CPU seconds to learn $records records" \
	    "$(median reaper.load.cpu_seconds)" "<=" 15
	aim "reaperd: removals per second" \
	    "$(median reaper.remove.per_second)" ">=" 50000
}
