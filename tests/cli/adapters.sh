#!/bin/sh
# Archives made with adapters.
# Usage: adapters.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

adapters_are_chosen_and_named() {
	models=$root/tests/golden/models
	both="--adapter $models/leaning.gguf --adapter $models/tilted.gguf"
	cp "$root/tests/golden/archives/adapted-lines.txt" lines
	"$laconic" -v --model "$models/grouped.gguf" $both --records lines 2>said
	[ "$(grep -c 'needs [0-9.]* MiB' said)" = 2 ]
	grep -q "and adapter tiny random adapter, $(wc -c <"$models/tilted.gguf" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta') bytes)" said
	"$laconic" -q --model "$models/grouped.gguf" $both -d -c lines.lac | cmp - lines
	"$laconic" -q --model "$models/grouped.gguf" $both --memory 1 -t lines.lac
	fails 1 'with --adapter' "$laconic" -q --model "$models/grouped.gguf" -d -o out lines.lac
	fails 1 'with --adapter' "$laconic" -q --model "$models/grouped.gguf" --adapter "$models/tilted.gguf" -t lines.lac
	fails 1 'identity' "$laconic" -q -d -o out lines.lac
	fails 1 'not open' "$laconic" -q -d -o out "$root/tests/golden/archives/adapted-once.lac"
	absent out
	"$laconic" list lines.lac | grep -q 'adapter tiny random adapter ([0-9a-f]\{32\}): 30 records, not at hand; --adapter names'
	"$laconic" list --model "$models/grouped.gguf" $both lines.lac | grep -q 'records, [0-9,]* bytes, needs [0-9.]* MiB'
	"$laconic" list --json --model "$models/grouped.gguf" --adapter "$models/tilted.gguf" lines.lac | python3 -c '
import json, os, sys
adapters = json.load(sys.stdin)["adapters"]
assert len(adapters) == 2 and all(one["streams"] == 30 for one in adapters), adapters
assert sorted(one["file_bytes"] or 0 for one in adapters) == [0, os.path.getsize(sys.argv[1])], adapters
assert sum(one["memory_bytes"] is None for one in adapters) == 1' "$models/tilted.gguf"
}

bad_adapters_are_refused() {
	models=$root/tests/golden/models
	fails 1 'lora' "$laconic" -q --model "$tiny" --adapter "$models/leaning.gguf" text # of another shape
	fails 1 'general.type' lac --adapter "$tiny" text
	fails 1 'No such file' lac --adapter missing.gguf text
	head -c 9000 "$models/leaning.gguf" >cut
	fails 1 'cut' "$laconic" -q --model "$models/grouped.gguf" --adapter cut text
	fails 1 'goes with compress' "$laconic" models show --adapter cut
	absent text.lac
}

law adapters_are_chosen_and_named
law bad_adapters_are_refused
report
