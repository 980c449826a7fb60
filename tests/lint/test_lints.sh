#!/bin/sh
# The lints themselves: each must be silent on a good tree and find the one
# mistake put into it. A lint that finds nothing looks just like clean code.
set -u
lints=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
bad=0

fresh() {
	rm -rf "$tree/t"
	mkdir -p "$tree/t/src/base" "$tree/t/src/json" "$tree/t/include" "$tree/t/docs" \
		"$tree/t/tests" "$tree/t/build"
	cp -R "$lints" "$tree/t/tests/lint"
	cd "$tree/t" || exit 1
	cat >docs/ARCHITECTURE.md <<-'TABLE'
		<!-- layers:begin -->
		| module | may include | third-party headers |
		|---|---|---|
		| base | | |
		| json | base | cjson/cJSON.h |
		| yaml | base | yaml.h |
		| host | base | |
		| cli | include, base | |
		<!-- layers:end -->
	TABLE
	printf '#ifndef A\n#define A\n#include <stddef.h>\nsize_t vit_a(void);\n#endif\n' >src/base/a.h
	printf '#include "base/a.h"\nsize_t vit_a(void)\n{\n\treturn 0; /* exit(1) "x" */\n}\n' >src/base/a.c
	printf '#include <cjson/cJSON.h>\n#include "base/a.h"\n' >src/json/j.c
	git init -q . && git add -A
}

# expect found|clean LINT WHAT
expect() {
	git add -A
	status=0
	"$lints/check_$2.sh" "$tree/t" "$tree/t/build" >"$tree/out" 2>&1 || status=$?
	case $1$status in
	clean0 | found1 | *77) ;;
	*)
		echo "check_$2: wanted $1 for $3, exit $status:"
		cat "$tree/out"
		bad=1
		;;
	esac
}

fresh
for lint in layers calls headers sizes whitespace; do
	expect clean $lint 'a good tree'
done

mistake() { # LINT FILE TEXT
	fresh
	printf '%b' "$3" >>"$2"
	expect found "$1" "$2: $3"
}
mistake layers src/base/a.c '#include "json/j.h"\n'
mistake layers src/base/a.c '#include <cjson/cJSON.h>\n'
mistake layers src/json/j.c '#include <curl/curl.h>\n'
mistake layers src/json/j.c '# include "vitalis/audit.h"\n'
mistake calls src/json/j.c 'void f(char *a);\nvoid f(char *a) { strcpy(a, "x"); }\n'
mistake calls src/json/j.c 'int g = atoi ("1");\n'
mistake calls src/json/j.c '/* fine */ void h(void) { exit(1); }\n'
mistake calls src/json/j.c '#if defined(__linux__)\n#endif\n'
mistake calls src/json/j.c 'char *q = getenv("\\"/*"); /* " */\n'
mistake headers src/base/a.h 'vit_unknown f(void);\n'
mistake headers src/base/a.h 'int twice = 1;\n'
mistake whitespace src/base/a.c '\n \n'
mistake whitespace src/base/a.c 'int x;\r\n'
mistake whitespace src/base/a.c 'int x;'
mistake sizes src/base/a.c "$(awk 'BEGIN { for (i = 0; i < 801; i++) printf "\\n" }')"
mistake sizes src/base/a.c "int long_one(void)\n{$(awk 'BEGIN { for (i = 0; i < 101; i++) printf "\\n;" }')\n}\n"
mistake sizes src/base/a.c "int deep(int a)\n{$(awk 'BEGIN { for (i = 0; i < 26; i++) printf "\\nif (a) a++;" }')\n}\n"

# What looks like a mistake and is none.
fresh
printf '%b' 'const char *s = "strcpy(a, b)"; /* atoi(x)\n system(x) */\nint my_exit(int a);\n' >>src/json/j.c
expect clean calls 'names in strings and comments'
exit $bad
