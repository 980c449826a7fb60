#!/bin/sh
# Runs every lint, or the named ones: run.sh SOURCE_DIR BUILD_DIR [NAME...]
# A lint is check_NAME.sh SOURCE_DIR BUILD_DIR: prints what it finds as
# "file:line: text", exits 0 (clean), 1 (found) or 77 (its tool is not here).
set -u
source=$1 build=$2
shift 2
here=$source/tests/lint
[ $# -gt 0 ] || set -- "$here"/check_*.sh
passed=0 failed=0 skipped=0
for lint in "$@"; do
	name=${lint##*/check_}
	name=${name%.sh}
	status=0
	"$here/check_$name.sh" "$source" "$build" || status=$?
	case $status in
	0) passed=$((passed + 1)) ;;
	77) echo "$name: skipped" && skipped=$((skipped + 1)) ;;
	*) echo "$name: FAILED" && failed=$((failed + 1)) ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
