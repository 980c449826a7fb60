#!/bin/sh
# Every option and every command stands in a transcript of tests/cli.
set -u
cd "$1" || exit 1
[ -x "$2/vitalis-audit" ] || exit 77
status=0
commands=$(cat tests/cli/*/cmd)
for option in $("$2/vitalis-audit" generate list-options); do
	if ! printf '%s\n' "$commands" | grep -qE -e "(^|[[:space:]])$option([=[:space:]]|\$)"; then
		echo "src/cli/options.def:1: no transcript uses $option"
		status=1
	fi
done
sed -n 's/^VIT_COMMAND(\([a-z]*\),.*/\1/p' src/cli/commands.def >"$2/commands.tmp"
while read -r command; do
	if ! printf '%s\n' "$commands" | grep -qE "vitalis-audit $command( |\$)"; then
		echo "src/cli/commands.def:1: no transcript uses the command $command"
		status=1
	fi
done <"$2/commands.tmp"
rm -f "$2/commands.tmp"
exit $status
