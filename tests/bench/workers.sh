# shellcheck shell=bash
# What more workers bring: the same load on 1, 2 and 4 of them, in one run. The
# generator, publishd and BIND want processors too, so where there are few
# of them the ratio says what is left, not what a worker can do.

WORKERS="1 2 4"
WORKERS_MESSAGES=10000 WORKERS_LARGE=2000

# workers_daemon DAEMON N: that daemon anew, with so many
workers_daemon() {
	local daemon=$1 conf=$W/workers.conf
	stop "$daemon"
	sed "/^$daemon {/a workers = $2" "$W/dnsmail.conf" >"$conf"
	[ "$2" -gt 1 ] || cp "$W/dnsmail.conf" "$conf"
	rm -f "$W/run/$daemon/status.ipc"
	start "$daemon" "$BUILD/$daemon" -c "$conf"
	wait_for 20 workers_ready "$daemon" "$2" ||
	    echo "$daemon with $2 workers is not ready: see $W/$daemon.log"
}
workers_ready() { # DAEMON N
	[ "$("$BUILD/dnsmail-status" -c "$W/workers.conf" --json "$1" |
	    sed -n 's/.*"workers": \([0-9]*\).*/\1/p')" = "$2" ]
}
# The daemon's processes: PID[,PID]...
workers_of() { # DAEMON
	echo "${PIDS[$1]} $(pgrep -P "${PIDS[$1]}")" | xargs | tr ' ' ','
}
# workers_load NAME DAEMON CONNECTIONS MESSAGES [ARG...]
workers_load() {
	local name=$1 daemon=$2 c=$3 n=$4
	shift 4
	load "$name" "$c" "$n" "unix:$W/run/$daemon.sock" \
	    "$daemon=$(workers_of "$daemon")" "$@"
}

# workers_memory NAME DAEMON: KiB of each worker, its own and all that it maps
workers_memory() {
	local pid
	for pid in $(pgrep -P "${PIDS[$2]}" "^$2: wor"); do
		note "workers.$1.own" "$(awk '/^Private_(Clean|Dirty):/ { n += $2 }
		    END { print n }' "/proc/$pid/smaps_rollup")"
		note "workers.$1.resident" "$(awk '/^Rss:/ { print $2 }' \
		    "/proc/$pid/smaps_rollup")"
	done
}
workers_memory_row() { # TEXT NAME
	printf '%-30s %10s %12s\n' "$1" "$(median "workers.$2.own")" \
	    "$(median "workers.$2.resident")"
}

workers_once() { # N
	local n=$1
	workers_daemon signerd "$n"
	workers_memory signerd.begins signerd
	workers_load workers.sign$n.64 signerd 64 $WORKERS_MESSAGES \
	    -b 2048 -a $CLIENT_IN
	workers_memory signerd.worked signerd
	workers_daemon verifyd "$n"
	workers_memory verifyd.begins verifyd
	workers_load workers.verify$n.64 verifyd 64 $WORKERS_MESSAGES \
	    -b 2048 -a $CLIENT_OUT -x "$W/dnsmail.added"
	workers_load workers.verify50k$n.16 verifyd 16 $WORKERS_LARGE \
	    -b $LARGE_BODY -a $CLIENT_OUT -x "$W/large.dnsmail.added"
	workers_memory verifyd.worked verifyd
}

# workers_ratio WHAT CONNECTIONS N FIGURE: of N workers, of what one has
workers_ratio() {
	ratio "$(median "workers.$1$3.$2.$4")" \
	    "$(median "workers.$1"1".$2.$4")" 2
}

bench_workers() {
	local i n
	bench_up
	verify_feed dnsmail "unix:$W/run/signerd.sock" $WORKERS_MESSAGES
	verify_feed large.dnsmail "unix:$W/run/signerd.sock" \
	    $WORKERS_LARGE $LARGE_BODY
	for ((i = 0; i < REPEAT; i++)); do
		for n in $WORKERS; do
			workers_once "$n"
		done
	done
	load_table "Workers, on $(nproc) processors that the generator, publishd and BIND share" \
	    workers.{sign,verify,verify50k}{1,2,4}
	verify_passed
	printf '\n%-30s %10s %12s\n' "of what one worker has" msgs/s "CPU/msg"
	for n in ${WORKERS#1 }; do
		workers_row "$n" sign 64 signerd
		workers_row "$n" verify 64 verifyd
		workers_row "$n" verify50k 16 verifyd
	done
	printf '\n%-30s %10s %12s\n' "memory of a worker, KiB" own resident
	for n in signerd verifyd; do
		workers_memory_row "$n, when it begins" $n.begins
		workers_memory_row "$n, after that load" $n.worked
	done
	workers_daemon signerd 1
	workers_daemon verifyd 1
}
workers_row() { # N WHAT CONNECTIONS DAEMON
	printf '%-30s %10s %12s\n' "$1 workers, $2" \
	    "$(workers_ratio "$2" "$3" "$1" rate)" \
	    "$(workers_ratio "$2" "$3" "$1" "cpu_$4")"
}
