#!/bin/sh
# Models that are found in folders or carried by archives, while these are read.
# Usage: found_models.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

# What an archive carries is enough to read it, wherever the model that is at hand is another.
an_archive_carries_its_models() {
	models=$root/tests/golden/models
	with="--model $models/grouped.gguf --adapter $models/leaning.gguf --adapter $models/tilted.gguf"
	export LACONIC_MODELS="$PWD/none"
	cp "$root/tests/golden/archives/adapted-lines.txt" lines
	n_bytes=$(cat "$models/grouped.gguf" "$models/leaning.gguf" "$models/tilted.gguf" | wc -c)
	grouped=$(echo "$n_bytes" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta')
	"$laconic" -v $with --verify --with-model --records lines 2>said
	grep -q "$grouped of them are the model and its adapters, which it carries" said
	grep -q 'verified with kernels' said
	mv lines wanted
	"$laconic" -v -d lines.lac 2>said
	cmp lines wanted
	grep -q 'model tiny random (.*) is one that it carries' said
	[ "$(grep -c 'adapter .* is one that it carries' said)" = 2 ]
	"$laconic" -q -d -c lines.lac | cmp - wanted
	cat lines.lac | "$laconic" -q -d | cmp - wanted
	"$laconic" -q --model "$tiny" -t lines.lac
	sed -n 8,12p wanted >five
	"$laconic" cat -q --range 7-11 lines.lac | cmp - five
	"$laconic" cat -q lines.lac | cmp - wanted
	# what is at hand is used
	"$laconic" -v $with -t lines.lac 2>said
	! grep -q 'that it carries' said || return 1
	"$laconic" list lines.lac | grep -q "carries 3 files of models and adapters: $grouped bytes of the archive"
	for action in list 'test --memory 1G'; do
		"$laconic" $action --json lines.lac | python3 -c '
import json, sys
one = json.load(sys.stdin)
assert (one["carried_files"], one["carried_bytes"]) == (3, int(sys.argv[1])), one
assert one["bytes_out"] > int(sys.argv[1]), one' "$n_bytes"
	done
	fails 1 'allow more with --memory' "$laconic" -q -d --memory 10K -o out lines.lac
	absent out
	# the embedded model is carried like any other, and not named by its number
	"$laconic" -q --with-model --rm -f lines
	absent lines
	"$laconic" -q --model "$tiny" -d -c lines.lac >out
	cmp out wanted
	[ "$("$laconic" list --json lines.lac | grep -c '"carried_files": 1, ')" = 1 ]
	: >empty
	"$laconic" -q --with-model empty
	[ "$(wc -c <empty.lac)" = 16 ]
	"$laconic" compress --estimate --json --with-model --model "$models/grouped.gguf" wanted | python3 -c '
import json, os, sys
assert json.load(sys.stdin)["bytes_out"] > os.path.getsize(sys.argv[1])' "$models/grouped.gguf"
	fails 1 'a message carries nothing' "$laconic" --with-model --message wanted
	fails 1 'goes with compress' "$laconic" -d --with-model lines.lac
	# that it could not be verified is said before it is compressed
	mkfifo slow
	fails 1 "which take at least $((2 * $(wc -c <"$models/grouped.gguf"))) bytes; allow more with --memory" timeout 60 \
		"$laconic" -q $with --with-model --verify --memory 50K -o unwritten slow
	absent unwritten
}

# A folder's model costs less than opening the one that is carried; only what nothing else has is taken from the archive.
folders_come_before_what_is_carried() {
	models=$root/tests/golden/models
	mkdir folder
	export LACONIC_MODELS="$PWD/folder"
	cp "$root/tests/golden/archives/one-block.txt" text
	"$laconic" -q --model "$models/grouped.gguf" --with-model text
	cp "$models/grouped.gguf" folder
	"$laconic" -v -d -o out text.lac 2>said
	cmp out text
	! grep -q 'that it carries' said || return 1
	# a damaged one is told as such, and what comes before the damage is there
	rm folder/grouped.gguf
	head -c 30000 text.lac >cut.lac
	fails 1 'the archive is cut off' "$laconic" -q -t cut.lac
	cat "$root/tests/golden/archives/stored.lac" cut.lac >both.lac
	fails 1 'the archive is cut off' "$laconic" -q -d -c both.lac
	cmp output "$root/tests/golden/archives/stored.txt"
}

# Single records look for models as whole archives do.
models_of_single_records_are_found_too() {
	models=$root/tests/golden/models archive=$root/tests/golden/archives/indexed-adapted
	mkdir folder
	export LACONIC_MODELS="$PWD/folder"
	sed -n 1p "$archive.txt" >first
	fails 1 'was looked for' "$laconic" cat -q --record 0 "$archive.lac"
	cp "$models/grouped.gguf" "$models/tilted.gguf" folder
	fails 1 'adapter "' "$laconic" cat -q "$archive.lac"
	"$laconic" cat -q --record 0 "$archive.lac" | cmp - first # which needs the other adapter
	cp "$models/leaning.gguf" folder
	"$laconic" cat -q --range 1- "$archive.lac" >rest
	cat first rest | cmp - "$archive.txt"
	"$laconic" cat --json -o out --range 0-2 "$archive.lac" >object
	head -3 "$archive.txt" | cmp - out
	python3 -c '
import json, os, sys
one, error = json.load(open("object")), json.loads(sys.argv[1])
assert one["status"] == "ok" and one["records"] == 3 and one["bytes_in"] == os.path.getsize("out") and one["output"] == "out", one
assert error["status"] == "error" and "record 999" in error["error"], error' "$("$laconic" cat --json -o lost --record 999 "$archive.lac" 2>/dev/null)"
	absent lost
	fails 1 'cannot share the standard output' "$laconic" cat --json --record 0 "$archive.lac"
	fails 1 'made with model' "$laconic" cat -q --model "$tiny" --record 0 "$archive.lac"
}

# Concatenated archives of several models: each record of a range has that of its archive, carried or in a folder.
single_records_have_the_model_of_their_archive() {
	seq 1 9 | sed 's/$/ of the first/' >first
	seq 1 9 | sed 's/$/ of the second/' >second
	sed -n 4p first >four
	export LACONIC_MODELS="$PWD/folder"
	lac -o carrying.lac --with-model --records first
	lac -o first.lac --records first
	"$laconic" -q --records second
	for names in 'carrying second' 'second carrying' 'carrying second carrying'; do
		cat $(for name in $names; do echo $name.lac; done) >both.lac
		cat $(for name in $names; do echo ${name#carrying}; done | sed 's/^$/first/') >both
		for record in 0 8 9 17; do
			"$laconic" cat -q --record $record both.lac >out
			sed -n $((record + 1))p both | cmp - out
		done
		"$laconic" cat -q both.lac | cmp - both
	done
	"$laconic" cat -q --record 3 carrying.lac | cmp - four
	# another archive is damaged
	{ head -c 60 second.lac; printf '\377\377'; tail -c +63 second.lac; } >bad.lac
	fails 1 'archive 1, block 1' "$laconic" -q -t bad.lac
	cat carrying.lac bad.lac >both.lac
	"$laconic" cat -q --record 3 both.lac | cmp - four
	cat bad.lac carrying.lac >both.lac
	"$laconic" cat -q --record 12 both.lac | cmp - four
	mkdir folder
	for names in 'first second' 'second first' 'first second first'; do
		cat $(for name in $names; do echo $name.lac; done) >both.lac
		cat $names >both
		rm -f folder/tiny.gguf
		fails 1 'was looked for' "$laconic" cat -q --record $([ "${names% *}" = second ] && echo 9 || echo 0) both.lac
		cp "$tiny" folder/tiny.gguf
		for record in 0 8 9 17; do
			"$laconic" cat -q --record $record both.lac >out
			sed -n $((record + 1))p both | cmp - out
		done
		"$laconic" cat -q --range 9-17 -o nine both.lac
		sed -n 10,18p both | cmp - nine
		rm nine
		"$laconic" cat -q --range 8-9 both.lac >out
		sed -n 9,10p both | cmp - out
		"$laconic" cat -q both.lac | cmp - both
	done
}

# One base, adapters of which one is carried and one lies in a folder.
what_one_archive_carries_another_looks_for() {
	models=$root/tests/golden/models
	cp "$root/tests/golden/archives/adapted-lines.txt" text
	"$laconic" -q --model "$models/grouped.gguf" --adapter "$models/leaning.gguf" --with-model --records -o a.lac text
	"$laconic" -q --model "$models/grouped.gguf" --adapter "$models/tilted.gguf" --records -o b.lac text
	mkdir folder
	cp "$models/grouped.gguf" "$models/tilted.gguf" folder
	export LACONIC_MODELS="$PWD/folder"
	for order in 'a.lac b.lac' 'b.lac a.lac'; do
		for one in $order; do "$laconic" -q -d -c $one | cmp - text; done
		cat $order >both.lac
		"$laconic" -q -t both.lac
		"$laconic" -q -d -c both.lac >out
		cat text text | cmp - out
		"$laconic" cat -q both.lac | cmp - out
	done
	rm folder/tilted.gguf
	fails 1 'was looked for' "$laconic" -q -t both.lac
	for order in 'published carried' 'carried published'; do # of each it is said what it carries
		for one in $order; do cat "$root/tests/golden/archives/$one.lac"; done >both.lac
		"$laconic" -v -d -c both.lac 2>said >out
		[ "$(grep -c 'is one that it carries$' said)" = 1 ]
		grep -q 'model tiny random .* is one that it carries$' said
	done
	"$laconic" list --model "$models/grouped.gguf" both.lac | grep -q 'laconic seed .*: the embedded one$'
}

# A model needs no --model when it lies in a folder where models are looked for, nor does an adapter.
models_are_found_by_identity() {
	golden=$root/tests/golden/models
	mkdir -p folder "my models"
	cp "$root/tests/golden/archives/one-block.lac" text.lac
	cp "$root/tests/golden/archives/one-block.txt" text
	cp "$root/tests/golden/archives/adapted-lines.lac" adapted.lac
	name=$("$laconic" models show --json "$golden/grouped.gguf" | python3 -c 'import json, sys; print(json.load(sys.stdin)["name"])')
	identity=$("$laconic" models show --json "$golden/grouped.gguf" | python3 -c 'import json, sys; print(json.load(sys.stdin)["identity"])')
	export LACONIC_MODELS="$PWD/folder:$PWD/my models"
	for word in "model \"$name\" (identity $identity) was looked for" "$PWD/folder" "$PWD/my models" /share/laconic/models \
		"made with model \"$name\" (identity $identity)"; do
		fails 1 "$word" "$laconic" -q -d -o out text.lac
		fails 1 "$word" "$laconic" -q -t text.lac
	done
	absent out
	cp "$golden/grouped.gguf" "my models/any.gguf"
	for _ in new cached; do
		"$laconic" -q -d -c text.lac | cmp - text
		"$laconic" -q -t text.lac
		"$laconic" -q -d -o out text.lac
		cmp out text
		rm out
	done
	cat "$root/tests/golden/archives/stored.lac" text.lac >both.lac
	"$laconic" -q -d both.lac
	cat "$root/tests/golden/archives/stored.txt" text | cmp - both
	"$laconic" -q -d -c both.lac | cmp - both # nor to a pipe
	"$laconic" -q -t both.lac
	cat both.lac | "$laconic" -q -d | cmp - both
	cat text.lac | "$laconic" -q -t
	"$laconic" -q -d <text.lac | cmp - text # a file, all the same
	fails 1 "made with model" "$laconic" -q -t --model "$golden/wide-heads.gguf" text.lac # another was asked for
	fails 1 'adapter "' "$laconic" -q -t adapted.lac
	cp "$golden/tilted.gguf" folder
	cp "$golden/leaning.gguf" "my models"
	"$laconic" -q -d -c adapted.lac | cmp - "$root/tests/golden/archives/adapted-lines.txt"
}

# Concatenated archives, each with its own.
every_archive_has_its_model() {
	golden=$root/tests/golden
	name() { printf '%s/archives/%s.%s ' "$golden" "$1" "$2"; }
	for kind in txt lac; do
		for part in stored one-block biased empty published biased-adapted adapted adapted-once lines; do cat $(name $part $kind); done >many.$kind
	done
	mkdir folder
	cp "$golden"/models/*.gguf folder
	export LACONIC_MODELS=$PWD/folder
	"$laconic" -q -d -c many.lac | cmp - many.txt
	"$laconic" -q -d -c <many.lac | cmp - many.txt
	"$laconic" -q -d -o out many.lac
	cmp out many.txt
	size=$(wc -c <many.txt)
	"$laconic" -t --json many.lac | python3 -c '
import json, sys
said, = [json.loads(line) for line in sys.stdin]
assert said["status"] == "ok" and said["archives"] == 9 and said["bytes_in"] == int(sys.argv[1]), said' $size
	"$laconic" list --json many.lac | python3 -c '
import json, sys
said = json.load(sys.stdin)
assert [(one["name"], one["context"], one["file_bytes"] is None) for one in said["models"]] == [
    ("tiny random", 48, True), ("tiny random", 70, True), ("laconic seed", 512, False)], said["models"]
assert len(said["adapters"]) == 3' >&2
	"$laconic" list many.lac >said
	grep -q ' several  *many.lac$' said
	grep -q "needs model .* 48 tokens of context: [0-9,]* bytes, in $PWD/folder/grouped.gguf$" said
	grep -q 'needs model laconic seed .* 512 tokens of context: [0-9,]* bytes, and [0-9.]* MiB a stream$' said
	[ "$(grep -c "adapter .* records\?, [0-9,]* bytes, in $PWD/folder/" said)" = 3 ]
	"$laconic" -q -t --limit $size many.lac
	fails 1 "limit of $((size - 1))" "$laconic" -q -t --limit $((size - 1)) many.lac
	begin=$(cat $(name stored txt) $(name one-block txt) | wc -c)
	for limit in $begin $((begin + 1)); do
		fails 1 "limit of $limit" "$laconic" -q -d -c --limit $limit many.lac
		head -c $begin many.txt | cmp - output
	done
	cat many.lac | "$laconic" -q -d | cmp - many.txt
	rm folder/biased.gguf
	identity=$("$laconic" models show --json "$golden/models/biased.gguf" | sed 's/.*"identity": "\([0-9a-f]*\)".*/\1/')
	for way in '-t' '-d -c' '-d -o none'; do
		fails 1 'block 1, byte 378' "$laconic" -q $way many.lac
		grep -q "identity $identity) was looked for" message
	done
	absent none
	fails 1 'made with model' "$laconic" -q -t --model "$golden/models/grouped.gguf" many.lac # it was asked for
}

law an_archive_carries_its_models
law folders_come_before_what_is_carried
law models_of_single_records_are_found_too
law single_records_have_the_model_of_their_archive
law what_one_archive_carries_another_looks_for
law models_are_found_by_identity
law every_archive_has_its_model
report
