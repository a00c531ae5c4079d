#!/bin/sh
# Records, single records, messages; and the same bytes with any threads and kernels.
# Usage: records.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

threads_and_kernels_never_change_the_bytes() {
	[ "${ASAN_OPTIONS:-}" ] && every=3 || every='1 2 3 8'
	head -c 3000 "$root"/examples/02*.txt >long
	lac -c -T1 --kernels scalar --block-size 1K long >wanted
	for kernels in $("$laconic" --version | sed -n 's/^kernels://p'); do
		for threads in $every; do
			lac -c -T$threads --kernels "$kernels" --block-size 1K long | cmp - wanted
		done
		lac -d -c --kernels "$kernels" wanted | cmp - long
	done
}

records_come_back_exactly() {
	printf 'one\ntwo\n' >a
	printf 'one\r\n\r\ntwo\r\n' >b
	printf '\n\n\nno end' >c
	: >d
	printf '\n' >e
	printf 'nul\0in\0a line\nx' >f
	for file in a b c d e f; do
		lac --records $file
		lac -d -c $file.lac | cmp - $file
		lac --records -0 -o $file.nul $file
		lac -d -c $file.nul | cmp - $file
	done
	[ "$(lac -l --json a.lac | python3 -c 'import json, sys; print(json.load(sys.stdin)["records"])')" = 2 ]
	[ "$(lac -l --json c.lac | python3 -c 'import json, sys; print(json.load(sys.stdin)["records"])')" = 4 ]
	[ "$(lac -l --json f.nul | python3 -c 'import json, sys; print(json.load(sys.stdin)["records"])')" = 3 ]
}

single_records_are_read() {
	seq 1 200 | sed 's/^/record number /' >lines
	lac --records lines
	lac --records --no-index -o old.lac lines
	for n in 0 63 64 199; do
		"$laconic" cat -q --model "$tiny" --record $n lines.lac >one
		echo "record number $((n + 1))" | cmp - one
	done
	lac_cat() { "$laconic" cat -q --model "$tiny" "$@"; }
	lac_cat --range 60-70 lines.lac >some
	sed -n 61,71p lines | cmp - some
	lac_cat --range 190- lines.lac >some
	sed -n '191,$p' lines | cmp - some
	lac_cat --range 5-5 -o some -f lines.lac
	sed -n 6p lines | cmp - some
	lac_cat lines.lac | cmp - lines # without a number all of it
	cat lines.lac lines.lac >twice.lac
	lac_cat --range 199-200 twice.lac | tr '\n' ' ' | grep -qx 'record number 200 record number 1 '
	"$laconic" cat -v --model "$tiny" --record 3 lines.lac 2>said >some
	grep -q 'lines.lac: 1 of 200 records, 16 bytes; [0-9,]* of [0-9,]* bytes of the archive read, [0-9]* tokens decoded' said
	printf 'a\0b\n\0c' >nul
	lac --records -0 nul
	lac_cat --record 1 nul.lac | od -An -c | tr -s ' ' | grep -qx ' b \\n \\0'
	lac_cat --record 2 nul.lac | grep -qx c
	fails 1 'there are 200' "$laconic" cat --model "$tiny" --record 200 lines.lac
	fails 1 'there are 200' "$laconic" cat --model "$tiny" --range 150-250 lines.lac
	fails 1 'there are 200' "$laconic" cat --model "$tiny" --range 200- lines.lac
	fails 1 'with --records' "$laconic" cat --model "$tiny" --record 0 old.lac
	fails 1 'this is none' sh -c '"$1" cat --model "$2" --record 0 <lines.lac | cat; cat lines.lac | "$1" cat --model "$2" --record 0' sh "$laconic" "$tiny"
	fails 1 'number from' "$laconic" cat --record x lines.lac
	fails 1 'FIRST-LAST' "$laconic" cat --range 5 lines.lac
	fails 1 'from 7' "$laconic" cat --range 7-3 lines.lac
	fails 1 'one --record' "$laconic" cat --range 7-8 --record 1 lines.lac
	fails 1 'goes with cat' lac --record 1 lines.lac
	fails 1 'goes with --records' lac --no-index text
	fails 1 'limit of 5' "$laconic" cat --model "$tiny" --record 0 --limit 5 lines.lac
	fails 2 'directory' "$laconic" cat --model "$tiny" --record 0 .
	[ "$("$laconic" list --json lines.lac old.lac text.lac 2>/dev/null | grep -c '"indexed": true')" = 1 ]
	"$laconic" list lines.lac | grep -q ' 200  *yes '
	"$laconic" list old.lac | grep -q ' 200  *no '
}

messages_come_back() {
	for n in 0 1 20 3000; do
		head -c $n "$root"/examples/01*.txt >short
		"$laconic" compress -q --message -f short
		[ "$(wc -c <short.lacm)" -le $((n + 2)) ]
		"$laconic" decompress -q --message -c short.lacm | cmp - short
		"$laconic" compress -q --message <short | cmp - short.lacm
		"$laconic" decompress -q --message <short.lacm | cmp - short
	done
	"$laconic" compress --message --json -f short | grep '"archives": 0, "indexed": false, "models": \[{"name": "laconic seed", "identity": "b538' >told
	rm short
	"$laconic" -d -q --message short.lacm
	head -c 3000 "$root"/examples/01*.txt | cmp - short
	fails 2 'suffix .lacm' "$laconic" -q --message short.lacm
	fails 2 'unknown suffix' "$laconic" -d -q --message text
	fails 2 'message restores it' "$laconic" -d -q short.lacm
	fails 1 'message restores it' "$laconic" -d -q -c short.lacm
	fails 1 'exists already' "$laconic" -q --message short
	fails 1 'limit of 10' "$laconic" -d -q --message --limit 10 -o out short.lacm
	fails 1 'goes with compress' "$laconic" -t --message short.lacm
	fails 1 'goes with compress' "$laconic" -l --message short.lacm
	fails 1 'excludes' "$laconic" --message --records text
	fails 1 'excludes' "$laconic" --message --verify text
	fails 1 '--rm' "$laconic" --message --rm text
	fails 1 '--rm' "$laconic" -d --message --rm -f short.lacm
	[ -e short.lacm ]
	head -c 16777217 /dev/zero >long
	fails 1 'at most 16 MiB' "$laconic" -q --message long
	printf '\0' >bad.lacm
	fails 1 'zero byte' "$laconic" -d -q --message bad.lacm
	printf 'a\7\0' >new.lacm
	fails 1 'newer' "$laconic" -d -q --message new.lacm
	models=$root/tests/golden/models
	with() { "$laconic" -q --message --model "$models/grouped.gguf" "$@"; }
	with --adapter "$models/leaning.gguf" -c text >adapted
	with --adapter "$models/leaning.gguf" -d -c adapted | cmp - text
	fails 1 'one at most' with --adapter "$models/leaning.gguf" --adapter "$models/tilted.gguf" text
	absent out bad new text.lacm long.lacm
}

records_do_not_see_each_other() {
	# a record costs the same whatever stands before it: the second of two equal ones is not cheaper
	line='The committee will meet on Thursday afternoon to discuss the new garden.'
	for n in 1 4 7; do
		yes "$line" | head -n $n >"records-$n"
	done
	"$laconic" -q --records records-1 records-4 records-7
	"$laconic" -l --json records-1.lac records-4.lac records-7.lac | python3 -c '
import json, sys
one, four, seven = (json.loads(line) for line in sys.stdin)
assert seven["records"] == 7 and seven["tokens"] == 7 * one["tokens"] > 0, (one, seven)
assert abs((seven["bytes_out"] - four["bytes_out"]) - (four["bytes_out"] - one["bytes_out"])) <= 4, (one, four, seven)'
}

law threads_and_kernels_never_change_the_bytes
law records_come_back_exactly
law single_records_are_read
law messages_come_back
law records_do_not_see_each_other
report
