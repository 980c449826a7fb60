#!/bin/sh
# Every script of ours under shellcheck.
set -u
cd "$1" || exit 1
git rev-parse --git-dir >/dev/null 2>&1 || exit 77
command -v shellcheck >/dev/null 2>&1 || exit 77
scripts=$(git ls-files dev .ci/run '*.sh' 'tests/cli/bin/*')
# shellcheck disable=SC2086 # file names of ours have no blanks
shellcheck -f gcc $scripts || exit 1
# Transcripts are plain sh.
# shellcheck disable=SC2046
shellcheck -f gcc -s sh $(git ls-files 'tests/cli/*/cmd') /dev/null
