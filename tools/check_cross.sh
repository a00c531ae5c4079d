#!/bin/sh
# Builds for another machine, runs unit tests under qemu, and exchanges archives with this machine's build; or, for older_x86_64, does the latter
# with this machine's build on older CPUs.
# Usage: check_cross.sh REFERENCE_LACONIC MODELS_DIRECTORY aarch64|s390x|riscv64|older_x86_64 [--short]   from the project's folder,
# sample_text beside the first. s390x is big-endian, and takes the longest. --short leaves out two shapes, tests that take long, golden archives
# of texts of more than 610 bytes, and the embedded model but on aarch64.
set -eu
reference=$1 models=$2 machine=$3 length=${4-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"

# ---- What is exchanged: every kind of block, and models of several shapes --------

offer() { # name of a text in work/, model, what list says of this machine's archive, options
	echo "$1 $2 $4" >>"$work/offered"
	"$reference" -q -c $4 --block-size 1K --model "$models/$2.gguf" "$work/$1" >"$work/$1.lac"
	status=0
	"$reference" -l --json "$work/$1.lac" | grep -q "$3" || status=1
	note "offered: $1 is of its kind" $status
}

# text that a model of random weights wins (tests/sampled_text.h): a text of one line, and records
sample=${reference%/*}/sample_text
for model in tiny dropped untied wide; do
	"$sample" "$models/$model.gguf" 5 1100 >"$work/text-$model"
	offer text-$model $model '"tokens": [1-9].*"records": 0,.*"mixed_blocks": 0, "stored_blocks": 0' ''
	"$sample" "$models/$model.gguf" 5 90 40 0 60 90 >"$work/records-$model"
	offer records-$model $model '"tokens": [1-9].*"records": 5,.*"mixed_blocks": 0, "stored_blocks": 0' --records
done
head -c 2000 examples/08-chat-log.txt >"$work/mixed"
offer mixed tiny '"mixed_blocks": 2, "stored_blocks": 0' ''
cp tests/golden/archives/stored.txt "$work/stored"
offer stored tiny '"mixed_blocks": 0, "stored_blocks": 1' ''
head -c 300 examples/08-chat-log.txt >"$work/chat"
head -c 1024 examples/08-chat-log.txt >"$work/default"
"$reference" -q -c "$work/default" >"$work/default.lac"

# A machine makes of every text the very archive that this one makes, and decodes that: so each decodes what any other made, and would have made
# it too.
exchange() { # label, run, models: all that is offered for one of them
	while read -r name model option; do
		case " $3 " in *" $model "*) ;; *) continue ;; esac
		status=0
		$2 -q -c $option --block-size 1K --model "$models/$model.gguf" "$work/$name" | cmp - "$work/$name.lac" || status=1
		$2 -q -d -c --model "$models/$model.gguf" "$work/$name.lac" | cmp - "$work/$name" || status=1
		note "$1: same archive and back, $name" $status
	done <"$work/offered"
}

exchange_default() { # label, run: the same with the embedded model
	status=0
	$2 -q -c "$work/default" | cmp - "$work/default.lac" || status=1
	$2 -q -d -c "$work/default.lac" | cmp - "$work/default" || status=1
	note "$1: same archive and back, 1 KB with the embedded model" $status
}

# ---- Machines --------------------------------------------------------------------

tests='test_golden test_engine_exact test_coder test_format test_unicode test_pretokenizer test_vocabulary'
[ -n "$length" ] || tests="$tests test_hostile test_mixing test_tokenizer test_pieces"
# A CPU with one set of instructions takes the table for these, and that equals the textbook.
on_cpu() { # label, emulator, build, kernels
	status=0
	$2 "$3/test_kernels" "$models" $length >"$work/log" 2>&1 && grep -qx -e "-- $4" "$work/log" || status=1
	[ $status = 0 ] || cat "$work/log" >&2
	note "$1: test_kernels" $status
	status=0
	$2 "$3/laconic" -v -c --model "$models/tiny.gguf" "$work/chat" 2>&1 >"$work/lac" | grep -q ", kernels $4\$" || status=1
	note "$1: takes the kernels $4" $status
}

emulated_build() { # architecture
	mkdir -p "$build/include"
	cp /usr/include/xxhash.h "$build/include/" # one header, the same for every machine
	make -s -j2 BUILD="$build" CC="$1-linux-gnu-gcc" LINK=-static EXTRA=-g0 INCLUDES="-I$build/include" \
		"$build/laconic" "$build/test_kernels" $(for test in $tests; do echo "$build/$test"; done) >"$work/log" 2>&1 ||
		{ cat "$work/log" >&2; return 1; }
}

try() { # law, command
	law=$1 status=0
	shift
	"$@" >"$work/log" 2>&1 || status=1
	[ $status = 0 ] || cat "$work/log" >&2
	note "$law" $status
}

architecture() {
	build=build/$1 run="qemu-$1 build/$1/laconic"
	emulated_build "$1" || { note "$1: builds" 1; return; }
	for test in $tests; do
		[ "$test$length" = test_golden ] && how=--long || how=--short # with the textbook
		try "$1: $test" "qemu-$1" "$build/$test" "$models" $how
	done
	[ -n "$length" ] && shapes='tiny wide' most=610 || shapes='tiny dropped untied wide' most=
	exchange "$1" "$run" "$shapes"
	try "$1: golden archives" tests/golden.sh "$run" --short $most
	if [ "$1" = aarch64 ]; then
		on_cpu "$1 with dot products" "qemu-$1 -cpu max" "$build" dotprod
		on_cpu "$1 without" "qemu-$1 -cpu cortex-a57" "$build" neon
		exchange "$1 without dot products" "qemu-$1 -cpu cortex-a57 $build/laconic" tiny
	else
		on_cpu "$1" "qemu-$1" "$build" scalar
	fi
	[ "$1$length" = s390x--short ] || exchange_default "$1" "$run"
}

older_x86_64() {
	# what qemu 7.2 does not emulate is taken away, or it warns
	avx2='qemu-x86_64 -cpu Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm'
	on_cpu 'x86_64 with AVX2' "$avx2" "${reference%/*}" avx2
	exchange 'x86_64 with AVX2' "$avx2 $reference" tiny
	on_cpu 'x86_64 without AVX' 'qemu-x86_64 -cpu Nehalem' "${reference%/*}" scalar
}

if [ "$machine" = older_x86_64 ]; then
	if [ "$(uname -m)" != x86_64 ]; then
		skip 'x86_64: older CPUs' "this build is for $(uname -m)"
	elif ! command -v qemu-x86_64 >/dev/null; then
		skip 'x86_64: older CPUs' 'qemu-x86_64 is not here'
	else
		older_x86_64
	fi
elif ! command -v "$machine-linux-gnu-gcc" >/dev/null || ! command -v "qemu-$machine" >/dev/null; then
	skip "$machine" "$machine-linux-gnu-gcc or qemu-$machine is not here"
else
	architecture "$machine"
fi
report
