"""Random statements, for templates.py: who sees which variable when, white space
around tags, loops that end early, macros that call one another."""

NAMES = ["a", "b", "c", "x", "s", "n", "l"]
SPACE = ["", "", "", " ", "\n", "\n  ", "  \n", "t", " t ", "\n\n"]
SIGNS = ["", "", "", "", "-", "+"]


class Maker:
	def __init__(self, r):
		self.r = r
		self.loops = 0
		self.macros = []
		self.serial = 0

	def pick(self, *things):
		return self.r.choice(things)

	def tag(self, inside):
		end = self.r.choice(SIGNS)
		return "{%" + self.r.choice(SIGNS) + " " + inside + " " + end + "%}"

	def space(self):
		return self.r.choice(SPACE)

	def value(self):
		name = self.r.choice(NAMES)
		return self.pick(name, name, str(self.r.randint(0, 3)), f"'{name}'", f"{name} ~ '.'",
				 f"({name}|default('-'))", f"[{name}, 1]", "ns.v", f"{name} is defined",
				 f"namespace(v={name}).v", f"l[{self.r.randint(-2, 4)}]")

	def print(self):
		return "{{" + self.r.choice(["", "", "-"]) + " " + self.value() + " " + self.r.choice(["", "", "-"]) + "}}"

	def set(self, depth):
		if self.r.random() < 0.15:
			return self.tag("set ns.v = " + self.value())
		if self.r.random() < 0.2:
			a, b = self.r.sample(NAMES, 2)
			return self.tag(f"set {a}, {b} = {self.value()}, {self.value()}")
		return self.tag(f"set {self.r.choice(NAMES)} = {self.value()}")

	def set_block(self, depth):
		filters = self.pick("", "", " | upper", " | trim | length")
		return self.tag(f"set {self.r.choice(NAMES)}{filters}") + self.body(depth) + self.tag("endset")

	def condition(self, depth):
		text = self.tag("if " + self.value()) + self.body(depth)
		if self.r.random() < 0.3:
			text += self.tag("elif " + self.value()) + self.body(depth)
		if self.r.random() < 0.5:
			text += self.tag("else") + self.body(depth)
		return text + self.tag("endif")

	def loop(self, depth):
		over = self.pick("l", "range(3)", "[1, 2]", "[]", "'ab'", "l[1:]", "[a, b]", "(l|map('string'))")
		target = self.r.choice(NAMES[:4])
		test = self.pick("", "", "", f" if {target} != 1", f" if {self.value()}")
		if self.r.random() < 0.15:
			over, target, test = "[(1, 2), (3, 4)]", "a, x", ""
		self.loops += 1
		text = self.tag(f"for {target} in {over}{test}") + self.body(depth)
		if self.r.random() < 0.5:
			text += "{{ " + self.pick("loop.index", "loop.first", "loop.last", "loop.length",
						  "loop.previtem", "loop.nextitem", "loop.revindex0",
						  "loop.changed(n)", "loop.cycle('p', 'q')", "loop.depth") + " }}"
		if self.r.random() < 0.2:
			text += self.tag("if " + self.value()) + self.tag(self.pick("break", "continue")) + self.tag("endif")
		text += self.body(depth)
		self.loops -= 1
		if self.r.random() < 0.3:
			text += self.tag("else") + self.body(depth)
		return text + self.tag("endfor")

	def recursive(self, depth):
		return (self.tag("for a in [[1, [2]], 3] recursive") + "{{ loop.depth0 }}" +
			"{{ loop(a) if a is iterable else a }}" + self.body(0) + self.tag("endfor"))

	def macro(self, depth):
		self.serial += 1
		name = f"m{self.serial}"
		params = self.pick("", "a", "a, b=1", "x=a, c=n", "a, b='q', c=x")
		extra = self.pick("", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller else '' }}")
		loops, self.loops = self.loops, 0
		text = self.tag(f"macro {name}({params})") + self.body(depth) + extra + self.tag("endmacro")
		self.loops = loops
		self.macros.append(name)
		return text

	def call(self, depth):
		if not self.macros:
			return self.print()
		name = self.r.choice(self.macros)
		args = self.pick("", self.value(), f"{self.value()}, {self.value()}", f"b={self.value()}",
				 f"1, 2, 3, 4", "z=1", "*l", "a=1, c=2")
		if self.r.random() < 0.25:
			params = self.pick("", "(a)", "(x=1)")
			loops, self.loops = self.loops, 0
			text = self.tag(f"call{params} {name}({args})") + self.body(depth) + self.tag("endcall")
			self.loops = loops
			return text
		return "{{ " + f"{name}({args})" + " }}"

	def scoped(self, depth):
		a, b = self.r.sample(NAMES, 2)
		return (self.tag(f"with {a} = {self.value()}, {b} = {self.value()}") + self.body(depth) +
			self.tag("endwith"))

	def filtered(self, depth):
		return self.tag(self.pick("filter upper", "filter trim|replace('t', 'T')")) + self.body(depth) + self.tag("endfilter")

	def generation(self, depth):
		loops, self.loops = self.loops, 0
		text = self.tag("generation") + self.body(depth) + self.tag("endgeneration")
		self.loops = loops
		return text

	def raw(self, depth):
		return self.pick("{# c #}", "{#- c -#}", "\n  {# c #}\n", "{% raw %}{{ a }}\n{% endraw %}",
				 "{%- raw -%} x {%- endraw +%}\n")

	def body(self, depth):
		text = ""
		for _ in range(self.r.randint(1, 3)):
			text += self.space() + self.statement(depth - 1)
		return text + self.space()

	def statement(self, depth):
		if depth <= 0:
			return self.r.choice([self.print, self.print, lambda: self.set(0), lambda: self.raw(0)])()
		make = self.r.choice([self.set, self.set, self.set, self.set_block, self.condition, self.condition,
				      self.loop, self.loop, self.loop, self.recursive, self.macro, self.macro,
				      self.call, self.call, self.scoped, self.filtered, self.generation, self.raw])
		return make(depth)


CONTEXT = {"a": 1, "s": "S", "l": [1, 2, 3], "n": None}


def template(r):
	maker = Maker(r)
	return "{% set ns = namespace(v=0) %}" + "".join(
		maker.space() + maker.statement(r.choice([1, 2, 3])) for _ in range(r.randint(1, 5)))
