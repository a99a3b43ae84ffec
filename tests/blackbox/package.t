#!/bin/bash
# The release: one version everywhere, a tarball that is the same each time, signed;
# and the Debian package, which is the same wherever and whenever it is built.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-package.sh"
needs dpkg-buildpackage dh lintian git gpg
plan 34
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset MAKEFLAGS MAKELEVEL SANITIZE
cd "$TREE" || exit

# ---- the package ------------------------------------------------------------------

ok "the Debian package is built" package
package >/dev/null
inst=$W/inst
dpkg-deb -x "$DEB" "$inst"
# difference EXPECTED SEEN: of two lists
difference() { diff <(sort -k 2 <<<"$1") <(sort -k 2 <<<"$2") | grep "^[<>]"; }
files() { (cd "$1" && find . ! -type d -printf '%M %P\n'); }
listed() { # LS-MODE PREFIX NAME...
	printf -- "$1 $2%s\n" "${@:3}"
}
# What is installed; each manual page and each page, example and recipe there is.
expected() {
	listed -rwxr-xr-x usr/sbin/ signerd publishd verifyd reaperd \
	    dnsmail-{check,filter,key,recall,setup,status}
	listed -rw-r--r-- lib/systemd/system/ dnsmail{,-publish}.target \
	    {signerd,publishd,verifyd,reaperd}.service \
	    {signerd,verifyd}{,-policy}.socket
	listed -rw-r--r-- usr/lib/ {sysusers,tmpfiles}.d/dnsmail.conf
	listed -rw-r--r-- etc/dnsmail/ dnsmail.conf.sample
	(cd doc && for m in *.[1-9]; do
		listed -rw-r--r-- usr/share/man/man"${m##*.}"/ "$m$1"
	done
	listed -rw-r--r-- usr/share/doc/dnsmail/ README.md *.md)
	(cd etc && listed -rw-r--r-- usr/share/dnsmail/ setup/* \
	    postfix/* exim/* sendmail/* opensmtpd/*
	listed -rw-r--r-- usr/share/doc/dnsmail/examples/ \
	    grafana/* prometheus/* |
	    sed '/dnsmail-metrics-http$/s/^-rw-r--r--/-rwxr-xr-x/')
}
is "in it is what there is, and what Debian adds" \
    "$(difference "$(expected .gz
	listed -rw-r--r-- usr/share/doc/dnsmail/ README.Debian changelog.gz copyright
	listed -rw-r--r-- usr/share/lintian/overrides/ dnsmail
	listed lrwxrwxrwx usr/share/doc/dnsmail/examples/ \
	    postfix exim sendmail opensmtpd)" "$(files "$inst")")" ""
root=$W/root
install_to() { # TARGET
	make -s BUILD="$BUILD" DESTDIR="$root" prefix=/usr \
	    systemdsystemunitdir=/lib/systemd/system "$1"
}
ok "make install works" install_to install
is "it installs the same, and the licence" \
    "$(difference "$(expected ''
	listed -rw-r--r-- usr/share/doc/dnsmail/ LICENSE)" "$(files "$root")")" ""
is "what its pages name is there" "$(cd "$root/usr/share/doc/dnsmail" &&
    grep -ohE '\]\([^)#]+' *.md | cut -c 3- | sort -u | while read -r page; do
	case $page in /*) page=$root$page ;; esac
	[ -e "$page" ] || echo "$page"
    done)" ""
install_to uninstall >/dev/null
is "make uninstall leaves no file, and no directory of ours" \
    "$(cd "$root" && find . ! -type d -o -path "*dnsmail*" ! -path "*/etc/*")" ""

# No error, no warning; and nothing else is said.
lints() { lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$@"; }
is "lintian finds nothing" "$(lints "$PACKAGE"/dnsmail_*.changes 2>&1) $?" " 0"
is "only the sample is a file of dpkg's in /etc" \
    "$(dpkg-deb -I "$DEB" conffiles)" /etc/dnsmail/dnsmail.conf.sample

# ---- one version ------------------------------------------------------------------

is "debian/changelog is of the Makefile's version" \
    "$(dpkg-parsechangelog -S Version)" "$VERSION"
is "each program says it" \
    "$(for p in "$inst"/usr/sbin/*; do "$p" -V; done)" \
    "$(cd "$inst/usr/sbin" && printf "%s (DNS Mail) $VERSION\n" *)"
is "where the manual shows a version it is this one" \
    "$(grep -hoE 'version [0-9.]+[0-9]' doc/*.[1-9] | sort -u)" "version $VERSION"

# ---- the tarball --------------------------------------------------------------------

repository=$W/repository
in_git() { git -C "$repository" -c user.name=M -c user.email=m@example.org "$@"; }
commit() { in_git commit -qam "$1"; }
copy_tree "$repository"
{ in_git init && in_git add -A && commit first; } >"$W/git.log" 2>&1
# dist_of DIR: makes the tarball of the repository in it
dist_of() { make -s -C "$1" BUILD=build dist; }
TARBALL=build/dist/dnsmail-$VERSION.tar.gz
ok "make dist makes a tarball" dist_of "$repository"
touch "$W/later"
git clone -q "$repository" "$W/elsewhere/clone"
(umask 077; TZ=Pacific/Kiritimati dist_of "$W/elsewhere/clone")
ok "another clone, another time, another umask: the same" \
    cmp "$repository/$TARBALL" "$W/elsewhere/clone/$TARBALL"
mkdir -p "$W/second"
tar -xzf "$repository/$TARBALL" -C "$W/second"
second=$W/second/dnsmail-$VERSION
names() { find "$1" ! -type d -printf '%P\n'; }
is "all that is committed is in it, and nothing else" \
    "$(difference "$(in_git ls-files)" "$(names "$second")")" ""

# ---- the same package, made otherwise --------------------------------------------------

# From the tarball; 100 days later, in another directory, language and time zone,
# by one process and, if root is here, another user, with a umask that nobody has.
by=()
if [ "$(id -u)" = 0 ]; then
	by=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chown -R 65534:65534 "$W/second"
fi
again() {
	cd "$second" && umask 077 && "${by[@]}" env -i HOME="$W/second" \
	    PATH="$PATH" LC_ALL=C TZ=Pacific/Kiritimati \
	    DEB_BUILD_OPTIONS="nocheck parallel=1" \
	    CLOCK_SHIFT=8640000 LD_PRELOAD="$BUILD/clock_shift.so" \
	    dpkg-buildpackage --no-sign -b
}
ok "the tarball builds as a package, without git" eval "(again) >$W/again.log 2>&1"
built() { (cd "$1" && sha256sum dnsmail*.deb); }
is "the packages are the same, to the bit, debugging symbols too" \
    "$(built "$W/second")" "$(built "$PACKAGE")"
smoke() {
	local units="tsig record config"
	cd "$second" && make -s BUILD=debian/build \
	    $(printf 'debian/build/unit/%s ' $units) &&
	    tests/run debian/build debian/build/unit/
}
like "unit tests of the tarball pass" "$( (smoke) 2>&1 | tail -1)" \
    '^[1-9][0-9]* passed, 0 failed, 0 skipped$'
source_package() {
	(cd "$second" && mkdir .git build && : >.git/HEAD && : >build/x &&
	    dpkg-buildpackage --no-sign -d -S &&
	    rm -r .git build && dpkg-source -x ../*.dsc "$W/source") >"$W/source.log" 2>&1
}
ok "a source package is made" source_package
is "... in which lintian finds nothing" \
    "$(lints "$W"/second/dnsmail_*_source.changes 2>&1) $?" " 0"
is "... of the same files" \
    "$(difference "$(in_git ls-files | grep -vx .gitignore)" "$(names "$W/source")")" ""

# ---- signed -----------------------------------------------------------------------------

# The agent's socket has a path of at most 108 octets.
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
forget_keys() { gpgconf --kill all; rm -rf "$GNUPGHOME"; }
AT_EXIT+=(forget_keys)
gpg --batch --quiet --passphrase '' --quick-gen-key \
    'Martha <martha@example.org>' ed25519 sign never 2>>"$W/gpg.log"
release() { # check|sign [RELEASE_KEY]
	(cd "$repository" && RELEASE_KEY=${2-} \
	    .ci/release "$1" "$VERSION" "$TARBALL") 2>&1
}
like "nobody to sign: told, and how" "$(release check)" 'RELEASE_KEY=.* make release'
like "nobody who could, too" "$(release check claire)" 'no secret key of claire'
echo >>"$repository/README.md"
like "what is not committed is not released" "$(release check martha)" 'not committed'
in_git checkout -q README.md
sed -i '1s/bookworm/UNRELEASED/' "$repository/debian/changelog"
commit unreleased
like "nor what is not to be" "$(release check martha)" 'UNRELEASED'
sed -i '1s/(.*)/(9.9.9)/' "$repository/debian/changelog"
commit other
like "nor one of two versions" "$(release check martha)" '9\.9\.9.*'"$VERSION"
in_git reset -q --hard HEAD~2
is "else nothing is in the way" "$(release check martha)" ""

in_git config user.name M
in_git config user.email m@example.org
made_of=$(in_git rev-parse HEAD)
in_git commit -q --allow-empty -m meanwhile
said=$(release sign martha)
is "with a key it is released" "$?" 0
dist=$repository/build/dist
is "these are to be published" "$(cd "$dist" && echo *)" \
    "SHA256SUMS SHA256SUMS.asc dnsmail-$VERSION.tar.gz dnsmail-$VERSION.tar.gz.asc"
check_sums() { (cd "$dist" && sha256sum -c SHA256SUMS); }
ok "the sums are right" check_sums
for f in SHA256SUMS "dnsmail-$VERSION.tar.gz"; do
	ok "the signature of $f is, too" gpg --verify "$dist/$f.asc" "$dist/$f"
done
ok "the tag is signed" in_git verify-tag "v$VERSION"
is "... of the commit that the tarball was made of, whatever came since" \
    "$(in_git rev-parse "v$VERSION^{commit}")" "$made_of"
like "no other commit is released as that" "$(release check martha)" 'another commit'
