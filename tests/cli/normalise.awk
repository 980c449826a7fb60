# Replaces what differs between machines by placeholders.
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
	print replace(line, "vitalis-audit " version, "vitalis-audit {version}")
}
