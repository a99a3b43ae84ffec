#!/bin/bash
# The manual says what the programs say: every line that they can log, every
# reason and action, every metric, and what is no line, reason or metric of
# theirs is not in it. (That dnsmail.conf(5) has every option is for
# tests/unit/test_manual.c.)
. "$(dirname "$0")/../lib.sh"
cd "$TESTS/.." || exit
plan 76

page() { # PROGRAM
	case $1 in
	common) echo doc/dnsmail-log.7 ;;
	filter) echo doc/dnsmail-filter.8 ;;
	*) echo "doc/$1.8" ;;
	esac
}
section() { # PAGE NAME: its lines, up to the next section
	sed -n "/^\.Sh $2\$/,/^\.Sh /{/^\.Sh /d; p;}" "$1"
}
subsection() { # PAGE NAME
	sed -n "/^\.Ss $2\$/,/^\.S[hs] /{/^\.S[hs] /d; p;}" "$1"
}
# What is quoted as a line of the log.
examples() { sed -n 's/^\.It "\(.*\)"$/\1/p' | sed 's/""/"/g'; }

# unmatched FORMATS LINES, formats (a line each) that no line fits
# unmatched -r FORMATS LINES, lines that no format fits, but for those formats
# that would fit anything
unmatched() {
	local reverse=0
	[ "$1" != -r ] || { reverse=1; shift; }
	awk -v reverse=$reverse '
	    NR == FNR { lines[++n] = $0; next }
	    {
		re = $0
		gsub(/[][\\.*^$(){}|+?\/]/, "\\\\&", re)
		gsub(/%(\\\.)?(\\\*)?[0-9]*(ll|z|l)?[a-zA-Z]/, ".*", re)
		words = re
		gsub(/[^a-z]/, "", words)
		hit = 0
		for (i = 1; i <= n; i++)
			if (lines[i] ~ re) {
				hit = 1
				if (length(words) >= 5)
					known[i] = 1
			}
		if (!hit && !reverse)
			print
	    }
	    END {
		for (i = 1; reverse && i <= n; i++)
			if (!(i in known))
				print lines[i]
	    }' "$2" "$1"
}

# ---- pages -------------------------------------------------------------------------

mapfile -t pages < <(ls doc/*.[1-8])
is "mandoc finds nothing to warn of" \
    "$(mandoc -T lint -W warning "${pages[@]}" 2>&1)" ""
is "each page is installed" \
    "$(make -pn BUILD="$BUILD" 2>/dev/null | sed -n 's/^MANUALS = //p' |
	tr ' ' '\n' | sort)" "$(printf '%s\n' "${pages[@]}" | sort)"
is "each page that another one names is there" "$(sed -n \
    's/^\.Xr \(dnsmail[^ ]*\|signerd\|publishd\|verifyd\|reaperd\) \([1-8]\).*/doc\/\1.\2/p' \
    "${pages[@]}" | sort -u | while read -r p; do [ -e "$p" ] || echo "$p"; done)" ""
for p in "${pages[@]}"; do
	is "$p: it has examples, what is said, and what to be careful of" "$(
	    for s in EXAMPLES DIAGNOSTICS "SECURITY CONSIDERATIONS"; do
		[ -n "$(section "$p" "$s")" ] || echo "$s"
	    done)" ""
done
for name in signerd publishd verifyd reaperd dnsmail-filter dnsmail-status; do
	is "$name: the page has what whoever is in trouble looks for" "$(
	    for s in FILES "EXIT STATUS"; do
		[ -n "$(section doc/$name.[18] "$s")" ] || echo "$s"
	    done)" ""
done
for name in signerd publishd verifyd reaperd dnsmail-filter dnsmail-status \
    dnsmail-recall dnsmail-check dnsmail-key; do
	"$BUILD/$name" -% >"$W/usage" 2>&1
	is "$name: the page has every option that the usage tells" "$(
	    grep -oE '[[ |]-[a-zA-Z-]+' "$W/usage" | cut -c 2- | while read -r o; do
		case $o in
		--) ;;	# what getopt(3) says
		--*) grep -Eq "Fl Fl ${o#--}( |\$)" "doc/$name".[18] || echo "$o" ;;
		*) fold -w 1 <<<"${o#-}" | while read -r o; do
			grep -q "^\.It Fl $o" "doc/$name".[18] || echo "-$o"
		   done ;;
		esac
	    done)" ""
done

# ---- lines of the log ---------------------------------------------------------------

for d in signerd publishd verifyd reaperd filter common; do
	# "<%d>" is how a line is sent to syslog, and two are for smtpd(8).
	tests/log-lines $d/*.c | grep -Ev '^(<%d>|reject|4\.3\.0)' >"$W/$d.formats"
	section "$(page $d)" DIAGNOSTICS >"$W/$d.section"
	examples <"$W/$d.section" >"$W/$d.lines"
	sed 's/""/"/g' "$W/$d.section" >"$W/$d.said"
	is "$(page $d): every line that is logged is there" \
	    "$(unmatched "$W/$d.formats" "$W/$d.said")" ""
	tests/log-lines -l $d/*.c | grep -Ev '^(<%d>|reject|4\.3\.0)' >"$W/$d.whole"
	is "$(page $d): each has an example" \
	    "$(unmatched "$W/$d.whole" "$W/$d.lines")" ""
	[ $d = filter ] || like "$(page $d): they are many" \
	    "$(wc -l <"$W/$d.lines")" '^([5-9]|[1-9][0-9]+)$'
done
cat "$W"/*.formats >"$W/all"
# Not found by their shape: said by errno, by another word, by libconfuse.
cat >>"$W/all" <<'E'
%s: Cannot allocate memory
ipc: %s: Address in use
%s: No such file or directory
%s: no such option '%s'
stopped
E
for d in signerd publishd verifyd reaperd filter common; do
	is "$(page $d): what is there can be logged" \
	    "$(unmatched -r "$W/all" "$W/$d.lines")" ""
done

# ---- what the tools say ----------------------------------------------------------------

# literals FILE.c...: each text of three words or more, its parts joined, but
# for usages
literals() {
	awk '{ all = all $0 "\n" }
	END {
		gsub(/\/\*[^/]*\*\//, "", all)
		while (match(all, /"([^"\\\n]|\\.)*"([ \t\n]*"([^"\\\n]|\\.)*")*/)) {
			text = substr(all, RSTART + 1, RLENGTH - 2)
			all = substr(all, RSTART + RLENGTH)
			gsub(/"[ \t\n]*"/, "", text)
			if (text ~ /[a-z]+ [a-z]+ [a-z]/ && text !~ /^usage|\\n/)
				print text
		}
	}' "$@"
}
# complaints FILE.sh...: what a shell script ends with; what is filled in is %s
complaints() {
	sed -n 's/.*die "*[$A-Z]*"* "\(.*\)"*.*/\1/p' "$@" |
	    sed 's/\\"/"/g; s/: \$(.*/: %s/; s/\${*[a-zA-Z0-9]*}*/%s/g; s/";*\( \\\)*$//'
}
said_by() { # PAGE FORMATS: those that are not under DIAGNOSTICS
	section "$1" DIAGNOSTICS | examples >"$W/lines"
	unmatched "$2" "$W/lines"
}
literals admin/key.c >"$W/formats"
is "dnsmail-key(8): all that it complains of is there" \
    "$(said_by doc/dnsmail-key.8 "$W/formats") $(wc -l <"$W/formats")" " 4"
literals admin/recall_ask.c >"$W/formats"
is "dnsmail-recall(8): why reaperd could not be asked is there" \
    "$(said_by doc/dnsmail-recall.8 "$W/formats") $(wc -l <"$W/formats")" " 4"
complaints admin/dnsmail-setup etc/setup/*.sh >"$W/formats"
is "dnsmail-setup(8): all that ends it is there" \
    "$(said_by doc/dnsmail-setup.8 "$W/formats") \
$(grep -c 'die ' "$W/formats")$(wc -l <"$W/formats")" \
    " 0$(cat admin/dnsmail-setup etc/setup/*.sh | grep -c 'die [$"]')"

# ---- closed lists -------------------------------------------------------------------

# words FILE.c TABLE: the names in it
words() {
	sed -n "/^const char \*const $2\[/,/^};/s/.*\] = \"\(.*\)\",/\1/p" "$1" | sort
}
told() { # PAGE SUBSECTION
	subsection "$1" "$2" | sed -n 's/^\.It Cm //p' | sort
}
is "signerd(8): the actions" "$(told doc/signerd.8 Actions)" \
    "$(words signerd/sign.c sign_action_names)"
is "signerd(8): the reasons" "$(told doc/signerd.8 Reasons)" \
    "$(words signerd/sign.c sign_reason_names)"
is "signerd(8): the outcomes" "$(told doc/signerd.8 Outcomes)" \
    "$(words signerd/publish_out.c publish_outcome_names)"
is "verifyd(8): the results" "$(told doc/verifyd.8 Results)" \
    "$(words verifyd/verification.c verify_result_names)"
is "verifyd(8): the reasons" "$(told doc/verifyd.8 Reasons)" \
    "$(words verifyd/verification.c verify_reason_names)"
is "verifyd(8): the content" "$(told doc/verifyd.8 Content)" \
    "$(words verifyd/verification.c verify_content_names)"
is "verifyd(8): the actions" "$(told doc/verifyd.8 Actions)" \
    "$(words verifyd/verdict.c verify_action_names)"

# ---- dnsmail-status -------------------------------------------------------------------

for d in signerd publishd verifyd reaperd; do
	tests/metric-lines $d/counters.c | sort >"$W/metrics"
	[ -s "$W/metrics" ] || diag "no metrics in $d/counters.c"
	is "dnsmail-status(1): the metrics of $d" \
	    "$(subsection doc/dnsmail-status.1 $d | awk '/^\.It Sy/ { n = $3
		getline; print n "\t" $0 }' | sort)" "$(cat "$W/metrics")"
done
is "dnsmail-status(1): every member of --json" "$({
    sed -n 's/.*member_print("\([a-z_]*\)".*/\1/p' admin/status_json.c
    grep -o '\\"[a-z0-9_]*\\":' admin/status_json.c | tr -d '\\":'
    } | sort -u | while read -r m; do
	subsection doc/dnsmail-status.1 JSON | grep -q "^\.Cm $m\\b" || echo "$m"
    done)" ""

# ---- the pages in Markdown -------------------------------------------------------------

sed -n 's/^- `\([^`]*\)`:.*/\1/p' doc/when.md >"$W/when.lines"
is "when.md: every line can be logged" \
    "$(unmatched -r "$W/all" "$W/when.lines")" ""
like "when.md: they are many" "$(wc -l <"$W/when.lines")" '^[2-9][0-9]$'
is "when.md: each result and reason of a line is one" "$(
    grep -oE '(reason|result|action)=[a-z-]+' "$W/when.lines" | sort -u |
    while IFS='=' read -r kind word; do
	{ told doc/signerd.8 "Reasons"; told doc/signerd.8 Outcomes
	told doc/verifyd.8 Results; told doc/verifyd.8 Reasons
	told doc/signerd.8 Actions; told doc/verifyd.8 Actions
	} | grep -Fxq "$word" || echo "$kind=$word"
    done)" ""
is "every option that a page sets is one" "$(
    sed -n '/^```$/,/^```$/s/^\t\([a-z-]*\) = .*/\1/p' doc/*.md | sort -u |
    while read -r o; do
	grep -q "^\.It Cm $o\$" doc/dnsmail.conf.5 || echo "$o"
    done)" ""
is "what a page links to is there" "$(
    for p in doc/*.md README.md; do
	grep -o '](\([^)#]*\)' "$p" | cut -c 3- | grep -v '^http' |
	    while read -r to; do
		[ -e "$(dirname "$p")/$to" ] || echo "$p: $to"
	    done
    done)" ""
is "what a page names of the source is there" "$(
    grep -ohE '`(tests|etc|doc)/[a-zA-Z0-9_./-]+`' doc/*.md README.md | tr -d '`' |
    sort -u | while read -r f; do [ -e "$f" ] || echo "$f"; done)" ""
is "the README lists every page" "$(
    for p in doc/*.md doc/*.[1-8]; do
	grep -qF "($p)" README.md || echo "$p"
    done)" ""
