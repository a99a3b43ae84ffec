#!/bin/bash
# Every file of the fuzzers' corpus, and every one that once was a crash, goes
# through its target.
. "$(dirname "$0")/../lib.sh"

targets=$(cd "$TESTS/fuzz" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
# shellcheck disable=SC2086
set -- $targets
plan $((2 * $#))

for name; do
	files=$(find "$TESTS/fuzz/corpus/$name" "$TESTS/fuzz/crashes/$name" \
	    -type f 2>/dev/null)
	n=$(printf '%s' "$files" | grep -c .)
	ok "$name: there is a corpus" test "$n" -gt 0
	# shellcheck disable=SC2086
	ok "$name: its files are taken" "$BUILD/replay/$name" $files
done
