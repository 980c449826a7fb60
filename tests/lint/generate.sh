#!/bin/sh
# The generated files of docs/, from the binary itself:
#   generate.sh SOURCE_DIR BUILD_DIR write|check
set -u
cd "$1" || exit 1
build=$2 mode=$3
status=0
while read -r what file; do
	if ! "$build/vitalis-audit" generate "$what" >"$build/generated.tmp"; then
		echo "$file:1: 'vitalis-audit generate $what' failed"
		status=1
	elif cmp -s "$build/generated.tmp" "$file"; then
		:
	elif [ "$mode" = write ]; then
		mkdir -p "$(dirname "$file")" && cp "$build/generated.tmp" "$file" && echo "wrote $file"
	else
		echo "$file:1: not what the program generates now: run ./dev generate"
		status=1
	fi
done <<-LIST
	man docs/vitalis-audit.1
	bash docs/completions/vitalis-audit.bash
	zsh docs/completions/_vitalis-audit
	fish docs/completions/vitalis-audit.fish
	checks docs/checks.md
LIST
rm -f "$build/generated.tmp"
exit $status
