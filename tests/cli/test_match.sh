#!/bin/sh
# The matcher itself: a matcher that says yes to everything would hide all else.
set -u
here=$(dirname "$0")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
try() { # yes|no EXPECTED ACTUAL
	printf '%b' "$2" >"$dir/want"
	printf '%b' "$3" >"$dir/have"
	if awk -f "$here/match.awk" "$dir/want" "$dir/have"; then got=yes; else got=no; fi
	if [ $got != "$1" ]; then
		printf 'want %s: %s against %s\n' "$1" "$2" "$3"
		bad=1
	fi
}
try yes '' ''
try no '' 'a\n'
try no 'a\n' ''
try yes 'a\nb\n' 'a\nb\n'
try no 'a\nb\n' 'a\n'
try no 'a\n' 'a\nb\n'
try yes '...\n' ''
try yes '...\n' 'a\nb\n'
try yes 'a\n...\n' 'a\n'
try yes 'a\n...\nd\n' 'a\nb\nc\nd\n'
try no 'a\n...\nd\n' 'a\nb\nc\n'
try no 'a\n...\na\n' 'a\n'
try yes '...\nb\n...\n' 'a\nb\nc\n'
try no '...\nx\n...\n' 'a\nb\nc\n'
try no '...\nb\na\n...\n' 'a\nb\nc\n'
try yes '...\na\nb\n...\nb\n' 'a\na\nb\nb\n'
try no '...\nb\n...\nb\n' 'a\nb\n'
try yes 'n: {*} B\n' 'n: 12 B\n'
try no 'n: {*} B\n' 'n: 12 C\n'
try yes '{*}x{*}y\n' 'aaxbby\n'
try no '{*}x{*}y\n' 'aaybbx\n'
try no 'ab{*}bc\n' 'abc\n'
try no 'a.c\n' 'abc\n'
exit $bad
