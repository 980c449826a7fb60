# C without comments and without what is inside string and character literals;
# each line behind its "file:line:". For lints that look for names.
FNR == 1 { comment = 0 }
{
	line = $0
	out = ""
	while (line != "") {
		if (comment) {
			at = index(line, "*/")
			if (!at)
				break
			line = substr(line, at + 2)
			comment = 0
		} else if (match(line, /\/\*|\/\/|"|'/)) {
			out = out substr(line, 1, RSTART - 1)
			mark = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (mark == "/*") {
				comment = 1
			} else if (mark == "//") {
				line = ""
			} else {
				out = out mark
				while (line != "" && substr(line, 1, 1) != mark)
					line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
				out = out mark
				line = substr(line, 2)
			}
		} else {
			out = out line
			line = ""
		}
	}
	print FILENAME ":" FNR ":" out
}
