#!/bin/sh
# Models that are named, and what the command says of models.
# Usage: models.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

bad_models_are_refused() {
	fails 1 'No such file' "$laconic" --model missing.gguf text
	fails 1 'GGUF' "$laconic" --model text text
	: >empty
	fails 1 'empty' "$laconic" --model empty text
	fails 1 '' "$laconic" --model . text
	head -c 5000 "$tiny" >cut
	fails 1 'cut' "$laconic" --model cut text
	absent text.lac
}

once() { # a name in the message of the last failure
	[ "$(head -1 message | grep -oF "$1" | wc -l)" = 1 ] || { echo "'$1' is not named once:" >&2; cat message >&2; exit 1; }
}

a_bad_model_is_named_once() {
	golden=$root/tests/golden/models
	mkdir folder.bad
	echo text >letter.bad
	: >nothing.bad
	head -c 5000 "$tiny" >cut.bad
	for name in letter.bad nothing.bad cut.bad absent.bad folder.bad; do
		fails 1 "$name" "$laconic" --model $name text
		once $name
		fails 1 "$name" "$laconic" --model "$tiny" --adapter $name text
		once $name
		fails 1 "$name" "$laconic" models show $name
		once $name
		"$laconic" train 2>&1 | grep -q 'built without' && continue
		for option in --init --tokenizer; do
			fails 1 "$name" "$laconic" train $option $name -o out text
			once $name
		done
		fails 1 "$name" "$laconic" adapt --base $name -o out text
		once $name
		fails 1 "$name" "$laconic" cluster --embedding states --model $name --clusters 1 -o out text
		once $name
	done
	fails 1 'an adapter' "$laconic" models show "$golden/leaning.gguf"
	once leaning.gguf
	mkdir models
	cp cut.bad models/cut.gguf
	ln -s nowhere models/lost.gguf
	for name in cut lost; do
		LACONIC_MODELS=$PWD/models fails 2 "$name.gguf: " "$laconic" models list
		grep $name message >line
		mv line message
		once $name.gguf
	done
	absent out
}

# Names of files, and names and identities inside them.
models_are_found_by_name() {
	echo text >text
	for name in 'laconic seed' b538ca9da5978863c2c38ad1d6a7fe1d; do
		"$laconic" -q -f --model "$name" text
		"$laconic" -q -t --model "$name" text.lac
	done
	mkdir folder
	cp "$tiny" folder/small.gguf
	export LACONIC_MODELS=folder
	"$laconic" models list --json | python3 -c '
import json, sys
embedded, small = (json.loads(line) for line in sys.stdin)
assert embedded["file"] is None and embedded["kind"] == small["kind"] == "model" and small["architecture"] == "llama", (embedded, small)
print(small["name"], small["identity"], sep="\n")' >inside
	for name in small small.gguf "$(sed -n 1p inside)" "$(sed -n 2p inside)"; do
		"$laconic" models show --json "$name" | grep -q "$(sed -n 2p inside)"
	done
	fails 1 'was looked for' "$laconic" -q --model large text
	# a folder's file does not hide one that is named
	cp "$root/tests/golden/models/grouped.gguf" small
	"$laconic" -q --model small -t "$root/tests/golden/archives/one-block.lac"
}

models_list_tells_what_cannot_be_read() {
	golden=$root/tests/golden/models
	mkdir folder
	cp "$golden/grouped.gguf" "$golden/leaning.gguf" folder
	export LACONIC_MODELS=$PWD/folder
	"$laconic" models list >listed
	grep -q '^tiny random  .* llama  *model  *.*/folder/grouped.gguf$' listed
	grep -q '^tiny random adapter  .* llama  *adapter .*/folder/leaning.gguf$' listed
	[ "$(wc -l <listed)" = 4 ]
	"$laconic" models list | cmp - listed # now from the cache
	head -c 5000 "$golden/grouped.gguf" >folder/cut.gguf
	ln -s nowhere folder/lost.gguf
	fails 2 'folder/cut.gguf: ' "$laconic" models list
	cmp output listed
	fails 2 'folder/lost.gguf: ' "$laconic" models list
	status=0
	"$laconic" models list --json >output || status=$?
	[ $status = 2 ]
	[ "$(grep -c '"status": "skipped".*"error": ' output)" = 2 ]
	[ "$("$laconic" models path | head -1)" = "$PWD/folder" ]
	"$laconic" models path | grep -q /share/laconic/models
}

models_show_describes() {
	"$laconic" models show | grep -q '^identity  *[0-9a-f]\{32\}$'
	"$laconic" models show "$tiny" | grep -q '^architecture  llama: 2 layers, dim 64'
	"$laconic" models show --json "$tiny" | python3 -c '
import json, os, sys
one = json.load(sys.stdin)
assert one["file_bytes"] == os.path.getsize(one["file"]) and one["dim"] == 64'
	fails 1 'GGUF' "$laconic" models show text
}

another_model_is_named() {
	cat "$root"/examples/01*.txt >long
	"$laconic" -q -o long.lac long
	fails 1 "$("$laconic" models show --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["name"])')" \
		lac -d -o back long.lac
	grep -q 'the model that is needed is found without --model' message
	absent back
	cp "$root/tests/golden/archives/indexed-lines.lac" lines.lac
	fails 1 'made with model' "$laconic" cat -q --model "$tiny" -o back --record 0 lines.lac
	if grep 'without --model' message; then exit 1; fi
	mkdir folder
	cp "$root/tests/golden/models/grouped.gguf" folder
	export LACONIC_MODELS=$PWD/folder
	fails 1 'the model that is needed is found without --model' "$laconic" cat -q --model "$tiny" -o back --record 0 lines.lac
	[ "$(head -n 1 message | grep -c 'made with model')" = 1 ]
	absent back
	"$laconic" -d -v -c lines.lac 2>said >/dev/null
	grep -q "model tiny random ($("$laconic" models show --json folder/grouped.gguf | sed 's/.*"identity": "\([0-9a-f]*\)".*/\1/'))" said
	# neither is the other
	fails 1 'an adapter' "$laconic" -q --model "$root/tests/golden/models/leaning.gguf" -c text
	fails 1 'general.type' lac --adapter "$tiny" -c text
}

models_are_exported() {
	"$laconic" models export -o whole.gguf
	cmp whole.gguf "$root/models/default.gguf"
	"$laconic" models export -c | cmp - whole.gguf
	"$laconic" -q -c text >a
	"$laconic" -q --model whole.gguf -d -c a | cmp - text
	fails 1 'exists already' "$laconic" models export -o whole.gguf
	fails 1 'no output' "$laconic" models export
	fails 1 'was looked for' "$laconic" models export nothing -o other.gguf
	mkdir folder
	cp "$tiny" folder/small.gguf
	LACONIC_MODELS=folder "$laconic" models export small -o small.gguf
	cmp small.gguf "$tiny"
	"$laconic" models export "$("$laconic" models show --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["identity"])')" -o again.gguf
	cmp again.gguf whole.gguf
	fails 1 'No space' sh -c "'$laconic' models export -c >/dev/full"
	absent other.gguf
}

law bad_models_are_refused
law a_bad_model_is_named_once
law models_are_found_by_name
law models_list_tells_what_cannot_be_read
law models_show_describes
law another_model_is_named
law models_are_exported
report
