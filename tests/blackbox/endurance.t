#!/bin/bash
# The small form of "make endurance": mail through the installed set while its
# daemons are restarted, read their configuration again and are killed, and BIND
# is restarted. A reboot is in box.t.
. "$(dirname "$0")/../lib.sh"
why=$("$TESTS/box" --check 2>&1) || skip_all "$why"

IDLE=2 "$TESTS/endurance/run" "$BUILD" 300 30 calm restarts kills >"$W/run" 2>&1
last=$(tail -n 1 "$W/run")
plan $(($(grep -vc '^told' "$BUILD/endurance.rows") + 1))
while IFS=$'\t' read -r verdict phase name seen wanted _; do
	case $verdict in
	told) diag "$phase: $name: $seen" ;;
	*) is "$phase: $name" "$verdict: $seen ($wanted)" "met: $seen ($wanted)" ;;
	esac
done <"$BUILD/endurance.rows"
like "the last line counts" "$last" \
    "^endurance: $((_planned - 1)) figures, $((_planned - 1)) as wanted, 0 missed \("
grep '^# ' "$W/run" || :
