# shellcheck shell=bash
# Taking and keeping figures. A figure has a name like "sign.signerd.64.rate";
# it is noted once per repetition, and the median is what counts.

FIGURES=$W/figures
: >"$FIGURES"

note() { echo "$1 $2" >>"$FIGURES"; } # NAME VALUE

median() { # NAME
	awk -v n="$1" '$1 == n { print $2 }' "$FIGURES" | sort -g |
	    awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# field KEY LINE: the value of key=value in a line.
field() { sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" <<<"$2"; }

# CPU milliseconds that a process and its threads have used so far.
cpu_ms() {
	local sum=0 pid ticks
	# shellcheck disable=SC2048
	for pid in ${*//,/ }; do
		ticks=$(sed 's/.*) //' "/proc/$pid/stat" |
		    awk '{ print $12 + $13 }')
		sum=$((sum + ticks * 1000 / $(getconf CLK_TCK)))
	done
	echo $sum
}

ratio() { # A B [DIGITS]
	awk -v a="$1" -v b="$2" -v d="${3-1}" \
	    'BEGIN { if (b > 0) printf "%.*f", d, a / b; else print "-" }'
}

# load NAME CONNECTIONS MESSAGES SOCKET "GROUP=PID[,PID] ..." [ARG...]
# One run of the milter load generator; notes rate, p50, p99 and, per group of
# processes, CPU milliseconds per message.
load() {
	local name=$1 conns=$2 n=$3 socket=$4 groups=$5 group line
	local -A before=()
	shift 5
	for group in $groups; do
		# shellcheck disable=SC2086
		before[$group]=$(cpu_ms ${group#*=})
	done
	line=$("$BUILD/milter_load" -c "$conns" -n "$n" "$@" "$socket" \
	    2>>"$W/load.log" | tail -n 1)
	[ -n "$line" ] || echo "no figures from $name: see $W/load.log" >&2
	echo "$name $line" >>"$W/load.log"
	note "$name.rate" "$(field msgs_per_s "$line")"
	note "$name.p50" "$(field p50_ms "$line")"
	note "$name.p99" "$(field p99_ms "$line")"
	note "$name.accepted" "$(field accept "$line")"
	# A milter that did nothing would be fast.
	[ "$(field inserted "$line")" = "$n" ] ||
	    echo "$name: $(field inserted "$line") of $n got a field" >&2
	for group in $groups; do
		# shellcheck disable=SC2086
		note "$name.cpu_${group%%=*}" "$(awk -v n="$n" \
		    -v a="$(cpu_ms ${group#*=})" -v b="${before[$group]}" \
		    'BEGIN { printf "%.4f", (a - b) / n }')"
	done
}

# table TITLE ROW-PREFIX... : one line per prefix and number of connections.
load_table() {
	local title=$1 who c
	shift
	printf '\n%s\n%-12s %6s %10s %9s %9s %12s\n' "$title" "" conns \
	    msgs/s "p50 ms" "p99 ms" "CPU ms/msg"
	for who; do
		for c in 1 16 64 256; do
			[ -n "$(median "$who.$c.rate")" ] || continue
			printf '%-12s %6s %10.0f %9.2f %9.2f   %s\n' \
			    "${who#*.}" $c "$(median "$who.$c.rate")" \
			    "$(median "$who.$c.p50")" \
			    "$(median "$who.$c.p99")" \
			    "$(cpu_columns "$who.$c")"
		done
	done
}
cpu_columns() { # PREFIX: "signerd 0.05 publishd 0.03 ..."
	awk -v p="$1.cpu_" 'index($1, p) == 1 { print substr($1, length(p) + 1) }' \
	    "$FIGURES" | sort -u | while read -r group; do
		printf '%s %.3f  ' "$group" "$(median "$1.cpu_$group")"
	done
}
cpu_sum() { # PREFIX GROUP...
	local prefix=$1 group sum=0
	shift
	for group; do
		sum=$(awk -v a="$sum" -v b="$(median "$prefix.cpu_$group")" \
		    'BEGIN { print a + b }')
	done
	echo "$sum"
}

# aim TEXT SEEN OPERATOR WANTED: one line of the closing table. Aims are
# ratios taken in one run; they inform, a machine's noise fails nothing.
aim() {
	local mark
	mark=$(awk -v s="$2" -v w="$4" -v op="$3" 'BEGIN {
		met[">="] = s + 0 >= w + 0
		met["<="] = s + 0 <= w + 0
		met["<"] = s + 0 < w + 0
		print s == "" || s == "-" ? "?" : met[op] ? "met" : "NOT met"
	}')
	printf '%-66s %10s %2s %-8s %s\n' "$1" "$2" "$3" "$4" "$mark" \
	    >>"$W/aims"
	note "aim: ${1// /_}" "$2"
}

report() {
	[ -e "$W/aims" ] && { echo; cat "$W/aims"; }
	awk '{ v[$1] = v[$1] " " $2; if (!($1 in seen)) { seen[$1] = 1; order[++n] = $1 } }
	END {
		print "{"
		for (i = 1; i <= n; i++) {
			m = split(v[order[i]], x, " "); s = ""
			for (j = 1; j <= m; j++)
				s = s (j > 1 ? ", " : "") \
				    (x[j] + 0 == x[j] ? x[j] : "\"" x[j] "\"")
			printf "  \"%s\": [%s]%s\n", order[i], s,
			    i < n ? "," : ""
		}
		print "}"
	}' "$FIGURES" >"$BUILD/bench.json"
	echo
	echo "All figures of all repetitions: $BUILD/bench.json"
}
