#!/bin/sh
# Each header compiles alone, and twice. HEADERS_CC chooses the compiler.
set -u
cd "$1" || exit 1
build=$2
status=0
for header in $(find src include -name '*.h' | sort); do
	name=${header#src/}
	name=${name#include/}
	printf '#include "%s"\n#include "%s"\nextern int not_empty;\n' "$name" "$name" |
		"${HEADERS_CC:-cc}" -std=c11 -Isrc -Iinclude -I"$build/src/catalog" -D_GNU_SOURCE \
			-D_DARWIN_C_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c - 2>"$build/header.log" ||
		{ echo "$header:1: does not compile alone"; sed 5q "$build/header.log"; status=1; }
done
rm -f "$build/header.log"
exit $status
