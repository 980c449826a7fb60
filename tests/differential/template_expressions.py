"""Random expressions over a small context, for templates.py.

Three things are left out on purpose. Generators are always made lists: they fail
where they are made here, where they are used in Python. Constants that cannot be
sliced are not: Jinja folds such a slice into an undefined value. And powers have
no folded negative base, whose sign Jinja loses hold of: -2 ** n, not (-2) ** n.
"""

CONTEXT = {
	"s": "Hello", "n": 7, "f": 2.5, "l": [3, 1, 2, "b"], "d": {"a": 1, "b": [1, 2], "role": "x"},
	"t": ["x", "Y"], "m": "mIxed Case", "e": [], "nested": {"a": {"b": [{"c": 1.0}]}},
	"msgs": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": None},
		 {"role": "User", "content": "é"}],
}

STRINGS = [
	"'a'", "'Hello World'", "''", "'é东京'", "\"it's\"", "'a,b,,c'", "' x\\ty\\n '", "'<b>&'", "'12'",
	"'-3.7'", "'abcabc'", "'UP low'", "'ß'", "'x\\\\y\"'", "'😀z'", "'key'", "'role'", "'%s-%d'", "'{}:{0}'",
	"'\\u00a0\\x1f'", "'1_000'", "'0x1F'", "'e\\u0301'", "'a\\u2028b\\r\\nc'",
]
NUMBERS = ["0", "1", "2", "3", "-1", "7", "100", "1.5", "0.1", "2.0", "-2.5", "1e20", "1e-7", "10", "5",
	   "2.675", "1e16", "123456789.125", "0x10", "1_000"]
VARIABLES = ["s", "n", "f", "l", "d", "t", "u", "none", "true", "false", "m", "e", "msgs", "nested",
	     "missing.x", "msgs[0]", "d.a", "l[0]", "(2 ** n)", "(n ** 2)", "(f ** 2)", "(2 ** -1)", "nested.a.b[0].c", "msgs[1].content"]
FILTERS = [
	"trim", "upper", "lower", "capitalize", "title", "length", "count", "first", "last", "list",
	"items|list", "string", "int", "float", "abs", "round", "tojson", "safe", "e", "reverse|list", "sort",
	"unique|list", "sum", "min", "max", "join", "dictsort", "default", "wordcount", "indent", "center",
	"urlencode", "format",
]
FILTERS_WITH_ARGUMENTS = [
	"join(', ')", "default('x')", "default('y', true)", "replace('a','bb')", "trim('a')", "int(5)",
	"round(1)", "round(2,'ceil')", "round(1,'floor')", "tojson(indent=2)", "tojson(sort_keys=true)",
	"tojson(ensure_ascii=true)", "indent(2)", "indent(2, true)", "indent('> ', blank=true)",
	"map('upper')|list", "map(attribute='role')|list", "select('string')|list", "reject('none')|list",
	"select|list", "selectattr('role')|list", "selectattr('role','equalto','user')|list",
	"rejectattr('role','eq','user')|list", "map('length')|list", "batch(2)|list", "slice(2)|list",
	"groupby('role')", "sort(reverse=true)", "sort(attribute='role')", "sort(case_sensitive=true)",
	"join('-', attribute='role')", "truncate(5)", "truncate(5, true)", "truncate(4, end='', leeway=0)",
	"center(20)", "sum(start=10)", "min(attribute='role')", "map('int')|list", "select('odd')|list",
	"select('gt', 1)|list", "dictsort(by='value')", "dictsort(reverse=true)",
	"unique(case_sensitive=true)|list", "replace('', '-')", "replace('l','L',1)",
	"tojson(separators=(',',':'))", "d(1)", "attr('x')", "escape", "batch(3,'z')|list",
	"slice(3,'z')|list", "format(1)", "format('a', 2)", "map(attribute='a.b.0')|list",
	"map(attribute='content', default='n')|list", "int(base=16)", "float(2)", "map('replace','a','b')|list",
]
METHODS = [
	"upper()", "lower()", "strip()", "strip('a')", "lstrip()", "rstrip(' \\n')", "split()", "split(',')",
	"split(',',1)", "rsplit(',',1)", "rsplit()", "split(None,1)", "rsplit(None,1)", "splitlines()",
	"replace('a','b')", "replace('','.')", "startswith('a')", "endswith(('a','c'))", "title()",
	"capitalize()", "find('b')", "rfind('c')", "count('a')", "count('')", "join(l)", "join(['x','y'])",
	"isdigit()", "isalpha()", "isspace()", "isupper()", "islower()", "isalnum()", "istitle()", "zfill(6)",
	"ljust(8,'.')", "rjust(8)", "center(9,'*')", "removeprefix('a')", "removesuffix('c')",
	"partition(',')", "rpartition(',')", "items()", "keys()", "values()", "get('a')", "get('zz', 3)",
	"index('a')", "swapcase()", "items", "format(1,2)", "split('')", "startswith('a',1)", "find('c',2,5)",
	"splitlines(true)", "isdecimal()", "isnumeric()", "isascii()", "isprintable()", "split(sep='b')",
	"split(maxsplit=1)", "append(1)", "pop()", "copy()", "rindex('c')", "update({})", "nope()",
]
TESTS = [
	"defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false",
	"mapping", "sequence", "iterable", "callable", "odd", "even", "divisibleby(2)", "lower", "upper",
	"in ['a',1]", "eq(1)", "gt(1)", "sameas none", "sameas true", "escaped", "filter", "test", "ne 2",
]
ARITHMETIC = ["+", "-", "*", "/", "//", "%", "~"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


def leaf(r, depth):
	kind = r.random()
	return r.choice(STRINGS if kind < 0.35 else NUMBERS if kind < 0.6 else VARIABLES)


def arithmetic(r, depth):
	return f"({expression(r, depth)} {r.choice(ARITHMETIC)} {expression(r, depth)})"


def comparison(r, depth):
	return f"({expression(r, depth)} {r.choice(COMPARISONS)} {expression(r, depth)})"


def logic(r, depth):
	return f"({expression(r, depth)} {r.choice(['and', 'or'])} {expression(r, depth)})"


def negation(r, depth):
	return f"(not {expression(r, depth)})"


def filtered(r, depth):
	names = FILTERS if r.random() < 0.6 else FILTERS_WITH_ARGUMENTS
	return f"({expression(r, depth)}|{r.choice(names)})"


def method(r, depth):
	return f"({expression(r, depth)}).{r.choice(METHODS)}"


def test(r, depth):
	return f"({expression(r, depth)} is {r.choice(['', 'not '])}{r.choice(TESTS)})"


def conditional(r, depth):
	tail = f" else {expression(r, depth)}" if r.random() < 0.8 else ""
	return f"({expression(r, depth)} if {expression(r, depth)}{tail})"


def sequence(r, depth):
	a, b = expression(r, depth), expression(r, depth)
	return r.choice([f"[{a}, {b}]", f"({a}, {b})", f"({a},)", f"{{{r.choice(STRINGS)}: {a}, 1: {b}}}"])


def cut(r, depth):
	ends = ["", "", "1", "-1", "2", "0", "-2", "10"]
	slice_text = f"{r.choice(ends)}:{r.choice(ends)}"
	if r.random() < 0.4:
		slice_text += ":" + r.choice(["1", "-1", "2", "-2", ""])
	on = r.choice(["s", "m", "l", "t", "msgs", "nested", "d", "e", "u", r.choice(STRINGS),
		       f"({expression(r, depth)}|string)", "range(9)"])
	return f"({on})[{slice_text}]"


def item(r, depth):
	return f"({expression(r, depth)})[{r.choice(['0', '1', '-1', repr('a'), repr('role'), '5', repr('items'), 'n'])}]"


def signed(r, depth):
	return r.choice(["-", "+"]) + expression(r, depth)


MADE = [(0.16, arithmetic), (0.08, comparison), (0.04, logic), (0.03, negation), (0.17, filtered),
	(0.10, method), (0.05, test), (0.05, conditional), (0.05, sequence), (0.05, cut), (0.03, item),
	(0.02, signed)]


def expression(r, depth):
	if depth <= 0:
		return leaf(r, depth)
	pick = r.random()
	for share, make in MADE:
		pick -= share
		if pick < 0:
			return make(r, depth - 1)
	return leaf(r, depth)
