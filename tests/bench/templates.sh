# Part `templates` of ./dev bench; read by run.sh.
# shellcheck shell=bash disable=SC2154

bench_templates() {
	echo "(templates) rows read and rendered, against json.loads and jinja2; processor seconds inside each process"
	local python=$work/venv/bin/python dir=$work/templates name rows bytes ours reference
	mkdir -p "$dir"
	if ! "$python" -c 'import jinja2' 2>/dev/null; then
		python3 -m venv "$work/venv"
		"$python" -m pip install --quiet 'jinja2>=3.1.6'
	fi
	for name in harmony thinking one_line; do
		local source=$top/tests/data/templates/$name.jinja
		[ -f "$dir/$name" ] ||
			"$python" "$top/tests/bench/render_reference.py" --rows 5000 "$source" >"$dir/$name"
		read -r rows bytes ours < <("$build/tests/bench/render_rate" "$source" "$dir/$name" 9)
		read -r _ size reference < <("$python" -W ignore "$top/tests/bench/render_reference.py" \
			"$source" "$dir/$name" 3)
		if [ "$bytes" != "$size" ]; then
			echo "bench: jinja2 writes $size bytes, we $bytes"
			exit 1
		fi
		printf '  %-9s %s rows/s (%s MB/s read), jinja2 %s rows/s\n' "$name" \
			"$(calc %.0f "$rows / $ours")" \
			"$(calc %.0f "$(wc -c <"$dir/$name") / $ours / 1e6")" \
			"$(calc %.0f "$rows / $reference")"
		limit "jinja2 / ours, $name" "$reference / $ours" at-least 8
	done
}
