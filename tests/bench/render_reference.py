"""The reference for render_rate: render_reference.py TEMPLATE ROWS.jsonl REPEAT
prints rows, bytes and the least processor seconds; with --rows N TEMPLATE it
writes N rows. Each row is parsed by json.loads and rendered by jinja2."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "differential"))
import template_cases
import template_reference


def write_rows(count, name):
	rows = [json.dumps(c, ensure_ascii=False) for c in template_cases.contexts(name, 500)]
	for i in range(count):
		print(rows[i % len(rows)])


def main():
	if sys.argv[1] == "--rows":
		write_rows(int(sys.argv[2]), os.path.basename(sys.argv[3]))
		return
	with open(sys.argv[1], encoding="utf-8") as f:
		source = f.read()
	with open(sys.argv[2], encoding="utf-8") as f:
		lines = f.read().splitlines()
	template = template_reference.Template(source)
	best = size = None
	for _ in range(int(sys.argv[3])):
		size, start = 0, time.process_time()
		for line in lines:
			try:
				size += len(template.template.render(json.loads(line)).encode())
			except Exception:
				pass
		took = time.process_time() - start
		best = took if best is None else min(best, took)
	print(f"{len(lines)}\t{size}\t{best:.6f}")


main()
