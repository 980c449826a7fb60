#!/bin/sh
# Who includes whom: every #include of src against the table of docs/ARCHITECTURE.md.
set -u
cd "$1" || exit 1
# shellcheck disable=SC2016 # awk's own $
find src include -name '*.[ch]' -o -path 'src/*' -name '*.def' | sort | xargs awk '
	function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
	FILENAME == "docs/ARCHITECTURE.md" {
		if (/<!-- layers:begin -->/) table = 1
		else if (/<!-- layers:end -->/) table = 0
		else if (table && split($0, cell, "|") >= 5) {
			from = trim(cell[2])
			if (from == "module" || from ~ /^-+$/)
				next
			known[from] = 1
			rows++
			n = split(cell[3], item, ",")
			for (i = 1; i <= n; i++)
				may[from, trim(item[i])] = 1
			n = split(cell[4], item, ",")
			for (i = 1; i <= n; i++) {
				home[trim(item[i])] = 1
				third[from, trim(item[i])] = 1
			}
		}
		next
	}
	!/^[ \t]*#[ \t]*include[ \t]/ { next }
	{
		split(FILENAME, dir, "/")
		from = dir[2]
		if (FILENAME ~ /^include\//)
			from = "include"
		else if (FILENAME == "src/main.c")
			from = "main"
		else if (!(from in known)) {
			if (!(from in told))
				fault(from " has no row in the layers table")
			told[from] = 1
			next
		}
	}
	/"/ {
		split($0, quote, "\"")
		path = quote[2]
		if (path !~ /\//)
			next # the same folder
		split(path, part, "/")
		to = part[1] == "vitalis" ? "include" : part[1]
		if (from == "main" && to == "cli" || from == "include" && to == "base")
			next
		if (to != from && !((from, to) in may))
			fault(from " may not include " path)
		next
	}
	/</ {
		split($0, quote, /[<>]/)
		if ((quote[2] in home) && !((from, quote[2]) in third))
			fault("<" quote[2] "> belongs to another module, not to " from)
		else if (!(quote[2] in home) && quote[2] ~ /^(cjson\/|cJSON|yaml|curl\/|openssl\/|pcre|zlib|jansson)/)
			fault("<" quote[2] "> has no row in the layers table")
	}
	function fault(text) {
		print FILENAME ":" FNR ": " text
		bad = 1
	}
	END {
		if (rows < 5) {
			print "docs/ARCHITECTURE.md: no layers table between its markers"
			bad = 1
		}
		exit bad
	}
' docs/ARCHITECTURE.md || exit 1
