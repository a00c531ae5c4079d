#!/bin/sh
# One archive from every build, instruction set, thread count and batch, and every archive read by all of them (arithmetic.md
# section 1). Usage: check_same_bytes.sh [--long] REFERENCE_LACONIC MODELS_DIRECTORY BUILD...   (each BUILD holds a laconic; all but the
# first are tried with one number of threads, unless it is long)
set -eu
length=
[ "$1" != --long ] || { length=$1; shift; }
reference=$1 models=$2
shift 2
golden=tests/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"

# Of texts drawn from a model the blocks are the model's; another text is given to it only as records. Case: name, text, model, option.
cat >"$work/sampled" <<-END
	text $golden/archives/many-blocks.txt $golden/models/grouped.gguf
	escapes $golden/archives/raw.txt $golden/models/escapes.gguf
	records $golden/archives/lines.txt $golden/models/grouped.gguf --records
	adapted $golden/archives/adapted-lines.txt $golden/models/grouped.gguf --records --adapter $golden/models/leaning.gguf --adapter $golden/models/tilted.gguf
	END
head -c 1500 examples/08-chat-log.txt >"$work/log"
{
	for model in tiny dropped untied wide; do
		echo "$model $work/log $models/$model.gguf --records"
	done
	for model in biased normed sliding; do
		echo "$model $golden/archives/$model.txt $golden/models/$model.gguf"
	done
} >"$work/models"
cat "$work/sampled" "$work/models" | while read -r name text model option; do
	"$reference" -q -c -T1 --batch 1 --kernels scalar --block-size 1K $option --model "$model" "$text" >"$work/$name.lac"
done
head -c "$([ -n "$length" ] && echo 1500 || echo 500)" examples/01-explain-science.txt >"$work/short"
"$reference" -q -c -T1 --kernels scalar "$work/short" >"$work/default.lac"

try() { # laconic, kernels, a list of cases, further options: what differs is named
	status=0
	while read -r name text model option; do
		if ! "$1" -q -c --kernels "$2" $4 --block-size 1K $option --model "$model" "$text" | cmp - "$work/$name.lac" >&2 ||
			! "$1" -q -d -c --kernels "$2" $4 ${option#--records} --model "$model" "$work/$name.lac" | cmp - "$text" >&2; then
			echo "$1, kernels $2, $4: $name differs" >&2
			status=1
		fi
	done <"$3"
	return $status
}

for build in "$@"; do
	laconic=$build/laconic
	tables=$("$laconic" --version | sed -n 's/^kernels://p')
	[ -n "$tables" ] || note "same_bytes: $build names its kernels" 1
	for kernels in $tables; do
		all=0
		for options in '-T3 --batch 7' '-T1 --batch 64' '-T2 --batch 1' '-T8 --batch 64'; do # all pairs: tests/test_same_bytes.c
			[ -n "$length" ] || [ "$build" = "$1" ] || [ "$options" = '-T3 --batch 7' ] || continue
			try "$laconic" "$kernels" "$work/sampled" "$options" || all=1
		done
		try "$laconic" "$kernels" "$work/models" -T2 || all=1
		"$laconic" -q -c --kernels "$kernels" "$work/short" | cmp - "$work/default.lac" >&2 || all=1
		"$laconic" -q -d -c --kernels "$kernels" "$work/default.lac" | cmp - "$work/short" >&2 || all=1
		note "same_bytes: $build, kernels $kernels" "$all"
	done
done
report
