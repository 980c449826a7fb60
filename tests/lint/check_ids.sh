#!/bin/sh
# Every check id has a case in which it fires and one in which it passes.
# Fires: named by a mutation, by a unit test as "id:severity", or as a finding in
# a transcript (or is
# said to be undecided there). Passes: in the report on a good model, or by a unit test.
set -u
cd "$1" || exit 1
build=$2 audit=$2/vitalis-audit models=$2/tests/models
[ -x "$audit" ] && [ -d "$models" ] || exit 77
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

"$audit" generate list-checks | grep / | sort >"$work/all"

{
	grep -hv '^#' tests/mutations/*.tsv | cut -f 3 | tr ' ' '\n' | sed 's/:.*//'
	grep -rhoE '[a-z]+/[a-z0-9-]+:(error|warning|note)' tests/unit tests/mutations |
		sed 's/:.*//'
	grep -hE '^  [✗!·] [a-z]+/[a-z0-9-]+$' tests/cli/*/stdout | sed 's/^.* //'
	# "Could not be decided" is the other way not to pass.
	sed -nE 's|^  ([a-z]+/[a-z0-9-]+)  .*|\1|p' tests/cli/*/stdout
} | grep / | sort -u >"$work/fires"

passing() {
	"$audit" "$@" -f json | awk '
		/^ *"checks": \[/ { checks = 1 }
		checks && /^ *"id": / { split($0, part, "\""); id = part[4] }
		checks && /^ *"state": "pass"/ { print id }'
}
{
	for model in "$models"/tiny-*/; do
		passing "$model" --verify --deep --no-cache
	done
	passing "$models/tiny-llama-lora" --base "$models/tiny-llama"
	# A published model, with a digest source for every file.
	"$build/tests/support/mk_model" gpt-oss-20b "$work/gpt-oss-20b" && passing "$work/gpt-oss-20b"
	cp -R "$models/tiny-llama" "$work/locked" && "$audit" lock "$work/locked" -q --no-cache &&
		passing "$work/locked" --verify --no-cache
	data=tests/data/emergency-relief
	passing data "$data/EMERGENCY_RELIEF_TRAINING_DATA.json" --job "$data/job.yaml" --seq 2048
	grep -rhoE 'VIT_CK_[a-z0-9_]+\], VIT_STATE_PASS' tests/unit |
		sed 's/VIT_CK_\([a-z]*\)_\([a-z0-9_]*\)\].*/\1\/\2/; s/_/-/g'
} 2>"$work/errors" | sort -u >"$work/passes"

status=0
comm -23 "$work/all" "$work/fires" >"$work/never_fires"
while read -r id; do
	echo "src/catalog/checks:1: no case in which $id fires"
	status=1
done <"$work/never_fires"
comm -23 "$work/all" "$work/passes" >"$work/never_passes"
while read -r id; do
	echo "src/catalog/checks:1: no case in which $id passes"
	status=1
done <"$work/never_passes"
exit $status
