#!/bin/sh
# The man page is one.
set -u
cd "$1" || exit 1
command -v mandoc >/dev/null 2>&1 || exit 77
# The page carries a version and no date, so that it changes only with the tool.
found=$(mandoc -T lint docs/vitalis-audit.1 2>&1 | grep -v 'missing date')
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
