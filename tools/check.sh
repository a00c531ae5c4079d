#!/bin/sh
# Builds, runs the tests, as many side by side as there are cores, and adds up what they say.
# Usage: check.sh quick|check|all   from the project's folder; quick: this machine's build alone; all: whatever takes long too
set -eu
mode=$1
export OPENBLAS_NUM_THREADS=1 # its threads begin with every command, and wait for work in a loop
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=python3 # or Debian's, where the first one lacks what the second decoder wants
python3 -c 'import numpy, xxhash' 2>/dev/null || python=/usr/bin/python3
tests=$(make -s list-tests) # without OpenBLAS or jansson, those of training are not built
fuzzed=$(make -s list-fuzz)
short=--short long='' lint=quick machines='s390x aarch64 older_x86_64' builds='build build/gcc-O0 build/gcc-O3-native build/clang-O3-native'
[ "$mode" != all ] || short='' long=--long lint=all machines="riscv64 $machines" builds="$builds build/clang"

build() { # words for make, quietly unless it fails or warns
	make -s -j"$(nproc)" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "building failed: make $*" >&2; exit 1; }
	cat "$work/log" >&2
}

# A line each, to be run from here: whatever needs another's result is built before. The emulators, which take long, come first.
unit_tests() { # build folder, then how long
	for name in $tests; do
		echo "$1/$name build/models $2"
	done
}

replays() { # build folder
	for name in $fuzzed; do
		case $name in
		archive) echo "$1/fuzz_$name tests/fuzz/corpus/archive tests/golden/archives tests/golden/hostile" ;;
		gguf) echo "$1/fuzz_$name tests/fuzz/corpus/gguf tests/golden/hostile" ;;
		*) echo "$1/fuzz_$name tests/fuzz/corpus/$name" ;;
		esac
	done
}

native_parts() {
	echo "tests/starvation.sh build/laconic build/failing_libc.so $long"
	for script in tests/cli/*.sh; do echo "$script build/laconic build/models/tiny.gguf"; done
	echo "$python tests/reference/test_reference.py $short --peer build/laconic"
	echo "tools/check_structure.sh build"
	echo "python3 tools/check_prose.py"
	unit_tests build "$long"
	replays build
	echo "python3 tests/tokenizer_peer.py build/test_pretokenizer"
	echo "$python tests/architectures.py build/evaluate"
	echo "python3 tests/pretrain.py build"
	echo "tests/golden.sh build/laconic"
	echo "tests/install.sh build"
	echo "tests/build.sh"
}

sanitized_parts() {
	for script in tests/cli/*.sh; do echo "$script build/sanitized/laconic build/models/tiny.gguf"; done
	echo "tests/starvation.sh build/sanitized/laconic build/failing_libc.so --short"
	echo "tests/golden.sh build/sanitized/laconic --short"
	unit_tests build/sanitized --short
	replays build/sanitized
}

other_parts() {
	for machine in $machines; do
		echo "tools/check_cross.sh build/laconic build/models $machine $short"
	done
	echo "tools/check_fused.sh $long"
	echo "tools/check_same_bytes.sh $long build/laconic build/models $builds"
	sanitized_parts | sed 's/^/ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 /'
	for folder in $builds; do
		case $folder in */clang*) echo "$folder/test_kernels build/models" ;; esac
	done
	echo "tools/lint.sh $lint"
}

build all models tests replays build/tokenize build/overheads build/self build/messages build/tokenizers build/evaluate build/failing_libc.so \
	build/sample_text
if [ "$mode" != quick ]; then
	# by clang, whose sanitized tests take half the time of gcc's; at -O1 it leaves loops of training without vectors, and says so
	sanitizer='CC=clang EXTRA=-Wno-pass-failed'
	echo 'int main(void) { }' | clang -fsanitize=address,undefined -x c - -o "$work/sanitized" 2>/dev/null || sanitizer='CC=gcc EXTRA=-fno-var-tracking'
	build BUILD=build/sanitized OPT=-O1 "${sanitizer%% *}" "${sanitizer#* } -DARENA_PIECE_BYTES=65536u -fsanitize=address,undefined -fno-sanitize-recover=all" \
		build/sanitized/laconic replays $(for name in $tests; do echo "build/sanitized/$name"; done)
	for folder in $builds; do
		case $folder in
		build) ;;
		*/gcc-O0) build BUILD="$folder" CC=gcc OPT=-O0 EXTRA=-g0 "$folder/laconic" ;;
		*/gcc-O3-native) build BUILD="$folder" CC=gcc OPT='-O3 -march=native' EXTRA=-g0 "$folder/laconic" ;;
		*/clang-O3-native) build BUILD="$folder" CC=clang OPT='-O3 -march=native' EXTRA=-g0 "$folder/laconic" "$folder/test_kernels" ;;
		*/clang) build BUILD="$folder" CC=clang EXTRA=-g0 "$folder/laconic" "$folder/test_kernels" ;;
		esac
	done
	other_parts >"$work/parts"
fi
native_parts >>"$work/parts"

xargs -d '\n' -P "$(nproc)" -I '{}' tools/check_part.sh "$work" '{}' <"$work/parts" || : # the sum tells
echo
awk -v parts="$(wc -l <"$work/parts")" '{ passed += $1; failed += $3; skipped += $5 }
	END { failed += parts - NR; printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed != 0 }' "$work/sum"
