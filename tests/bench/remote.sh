# shellcheck shell=bash
# shellcheck disable=SC2154 # top, work, audit and runs are set by run.sh
# ./dev bench remote, read by run.sh: what a remote audit of DeepSeek-V3 fetches, from the
# test hub on loopback.

bench_remote() {
	echo "(remote) DeepSeek-V3 on a hub: 163 shards, audited without its weights"
	model deepseek-v3 deepseek-v3 OUT
	local fetched needed most requests wall local_wall
	read -r fetched needed most requests wall local_wall < <(python3 "$top/tests/bench/remote.py" \
		"$audit" "$top/tests/support/hub.py" "$work/deepseek-v3" "$runs")
	printf '  %s bytes fetched, %s of headers and small files; %s requests, redirects included\n' \
		"$fetched" "$needed" "$requests"
	printf '  remote %s, the same folder on disk %s (loopback: no distance)\n' "$(ms "$wall")" "$(ms "$local_wall")"
	limit 'bytes fetched / headers and small files' "$fetched / $needed" at-most 1.01
	limit 'requests for one shard' "$most" at-most 2
}
