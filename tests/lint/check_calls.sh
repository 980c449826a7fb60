#!/bin/sh
# Calls that no code of ours makes, and the few places where one is right.
set -u
cd "$1" || exit 1
status=0

code=$(mktemp) || exit 1
trap 'rm -f "$code"' EXIT
find src include -name '*.[ch]' | sort | xargs awk -f tests/lint/strip.awk >"$code"

# scan PATTERN REASON ALLOWED...: PATTERN is an extended expression over a word
# that is called, ALLOWED a prefix of the paths where that is right.
scan() {
	pattern=$1 reason=$2 allowed='^$'
	shift 2
	for place in "$@"; do
		allowed="$allowed|^$place"
	done
	grep -E "(:|[^A-Za-z0-9_.>:])($pattern)[ ]*\(" "$code" | grep -vE "$allowed" |
		sed -e "s|^\([^:]*:[0-9]*\):.*|\1: $reason|"
}

found=$(
	scan 'strcpy|strcat|strncpy|strncat|stpcpy|sprintf|vsprintf|gets|strtok' \
		'unbounded or easily misused string function'
	scan 'atoi|atol|atoll|atof|sscanf|fscanf|scanf' 'numbers are parsed by base/num.h'
	scan 'strtol|strtoll|strtoul|strtoull' 'numbers are parsed by base/num.h' src/base/
	scan 'system|popen|execl|execlp|execle|execvp|wordexp' 'no shell, no search on PATH' \
		src/host/host_posix_run.c
	scan 'fork|vfork|execve|execv|posix_spawn|waitpid' 'programs are run by the host table' src/host/
	scan 'exit|_exit|abort|longjmp|siglongjmp|atexit' 'only base ends the process' \
		src/base/ src/host/host_posix_run.c
	scan 'alloca|strdupa' 'no unbounded stack'
	scan 'mmap|madvise' 'a mapped file that is cut short kills us'
	scan 'getenv|secure_getenv' 'the environment is asked in one place' \
		src/host/ src/cli/terminal.c
	scan 'rand|srand|random|drand48|tmpnam|tempnam|mktemp' 'not a source we use'
	scan 'ctime|asctime|gmtime|localtime|readdir_r|strerror' 'not safe with threads'
	scan 'printf|puts|putchar|perror' 'stdout belongs to the report'
	scan 'cJSON_GetObjectItem|cJSON_HasObjectItem|cJSON_Parse' \
		'cJSON ignores case or guesses the length here'
	scan 'setlocale' 'numbers are written in the C locale'
	scan 'malloc|calloc|realloc' 'base/arena.h has those that do not return NULL' \
		src/base/ src/json/
)
if [ -n "$found" ]; then
	printf '%s\n' "$found"
	status=1
fi

# Platforms are told apart in src/host alone, and in its build file.
found=$(grep -vE '^src/host/' "$code" |
	grep -E ':[ 	]*#[ 	]*(el)?if.*(__linux__|__APPLE__|__MACH__|_WIN32|__(Free|Net|Open)BSD__|__DragonFly__|__unix__)')
if [ -n "$found" ]; then
	printf '%s\n' "$found" | sed 's/^\([^:]*:[0-9]*:\).*/\1 platforms are told apart in src\/host only/'
	status=1
fi
exit $status
