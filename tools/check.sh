#!/bin/sh
# Runs the tests and adds up what they say.  Usage: check.sh quick|check, from the project's folder
set -eu
mode=$1
sum=$(mktemp)
log=$(mktemp)
beside=$(mktemp)
beside_pid=
trap '[ -z "$beside_pid" ] || kill "$beside_pid" 2>/dev/null || :; rm -f "$sum" "$log" "$beside"' EXIT
jobs=$(nproc)
python=python3 # or Debian's, where the first one lacks what the second decoder wants
python3 -c 'import numpy, xxhash' 2>/dev/null || python=/usr/bin/python3

# Every part ends in "N passed, N failed, N skipped"; one that does not counts as failed.
part() {
	echo
	echo "== $*"
	status=0
	"$@" >"$log" 2>&1 || status=$?
	cat "$log"
	line=$(grep -Ex '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$log" | tail -1)
	[ -n "$line" ] || line="0 passed, 1 failed, 0 skipped"
	if [ $status != 0 ] && echo "$line" | grep -q ' 0 failed'; then
		line="0 passed, 1 failed, 0 skipped" # it ended badly after its report
	fi
	echo "$line" >>"$sum"
}

build() { # words for make, quietly unless it fails or warns
	make -s -j"$jobs" "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "building failed: make $*" >&2; exit 1; }
	cat "$log" >&2
}

tests=$(make -s list-tests) # without OpenBLAS or jansson, those of training are not built
unit_tests() { # build folder, then the option of the long ones
	for name in $tests; do
		part "$1/$name" build/models ${2:+"$2"}
	done
}

replays() { # build folder
	for name in $(make -s list-fuzz); do
		case $name in
		archive) part "$1/fuzz_$name" tests/fuzz/corpus/archive tests/golden/archives tests/golden/hostile ;;
		gguf) part "$1/fuzz_$name" tests/fuzz/corpus/gguf tests/golden/hostile ;;
		*) part "$1/fuzz_$name" "tests/fuzz/corpus/$name" ;;
		esac
	done
}

# Emulators take a third of the time, and one core: they run beside the rest.
start_beside() {
	"$@" >"$beside" 2>&1 &
	beside_pid=$!
}

finish_beside() {
	result=0
	wait "$beside_pid" || result=$?
	beside_pid=
	cat "$beside"
	return $result
}

build all models tests replays build/tokenize build/overheads build/self build/messages build/tokenizers build/evaluate build/failing_libc.so
[ "$mode" != check ] || start_beside tools/check_cross.sh build/laconic build/models
part tools/check_structure.sh build
unit_tests build
replays build
part tests/cli.sh build/laconic build/models/tiny.gguf
part tests/starvation.sh build/laconic build/failing_libc.so
part python3 tests/tokenizer_peer.py build/test_pretokenizer
part "$python" tests/architectures.py build/evaluate
part python3 tests/pretrain.py build
part tests/golden.sh build/laconic
part tests/install.sh build
part "$python" tests/reference/test_reference.py --short --peer build/laconic

if [ "$mode" = check ]; then
	export ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	build BUILD=build/sanitized OPT=-O1 EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-var-tracking' \
		build/sanitized/laconic replays $(for name in $tests; do echo "build/sanitized/$name"; done)
	unit_tests build/sanitized --short
	replays build/sanitized
	part tests/cli.sh build/sanitized/laconic build/models/tiny.gguf
	part tests/starvation.sh build/sanitized/laconic build/failing_libc.so --short
	part tests/golden.sh build/sanitized/laconic --short

	build BUILD=build/gcc-O0 CC=gcc OPT=-O0 build/gcc-O0/laconic
	build BUILD=build/gcc-O3-native CC=gcc OPT='-O3 -march=native' build/gcc-O3-native/laconic
	build BUILD=build/clang CC=clang build/clang/laconic build/clang/test_kernels
	build BUILD=build/clang-O3-native CC=clang OPT='-O3 -march=native' build/clang-O3-native/laconic
	part build/clang/test_kernels
	part tools/lint.sh quick
	part tools/check_same_bytes.sh build/laconic build/models build build/gcc-O0 build/gcc-O3-native build/clang build/clang-O3-native
	part finish_beside # tools/check_cross.sh
fi

echo
awk '{ passed += $1; failed += $3; skipped += $5 }
	END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed != 0 }' "$sum"
