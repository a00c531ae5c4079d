#!/bin/sh
# Builds for aarch64 and s390x (big-endian), runs unit tests under qemu, and exchanges archives with this machine's build.
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

tests='test_kernels test_coder test_mixing test_format test_unicode test_pretokenizer test_vocabulary test_tokenizer'
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
		"$build/laconic" $(for test in $tests; do echo "$build/$test"; done) >"$work/make.log" 2>&1 ||
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
	$run -q -c "$work/short" | cmp - "$work/default.lac" || status=1
	$run -q -d -c "$work/default.lac" | cmp - "$work/short" || status=1
	note "$arch: same archives, the embedded model" $status
done
report
