"""Records what the reference renders, for machines without Python packages.

Usage: template_record.py OUT.tar.xz TEMPLATE.jinja...

Each member of the archive is JSON lines: the first names the versions and the
template, the others hold a context and what came of it. The last member has
random expressions.
"""
import io
import json
import os
import random
import sys
import tarfile

import jinja2

import template_cases
import template_expressions
import template_reference

EXPRESSIONS = 1500


def line(x):
	return json.dumps(x, ensure_ascii=False) + "\n"


def add(archive, name, lines):
	data = "".join(lines).encode()
	info = tarfile.TarInfo(name)
	info.size = len(data)
	archive.addfile(info, io.BytesIO(data))


def record_template(archive, path):
	with open(path, encoding="utf-8") as f:
		source = f.read()
	name = os.path.basename(path)
	reference = template_reference.Template(source)
	lines = [line({"file": name, "jinja2": jinja2.__version__, "python": sys.version.split()[0]})]
	for context in template_cases.contexts(name):
		want = reference.render(json.loads(json.dumps(context)))
		if want["outcome"] != "rendered":
			want.pop("output")
		if want["outcome"] == "error":
			want.pop("message")
		lines.append(line({"context": context, **want}))
	add(archive, name + ".jsonl", lines)


def record_expressions(archive):
	r = random.Random("vitalis expressions")
	lines = [line({"jinja2": jinja2.__version__, "python": sys.version.split()[0],
		       "context": template_expressions.CONTEXT})]
	while len(lines) <= EXPRESSIONS:
		source = "{{ " + template_expressions.expression(r, r.choice([1, 2, 2, 3])) + " }}"
		want = template_reference.Template(source).render(
			json.loads(json.dumps(template_expressions.CONTEXT)))
		if " at 0x" in want["output"] or (want["outcome"] == "error" and r.random() < 0.7):
			continue
		lines.append(line({"template": source, "outcome": want["outcome"],
				   "output": want["output"] if want["outcome"] == "rendered" else ""}))
	add(archive, "expressions.jsonl", lines)


with tarfile.open(sys.argv[1], "w:xz") as archive:
	for path in sys.argv[2:]:
		record_template(archive, path)
	record_expressions(archive)
