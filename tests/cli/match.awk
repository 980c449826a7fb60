# awk -f match.awk EXPECTED ACTUAL: exit 0 when they match. A line "..." in
# EXPECTED stands for any lines, "{*}" in a line for any text.
FNR == NR { want[++wants] = $0; next }
{ have[++haves] = $0 }

# Like * in a shell pattern: the leftmost place for each part is as good as any.
function line_matches(pattern, line,    at, star) {
	star = index(pattern, "{*}")
	if (star == 0)
		return pattern == line
	if (substr(line, 1, star - 1) != substr(pattern, 1, star - 1))
		return 0
	line = substr(line, star)
	pattern = substr(pattern, star + 3)
	while ((star = index(pattern, "{*}")) > 0) {
		at = index(line, substr(pattern, 1, star - 1))
		if (star > 1 && at == 0)
			return 0
		if (star > 1)
			line = substr(line, at + star - 1)
		pattern = substr(pattern, star + 3)
	}
	return length(line) >= length(pattern) &&
		substr(line, length(line) - length(pattern) + 1) == pattern
}

function block_matches(from, to, at,    i) {
	for (i = from; i <= to; i++)
		if (!line_matches(want[i], have[at + i - from]))
			return 0
	return 1
}

END {
	# Blocks of lines between the "..." lines, each [first, last].
	blocks = 1
	first[1] = 1
	for (i = 1; i <= wants; i++)
		if (want[i] == "...") {
			last[blocks] = i - 1
			first[++blocks] = i + 1
		}
	last[blocks] = wants
	if (blocks == 1)
		exit !(haves == wants && block_matches(1, wants, 1))
	# The first block stands at the start, the last at the end.
	size = last[1] - first[1] + 1
	if (size > haves || !block_matches(first[1], last[1], 1))
		exit 1
	at = size + 1
	for (b = 2; b < blocks; b++) {
		size = last[b] - first[b] + 1
		while (at + size - 1 <= haves && !block_matches(first[b], last[b], at))
			at++
		if (at + size - 1 > haves)
			exit 1
		at += size
	}
	size = last[blocks] - first[blocks] + 1
	exit !(haves - size + 1 >= at && block_matches(first[blocks], last[blocks], haves - size + 1))
}
