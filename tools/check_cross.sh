#!/bin/sh
# Builds for aarch64 and s390x (big-endian), runs unit tests under qemu, and exchanges archives with this machine's build;
# does the same with this machine's build on older CPUs; and looks for fused instructions in what compilers make.
# Usage: check_cross.sh REFERENCE_LACONIC MODELS_DIRECTORY
set -eu
reference=$1 models=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"

head -c 3000 examples/08-chat-log.txt >"$work/text"
head -c 300 examples/08-chat-log.txt >"$work/short"
"$reference" -q -c "$work/short" >"$work/default.lac"

exchange() { # run, model, option: this machine's bytes, and back
	"$reference" -q -c $3 --block-size 1K --model "$models/$2.gguf" "$work/text" >"$work/native.lac"
	$1 -q -c $3 --block-size 1K --model "$models/$2.gguf" "$work/text" | cmp - "$work/native.lac" &&
		$1 -q -d -c --model "$models/$2.gguf" "$work/native.lac" | cmp - "$work/text"
}

# A CPU with one set of instructions takes the table for these, and that equals the textbook.
on_cpu() { # label, emulator, build, kernels
	status=0
	$2 "$3/test_kernels" >"$work/log" 2>&1 && grep -qx -e "-- $4" "$work/log" || status=1
	[ $status = 0 ] || cat "$work/log" >&2
	note "$1: test_kernels" $status
	status=0
	$2 "$3/laconic" -v -c --model "$models/tiny.gguf" "$work/short" 2>&1 >"$work/lac" | grep -q ", kernels $4\$" || status=1
	note "$1: takes the kernels $4" $status
}

same_archives() { # label, run
	status=0
	exchange "$2" tiny "" || status=1
	note "$1: same archives, model tiny" $status
}

tests='test_golden test_hostile test_engine_exact test_coder test_mixing test_format test_unicode test_pretokenizer test_vocabulary test_tokenizer test_pieces'
for arch in aarch64 s390x; do
	cc=$arch-linux-gnu-gcc
	if ! command -v "$cc" >/dev/null || ! command -v "qemu-$arch" >/dev/null; then
		skip "$arch" "$cc or qemu-$arch is not here"
		continue
	fi
	build=build/$arch
	mkdir -p "$build/include"
	cp /usr/include/xxhash.h "$build/include/" # one header, the same for every machine
	make -s -j2 BUILD="$build" CC="$cc" LINK=-static INCLUDES="-I$build/include" \
		"$build/laconic" "$build/test_kernels" $(for test in $tests; do echo "$build/$test"; done) >"$work/make.log" 2>&1 ||
		{ cat "$work/make.log" >&2; note "$arch: builds" 1; continue; }
	for test in $tests; do
		status=0
		"qemu-$arch" "$build/$test" "$models" --short >"$work/log" 2>&1 || status=1
		[ $status = 0 ] || cat "$work/log" >&2
		note "$arch: $test" $status
	done
	run="qemu-$arch $build/laconic"
	for model in tiny dropped untied wide; do
		status=0
		exchange "$run" $model "" || status=1
		exchange "$run" $model --records || status=1
		note "$arch: same archives, model $model" $status
	done
	status=0
	tests/golden.sh "$run" --short >"$work/log" 2>&1 || status=1
	[ $status = 0 ] || cat "$work/log" >&2
	note "$arch: golden archives" $status
	status=0
	$run -q -c "$work/short" | cmp - "$work/default.lac" || status=1
	$run -q -d -c "$work/default.lac" | cmp - "$work/short" || status=1
	note "$arch: same archives, the embedded model" $status
	if [ $arch = aarch64 ]; then
		on_cpu "$arch with dot products" "qemu-$arch -cpu max" "$build" dotprod
		on_cpu "$arch without" "qemu-$arch -cpu cortex-a57" "$build" neon
		same_archives "$arch without" "qemu-$arch -cpu cortex-a57 $build/laconic"
	else
		on_cpu "$arch" "qemu-$arch" "$build" scalar
	fi
done

if [ "$(uname -m)" != x86_64 ]; then
	skip 'x86_64: older CPUs' "this build is for $(uname -m)"
elif ! command -v qemu-x86_64 >/dev/null; then
	skip 'x86_64: older CPUs' 'qemu-x86_64 is not here'
else
	# what qemu 7.2 does not emulate is taken away, or it warns
	avx2='qemu-x86_64 -cpu Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm'
	on_cpu 'x86_64 with AVX2' "$avx2" "${reference%/*}" avx2
	same_archives 'x86_64 with AVX2' "$avx2 $reference"
	on_cpu 'x86_64 without AVX' 'qemu-x86_64 -cpu Nehalem' "${reference%/*}" scalar
fi

# aarch64 has fused instructions without asking, and compilers like them. strict_float.h alone, without the flag of the
# Makefile, must keep them out; the control shows that they would be seen.
fused() { # compiler, options and a file
	$1 -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -Ibuild/aarch64/include $2 -c -o "$work/object.o" "$3" &&
		aarch64-linux-gnu-objdump -d "$work/object.o" | grep -cE '[[:space:]]f(n?m(add|sub)|ml[as])[[:space:]]'
}
echo 'float f(float a, float b, float c) { return a * b + c; }' >"$work/control.c"
for cc in aarch64-linux-gnu-gcc 'clang --target=aarch64-linux-gnu'; do
	for option in -O2 -O3; do
		law="nothing is fused: $cc $option"
		if ! command -v "${cc%% *}" >/dev/null || ! command -v aarch64-linux-gnu-objdump >/dev/null ||
			[ ! -d build/aarch64/include ]; then
			skip "$law" "${cc%% *} or the tools of aarch64-linux-gnu-gcc are not here"
			continue
		fi
		status=0
		[ "$(fused "$cc" "$option -ffp-contract=fast" "$work/control.c")" = 1 ] || status=1
		for file in $({ grep -lwE 'float|double' src/*/*.c | grep -v '^src/train/'; ls src/kernels/kernels_*.c; } | sort -u); do
			[ "$(fused "$cc" "$option" "$file")" = 0 ] || { echo "$file: fused" >&2; status=1; }
		done
		note "$law" $status
	done
done
report
