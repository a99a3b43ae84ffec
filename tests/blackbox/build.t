#!/bin/bash
# What compiler and linker made of the programs, and where they are installed.
. "$(dirname "$0")/../lib.sh"
PROGRAMS="signerd publishd verifyd reaperd dnsmail-status dnsmail-recall dnsmail-filter"
plan 54

# has PROGRAM WHAT EXTENDED-REGEX READELF-OPTION
has() { like "$1 $2" "$(readelf -W "$4" "$BUILD/$1" 2>&1)" "$3"; }

# A sanitizer's build has none of these two, and other uses.
sanitized() { readelf -Ws "$BUILD/signerd" | grep -Eq '__(a|ub)san_'; }
guarded() { # PROGRAM
	if sanitized; then
		ok "# SKIP $1 guards its stack: a sanitizer's build" true
		ok "# SKIP $1 is fortified: a sanitizer's build" true
		return
	fi
	has "$1" "guards its stack" '__stack_chk_fail' -s
	has "$1" "is fortified" '__[a-z]+_chk@' -s
}

for p in $PROGRAMS; do
	has $p "is position independent" 'Type: +DYN' -h
	has $p "is relocated read-only" 'GNU_RELRO' -l
	has $p "is bound when it starts" 'BIND_NOW' -d
	has $p "has a stack that cannot be executed" 'GNU_STACK.* RW ' -l
	guarded $p
done

root=$W/root
dnsmail_make() {
	env -u MAKEFLAGS make -s -C "$TESTS/.." BUILD="$BUILD" \
	    DESTDIR="$root" prefix=/usr "$1"
}
ok "make install works with a DESTDIR" dnsmail_make install
for p in $PROGRAMS; do
	is "$p is installed" "$(stat -c %a "$root/usr/sbin/$p" 2>&1)" 755
done
ok "the sample configuration is installed" \
    cmp etc/dnsmail.conf "$root/etc/dnsmail/dnsmail.conf.sample"
man=$root/usr/share/man/man7/dnsmail.7
ok "the manual is installed" cmp doc/dnsmail.7 "$man"
is "everyone may read it" "$(stat -c %a "$man" 2>&1)" 644
dnsmail_make uninstall
is "make uninstall leaves no file" "$(find "$root" -type f)" ""
