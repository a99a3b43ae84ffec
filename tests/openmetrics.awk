# Whether standard input is OpenMetrics 1.0 text, as strictly as the
# specification has it, for the types that we use (counter, gauge, histogram)
# and without timestamps and exemplars. Says what is wrong, with the line, and
# ends with 1; says nothing and ends with 0 otherwise.

function wrong(what) {
	print "line " NR ": " what ": " $0
	bad = 1
	exit 1
}
function is_name(s) { return s ~ /^[a-zA-Z_:][a-zA-Z0-9_:]*$/ }
function is_number(s) {
	return s ~ /^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$/
}
function ends(s, end) {
	return length(s) > length(end) &&
	    substr(s, length(s) - length(end) + 1) == end
}

# ---- families: all lines of one stand together ----

function family_end() {
	if (family == "")
		return
	if (samples == 0)
		wrong("no sample of " family)
	if (type == "histogram") {
		if (le != "+Inf")
			wrong("no +Inf bucket in " family)
		if (count == "" || sum == "")
			wrong("no count or no sum in " family)
		if (count != bucket)
			wrong("count is not the +Inf bucket in " family)
	}
}
function family_begin(name) {
	if (name == family)
		return
	family_end()
	if (name in families)
		wrong("a family that was there before")
	families[name] = 1
	family = name
	type = "unknown"
	unit = le = count = sum = bucket = ""
	samples = 0
}

function metadata(  text) {
	if ($2 !~ /^(TYPE|HELP|UNIT)$/)
		wrong("no such metadata")
	if (!is_name($3))
		wrong("no name")
	if (($2, $3) in described)
		wrong("described twice")
	family_begin($3)
	described[$2, $3] = 1
	if (samples > 0)
		wrong("metadata after a sample")
	text = substr($0, length($1 $2 $3) + 4)
	if ($2 == "TYPE") {
		type = text
		if (type !~ /^(counter|gauge|histogram)$/)
			wrong("a type that we do not use")
	} else if ($2 == "UNIT") {
		if (!ends(family, "_" text))
			wrong("the unit is not at the end of the name")
	} else {
		gsub(/\\[\\"n]/, "", text)
		if (text == "" || text ~ /[\\"]/)
			wrong("a help that is empty or not escaped")
	}
}

# ---- samples ----

function sample_of_counter(suffix, labels, value) {
	if (suffix != "_total")
		wrong("a counter's sample ends in _total")
	if (value < 0)
		wrong("a counter below 0")
}
function sample_of_gauge(suffix, labels, value) {
	if (suffix != "")
		wrong("not of this gauge")
}
function sample_of_histogram(suffix, labels, value,  edge) {
	if (suffix == "_sum" || suffix == "_count") {
		if (labels != "")
			wrong("a label here")
		if (suffix == "_sum") sum = value; else count = value
		if (value < 0)
			wrong("below 0")
		return
	}
	if (suffix != "_bucket" || labels !~ /^le="[^"]*"$/)
		wrong("not of this histogram")
	edge = substr(labels, 5, length(labels) - 5)
	if (le == "+Inf")
		wrong("a bucket after +Inf")
	if (edge != "+Inf" && !is_number(edge))
		wrong("no edge")
	if (le != "" && edge != "+Inf" && edge + 0 <= le + 0)
		wrong("edges that do not rise")
	if (bucket != "" && value + 0 < bucket + 0)
		wrong("buckets that fall")
	if (value !~ /^[0-9]+$/)
		wrong("a bucket holds a number of things")
	le = edge
	bucket = value
}

function sample(  name, labels, value, rest, suffix) {
	if (!match($0, /^[a-zA-Z_:][a-zA-Z0-9_:]*/))
		wrong("neither metadata nor a sample")
	name = substr($0, 1, RLENGTH)
	rest = substr($0, RLENGTH + 1)
	labels = ""
	if (match(rest, /^\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*"\}/)) {
		labels = substr(rest, 2, RLENGTH - 2)
		rest = substr(rest, RLENGTH + 1)
	}
	if (substr(rest, 1, 1) != " " || !is_number(substr(rest, 2)))
		wrong("no number")
	value = substr(rest, 2)
	if (substr(name, 1, length(family)) != family || family == "")
		wrong("a sample outside of its family")
	if ((name, labels) in seen)
		wrong("a sample that was there before")
	seen[name, labels] = 1
	suffix = substr(name, length(family) + 1)
	if (type == "counter") sample_of_counter(suffix, labels, value)
	else if (type == "gauge") sample_of_gauge(suffix, labels, value)
	else if (type == "histogram") sample_of_histogram(suffix, labels, value)
	else wrong("a sample without a type")
	samples++
}

eof { wrong("something after the end") }
$0 == "# EOF" { family_end(); eof = 1; next }
/^$/ { wrong("an empty line") }
/^#/ { metadata(); next }
{ sample() }
END {
	if (!bad && !eof) {
		print "no # EOF"
		exit 1
	}
	exit bad
}
