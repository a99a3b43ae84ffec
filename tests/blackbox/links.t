#!/bin/bash
# What each program is made of, as nm(1) and readelf(1) see it: a module that
# only some may know is in these and in no other, so that a link line that grows
# is noticed. Since each must be found where it belongs, each can also be missed.
. "$(dirname "$0")/../lib.sh"
needs nm readelf

# MODULE PROGRAM...: these link it
MODULES="
publishd/update_key publishd
publishd/update_build publishd
publishd/dns_out publishd
common/tsig publishd reaperd
common/tsig_file publishd reaperd
common/credential dnsmail-check publishd reaperd signerd
common/publish_msg dnsmail-check publishd reaperd signerd
common/ipc_client dnsmail-status reaperd signerd
common/ipc_server publishd reaperd signerd verifyd
common/recall_msg dnsmail-recall reaperd
common/dns_exchange dnsmail-check publishd verifyd
common/dns_udp dnsmail-check publishd verifyd
common/dns_stream dnsmail-check publishd reaperd verifyd
common/milter signerd verifyd
common/listen signerd verifyd
signerd/sign dnsmail-check signerd
signerd/publish_out signerd
verifyd/verify dnsmail-check verifyd
verifyd/lookup_out dnsmail-check verifyd
reaperd/transfer reaperd
reaperd/remove_out reaperd
reaperd/recall_in reaperd
common/door_dir publishd reaperd
common/admins_in publishd reaperd
common/daemon publishd reaperd signerd verifyd
common/jail dnsmail-check dnsmail-filter publishd reaperd signerd verifyd
"
# LIBRARY PROGRAM...: these load it, directly
LIBRARIES="
libnng dnsmail-check dnsmail-recall dnsmail-status publishd reaperd signerd verifyd
libev dnsmail-check dnsmail-filter dnsmail-status publishd reaperd signerd verifyd
libseccomp dnsmail-check dnsmail-filter publishd reaperd signerd verifyd
libssl dnsmail-check publishd reaperd signerd
libconfuse dnsmail-check dnsmail-recall dnsmail-status publishd reaperd signerd verifyd
libidn2 dnsmail-check dnsmail-filter dnsmail-recall dnsmail-status publishd reaperd signerd verifyd
"
# What no program of ours calls: another resolver of libc's, which would wait
# and read files, another program, code that is loaded later.
NEVER="gethostbyname res_query res_nquery system popen execve execv
execvp execl execlp dlopen gets"

PROGRAMS=$(make -s -C "$TESTS/.." -pn BUILD="$BUILD" 2>/dev/null |
    sed -n 's/^PROGRAMS = //p')
plan $((5 + $(grep -c . <<<"$MODULES") + $(grep -c . <<<"$LIBRARIES")))

mkdir "$W/symbols" "$W/calls" "$W/needs"
for p in $PROGRAMS; do
	nm --defined-only "$BUILD/$p" | sed 's/.* //' | sort -u >"$W/symbols/$p"
	nm -D --undefined-only "$BUILD/$p" | sed 's/.* //; s/@.*//' |
	    sort -u >"$W/calls/$p"
	readelf -d "$BUILD/$p" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' |
	    sort -u >"$W/needs/$p"
done
having() { # FILE DIRECTORY: the programs that have a line of it
	local p
	for p in $PROGRAMS; do
		grep -Fxqf "$1" "$W/$2/$p" && echo "$p"
	done | sort | xargs
}

ok "the programs were read" test "$(cat "$W"/symbols/* | wc -l)" -gt 1000
while read -r module programs; do
	nm -g --defined-only "$BUILD/obj/$module.o" | sed 's/.* //' >"$W/own"
	is "$module is linked by: $programs" "$(having "$W/own" symbols)" "$programs"
done < <(grep . <<<"$MODULES")
while read -r library programs; do
	echo "$library" >"$W/own"
	is "$library is loaded by: $programs" "$(having "$W/own" needs)" "$programs"
done < <(grep . <<<"$LIBRARIES")
tr ' ' '\n' <<<"$NEVER" >"$W/own"
is "no program calls what none needs" "$(having "$W/own" calls)" ""
echo getaddrinfo >"$W/own"
is "only who requests by TLS, or takes such, looks up a host by libc" \
    "$(having "$W/own" calls)" "dnsmail-check publishd reaperd signerd"
echo posix_spawn >"$W/own"
is "only dnsmail-check starts another program, to ask the mail server" \
    "$(having "$W/own" calls)" dnsmail-check

# The key's code in another one would be found.
mkdir "$W/symbols.was"
cp "$W/symbols/signerd" "$W/symbols.was/"
nm -g --defined-only "$BUILD/obj/publishd/update_key.o" | sed 's/.* //' >"$W/own"
cat "$W/own" >>"$W/symbols/signerd"
is "the update key in signerd would be seen" "$(having "$W/own" symbols)" \
    "publishd signerd"
