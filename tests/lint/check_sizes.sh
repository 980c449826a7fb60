#!/bin/sh
# Hard limits: files 800 lines, functions 100 lines and cyclomatic complexity 25.
# Tables (.def) are exempt.
set -u
cd "$1" || exit 1
git rev-parse --git-dir >/dev/null 2>&1 || exit 77
files=$(git ls-files 'src/*.[ch]' 'include/*.[ch]' 'tests/*.[ch]')
status=0
for file in $files; do
	[ -f "$file" ] || continue
	lines=$(wc -l <"$file")
	if [ "$lines" -gt 800 ]; then
		echo "$file:801: $lines lines, more than 800"
		status=1
	fi
done
command -v pmccabe >/dev/null 2>&1 || { [ $status -eq 0 ] && exit 77; exit 1; }
for file in $files; do
	case $file in *.c) [ ! -f "$file" ] || echo "$file" ;; esac
done | xargs pmccabe 2>/dev/null |
	awk '{
		split($6, place, /[()]/)
		where = place[1] ":" $4 ": " $7
		if ($1 > 25) { print where " has complexity " $1 ", more than 25"; bad = 1 }
		if ($5 > 100) { print where " has " $5 " lines, more than 100"; bad = 1 }
	}
	END { exit bad }' || status=1
exit $status
