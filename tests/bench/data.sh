# shellcheck shell=bash
# shellcheck disable=SC2154 # top, work, build, audit and measure are set by run.sh
# Part data of run.sh: training data, against limits and against json.load and wc
# of the same file, on one core.

# rows NAME ARGS...: makes the file unless it is there.
rows() {
	[ -f "$work/$1" ] || { "$build/tests/support/mk_data" "$2" "$work/$1.new" ${3:+"$3"} && mv "$work/$1.new" "$work/$1"; }
}

one_core() {
	if command -v taskset >/dev/null; then taskset -c 0 "$@"; else "$@"; fi
}

bench_data() {
	echo "(data) structure and duplicates of JSON lines; near duplicates; cost per row"
	local wall cpu peak status awall acpu apeak astatus lwall lpeak lstatus jcpu jstatus n per least=0 most=0 base
	rows data-1g.jsonl 1000m
	rows data-100m.jsonl 100m
	# Structure and exact duplicates; then everything.
	one_core "$measure" -n 3 -- "$audit" data "$work/data-1g.jsonl" -f json \
		--skip data/near-duplicate,data/split-overlap,data/language-mix \
		-- "$audit" data "$work/data-1g.jsonl" -f json \
		-- wc -l "$work/data-1g.jsonl" >"$work/data.tsv"
	{
		read -r wall cpu peak status
		read -r awall acpu apeak astatus
		read -r lwall _ lpeak lstatus
	} <"$work/data.tsv"
	audited "$status"
	audited "$astatus"
	[ "$lstatus" -eq 0 ] || { echo "bench: wc failed"; exit 1; }
	printf '  1 GB: structure, text and duplicates %s (processor %s, peak %s)\n' "$(ms "$wall")" "$(ms "$cpu")" \
		"$(mib "$peak")"
	printf '  with near duplicates and languages %s (processor %s, %s MB/s, peak %s); wc -l %s (peak %s)\n' \
		"$(ms "$awall")" "$(ms "$acpu")" "$(calc %.0f "1000 / $acpu")" "$(mib "$apeak")" "$(ms "$lwall")" \
		"$(mib "$lpeak")"
	limit 'MB/s of processor time, structure and duplicates' "1000 / $cpu" at-least 250
	limit 'peak memory, MiB, everything' "$apeak / 1024" at-most 256
	if command -v python3 >/dev/null; then
		one_core "$measure" -n 3 -- "$audit" data "$work/data-100m.jsonl" -f json \
			-- python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' "$work/data-100m.jsonl" >"$work/data.tsv"
		{
			read -r wall cpu peak status
			read -r _ jcpu _ jstatus
		} <"$work/data.tsv"
		audited "$status"
		[ "$jstatus" -eq 0 ] || { echo "bench: json.loads failed"; exit 1; }
		printf '  100 MB: audit processor %s, json.loads of each line %s: %s times\n' "$(ms "$cpu")" "$(ms "$jcpu")" \
			"$(calc %.2f "$jcpu / $cpu")"
	fi
	rows data-200k.jsonl 200000
	one_core "$measure" -n 3 -- "$audit" data "$work/data-200k.jsonl" -f json >"$work/data.tsv"
	read -r wall cpu peak status <"$work/data.tsv"
	audited "$status"
	printf '  200,000 rows: processor %s (peak %s)\n' "$(ms "$cpu")" "$(mib "$peak")"
	limit 'seconds, near duplicates of 200,000 rows' "$cpu" at-most 5
	rows data-12.jsonl 12 30
	one_core "$measure" -n 21 -- "$audit" data "$work/data-12.jsonl" -f json >"$work/data.tsv"
	read -r wall base peak status <"$work/data.tsv"
	for n in 10000 100000 1000000; do
		rows "data-$n.jsonl" "$n" 30
		one_core "$measure" -n 5 -- "$audit" data "$work/data-$n.jsonl" -f json >"$work/data.tsv"
		read -r wall cpu peak status <"$work/data.tsv"
		audited "$status"
		per=$(calc %.4f "($cpu - $base) / $n * 1e6")
		[ "$least" != 0 ] || least=$per
		least=$(calc %.4f "$per < $least ? $per : $least")
		most=$(calc %.4f "$per > $most ? $per : $most")
		printf '  %9d rows: processor %s, %s us each, peak %s\n' "$n" "$(ms "$cpu")" "$per" "$(mib "$peak")"
	done
	limit 'dearest / cheapest number of rows' "$most / $least" at-most 1.5
}
