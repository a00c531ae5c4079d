#!/bin/sh
# One archive from every build, instruction set and thread count, and every archive read by all of them (arithmetic.md section 1).
# Usage: check_same_bytes.sh REFERENCE_LACONIC MODELS_DIRECTORY BUILD...   (each BUILD holds a laconic)
set -eu
reference=$1 models=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"

cat examples/*.txt | head -c 5000 >"$work/text"
head -c 1500 examples/01-explain-science.txt >"$work/short"
for model in tiny dropped untied wide; do
	"$reference" -q -c -T1 --kernels scalar --block-size 1K --model "$models/$model.gguf" "$work/text" >"$work/$model.text"
	"$reference" -q -c -T1 --kernels scalar --records --block-size 1K --model "$models/$model.gguf" "$work/text" >"$work/$model.records"
done
"$reference" -q -c -T1 --kernels scalar "$work/short" >"$work/default.text"

try() { # laconic, kernels, threads, model, text or records
	records=
	[ "$5" = text ] || records=--records
	# shellcheck disable=SC2086
	"$1" -q -c --kernels "$2" -T"$3" --block-size 1K $records --model "$models/$4.gguf" "$work/text" | cmp -s - "$work/$4.$5" &&
		"$1" -q -d -c --kernels "$2" -T"$3" --model "$models/$4.gguf" "$work/$4.$5" | cmp -s - "$work/text"
}

for build in "$@"; do
	laconic=$build/laconic
	for kernels in $("$laconic" --version | sed -n 's/^kernels://p'); do
		status=0
		for threads in 1 2 3 8; do
			try "$laconic" "$kernels" "$threads" tiny text || status=1
			try "$laconic" "$kernels" "$threads" tiny records || status=1
		done
		for model in dropped untied wide; do
			try "$laconic" "$kernels" 2 "$model" text || status=1
			try "$laconic" "$kernels" 2 "$model" records || status=1
		done
		"$laconic" -q -c --kernels "$kernels" "$work/short" | cmp -s - "$work/default.text" || status=1
		"$laconic" -q -d -c --kernels "$kernels" "$work/default.text" | cmp -s - "$work/short" || status=1
		note "same_bytes: $build, kernels $kernels, threads 1 2 3 8" "$status"
	done
done
report
