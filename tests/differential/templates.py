"""Rendered templates against the reference renderer's, over conversations with
faults; then random expressions. Usage: templates.py TOOL OURS [FIXTURES...]

Skips (77) without jinja2 3.1.6: VITALIS_PYTHON may name an interpreter that has it.
"""
import collections
import glob
import json
import os
import random
import subprocess
import sys

if os.environ.get("VITALIS_PYTHON") and os.environ["VITALIS_PYTHON"] != sys.executable:
	os.execv(os.environ["VITALIS_PYTHON"], [os.environ["VITALIS_PYTHON"], *sys.argv])
try:
	import jinja2
except ImportError:
	print("skipped: no jinja2 (name a Python that has it in VITALIS_PYTHON)")
	sys.exit(77)

if tuple(int(x) for x in jinja2.__version__.split(".")[:3]) < (3, 1, 6):
	print(f"skipped: jinja2 {jinja2.__version__}, older than transformers takes (3.1.6)")
	sys.exit(77)

import template_cases
import template_expressions
import template_reference
import template_statements

# What both do, where our message need not be Python's.
COMPARED = {"rendered", "raised"}


def run_tool(tool, lines):
	ran = subprocess.run([tool], input="".join(json.dumps(x) + "\n" for x in lines), text=True,
			     capture_output=True, check=True, encoding="utf-8")
	return [json.loads(x) for x in ran.stdout.splitlines()]


def fixtures(paths):
	seen = set()
	for path in paths:
		for file in sorted(glob.glob(os.path.join(path, "**", "*.jinja"), recursive=True)):
			with open(file, encoding="utf-8") as f:
				yield file, f.read(), seen
		for file in sorted(glob.glob(os.path.join(path, "**", "tokenizer_config.json"), recursive=True)):
			with open(file, encoding="utf-8") as f:
				template = json.load(f).get("chat_template")
			if isinstance(template, str):
				yield file, template, seen
			elif isinstance(template, list):
				for one in template:
					yield f"{file}:{one['name']}", one["template"], seen


def same(ours, want):
	if want["outcome"] == "error" and ours["outcome"] == "error":
		return True
	return ours["outcome"] == want["outcome"] and ours["output"] == want["output"] and (
		want["outcome"] not in COMPARED or (ours["message"] == want["message"])) and (
		want["outcome"] != "rendered" or ours["spans"] == want["spans"])


def check_template(tool, name, source):
	contexts = template_cases.contexts(os.path.basename(name))
	lines = []
	for i, context in enumerate(contexts):
		line = {"raw": json.dumps(context)} if i % 2 else {"context": context}
		lines.append({**line, "template": source} if i == 0 else line)
	ours = run_tool(tool, lines)
	reference = template_reference.Template(source)
	counts, wrong = collections.Counter(), 0
	for context, got in zip(contexts, ours):
		want = reference.render(json.loads(json.dumps(context)))
		counts[want["outcome"]] += 1
		if not same(got, want):
			wrong += 1
			if wrong == 1:
				print(f"{name}: different\n  context {json.dumps(context)[:1500]}\n  want {want}\n  got  {got}")
	print(f"{name}: {len(ours)} conversations, {dict(counts)}, {wrong} different")
	return wrong


def check_random(tool, what, sources, make_context, compare_spans):
	ours = run_tool(tool, [{"template": s, "context": make_context} for s in sources])
	counts, wrong, shown = collections.Counter(), 0, []
	for source, got in zip(sources, ours):
		want = template_reference.Template(source).render(json.loads(json.dumps(make_context)))
		if " at 0x" in want["output"]:
			counts["prints an address"] += 1
		elif got["outcome"] == "unsupported":
			counts["unsupported: " + got["message"]] += 1
		elif got["outcome"] == "limit" and "MemoryError" in want["message"]:
			counts["too large"] += 1
		elif got["outcome"] == want["outcome"] and (want["outcome"] != "rendered" or (
				got["output"] == want["output"] and
				(not compare_spans or got["spans"] == want["spans"]))):
			counts["same, " + want["outcome"]] += 1
		else:
			wrong += 1
			shown.append(f"{source}\n  want {want}\n  got  {got}")
	for text in sorted(shown, key=len)[:8]:
		print(text)
	print(f"{len(sources)} {what}: {dict(counts)}, {wrong} different")
	return wrong


def check_expressions(tool, seed, count):
	r = random.Random(seed)
	sources = ["{{ " + template_expressions.expression(r, r.choice([1, 2, 2, 3, 3, 4])) + " }}"
		   for _ in range(count)]
	return check_random(tool, f"expressions, seed {seed}", sources, template_expressions.CONTEXT, False)


def check_statements(tool, seed, count):
	r = random.Random(seed)
	sources = [template_statements.template(r) for _ in range(count)]
	return check_random(tool, f"templates, seed {seed}", sources, template_statements.CONTEXT, True)


def main():
	tool, paths = sys.argv[1], sys.argv[2:]
	print(f"jinja2 {jinja2.__version__}, Python {sys.version.split()[0]}")
	wrong = 0
	for name, source, seen in fixtures(paths):
		if source not in seen:
			seen.add(source)
			wrong += check_template(tool, name, source)
	seed = int(os.environ.get("VITALIS_SEED", "1"))
	wrong += check_expressions(tool, seed, int(os.environ.get("VITALIS_EXPRESSIONS", "4000")))
	wrong += check_statements(tool, seed, int(os.environ.get("VITALIS_STATEMENTS", "2000")))
	sys.exit(1 if wrong else 0)


main()
