# shellcheck shell=bash
# Sourced by tests that do what a page in doc/ says, as it stands there.

# boxes PAGE HEADING: what stands in boxes below that heading, without what the
# page has in front of it, each ended by a line "--".
boxes() {
	awk -v heading="$2" '
	    /^#/ && !box { on = $0 == heading }
	    on && /^ *```/ {
		if (box) print "--"
		box = !box
		match($0, /^ */)
		indent = RLENGTH
		next
	    }
	    on && box { print substr($0, indent + 1) }' "$TESTS/../doc/$1.md"
}
# box_of PAGE HEADING N: the Nth of them
box_of() {
	boxes "$1" "$2" | awk -v n="$3" '
	    BEGIN { i = 1 } /^--$/ { i++; next } i == n'
}
