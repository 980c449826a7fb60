#!/bin/sh
# No blanks at line ends, no CR, a line feed at the end of every text file of ours.
set -u
cd "$1" || exit 1
git rev-parse --git-dir >/dev/null 2>&1 || exit 77
status=0
cr=$(printf '\r')
# What tests read byte by byte is as it is.
files=$(git ls-files | grep -vE '^(tests/(data|fuzz/corpora|hosts|cli/[^/]*/(stdout|stderr))|docs/.*\.1$)|\.(xz|bin|safetensors|png)$')
# shellcheck disable=SC2086 # file names of ours have no blanks
found=$(grep -nE "[[:blank:]$cr]\$" $files /dev/null 2>/dev/null | sed 's/\(:[0-9]*:\).*/\1 blank at the end of the line/')
if [ -n "$found" ]; then
	printf '%s\n' "$found"
	status=1
fi
for file in $files; do
	[ -s "$file" ] || continue
	if [ -n "$(tail -c 1 "$file" | tr -d '\n')" ]; then
		echo "$file:1: no line feed at the end"
		status=1
	fi
done
exit $status
