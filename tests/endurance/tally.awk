# tally.awk - what has arrived, by message number.
#   find NEW -type f -printf '%T@ %p\n' | awk -v tag=T -v taken=FILE -f tally.awk
# FILE has the numbers that the mail server has taken. Prints name=number.

function header(file,	line, sent) {
	number = sent = ""
	id = result = 0
	while ((getline line <file) > 0 && line != "") {
		if (line ~ "^Message-ID: <" tag "-[0-9]+@")
			number = substr(line, index(line, tag "-") + length(tag) + 1) + 0
		else if (line ~ /^X-Sent: /)
			sent = substr(line, 9) / 1000000
		else if (line ~ /^DNS-Mail-ID: [a-z2-7]+\.domain\.test/)
			id = 1
		else if (line ~ /dnsmail=pass header\.from=martha@domain\.test/)
			result = 1
	}
	close(file)
	return sent
}

BEGIN {
	while ((getline n <taken) > 0)
		wanted[n + 0] = 1
}

{
	sent = header($2)
	if (number == "") {
		strange++
		next
	}
	if (seen[number]++) {
		twice++
		next
	}
	arrived++
	untaken += !(number in wanted)
	unsigned += !id
	notpass += !result
	delay[arrived] = $1 - sent
}

END {
	for (n in wanted)
		lost += !(n in seen)
	for (i = 1; i <= arrived; i++)
		print delay[i] | "sort -n >" sorted
	close("sort -n >" sorted)
	for (i = 1; (getline d <sorted) > 0; i++) {
		if (i >= arrived * 0.5 && p50 == "")
			p50 = d
		if (i >= arrived * 0.99 && p99 == "")
			p99 = d
		late += d > 30
		max = d
	}
	printf "arrived=%d lost=%d twice=%d strange=%d untaken=%d ", arrived,
	    lost, twice, strange, untaken
	printf "unsigned=%d notpass=%d late=%d ", unsigned, notpass, late
	printf "p50=%.2f p99=%.2f max=%.2f\n", p50, p99, max
}
