#!/bin/sh
# The generated files of docs/ are what the program prints now.
set -u
[ -x "$2/vitalis-audit" ] || exit 77
exec "$1/tests/lint/generate.sh" "$1" "$2" check
