#!/bin/sh
# zig_check.sh [ROOT]: compiles the base, the host and the system collector for
# other systems with their own headers. ZIG names the compiler, else `zig` or
# `python3 -m ziglang` is taken; without one it is skipped (exit 77).
set -eu
root=${1:-$(dirname "$0")/../..}
if [ -n "${ZIG:-}" ]; then
	:
elif command -v zig >/dev/null 2>&1; then
	ZIG=zig
elif python3 -c 'import ziglang' >/dev/null 2>&1; then
	ZIG='python3 -m ziglang'
else
	echo "skipped: no cross compiler"
	exit 77
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wswitch-enum
	-fno-common -Werror'
failed=0

# check TARGET HOST DEFINITION [FILE]
check()
{
	for file in "$root"/src/base/*.c "$root/src/host/$2" "$root/src/host/host_posix.c" "$root"/src/host/host_posix_r*.c \
		"$root"/src/host/host_re*.c "$root"/src/host/re*.c "$root"/src/host/parse_*.c \
		"$root/src/host/table.c" "$root"/src/host/fetch.c "$root"/src/host/url.c "$root"/src/host/http_[rt]*.c "$root"/src/collect/system*.c \
		"$root"/src/collect/devices*.c "$root/src/facts/devices.c" "$root/src/facts/system.c" ${4:+"$4"}; do
		# shellcheck disable=SC2086 # words are wanted
		if ! $ZIG cc -target "$1" -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 \
			"$3" $warnings -I"$root/src" -c -o "$out/object.o" "$file"; then
			echo "failed: $1 $file"
			failed=1
		fi
	done
	echo "compiled for $1"
}

check aarch64-macos host_darwin.c -D_DARWIN_C_SOURCE
check x86_64-macos host_darwin.c -D_DARWIN_C_SOURCE
check x86_64-freebsd host_bsd.c -D__BSD_VISIBLE=1
check aarch64-freebsd host_bsd.c -D__BSD_VISIBLE=1
check x86_64-netbsd host_bsd.c -D__BSD_VISIBLE=1
check x86_64-openbsd host_bsd.c -D__BSD_VISIBLE=1
check aarch64-linux-musl host_linux.c -D_GNU_SOURCE "$root/src/host/host_posix_nvml.c"
exit $failed
