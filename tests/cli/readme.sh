#!/bin/sh
# Runs the examples of README.md: each ```console block is "$ command" lines
# with what they print below them, "..." for any lines. The tiny models lie in
# the current folder. Usage: readme.sh BUILD_DIR SOURCE_DIR SCRATCH_DIR
set -u
build=$1 source=$2 scratch=$3
readme=$source/README.md
[ -f "$readme" ] || exit 77
rm -rf "$scratch"
mkdir -p "$scratch/cases" || exit 1

awk -v dir="$scratch/cases" '
	/^```console/ { inside = 1; next }
	/^```/ { inside = 0; next }
	!inside { next }
	/^\$ / {
		n++
		cmd = sprintf("%s/%03d.cmd", dir, n)
		out = sprintf("%s/%03d.want", dir, n)
		print substr($0, 3) >cmd
		printf "" >out
		next
	}
	n { print >out }
' "$readme"

export PATH="$build:$PATH" LC_ALL=C TERM=dumb SOURCE_DATE_EPOCH=1700000000
unset NO_COLOR CLICOLOR CLICOLOR_FORCE COLUMNS
bad=0 ran=0
for cmd in "$scratch"/cases/*.cmd; do
	[ -f "$cmd" ] || break
	# The set-up commands are what ./dev itself is tested by.
	if grep -q '^\(\./dev\|git\|cd\) ' "$cmd"; then
		continue
	fi
	ran=$((ran + 1))
	work=$scratch/work
	rm -rf "$work"
	cp -R "$build/tests/models" "$work"
	(cd "$work" && sh "$cmd") >"${cmd%.cmd}.have" 2>&1 </dev/null
	if ! awk -f "$source/tests/cli/match.awk" "${cmd%.cmd}.want" "${cmd%.cmd}.have"; then
		echo "--- README.md: $(cat "$cmd")"
		diff -u "${cmd%.cmd}.want" "${cmd%.cmd}.have" | sed -e 1,2d
		bad=1
	fi
done
echo "$ran examples"
exit $bad
