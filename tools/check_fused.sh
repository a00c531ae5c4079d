#!/bin/sh
# Looks for fused multiplications and additions in what compilers make of the exact code for aarch64, which has them without asking, and compilers
# like them. strict_float.h alone, without the flag of the Makefile, must keep them out; the control shows that they would be seen.
# Usage: check_fused.sh [--long]   from the project's folder; as it is shipped, or at -O3 too
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"
cp /usr/include/xxhash.h "$work/" 2>/dev/null || : # one header, the same for every machine

fused() { # compiler, options and a file
	$1 -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -I"$work" $2 -c -o "$work/object.o" "$3" &&
		aarch64-linux-gnu-objdump -d "$work/object.o" | grep -cE '[[:space:]]f(n?m(add|sub)|ml[as])[[:space:]]'
}
echo 'float f(float a, float b, float c) { return a * b + c; }' >"$work/control.c"
for cc in aarch64-linux-gnu-gcc 'clang --target=aarch64-linux-gnu'; do
	for option in -O2 ${1:+-O3}; do
		law="nothing is fused: $cc $option"
		if ! command -v "${cc%% *}" >/dev/null || ! command -v aarch64-linux-gnu-objdump >/dev/null; then
			skip "$law" "${cc%% *} or the tools of aarch64-linux-gnu-gcc are not here"
			continue
		fi
		status=0
		[ "$(fused "$cc" "$option -ffp-contract=fast" "$work/control.c")" = 1 ] || status=1
		for file in $({ grep -lwE 'float|double' src/*/*.c | grep -v '^src/train/'; ls src/kernels/kernels_*.c; } | sort -u); do
			case $file in */kernels_scalar.c) shipped=-O3 ;; *) shipped=$option ;; esac
			[ "$(fused "$cc" "$shipped" "$file")" = 0 ] || { echo "$file: fused" >&2; status=1; }
		done
		note "$law" $status
	done
done
report
