# shellcheck shell=bash
# The figures of an endurance run: what was seen, and what should have been.

ROWS=$BUILD/endurance.rows
_figures=0

figures_begin() {
	: >"$ROWS"
	printf '%-10s %-46s %10s   %s\n' phase figure seen wanted
}

_row() { # VERDICT PHASE NAME SEEN WANTED
	printf '%s\t' "$@" >>"$ROWS"
	echo >>"$ROWS"
	printf '%-10s %-46s %10s   %s\n' "$2" "$3" "$4" \
	    "$5$([ "$1" != missed ] || echo '   MISSED')"
	[ "$1" = told ] || _figures=$((_figures + 1))
	# lib.sh keeps the directory then.
	[ "$1" != missed ] || _failed=$((_failed + 1))
}

# told PHASE NAME SEEN: only said
told() { _row told "$1" "$2" "$3" ''; }
# exactly PHASE NAME SEEN WANTED
exactly() {
	if [ "$3" = "$4" ]; then
		_row met "$@"
	else
		_row missed "$@"
	fi
}
# at_most, at_least PHASE NAME SEEN BOUND [UNIT]: whole numbers
at_most() {
	if [ "$3" -le "$4" ]; then
		_row met "$1" "$2" "$3${5-}" "at most $4${5-}"
	else
		_row missed "$1" "$2" "$3${5-}" "at most $4${5-}"
	fi
}
at_least() {
	if [ "$3" -ge "$4" ]; then
		_row met "$1" "$2" "$3${5-}" "at least $4${5-}"
	else
		_row missed "$1" "$2" "$3${5-}" "at least $4${5-}"
	fi
}

# figures_end WORDS: the last line
figures_end() {
	echo "endurance: $_figures figures, $((_figures - _failed)) as wanted," \
	    "$_failed missed ($*)"
}
