#!/bin/bash
# dnsmail-status --metrics: OpenMetrics of the four daemons, and that the
# dashboard and the alerts ask for numbers that there are. promtool has the last
# word; our own checker is as strict.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/lib-life.sh"
. "$TESTS/lib-status.sh"
ROOT=$TESTS/..
plan 63

openmetrics() { awk -f "$TESTS/openmetrics.awk" "$@"; }

# ---- the checker finds what is wrong ------------------------------------------------

is "the checker takes an example" "$(printf '%s\n' '# TYPE a counter' '# HELP a x' \
    'a_total 1' '# TYPE b_seconds histogram' '# UNIT b_seconds seconds' \
    'b_seconds_bucket{le="0.5"} 1' 'b_seconds_bucket{le="+Inf"} 2' \
    'b_seconds_sum 1.5' 'b_seconds_count 2' '# TYPE c gauge' 'c{v="\""} -1e-3' \
    '# EOF' | openmetrics; echo $?)" 0
refuses() { # WHAT LINE...: the checker finds it
	local what=$1
	shift
	like "... but not $what" "$(printf '%s\n' "$@" | openmetrics; echo $?)" '^1$'
}
refuses "without an end" '# TYPE a gauge' 'a 1'
refuses "something after the end" '# TYPE a gauge' 'a 1' '# EOF' 'a 2'
refuses "an empty line" '# TYPE a gauge' 'a 1' '' '# EOF'
refuses "a counter without _total" '# TYPE a counter' 'a 1' '# EOF'
refuses "a counter below 0" '# TYPE a counter' 'a_total -1' '# EOF'
refuses "a sample without a type" 'a 1' '# EOF'
refuses "a sample twice" '# TYPE a gauge' 'a 1' 'a 1' '# EOF'
refuses "a family in two places" '# TYPE a gauge' 'a 1' '# TYPE b gauge' 'b 1' \
    '# HELP a x' 'a{v="1"} 1' '# EOF'
refuses "a unit that the name has not" '# TYPE a gauge' '# UNIT a seconds' 'a 1' '# EOF'
refuses "an unescaped help" '# TYPE a gauge' '# HELP a "x"' 'a 1' '# EOF'
refuses "an open label" '# TYPE a gauge' 'a{v="1} 1' '# EOF'
refuses "no number" '# TYPE a gauge' 'a one' '# EOF'
refuses "two blanks" '# TYPE a gauge' 'a  1' '# EOF'
h() { printf '%s\n' '# TYPE b histogram' "$@" '# EOF'; }
mapfile -t hist < <(h 'b_bucket{le="1"} 2' 'b_bucket{le="+Inf"} 1' 'b_sum 1' 'b_count 1')
refuses "buckets that fall" "${hist[@]}"
mapfile -t hist < <(h 'b_bucket{le="2"} 1' 'b_bucket{le="1"} 1' 'b_bucket{le="+Inf"} 1' 'b_sum 1' 'b_count 1')
refuses "edges that fall" "${hist[@]}"
mapfile -t hist < <(h 'b_bucket{le="2"} 1' 'b_sum 1' 'b_count 1')
refuses "a histogram without +Inf" "${hist[@]}"
mapfile -t hist < <(h 'b_bucket{le="+Inf"} 1' 'b_sum 1' 'b_count 2')
refuses "a count that is not the last bucket" "${hist[@]}"
mapfile -t hist < <(h 'b_bucket{le="+Inf"} 1' 'b_count 1')
refuses "a histogram without a sum" "${hist[@]}"

# ---- four daemons: nobody is at the primary's address ----------------------------------

four_conf "$(free_port)" 'reaperd: poll = "1s"'
start_four
warned() { [ "$(exit_code status reaperd)" = 1 ]; }
wait_for 20 warned
"$BUILD/milter_client" -n 3 -f m@example.test -t claire@nonprofit.test \
    -h 'From: m@example.test' -h 'Subject: Hello' -a 198.51.100.7 \
    "unix:$W/run/verifyd/milter.sock" >/dev/null
status --metrics >"$W/metrics"
is "it ends as the other forms do" $? 1
is "it is OpenMetrics" "$(openmetrics "$W/metrics"; echo $?)" 0

# number NAME: its value
number() { awk -v name="$1" '$1 == name { print $2 }' "$W/metrics"; }
for d in signerd publishd verifyd reaperd; do
	is "$d is up" "$(number dnsmail_${d}_up)" 1
	is "$d: when it started" "$(number dnsmail_${d}_start_time_seconds)" \
	    "$(of $d started)"
	# What JSON tells must be there under the name that its kind gives it.
	metrics_of $d >"$W/members"
	ok "$d: JSON has numbers" test -s "$W/members"
	is "$d: each of them is in the metrics" "$(while read -r name kind; do
		grep -Eq "^dnsmail_${d}_$name(_total|${kind:+_seconds_count})? [0-9]+\$" \
		    "$W/metrics" || echo "$name"
	done <"$W/members")" ""
done
is "reaperd has warned, publishd has not" \
    "$(number dnsmail_reaperd_degraded) $(number dnsmail_publishd_degraded)" "1 0"
is "messages without an ID" "$(number dnsmail_verifyd_messages_none_total)" 3
is "... and how long they took, as a histogram" \
    "$(number dnsmail_verifyd_verify_seconds_count)
$(number 'dnsmail_verifyd_verify_seconds_bucket{le="+Inf"}')" "3
3"
is "names are of one form" \
    "$(grep -Ev '^#|^dnsmail_(signerd|publishd|verifyd|reaperd)_[a-z0-9_]+(\{(le|version)="[0-9.e+Inf-]+"\})? [0-9.]+$' "$W/metrics")" ""
unlike "no address is in it" "$(cat "$W/metrics")" '@|nonprofit|claire|example'

# ---- as Prometheus reads it --------------------------------------------------------------

# With a time at each sample promtool's OpenMetrics reader takes it; its "check
# metrics" reads the older text, in which TYPE and HELP have a counter's _total.
timed() { awk '/^#/ { print; next } { print $0, 1795705958 }' "$W/metrics"; }
older() {
	awk 'NR == FNR { if ($2 == "TYPE" && $4 == "counter") c[$3]; next }
	    $1 == "#" && $3 in c { sub($3, $3 "_total") } { print }' \
	    "$W/metrics" "$W/metrics"
}
read_by_promtool() {
	mkdir "$W/blocks" && timed >"$W/timed" &&
	    promtool tsdb create-blocks-from openmetrics "$W/timed" "$W/blocks"
}
ok "promtool reads it" read_by_promtool
is "promtool has nothing to say against it" \
    "$(older | promtool check metrics 2>&1; echo $?)" 0
ok "promtool takes the alerts" \
    promtool check rules "$ROOT/etc/prometheus/dnsmail.rules.yml"
ok "alerts speak when they should, and only then" \
    promtool test rules "$TESTS/data/dnsmail.rules.test.yml"

# ---- dashboard and alerts ask for what there is --------------------------------------------

asked_for() { grep -Eo '\bdnsmail_[a-z0-9_]+' "$1" | sort -u; }
{
	sed -n 's/^\(dnsmail_[a-z0-9_]*\).*/\1/p' "$W/metrics"
	for d in signerd publishd reaperd; do
		nulls_of $d | sed "s/.*/dnsmail_${d}_&_time_seconds/"
	done
} | sort -u >"$W/names"
ok "the dashboard is JSON" json_pp -f json <"$ROOT/etc/grafana/dnsmail.json"
# Each of its questions as a rule; Grafana fills in the rest.
dashboard_rules() {
	printf 'groups:\n- name: dashboard\n  rules:\n'
	sed -n 's/^[[:blank:]]*"expr": "\(.*\)",*$/\1/p' "$ROOT/etc/grafana/dnsmail.json" |
	    sed 's/\\"/"/g; s/\$__rate_interval/5m/g
		s/.*/  - record: dashboard:question\n    expr: |-\n      &/'
}
dashboard_rules >"$W/dashboard.yml"
like "Prometheus can be asked each question of the dashboard" \
    "$(promtool check rules --lint=none "$W/dashboard.yml" 2>&1)" \
    "SUCCESS: $(grep -c '"expr"' "$ROOT/etc/grafana/dnsmail.json") rules found"
for f in etc/grafana/dnsmail.json etc/prometheus/dnsmail.rules.yml; do
	asked_for "$ROOT/$f" >"$W/asked"
	ok "$f asks for numbers of each daemon" \
	    test "$(cut -d_ -f2 "$W/asked" | sort -u | wc -l)" = 4
	is "... of which there is none that does not exist" \
	    "$(comm -23 "$W/asked" "$W/names")" ""
done
is "each alert says what happened, and what to do" \
    "$(awk '/- alert:/ { n++ } / summary: "/ { s++ } / action: "/ { a++ }
    END { print (n > 10), n == s, n == a }' "$ROOT/etc/prometheus/dnsmail.rules.yml")" "1 1 1"
alerts_in() { grep -o "Dnsmail[A-Za-z]*" "$ROOT/$1" | sort -u; }
is "doc/monitoring.md has each of them" "$(alerts_in doc/monitoring.md)" \
    "$(alerts_in etc/prometheus/dnsmail.rules.yml)"
is "... and each is made to speak once" \
    "$(alerts_in tests/data/dnsmail.rules.test.yml)" \
    "$(alerts_in etc/prometheus/dnsmail.rules.yml)"
# The lines of --watch that come first, too.
first_of() {
	tr -d '\n' <"$ROOT/admin/watch_lines.c" | grep -o "{ \"$1\",[^}]*}" |
	    grep -o '"[a-z_]*"' | sed '1d; s/"//g'
}
is "the live view puts first what there is" "$(for d in signerd publishd verifyd reaperd; do
	metrics_of $d | cut -d' ' -f1 | sort >"$W/members"
	first_of $d | sort | comm -23 - "$W/members"
	[ "$(first_of $d | wc -l)" -ge 4 ] || echo "$d: too few"
done)" ""

# ---- by HTTP --------------------------------------------------------------------------------

http() { # REQUEST
	printf '%s\r\nHost: x\r\n\r\n' "$1" | PATH=$BUILD:$PATH \
	    "$ROOT/etc/prometheus/dnsmail-metrics-http" -c "$W/status.conf"
}
http 'GET /metrics HTTP/1.1' >"$W/answer"
like "by HTTP: its type" "$(head -4 "$W/answer")" \
    '^Content-Type: application/openmetrics-text; version=1\.0\.0; charset=utf-8'
is "... and it is OpenMetrics" \
    "$(sed "1,/^$(printf '\r')\$/d" "$W/answer" | openmetrics; echo $?)" 0
like "... for /metrics only" "$(http 'GET / HTTP/1.1')" '^HTTP/1.0 404 '

# ---- who is down -----------------------------------------------------------------------------

stop signerd
status --metrics >"$W/metrics"
is "one is down: 2" $? 2
is "... it is still OpenMetrics" "$(openmetrics "$W/metrics"; echo $?)" 0
is "... and says that, and no more of it" "$(grep -v '^#' "$W/metrics" | grep signerd)" \
    "dnsmail_signerd_up 0"
is "... and all of the others" "$(number dnsmail_publishd_up) \
$(number dnsmail_verifyd_messages_none_total)" "1 3"
