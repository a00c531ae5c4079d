#!/bin/sh
# Damage, limits, hostile files.
# Usage: damage.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

damage_leaves_nothing() {
	lac text
	rm text
	size=$(wc -c <text.lac)
	cp text.lac good
	head -c $((size - 1)) good >text.lac
	fails 1 'text.lac' lac -d text.lac
	fails 1 'text.lac' lac -t text.lac
	fails 1 'text.lac' lac -l text.lac
	absent text
	{ head -c $((size / 2)) good; printf '\252'; tail -c +$((size / 2 + 2)) good; } >text.lac
	fails 1 'text.lac' lac -d text.lac
	absent text
	cat good good >twice
	echo tail >>twice
	fails 1 'twice' lac -t twice
	: >text.lac
	fails 1 'text.lac' lac -d text.lac
	absent text
}

damage_is_placed() {
	lac -o one text
	size=$(wc -c <one)
	cat one one >two
	printf '\252' | dd of=two bs=1 seek=$((size + size / 2)) conv=notrunc 2>/dev/null
	for command in -t -l '-d -o out'; do
		fails 1 "archive 2, block 1, byte $((size + 10)): " lac $command two
	done
	absent out
}

limits_are_kept() {
	cat text text >long
	lac -o one text
	cat one one >two
	size=$(wc -c <text)
	lac -t --limit $((2 * size)) two
	lac -d --limit 1G -c two | cmp - long
	fails 1 "more than the limit of $((2 * size - 1))" lac -d --limit $((2 * size - 1)) -o out two
	fails 1 'archive 2, block 1, byte' lac -t --limit $size two
	absent out
	status=0
	lac -d -c --limit $size two >out 2>message || status=$?
	[ $status = 1 ]
	cmp out text # what came before the limit
	fails 1 'goes with decompress' lac --limit 1M text
	fails 1 'goes with decompress' lac -l --limit 1M one
	fails 1 'from 1' lac -t --limit 0 one
}

# The list of tests/golden/hostile says of each file how it ends.
hostile_archives_are_refused() {
	models=$root/tests/golden/models hostile=$root/tests/golden/hostile
	cp "$hostile"/*.lac .
	with="-q --model $models/grouped.gguf --adapter $models/leaning.gguf --adapter $models/tilted.gguf --limit 1M"
	good=$(awk '$3 == "ok" && /[.]lac/ { print $1 }' "$hostile/list")
	bad=$(awk '$3 != "ok" && !/^#/ && /[.]lac/ { print $1 }' "$hostile/list")
	"$laconic" $with -d $good
	fails 1 '' "$laconic" $with -d $bad
	for file in $good; do cmp "${file%.lac}" "$hostile/${file%.lac}.txt"; done
	for file in $bad; do
		grep -q "^laconic: $file: " message || { echo "nothing is said of $file" >&2; exit 1; }
		absent "${file%.lac}"
	done
}

hostile_models_are_refused() {
	models=$root/tests/golden/models hostile=$root/tests/golden/hostile
	grep '[.]gguf ' "$hostile/list" >listed
	while read -r file needs status _; do
		set -- models show "$hostile/$file"
		[ "$needs" = - ] || set -- -q --model "$models/$needs.gguf" --adapter "$hostile/$file" -f -o out text
		if [ "$status" = ok ]; then
			"$laconic" "$@" >/dev/null
		else
			rm -f out
			fails 1 "$hostile/$file: " "$laconic" "$@"
			absent out
		fi
	done <listed
}

law damage_leaves_nothing
law damage_is_placed
law limits_are_kept
law hostile_archives_are_refused
law hostile_models_are_refused
report
