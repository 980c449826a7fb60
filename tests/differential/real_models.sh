#!/bin/sh
# Public model folders as cloned without git-LFS: NOT READY, each pointer named,
# and nothing fires but what such folders are known to have. What counts as a
# pointer is decided here by grep, not by the program.
# Usage: real_models.sh AUDIT MODELS_DIR
set -u
audit=$1 models=$2
[ -d "$models" ] || { echo "skipped: $models is not there"; exit 77; }
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
# Ids that follow from what was left out of these folders: weights, tokenizers, templates.
known='files/lfs-pointer weights/missing weights/index-missing config/remote-code tokenizer/missing integrity/pin-missing'
findings() { sed -n '/^  "findings": \[/,/^  "checks": \[/p' "$report"; }
bad=0 folders=0
for config in "$models"/*/config.json "$models"/*/*/config.json; do
	folder=${config%/config.json}
	case $folder in */original | */1_Pooling) continue ;; esac
	folders=$((folders + 1))
	"$audit" "$folder" -f json >"$report" 2>&1
	code=$?
	if [ "$code" -ne 1 ]; then
		echo "$folder: exit $code, expected 1"
		bad=1
	fi
	pointers=$(find "$folder" -type f -size -2 -exec grep -l '^version https://git-lfs' {} + | wc -l)
	named=$(findings | grep -c '"id": "files/lfs-pointer",')
	if [ "$pointers" -ne "$named" ]; then
		echo "$folder: $pointers pointers, $named named"
		bad=1
	fi
	findings |
		awk '/^ *"id":/ { split($0, p, "\""); id = p[4] }
			/^ *"severity":/ && !/note/ { print id }' | sort -u |
		while read -r id; do
			case " $known " in *" $id "*) ;; *) echo "$folder: also $id" ;; esac
		done >"$report.more"
	if [ -s "$report.more" ]; then
		cat "$report.more"
		bad=1
	fi
	rm -f "$report.more"
done
echo "$folders folders"
exit $bad
