# Replaces what differs between machines by placeholders, and the counts of
# checks, which change with every check that is added.
function replace(line, what, with,    out, at) {
	if (what == "")
		return line
	out = ""
	while ((at = index(line, what)) > 0) {
		out = out substr(line, 1, at - 1) with
		line = substr(line, at + length(what))
	}
	return out line
}
{
	line = replace($0, scratch, "{scratch}")
	line = replace(line, models, "{models}")
	line = replace(line, build, "{build}")
	line = replace(line, source, "{source}")
	line = replace(line, "vitalis-audit " version, "vitalis-audit {version}")
	sub(/^    [0-9,]+ checks passed, .* not checked$/, "    {checks}", line)
	sub(/Checks: [0-9,]+ passed, .* not checked\./, "Checks: {checks}.", line)
	print line
}
