#!/usr/bin/env bash
# ./dev bench [a b c d tokens templates]: the tool against its limits, in one run, as ratios with
# both absolute numbers. Models are made once, under build/bench. Exits 1 when a
# limit is missed.
set -euo pipefail
top=$1 build=$2
shift 2
[ $# -gt 0 ] || set -- a b c d tokens data remote templates
work=$top/build/bench
audit=$build/vitalis-audit
mk=$build/tests/support/mk_model
measure=$build/tests/bench/measure
runs=${BENCH_RUNS:-7}
missed=0
mkdir -p "$work"

# model NAME ARGS...: makes it unless it is there whole.
model() {
	local out=$work/$1
	shift
	[ -f "$out.done" ] && return
	rm -rf "$out"
	"$mk" "${@//OUT/$out}" >/dev/null
	touch "$out.done"
}

calc() { awk "BEGIN { printf \"$1\", ($2) }"; }
ms() { calc '%.1f ms' "$1 * 1000"; }
mib() { calc '%.1f MiB' "$1 / 1024"; }

# limit TEXT VALUE at-most|at-least BOUND
limit() {
	local verdict=ok
	case $3 in
	at-most) [ "$(calc %d "($2) <= ($4)")" -eq 1 ] || verdict=MISSED ;;
	at-least) [ "$(calc %d "($2) >= ($4)")" -eq 1 ] || verdict=MISSED ;;
	esac
	[ "$verdict" = ok ] || missed=1
	printf '  %-52s %s (%s %s): %s\n' "$1" "$(calc %.3f "$2")" "${3/-/ }" "$4" "$verdict"
}

# The audit's exit code is a verdict; anything from 64 on is a failure.
audited() {
	[ "$1" -lt 64 ] || { echo "bench: the audit failed with $1"; exit 1; }
}

bench_a() {
	echo "(a) gpt-oss-20b at full size, against json.load of the same files"
	local from=$top/../shared/fixtures/real-models/gpt-oss-20b
	if [ -d "$from" ]; then
		model gpt-oss-20b gpt-oss-20b OUT --from "$from"
	else
		model gpt-oss-20b gpt-oss-20b OUT
	fi
	local dir=$work/gpt-oss-20b
	"$measure" -n "$runs" -- "$audit" "$dir" -f json \
		-- python3 -c 'import json, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f: json.load(f)' \
		"$dir"/*.json "$dir"/original/*.json >"$work/a.tsv"
	local wall cpu peak status pwall pcpu ppeak pstatus
	{
		read -r wall cpu peak status
		read -r pwall pcpu ppeak pstatus
	} <"$work/a.tsv"
	audited "$status"
	[ "$pstatus" -eq 0 ] || { echo "bench: json.load failed"; exit 1; }
	printf '  audit %s (processor %s, peak %s), json.load %s (processor %s, peak %s)\n' \
		"$(ms "$wall")" "$(ms "$cpu")" "$(mib "$peak")" "$(ms "$pwall")" "$(ms "$pcpu")" \
		"$(mib "$ppeak")"
	limit 'audit / json.load' "$wall / $pwall" at-most 0.25
	limit 'peak memory, MiB' "$peak / 1024" at-most 64
}

bench_b() {
	echo "(b) DeepSeek-V3: 163 shards, 91,991 tensors"
	model deepseek-v3 deepseek-v3 OUT
	local wall cpu peak status
	"$measure" -n "$runs" -- "$audit" "$work/deepseek-v3" -f json >"$work/b.tsv"
	read -r wall cpu peak status <"$work/b.tsv"
	audited "$status"
	printf '  audit %s (processor %s, peak %s)\n' "$(ms "$wall")" "$(ms "$cpu")" "$(mib "$peak")"
	limit 'seconds' "$wall" at-most 0.3
	limit 'peak memory, MiB' "$peak / 1024" at-most 64
}

bench_c() {
	echo "(c) processor time per tensor; a model of 12 tensors gives the fixed cost, which is taken off"
	local sizes=(1000 10000 100000 1000000) n wall cpu peak status base per least=0 most=0
	model synthetic-12 synthetic OUT --tensors 12
	model synthetic-1000 synthetic OUT --tensors 1000
	# What a thousand tensors cost is near the noise: many runs, by turns with the fixed cost.
	"$measure" -n 51 -- "$audit" "$work/synthetic-12" -f json \
		-- "$audit" "$work/synthetic-1000" -f json >"$work/c.tsv"
	read -r wall base peak status <"$work/c.tsv"
	printf '  fixed cost %s\n' "$(ms "$base")"
	for n in "${sizes[@]}"; do
		model "synthetic-$n" synthetic OUT --tensors "$n"
		if [ "$n" -eq 1000 ]; then
			sed -i.all 1d "$work/c.tsv"
		else
			"$measure" -n "$runs" -- "$audit" "$work/synthetic-$n" -f json >"$work/c.tsv"
		fi
		read -r wall cpu peak status <"$work/c.tsv"
		audited "$status"
		per=$(calc %.4f "($cpu - $base) / $n * 1e6")
		[ "$least" != 0 ] || least=$per
		least=$(calc %.4f "$per < $least ? $per : $least")
		most=$(calc %.4f "$per > $most ? $per : $most")
		printf '  %9d tensors: processor %s (wall %s), %s us each, peak %s\n' "$n" \
			"$(ms "$cpu")" "$(ms "$wall")" "$per" "$(mib "$peak")"
	done
	limit 'dearest / cheapest size' "$most / $least" at-most 1.3
}

bench_d() {
	echo "(d) the headers of (b), against the reference safetensors reader from Python"
	model deepseek-v3 deepseek-v3 OUT
	local python=$work/venv/bin/python
	if ! [ -x "$python" ] || ! "$python" -c 'import safetensors' 2>/dev/null; then
		python3 -m venv "$work/venv"
		"$python" -m pip install --quiet safetensors numpy
	fi
	"$measure" -n "$runs" -- "$audit" "$work/deepseek-v3" --only weights -f json \
		-- "$python" "$top/tests/bench/reference.py" keys "$work/deepseek-v3" \
		-- "$python" "$top/tests/bench/reference.py" shapes "$work/deepseek-v3" >"$work/d.tsv"
	local wall cpu peak status kwall kcpu kpeak kstatus swall scpu speak sstatus
	{
		read -r wall cpu peak status
		read -r kwall kcpu kpeak kstatus
		read -r swall scpu speak sstatus
	} <"$work/d.tsv"
	audited "$status"
	if [ "$kstatus" -ne 0 ] || [ "$sstatus" -ne 0 ]; then
		echo "bench: the reference failed"
		exit 1
	fi
	printf '  audit --only weights %s (processor %s, peak %s)\n' "$(ms "$wall")" "$(ms "$cpu")" \
		"$(mib "$peak")"
	printf '  reference, open and keys() %s (processor %s, peak %s)\n' "$(ms "$kwall")" \
		"$(ms "$kcpu")" "$(mib "$kpeak")"
	printf '  reference, and dtype and shape of each %s (processor %s, peak %s)\n' "$(ms "$swall")" \
		"$(ms "$scpu")" "$(mib "$speak")"
	"$python" "$top/tests/bench/reference.py" inside "$work/deepseek-v3" | sed 's/^/  /'
	limit 'reference opening / audit' "$kwall / $wall" at-least 5
	limit 'reference with dtypes and shapes / audit' "$swall / $wall" at-least 5
}

# least NAME: the least of the times that a program gave under that name, and its tokens.
least() { awk -v name="$1" '$1 == name && (!n || $2 < n) { n = $2; t = $3 } END { print n, t }'; }

bench_tokens() {
	echo "(tokens) counting with a vocabulary of 200,000 entries, processor seconds inside each process"
	local python=$work/venv/bin/python dir=$work/tokens
	mkdir -p "$dir"
	if ! "$python" -c 'import tokenizers, tiktoken' 2>/dev/null; then
		python3 -m venv "$work/venv"
		"$python" -m pip install --quiet tokenizers tiktoken
	fi
	[ -f "$dir/text" ] || "$python" "$top/tests/bench/tokens.py" text "$dir/text"
	# BENCH_VOCABULARY: a tokenizer.json of o200k's pattern, instead of one trained here.
	local vocabulary=${BENCH_VOCABULARY:-$dir/tokenizer.json}
	[ -f "$vocabulary" ] || "$python" "$top/tests/bench/tokens.py" make "$vocabulary" "$dir/text"
	for _ in 1 2 3; do
		"$build/tests/bench/count_tokens" "$vocabulary" "$dir/text" 3 >>"$dir/ours.$$"
		"$python" "$top/tests/bench/tokens.py" tiktoken "$vocabulary" "$dir/text" 1 >>"$dir/tiktoken.$$"
	done
	"$python" "$top/tests/bench/tokens.py" count "$vocabulary" "$dir/text" 1 >"$dir/reference.$$"
	local ours tokens load other_load tt tt_tokens ref ref_tokens batch bytes
	read -r ours tokens < <(least count <"$dir/ours.$$")
	read -r load _ < <(least load <"$dir/ours.$$")
	read -r tt tt_tokens < <(least encode <"$dir/tiktoken.$$")
	read -r ref ref_tokens < <(least encode <"$dir/reference.$$")
	read -r batch _ < <(least batch <"$dir/reference.$$")
	read -r other_load _ < <(least load <"$dir/reference.$$")
	bytes=$(wc -c <"$dir/text")
	rm -f "$dir/ours.$$" "$dir/tiktoken.$$" "$dir/reference.$$"
	printf '  %s bytes, %s tokens; loading %s (reference %s)\n' "$bytes" "$tokens" "$(ms "$load")" \
		"$(ms "$other_load")"
	printf '  ours %s (%s MB/s), tiktoken %s, reference %s one by one, %s as a batch\n' "$(ms "$ours")" \
		"$(calc %.0f "$bytes / $ours / 1e6")" "$(ms "$tt")" "$(ms "$ref")" "$(ms "$batch")"
	if [ "$tokens" != "$tt_tokens" ] || [ "$tokens" != "$ref_tokens" ]; then
		echo "bench: tiktoken counts $tt_tokens tokens, the reference $ref_tokens"
		exit 1
	fi
	limit 'reference, the faster way / ours' "($ref < $batch ? $ref : $batch) / $ours" at-least 5
	limit 'tiktoken / ours' "$tt / $ours" at-least 3
	limit 'seconds to load' "$load" at-most 0.2
}

printf 'medians of %s runs, %s processors\n' "$runs" "$(getconf _NPROCESSORS_ONLN)"
has_python() {
	command -v python3 >/dev/null || { echo "($1) needs python3: not measured"; return 1; }
}
# shellcheck source=tests/bench/data.sh
. "$top/tests/bench/data.sh"
# shellcheck source=tests/bench/hash.sh
. "$top/tests/bench/hash.sh"
# shellcheck source=tests/bench/remote.sh
. "$top/tests/bench/remote.sh"
# shellcheck source=tests/bench/templates.sh
. "$top/tests/bench/templates.sh"
for part in "$@"; do
	case $part in
	templates) if has_python templates; then bench_templates; fi ;;
	hash) bench_hash ;;
	data) bench_data ;;
	remote) if has_python remote; then bench_remote; fi ;;
	a) if has_python a; then bench_a; fi ;;
	b) bench_b ;;
	c) bench_c ;;
	d) if has_python d; then bench_d; fi ;;
	tokens) if has_python tokens; then bench_tokens; fi ;;
	*) echo "bench: no part called $part (a b c d tokens data hash remote templates)"; exit 64 ;;
	esac
done
exit "$missed"
