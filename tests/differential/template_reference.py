"""How transformers renders chat templates, with jinja2 alone.

The environment is the one of transformers' chat_template_utils (5.x): the
immutable sandbox, trim_blocks, lstrip_blocks, loop controls, the generation
tag, json.dumps as tojson, raise_exception and strftime_now. The clock stands
at the moment that the test tool's clock shows.
"""
import datetime
import json

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Raised(Exception):
	"""raise_exception was called."""


class Tracker(jinja2.ext.Extension):
	tags = {"generation"}

	def __init__(self, environment):
		super().__init__(environment)
		environment.vitalis_tracker = self
		self.blocks = self.spans = None

	def parse(self, parser):
		line = next(parser.stream).lineno
		body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
		call = self.call_method("_support")
		return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

	@jinja2.pass_eval_context
	def _support(self, context, caller):
		text = caller()
		start = len("".join(self.blocks))
		self.spans.append([start, start + len(text)])
		return text


class Dict:
	def __call__(self, *args, **kwargs):
		return dict(*args, **kwargs)

	def fromkeys(self, *args, **kwargs):
		return dict.fromkeys(*args, **kwargs)


class Namespace(jinja2.utils.Namespace):
	def __init__(*args, **kwargs):
		self, args = args[0], args[1:]
		attrs = dict(*args, **kwargs)
		for name in attrs:
			Namespace._check(name)
		jinja2.utils.Namespace.__init__(self, attrs)

	def __setitem__(self, name, value):
		Namespace._check(name)
		jinja2.utils.Namespace.__setitem__(self, name, value)

	@staticmethod
	def _check(name):
		if isinstance(name, str) and name.startswith("_"):
			raise jinja2.exceptions.SecurityError("underscore in a namespace")


def raise_exception(message):
	raise Raised(str(message))


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
	return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
			  sort_keys=sort_keys)


def strftime_now(format):
	return NOW.strftime(format)


def environment():
	env = jinja2.sandbox.ImmutableSandboxedEnvironment(
		trim_blocks=True, lstrip_blocks=True, extensions=[Tracker, jinja2.ext.loopcontrols])
	env.filters["tojson"] = tojson
	env.globals["raise_exception"] = raise_exception
	env.globals["strftime_now"] = strftime_now
	env.globals["dict"] = Dict()
	env.globals["namespace"] = Namespace
	return env


class Template:
	"""One template; render() gives {"outcome", "output", "message", "spans"}."""

	def __init__(self, source):
		self.env = environment()
		self.fault = None
		try:
			self.template = self.env.from_string(source)
		except (jinja2.TemplateSyntaxError, SyntaxError, RecursionError) as fault:
			self.fault = fault

	def render(self, context):
		if self.fault is not None:
			return {"outcome": "broken", "output": "", "message": str(self.fault), "spans": []}
		tracker = self.env.vitalis_tracker
		tracker.blocks, tracker.spans = blocks, spans = [], []
		try:
			for block in self.template.generate(**context):
				blocks.append(block)
		except Raised as raised:
			return {"outcome": "raised", "output": "".join(blocks), "message": str(raised),
				"spans": spans}
		except jinja2.exceptions.SecurityError as fault:
			return {"outcome": "forbidden", "output": "".join(blocks), "message": str(fault),
				"spans": spans}
		except Exception as fault:  # whatever Python raises is the template's failure
			return {"outcome": "error", "output": "".join(blocks),
				"message": f"{type(fault).__name__}: {fault}", "spans": spans}
		output = "".join(blocks)
		spans = [[len(output[:at].encode()) for at in span] for span in spans]
		return {"outcome": "rendered", "output": output, "message": "", "spans": spans}
