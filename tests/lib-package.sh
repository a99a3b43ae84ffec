# shellcheck shell=bash
# Sourced by the tests of the Debian package, after lib.sh.

TREE=$(cd "$TESTS/.." && pwd)
VERSION=$(sed -n 's/^VERSION = //p' "$TREE/Makefile")

# copy_tree DIR: the source as it is, without what was built
copy_tree() {
	mkdir -p "$1"
	tar -C "$TREE" --exclude=./build --exclude="$BUILD" --exclude=./.git \
	    -cf - . | tar -xf - -C "$1"
}
is_newer_than() { # FILE: something of the source
	[ ! -e "$1" ] || find "$TREE" \( -path "$TREE/build" -o -path "$BUILD" \
	    -o -path "$TREE/.git" \) -prune -o -newer "$1" -print -quit | grep -q .
}

# package: makes $DEB of the tree, in $PACKAGE, as .ci/deb does. Two tests need
# it; whoever is first builds it.
PACKAGE=$BUILD/package/here
package() {
	local lock log=$BUILD/package/log
	mkdir -p "$BUILD/package"
	exec {lock}>"$BUILD/package/lock"
	flock "$lock"
	if is_newer_than "$BUILD/package/built"; then
		touch "$BUILD/package/begun"
		DEB_BUILD_OPTIONS="nocheck parallel=2" \
		    "$TREE/.ci/deb" "$PACKAGE" -b >"$log" 2>&1 ||
		    { tail -30 "$log"; return 1; }
		mv "$BUILD/package/begun" "$BUILD/package/built"
	fi
	exec {lock}>&-
	DEB=$(echo "$PACKAGE"/dnsmail_*.deb)
}
