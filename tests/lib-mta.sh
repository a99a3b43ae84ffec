# shellcheck shell=bash
# Sourced before lib.sh by tests of a mail server that this host cannot have
# beside others, or that needs port 25 and files in /etc: see tests/mta-root.

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# mta_root PACKAGE [ARGUMENT...]: from here on the test runs in a root of its
# own with that package: it starts again there, with these arguments.
mta_root() {
	local why package=$1
	[ -z "${MTA_ROOT-}" ] || return 0
	shift
	why=$("$TESTS/mta-root" --check 2>&1) || {
		echo "1..0 # SKIP $why"
		exit 0
	}
	exec "$TESTS/mta-root" "$package" -- "$(realpath "$0")" "$@"
}
