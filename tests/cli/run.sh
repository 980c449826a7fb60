#!/bin/sh
# Runs one transcript: see README.md. Usage:
#   run.sh BUILD_DIR SOURCE_DIR CASE_DIR SCRATCH_DIR
# REWRITE=1 rewrites the expectation files that do not match.
set -u
build=$1 source=$2 case=$3 scratch=$4
helpers=$source/tests/cli

rm -rf "$scratch"
mkdir -p "$scratch" || exit 1
# Of one length everywhere, so that no column and no line break depends on where
# the checkout lies.
work=$(mktemp -d /tmp/vitalis-cli.XXXXXX) && work=$(cd "$work" && pwd -P) && chmod 755 "$work" || exit 1
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT

# Nothing of the caller's environment decides what a case prints.
for name in NO_COLOR CLICOLOR CLICOLOR_FORCE COLUMNS XDG_CONFIG_HOME XDG_CACHE_HOME; do
	unset "$name"
done
export PATH="$build:$build/tests/support:$helpers/bin:$PATH"
export LC_ALL=C TERM=dumb TZ=UTC HOME="$work" SOURCE_DATE_EPOCH=1700000000
export BUILD="$build" MODELS="$build/tests/models" HOSTS="$source/tests/hosts" CASE="$case" SOURCE="$source"
umask 022

(cd "$work" && exec sh "$case/cmd") </dev/null \
	>"$scratch/stdout.raw" 2>"$scratch/stderr.raw"
echo $? >"$scratch/exit"
# A case that cannot be shown on this machine.
[ "$(cat "$scratch/exit")" != 77 ] || exit 77

version=$(vitalis-audit version | sed 's/^vitalis-audit //')
for stream in stdout stderr; do
	# The longest path first: the models lie in the build folder.
	awk -v version="$version" -v scratch="$work" -v models="$MODELS" \
		-v build="$build" -v source="$source" -f "$helpers/normalise.awk" \
		"$scratch/$stream.raw" >"$scratch/$stream"
done

status=0
check() { # NAME DEFAULT
	if [ -f "$case/$1" ]; then
		cp "$case/$1" "$scratch/$1.want"
	else
		printf '%s' "$2" >"$scratch/$1.want"
	fi
	if awk -f "$helpers/match.awk" "$scratch/$1.want" "$scratch/$1"; then
		return
	fi
	if [ -n "${REWRITE:-}" ]; then
		if [ "$(cat "$scratch/$1")" = "$(printf '%s' "$2")" ]; then
			rm -f "$case/$1"
		else
			cp "$scratch/$1" "$case/$1"
		fi
		return
	fi
	echo "--- $1 is not as expected (- expected, + got):"
	diff -u "$scratch/$1.want" "$scratch/$1" | sed -e 1,2d
	status=1
}
check exit '0
'
check stdout ''
check stderr ''
[ $status -ne 0 ] || rm -rf "$scratch"
exit $status
