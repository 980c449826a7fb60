# shellcheck shell=bash
# shellcheck disable=SC2154 # top, work, audit, measure and runs are set by run.sh
# ./dev bench hash, read by run.sh: hashing and --deep on 2 GB in eight shards. BENCH_VENV
# names a virtual environment with huggingface_hub and model_signing; HASH_BYTES another size.

# Bytes a second of one core, as OpenSSL says.
openssl_rate() {
	openssl speed -evp sha256 -bytes 16384 -seconds 1 2>/dev/null |
		awk '/^sha256/ { sub(/k$/, "", $NF); printf "%.0f\n", $NF * 1000 }'
}

# middle FILE: the median of a column of numbers.
middle() {
	sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# forget DIR: its files leave the page cache.
forget() {
	local file
	for file in "$1"/*; do
		dd if="$file" iflag=nocache count=0 status=none
	done
}

# seconds CMD...: wall seconds of one run.
seconds() {
	local begin=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 || [ $? -lt 64 ] || { echo "bench: $* failed" >&2; exit 1; }
	calc %.6f "$EPOCHREALTIME - $begin"
}

read_with_dd() {
	local file
	for file in "$1"/*; do
		dd if="$file" of=/dev/null bs=1M status=none
	done
}

hash_cold() {
	local dir=$1 i
	: >"$work/cold.audit"
	: >"$work/cold.dd"
	for ((i = 0; i < 5; i++)); do
		forget "$dir"
		seconds read_with_dd "$dir" >>"$work/cold.dd"
		echo >>"$work/cold.dd"
		forget "$dir"
		seconds "$audit" "$dir" --verify --no-cache -f json >>"$work/cold.audit"
		echo >>"$work/cold.audit"
	done
	local dd cold
	dd=$(middle "$work/cold.dd")
	cold=$(middle "$work/cold.audit")
	printf '  cold: dd %s, audit --verify %s\n' "$(ms "$dd")" "$(ms "$cold")"
	limit 'cold: rate / dd of the same files' "$dd / $cold" at-least 0.95
}

hash_peers() {
	local dir=$1 wall=$2 cpu=$3 threads=$4 python=${BENCH_VENV:-}/bin/python kind
	if [ -z "${BENCH_VENV:-}" ] || ! [ -x "$python" ]; then
		echo "  hf cache verify and model_signing: not measured (BENCH_VENV names no virtual environment with them)"
		return
	fi
	for kind in hf model_signing; do
		if ! "$python" "$top/tests/bench/peers.py" "$kind" "$dir" 2>"$work/peer.err"; then
			printf '  %s: not measured (%s)\n' "$kind" "$(tail -n 1 "$work/peer.err")"
			continue
		fi
		"$measure" -n 3 -- "$python" "$top/tests/bench/peers.py" "$kind" "$dir" >"$work/peer.tsv"
		local pwall pcpu ppeak pstatus
		read -r pwall pcpu ppeak pstatus <"$work/peer.tsv"
		[ "$pstatus" -eq 0 ] || exit 1
		printf '  %s %s (processor %s, peak %s)\n' "$kind" "$(ms "$pwall")" "$(ms "$pcpu")" "$(mib "$ppeak")"
		limit "$kind / audit --verify" "$pwall / $wall" at-least 2
		printf '  the same from processor time and %s threads: %s\n' "$threads" "$(calc %.2f "$pcpu / ($cpu / $threads)")"
	done
}

# What follows from the dtype: which numbers cost most to look at.
hash_deep() {
	local dtype dir wall cpu peak status dwall dcpu dpeak dstatus
	for dtype in BF16 F32 F16 F8_E4M3; do
		dir=$work/hash-$dtype-$bytes
		if [ "$dtype" != BF16 ]; then
			dir=$work/hash-$dtype-$((bytes / 4))
			model "${dir##*/}" numbers OUT --dtype "$dtype" --bytes $((bytes / 4))
			"$audit" lock "$dir" -q --force --no-cache
		fi
		"$measure" -n 5 -- "$audit" "$dir" --verify --no-cache -f json \
			-- "$audit" "$dir" --verify --deep --no-cache -f json >"$work/deep.tsv"
		{
			read -r wall cpu peak status
			read -r dwall dcpu dpeak dstatus
		} <"$work/deep.tsv"
		audited "$status"
		audited "$dstatus"
		printf '  %s: --verify %s (processor %s), with --deep %s (processor %s, peak %s)\n' "$dtype" "$(ms "$wall")" \
			"$(ms "$cpu")" "$(ms "$dwall")" "$(ms "$dcpu")" "$(mib "$dpeak")"
		limit "$dtype: --verify --deep / --verify, processor time" "$dcpu / $cpu" at-most 1.5
		limit "$dtype: peak memory, MiB" "$dpeak / 1024" at-most 64
	done
}

bench_hash() {
	local bytes=${HASH_BYTES:-2147483648} dir threads rate wall cpu peak status
	local swall scpu speak sstatus
	threads=$(getconf _NPROCESSORS_ONLN)
	printf '(hash) %s bytes in 8 shards, %s threads; SHA instructions: %s; load before: %s\n' "$bytes" "$threads" \
		"$(grep -qw sha_ni /proc/cpuinfo 2>/dev/null && echo yes || echo 'no or not known')" \
		"$(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo 'not known')"
	dir=$work/hash-BF16-$bytes
	model "${dir##*/}" numbers OUT --dtype BF16 --bytes "$bytes"
	"$audit" lock "$dir" -q --force --no-cache
	# The rate beside the runs, so that a machine that is busy is so for both.
	: >"$work/rates"
	openssl_rate >>"$work/rates"
	"$measure" -n 5 -- "$audit" "$dir" --verify --no-cache -f json >"$work/hash.tsv"
	openssl_rate >>"$work/rates"
	"$measure" -n 5 -- "$audit" "$dir" --verify --no-cache -f json >>"$work/hash.tsv"
	openssl_rate >>"$work/rates"
	rate=$(middle "$work/rates")
	sort -g "$work/hash.tsv" | head -n 1 >"$work/best.tsv"
	read -r wall cpu peak status <"$work/best.tsv"
	audited "$status"
	printf '  audit --verify %s (processor %s, peak %s); openssl speed %s GB/s a core\n' "$(ms "$wall")" "$(ms "$cpu")" \
		"$(mib "$peak")" "$(calc %.3f "$rate / 1e9")"
	limit 'warm: rate / (threads x openssl speed)' "$bytes / $wall / ($threads * $rate)" at-least 0.95
	limit 'warm: the same by processor time' "$bytes / $cpu / $rate" at-least 0.95
	limit 'peak memory, MiB' "$peak / 1024" at-most 64
	"$measure" -n 3 -- sha256sum "$dir"/model-*.safetensors >"$work/sum.tsv"
	read -r swall scpu speak sstatus <"$work/sum.tsv"
	[ "$sstatus" -eq 0 ] || exit 1
	printf '  sha256sum %s (processor %s, peak %s)\n' "$(ms "$swall")" "$(ms "$scpu")" "$(mib "$speak")"
	if [ "$(calc %d "$bytes / $scpu < $rate / 3")" -eq 1 ]; then
		limit 'sha256sum (without SHA instructions) / audit' "$swall / $wall" at-least 6
		printf '  the same from processor time and %s threads: %s\n' "$threads" "$(calc %.2f "$scpu / ($cpu / $threads)")"
	else
		printf '  sha256sum has SHA instructions here: %s times the audit\n' "$(calc %.2f "$swall / $wall")"
	fi
	hash_peers "$dir" "$wall" "$cpu" "$threads"
	hash_deep
	# Remembered: the files' times are older than two seconds by now.
	XDG_CACHE_HOME=$work/cache "$audit" "$dir" --verify -q >/dev/null || [ $? -lt 64 ]
	XDG_CACHE_HOME=$work/cache "$measure" -n "$runs" -- "$audit" "$dir" --verify -f json >"$work/again.tsv"
	read -r swall scpu speak sstatus <"$work/again.tsv"
	audited "$sstatus"
	limit 'second run, from the digest cache, ms' "$swall * 1000" at-most 50
	hash_cold "$dir"
}
