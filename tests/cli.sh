#!/bin/sh
# What people and scripts meet: names, pipes, exit codes, and that no failure leaves anything behind.
# Usage: cli.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/command_laws.sh"

lac() { "$laconic" -q --model "$tiny" "$@"; }

# ---- Names and files ------------------------------------------------------------

a_file_goes_and_comes_back() {
	cp text copy
	lac text
	cmp text copy
	rm text
	lac -d text.lac
	cmp text copy
	[ -e text.lac ]
}

words_and_letters_mean_the_same() {
	"$laconic" compress -q --model "$tiny" -c text >a
	lac -z -c text >b
	lac --compress --stdout text >c
	lac -c text >d
	cmp a b
	cmp a c
	cmp a d
	"$laconic" decompress -q --model "$tiny" -c a | cmp - text
	lac -d -c a | cmp - text
	lac --decompress -c a | cmp - text
	"$laconic" test a --model "$tiny"
	lac -t a
	"$laconic" list a >e
	lac -l a >f
	cmp e f
}

mode_and_time_are_carried_over() {
	chmod 640 text
	touch -d '2001-02-03 04:05:06' text
	lac text
	rm text
	lac -d text.lac
	[ "$(stat -c '%a %Y' text)" = "$(stat -c '%a %Y' text.lac)" ]
	[ "$(stat -c '%a' text)" = 640 ]
	[ "$(stat -c '%Y' text)" = "$(date -d '2001-02-03 04:05:06' +%s)" ]
}

# By root, who may give files away; and by one who may not: another group than the source's must not read what it could not.
owner_and_group_are_carried_over() {
	chown 65534:1 text
	chmod 640 text
	lac text
	[ "$(stat -c '%u %g %a' text.lac)" = '65534 1 640' ]
	rm text.lac
	chmod 777 .
	for mode in 640:600 664:644 604:604; do
		chmod ${mode%:*} text
		setpriv --reuid 65534 --regid 65534 --clear-groups "$laconic" -q -f text
		[ "$(stat -c '%u %g %a' text.lac)" = "65534 65534 ${mode#*:}" ]
	done
}

pipes_on_both_sides() {
	cat text | lac | cat >a
	cat a | lac -d | cat >b
	cmp text b
	cat text | lac - >c
	cmp a c
	cat text | lac -o d
	cmp a d
	cat a | lac -d -o e -
	cmp e text
	: | lac | lac -d >empty
	[ ! -s empty ]
}

several_files_in_one_call() {
	echo another >other
	lac text other
	mkdir back
	cp text.lac other.lac back
	(cd back && lac -d text.lac other.lac)
	cmp text back/text
	cmp other back/other
	cat text.lac other.lac | lac -d >both
	cat text other | cmp - both
	lac -d -c text.lac other.lac | cmp - both
}

odd_names() {
	for name in 'a b' '-dash' "new
line" '*' 'ü'; do
		cp text "./$name"
		lac -- "$name"
		rm "./$name"
		lac -d -- "$name.lac"
		cmp text "./$name"
	done
	lac -l --json -- "new
line.lac" | python3 -c 'import json, sys; assert json.loads(sys.stdin.read())["file"] == "new\nline.lac"'
	printf 'x' >"$(printf 'bad\377')"
	lac "$(printf 'bad\377')"
	lac -l --json "$(printf 'bad\377.lac')" | python3 -c 'import json, sys; assert json.loads(sys.stdin.read())["file"] == "bad\udcff.lac"'
}

existing_files_are_kept_unless_forced() {
	echo precious >text.lac
	fails 1 'exists already' lac text
	[ "$(cat text.lac)" = precious ]
	fails 1 'exists already' lac -o text.lac text
	[ "$(cat text.lac)" = precious ]
	lac -f text
	lac -d -c text.lac | cmp - text
	echo changed >text
	fails 1 'exists already' lac -d text.lac
	[ "$(cat text)" = changed ]
	lac -d -f text.lac
	grep -q fox text
}

input_is_never_the_output() {
	cp text copy
	fails 1 'both input and output' lac -f -o text text
	ln text link
	fails 1 'both input and output' lac -f -o link text
	ln -s text symbolic
	fails 1 'both input and output' lac -f -o symbolic text
	cmp text copy
	lac text
	cp text.lac archive
	fails 1 'text.lac is both input and output' lac -f text text.lac
	cmp text.lac archive
	lac -d -c text.lac.lac | cmp - archive
}

# As with gzip and xz: what a link leads to is not what was named.
a_link_is_replaced_and_not_what_it_leads_to() {
	echo precious >kept
	ln -s kept text.lac
	fails 1 'exists already' lac text
	[ "$(readlink text.lac)" = kept ]
	lac -f text
	[ ! -L text.lac ]
	lac -d -c text.lac | cmp - text
	ln -s nowhere lost
	fails 1 'exists already' lac -o lost text
	[ "$(readlink lost)" = nowhere ]
	lac -f -o lost text
	cmp lost text.lac
	absent nowhere
	[ "$(cat kept)" = precious ]
}

# Links as /dev/stdout is one, for what goes wrong here would be done to that.
what_is_open_already_is_written() {
	lac -o right text
	ln -s /proc/self/fd/1 standard
	ln -s /dev/fd/7 seventh
	for force in '' -f; do
		echo before >out
		lac $force -o standard text >>out
		tail -n +2 out | cmp - right
		echo before >out
		lac $force -o seventh text 7>>out
		tail -n +2 out | cmp - right
		lac -d $force -o seventh right 7>back
		cmp back text
	done
	"$laconic" models export -o standard | cmp - "$root/models/default.gguf"
	[ "$(readlink standard)" = /proc/self/fd/1 ]
	# links to links, from other folders, and round in a circle
	mkdir folder
	ln -s ../standard folder/second
	ln -s folder/second third
	ln -s circle circle
	for name in folder/second third "$PWD/third"; do
		lac -d -f -o "$name" right >out
		cmp out text
		fails 1 'cannot share' lac --json -f -o "$name" text
	done
	[ "$(readlink third)" = folder/second ]
	[ "$(readlink folder/second)" = ../standard ]
	fails 1 'ymbolic link' lac -o circle text
	[ "$(readlink seventh)" = /dev/fd/7 ]
	fails 1 'cannot share' lac --json -o standard text
	fails 1 'goes with files' lac --rm -o standard text
	fails 1 'Bad file descriptor' lac -o /proc/self/fd/9 text
	[ -e text ]
}

pipes_are_written_and_not_replaced() {
	lac -o right text
	mkfifo pipe
	ln -s pipe link
	for force in '' -f; do
		for name in pipe link; do
			cat pipe >out &
			lac $force -o $name text
			wait $!
			cmp out right
		done
	done
	[ -p pipe ]
	[ -L link ]
	no_leftovers
}

devices_are_written_and_not_replaced() {
	mknod null c 1 3
	mknod disk b 7 250 # never opened
	for force in '' -f; do
		lac $force -o null text
		"$laconic" models export $force -o null
		[ -c null ]
	done
	fails 1 'block device' lac -o disk text
}

skipped_files_give_2() {
	mkdir folder
	fails 2 'directory' lac folder
	fails 2 'suffix' lac -d text
	lac text
	fails 2 'suffix' lac text.lac
	absent text.lac.lac
	echo other >other
	fails 2 'directory' lac folder other
	[ -s other.lac ]
	# an error outweighs what was skipped
	fails 1 'No such file' lac folder missing
}

bad_usage_gives_1() {
	fails 1 'unrecognized' lac --nonsense text
	fails 1 'two commands' lac -z -d text
	fails 1 'exclude' lac -c -o a text
	fails 1 'one output for' lac -o a text text
	fails 1 'goes with --records' lac -0 text
	fails 1 'goes with compress' lac -d --records text
	fails 1 'cannot share' lac --json -c text
	fails 1 'take no file' "$laconic" models list text
	fails 1 'models takes another word' "$laconic" models text
	fails 1 'from 1024' lac --block-size 1 text
	fails 1 'from 1024' lac --block-size 17M text
	fails 1 'from 0' lac -T -1 text
	fails 1 'from 0' lac -T 99999999999999999999 text
	fails 1 'kernels' lac --kernels abacus text
	fails 1 'No such file' lac missing
	absent text.lac a
}

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
	fails 1 'this is no model, but an adapter of one' "$laconic" models show "$golden/leaning.gguf"
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

quiet_is_silent_and_help_is_not() {
	lac text >output 2>&1
	[ ! -s output ]
	"$laconic" --model "$tiny" -c text >/dev/null 2>output
	grep -q 'ratio' output
	"$laconic" --help | grep -q 'usage: laconic'
	"$laconic" help | grep -q 'usage: laconic'
	"$laconic" --version | grep -q '^kernels:.*scalar'
	"$laconic" version | grep -q '^laconic [0-9]'
}

terminals_are_not_fed_archives() {
	fails 1 '' script -qec "'$laconic' -q --model '$tiny' -c text" /dev/null
	grep -q 'not written to a terminal' output
	fails 1 '' script -qec "'$laconic' -q --model '$tiny' -d" /dev/null
	grep -q 'not read from a terminal' output
}

# ---- The same bytes ----------------------------------------------------------------

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

# ---- Records --------------------------------------------------------------------------

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

# ---- Adapters -------------------------------------------------------------------------

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

# ---- Carried models ------------------------------------------------------------------

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

# ---- Models in folders ------------------------------------------------------------------

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
		fails 1 'many.lac: archive 3, block 1, byte 378' "$laconic" -q $way many.lac
		grep -q "identity $identity) was looked for" message
	done
	absent none
	fails 1 'made with model' "$laconic" -q -t --model "$golden/models/grouped.gguf" many.lac # it was asked for
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

# Whatever it holds, it never decides: files are opened and compared.
a_damaged_cache_changes_nothing() {
	mkdir folder
	cp "$tiny" folder/a.gguf
	cp "$root/tests/golden/models/grouped.gguf" folder/b.gguf
	cp "$root/tests/golden/archives/one-block.lac" text.lac
	cp "$root/tests/golden/archives/one-block.txt" text
	export LACONIC_MODELS=$PWD/folder XDG_CACHE_HOME=$PWD/cache
	"$laconic" models list >listed
	cache=cache/laconic/identities
	[ "$(wc -l <$cache)" = 3 ]
	grep -q 'folder/a.gguf$' $cache
	# identities swapped: both files are named wrongly
	first=$(sed -n 2p $cache | cut -d' ' -f2) second=$(sed -n 3p $cache | cut -d' ' -f2)
	sed "s/$first/x/; s/$second/$first/; s/^m x /m $second /" $cache >swapped
	cp swapped $cache
	"$laconic" models list >believed # so the cache is in use
	if cmp -s believed listed; then exit 1; fi
	"$laconic" -q -d -c text.lac | cmp - text
	for damage in 's/^m/z/' 's/\t/ /' 's/ [0-9]/ -/g' 's/folder/\xff/' '1s/1/9/' "s/$first/123/"; do
		sed "$damage" swapped >$cache
		"$laconic" -q -d -c text.lac | cmp - text
	done
	head -c 100000 /dev/urandom >$cache
	"$laconic" models list | cmp - listed
	rm -r cache
	: >cache # cannot be written
	"$laconic" models list | cmp - listed
	"$laconic" -q -d -c text.lac | cmp - text
}

is_unused() { if grep packed told >&2; then exit 1; fi; } # the cache
n_kept() { find "$folder" -type f | wc -l; }

# What is kept of a model's file: taken the next time, whatever the name of the file, and never trusted.
a_packed_model_is_kept_and_taken() {
	models=$root/tests/golden/models folder=$XDG_CACHE_HOME/laconic/packed
	show() { "$laconic" models show -v "$@" 2>told >shown; }
	rm -rf "$folder"
	show "$models/grouped.gguf" # too small, unless asked for
	absent "$folder"
	is_unused
	mv shown right
	show --cache 1M "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	cmp shown right
	kept=$(ls "$folder"/*)
	[ "$(stat -c %a "$kept")" = 600 ]
	cp "$models/grouped.gguf" other.gguf
	show --cache 1M other.gguf
	grep -q ', packed form from the cache$' told
	tail -n +2 right >right-but-its-name
	tail -n +2 shown | cmp - right-but-its-name
	show --cache 0 other.gguf
	is_unused
	# the same archives, with any kernels, from the cache or not
	cp "$root/tests/golden/archives/all-kinds.txt" kinds
	for kernels in '--kernels scalar' ''; do
		"$laconic" -v --cache 1M --model other.gguf $kernels --block-size 1K -c kinds 2>told | cmp - "$root/tests/golden/archives/all-kinds.lac"
		grep -q ', packed form from the cache$' told
	done
	"$laconic" -q --cache 1M --model other.gguf --verify --block-size 1K -o kinds.lac kinds
	"$laconic" -q --cache 1M --model other.gguf -d -c kinds.lac | cmp - kinds
	# found by its identity, and taken
	mkdir folder
	mv other.gguf folder
	LACONIC_MODELS=$PWD/folder "$laconic" -v --cache 1M -d -c kinds.lac 2>told | cmp - kinds
	grep -q ', packed form from the cache$' told
	# damage, and what others may write: as if it were not there, and made anew
	cp "$kept" whole
	for damage in 'printf x | dd of="$kept" bs=1 seek=5000 conv=notrunc status=none' 'truncate -s 3000 "$kept"' ': >"$kept"' \
		'cp text "$kept"' 'echo >>"$kept"' 'chmod 666 "$kept"' 'rm "$kept"' '[ "$(id -u)" != 0 ] && rm "$kept" || chown 65534 "$kept"'; do
		eval "$damage"
		show --cache 1M "$models/grouped.gguf"
		grep -q ', packed form kept in the cache$' told || { echo "$damage:" >&2; cat told >&2; exit 1; }
		cmp shown right
		cmp "$kept" whole
		[ "$(stat -c %a-%u "$kept")" = "600-$(id -u)" ]
	done
	rm "$kept"
	mkdir "$kept"
	show --cache 1M "$models/grouped.gguf"
	grep -q ', packed form not kept: it could not be written$' told
	cmp shown right
	rmdir "$kept"
	[ -z "$(ls "$folder")" ]
	# a file that is changed is another, even if neither its size nor its time tells
	show --cache 1M "$models/grouped.gguf"
	name=$(sed -n 's/^name *//p' right) other=$(sed -n 's/^name *//p' right | rev)
	LC_ALL=C sed "s/$name/$other/" "$models/grouped.gguf" >same.gguf
	touch -r "$models/grouped.gguf" same.gguf
	show --cache 1M same.gguf
	grep -q ', packed form kept in the cache$' told
	grep -q "name *$other" shown
	[ "$(n_kept)" = 2 ]
	fails 1 '--cache' "$laconic" models show --cache much
	fails 1 '--cache' "$laconic" models show --cache -1
}

# So many bytes, and no more: what was used last is kept, and what is not the cache's is let be.
the_cache_takes_no_more_than_allowed() {
	models=$root/tests/golden/models folder=$XDG_CACHE_HOME/laconic/packed
	rm -rf "$folder"
	keep() { "$laconic" models show -v --cache "$@" 2>told >/dev/null; }
	n=0
	for name in odd pieces escapes; do
		keep 10M "$models/$name.gguf"
		n=$((n + 1))
		find "$folder" -type f -newermt 2002-01-01 -exec touch -d "2001-01-0$n" {} +
	done
	[ "$(n_kept)" = 3 ]
	keep 10M "$models/odd.gguf" # used now
	grep -q ', packed form from the cache$' told
	n_bytes=$(cat "$folder"/* | wc -c)
	: >"$folder/0123456789abcdef0123456789abcdef.notes"
	keep $n_bytes "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	[ "$(cat "$folder"/* | wc -c)" -le $n_bytes ]
	keep 10M "$models/odd.gguf"
	grep -q ', packed form from the cache$' told
	keep 10M "$models/pieces.gguf" # the oldest is gone
	grep -q ', packed form kept in the cache$' told
	# less is allowed: what is taken is used, and the rest goes
	keep 1 "$models/odd.gguf"
	grep -q ', packed form from the cache$' told
	[ "$(ls "$folder")" = 0123456789abcdef0123456789abcdef.notes ]
	rm -r "$folder"
	# one that has no room alone is not written
	keep 40K "$models/grouped.gguf"
	n_bytes=$(cat "$folder"/* | wc -c)
	keep $n_bytes "$models/grouped.gguf"
	grep -q ', packed form from the cache$' told
	rm -r "$folder"
	keep $((n_bytes - 1)) "$models/grouped.gguf"
	grep -q ', packed form not kept: it is larger than the cache may be$' told
	absent "$folder"
	# while another program writes it, it is let be; what one that was killed has left is written over
	keep 10M "$models/grouped.gguf"
	kept=$(ls "$folder"/*)
	cp "$kept" whole
	mv "$kept" "$kept.new"
	echo more >>"$kept.new"
	flock "$kept.new" "$laconic" models show -v --cache 1M "$models/grouped.gguf" 2>told >/dev/null
	grep -q ', packed form not kept: another program keeps it$' told
	keep 10M "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	absent "$kept.new"
	cmp "$kept" whole
	# nowhere to keep it
	rm -r "$folder"
	: >"$folder"
	keep 10M "$models/grouped.gguf"
	grep -q ', packed form not kept: ' told
	rm "$folder"
	HOME='' XDG_CACHE_HOME='' keep 10M "$models/grouped.gguf"
	is_unused
}

# Without being asked, of files that are worth it.
large_models_are_kept() {
	folder=$XDG_CACHE_HOME/laconic/packed
	rm -rf "$folder"
	python3 - "$root" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1] + "/tools")
		import gguf
		pairs, tensors = gguf.read(sys.argv[1] + "/tests/golden/models/grouped.gguf")
		dim, ffn, q8_0 = 1024, 43008, gguf.TYPES["q8_0"]
		pairs.update({"llama.embedding_length": (gguf.U32, dim), "llama.feed_forward_length": (gguf.U32, ffn), "llama.block_count": (gguf.U32, 1),
		              "llama.attention.head_count": (gguf.U32, 16), "llama.attention.head_count_kv": (gguf.U32, 1)})
		pairs = {key: value for key, value in pairs.items() if "length" not in key or "embedding" in key or "feed" in key or "context" in key}
		pairs.pop("llama.rope.dimension_count", None)
		def matrix(n_in, n_out):
		    return gguf.Tensor((n_in, n_out), q8_0, (b"\x00\x0c" + bytes(range(32))) * (n_in * n_out // 32))
		ones = gguf.Tensor((dim,), gguf.TYPES["f16"], b"\x00\x3c" * dim)
		n_tokens = len(pairs["tokenizer.ggml.tokens"][1][1])
		gguf.write("large.gguf", pairs, {"token_embd.weight": matrix(dim, n_tokens), "output_norm.weight": ones, "blk.0.attn_norm.weight": ones,
		    "blk.0.ffn_norm.weight": ones, "blk.0.attn_q.weight": matrix(dim, dim), "blk.0.attn_k.weight": matrix(dim, dim // 16),
		    "blk.0.attn_v.weight": matrix(dim, dim // 16), "blk.0.attn_output.weight": matrix(dim, dim), "blk.0.ffn_gate.weight": matrix(dim, ffn),
		    "blk.0.ffn_up.weight": matrix(dim, ffn), "blk.0.ffn_down.weight": matrix(ffn, dim)})
	END
	[ "$(stat -c %s large.gguf)" -gt 134217728 ]
	"$laconic" models show -v large.gguf 2>told >right
	grep -q ', packed form kept in the cache$' told
	"$laconic" models show -v large.gguf 2>told >shown
	grep -q ', packed form from the cache$' told
	cmp shown right
	rm -r "$folder" large.gguf
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

# ---- Help --------------------------------------------------------------------------------

# The help of a command names the options that it takes, and no other.
help_and_parsing_agree() {
	for command in compress decompress test cat list 'models show' 'models list' 'models export' 'models path' train adapt cluster; do
		"$laconic" $command --help >help
		grep -q "^usage: laconic $command " help
		"$laconic" help $command | cmp - help
		sed -n 's/^ *\(-[a-zA-Z0], \)*\(--[a-z-]*\)\( [^ ]*\)*.*/\2/p' help | sort -u >told
		[ -s told ]
		cat told >>every
	done
	sort -u every >all
	for command in compress decompress test cat list 'models show' 'models list' 'models export' 'models path' train adapt cluster; do
		case $command in
		train|adapt|cluster) "$laconic" train 2>&1 | grep -q 'built without' && continue ;;
		esac
		"$laconic" $command --help | sed -n 's/^ *\(-[a-zA-Z0], \)*\(--[a-z-]*\).*/\2/p' | sort -u >told
		for option in $(cat all); do
			case $option in --help|--version|--compress|--decompress|--test|--list) continue ;; esac
			# whatever else is wrong: what is not taken is said to be so
			value=2048
			[ "$option" != --range ] || value=1-2
			"$laconic" $command $option $value '?' >/dev/null 2>said </dev/null || :
			if grep -q -e 'unrecognized option' -e "$option goes with [a-z]" said; then
				! grep -qx -e "$option" told || { echo "$command is said to take $option:" >&2; cat said >&2; exit 1; }
			else
				grep -qx -e "$option" told || { echo "$command takes $option unsaid:" >&2; cat said >&2; exit 1; }
			fi
		done
	done
	fails 1 'no command' "$laconic" help nonsense
	[ "$("$laconic" --help | wc -l)" -lt 40 ]
}

# ---- JSON -------------------------------------------------------------------------------

every_file_is_one_json_object() {
	golden=$root/tests/golden/models
	mkdir folder
	cp "$root"/examples/01*.txt long
	status=0
	"$laconic" compress -q --json long folder missing text long.lac >said || status=$?
	[ $status = 1 ]
	"$laconic" test --json long.lac text text.lac >tested || :
	mkdir back
	cp long.lac back/one.lac
	"$laconic" -d -q --json back/one.lac >restored
	"$laconic" list --json long.lac >listed
	LC_ALL=de_DE.UTF-8 "$laconic" -q --model missing.gguf --json text >nothing || :
	python3 -c '
import json, os
def lines(name):
    return [json.loads(line) for line in open(name)]
said = lines("said")
assert [one["status"] for one in said] == ["ok", "skipped", "error", "ok", "skipped"], said
assert [one["file"] for one in said] == ["long", "folder", "missing", "text", "long.lac"], said
assert "directory" in said[1]["error"] and "No such file" in said[2]["error"] and "suffix" in said[4]["error"], said
first = said[0]
assert first["output"] == "long.lac" and first["bytes_in"] == os.path.getsize("long") and first["bytes_out"] == os.path.getsize("long.lac")
assert abs(first["ratio"] - first["bytes_out"] / first["bytes_in"]) < 1e-6 and first["tokens"] > 100 and len(first["models"][0]["identity"]) == 32
tested = lines("tested")
assert [one["status"] for one in tested] == ["ok", "error", "ok"] and tested[0]["output"] is None, tested
restored, = lines("restored")
assert restored["output"] == "back/one"
listed, = lines("listed")
for one in (tested[0], restored, listed):  # whichever way it goes
    assert all(one[key] == first[key] for key in ("bytes_in", "bytes_out", "ratio", "blocks", "archives", "models")), (one, first)
nothing, = lines("nothing")
assert nothing["file"] is None and nothing["status"] == "error" and "missing.gguf" in nothing["error"], nothing'
	"$laconic" models show --json text "$tiny" >shown || :
	python3 -c '
import json
bad, good = (json.loads(line) for line in open("shown"))
assert bad["status"] == "error" and bad["file"] == "text" and "GGUF" in bad["error"] and good["status"] == "ok"'
	fails 1 'cannot share' "$laconic" --json <text
	[ ! -s output ]
}

# Each command takes --json and prints nothing else, or refuses it.
json_is_honoured_or_refused() {
	"$laconic" version --json >worded
	"$laconic" --json --version | cmp - worded
	"$laconic" models path --json >paths
	"$laconic" models list --json >known
	python3 -c '
import json
said, = [json.loads(line) for line in open("worded")]
assert said["status"] == "ok" and said["version"] and said["kernels"][-1] == "scalar" and said["training"] in (True, False), said
assert all(json.loads(line)["folder"] for line in open("paths")) and all(json.loads(line)["name"] for line in open("known"))'
	[ "$("$laconic" models export --json -o model.gguf | grep -c '"file": "model.gguf"')" = 1 ]
	fails 1 '--json goes with' "$laconic" help --json
	fails 1 'cannot share the standard output' "$laconic" cat --json text.lac
	"$laconic" --json --help | grep -q '^usage: '
}

# ---- Estimates ---------------------------------------------------------------------------

# Exact where the sample is all of the file; within 10% of the ratio for a text of many kinds.
an_estimate_is_near() {
	cp "$root"/examples/05*.txt short
	for file in "$root"/examples/*.txt "$root"/doc/*.md "$root"/README.md "$root"/models/README.md; do
		head -c 9000 "$file"
	done >long
	[ "$(wc -c <long)" -gt 70000 ]
	for options in '' --records; do
		"$laconic" -q --estimate --json $options short long >estimated
		absent short.lac long.lac
		"$laconic" -q --json -T1 -f $options short long >finished
		python3 -c '
import json
(short, long), (was_short, was_long) = ([json.loads(line) for line in open(name)] for name in ("estimated", "finished"))
assert short["bytes_out"] == was_short["bytes_out"] and short["sample_bytes"] == short["bytes_in"] == was_short["bytes_in"], (short, was_short)
assert long["sample_bytes"] <= 65536 < long["bytes_in"] == was_long["bytes_in"] and long["sample_pieces"] == 4
assert abs(long["bytes_out"] / was_long["bytes_out"] - 1) < 0.1, (long, was_long)
assert long["seconds"] > 0 and abs(long["ratio"] - long["bytes_out"] / long["bytes_in"]) < 1e-6'
		rm short.lac long.lac
	done
	"$laconic" -q --estimate --json -T1 long >estimated
	python3 -c '
import json, resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", "-T1", "-o", "out", "long"], check=True)
taken = 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
said = json.load(open("estimated"))["memory_bytes"]
assert 2 / 3 < said / taken < 3 / 2, (said, taken)' "$laconic"
	"$laconic" --estimate long | grep -q '^long: about .*ratio 0\.[0-9]*, .* with .* threads and .* MiB of memory; from [0-9,]* bytes in 4 places$'
	: >empty
	"$laconic" --estimate empty | grep -q ' -> [0-9]* bytes'
	fails 1 'this is none' sh -c "cat text | '$laconic' --estimate"
	fails 1 'writes nothing' "$laconic" --estimate -o out text
	fails 1 'writes nothing' "$laconic" --estimate --rm text
	fails 1 'goes with compress' "$laconic" -d --estimate text
	[ -e text ]
}

# ---- Sources are removed last ----------------------------------------------------------------

the_source_goes_when_all_is_done() {
	cp text copy
	lac --rm text
	absent text
	"$laconic" -v --model "$tiny" --rm -o named copy 2>said
	absent copy
	grep -q 'verified with kernels' said
	lac -d --rm text.lac
	absent text.lac
	lac -d -c named | cmp - text
	lac --rm -k text
	[ -e text ]
	rm text.lac
	echo other >other
	fails 1 'missing' lac --rm text missing other
	absent text other
	[ -s text.lac ]
	[ -s other.lac ]
}

the_source_stays_when_anything_fails() {
	cp text copy
	fails 1 'goes with files' lac --rm -c text
	fails 1 'goes with files' lac --rm -o - text
	fails 1 'goes with files' sh -c "'$laconic' --model '$tiny' --rm <text"
	fails 1 'goes with files' lac --rm -o out -
	fails 1 'goes with compress' lac -t --rm text
	fails 1 'only a file' lac --rm -o /dev/null text
	echo precious >text.lac
	fails 1 'exists already' lac --rm text
	rm text.lac
	ln -s copy symbolic
	fails 1 'kept, as it is a symbolic link' lac --rm symbolic
	lac -d -c symbolic.lac | cmp - copy
	lac -o whole text
	cp whole cut.lac
	truncate -s -1 cut.lac
	fails 1 'cut.lac' lac -d --rm cut.lac
	[ -e cut.lac ]
	absent cut
	fails 1 'kept' lac -d --rm -o /dev/null whole
	fails 1 'kept, as /dev/fd/3 was open already and written directly' lac -d --rm -o /dev/fd/3 whole 3>direct
	cmp direct text
	[ -e whole ]
	cmp text copy
	cp "$tiny" model.gguf
	ln model.gguf also.gguf
	cp "$root"/tests/golden/models/grouped.gguf "$root"/tests/golden/models/leaning.gguf .
	fails 1 'kept, as archives made with it need it' "$laconic" -q --model model.gguf --rm text also.gguf
	absent text
	fails 1 'kept, as archives made with it need it' "$laconic" -q --model grouped.gguf --adapter leaning.gguf --rm copy leaning.gguf
	absent copy
	[ -e also.gguf ]
	[ -e leaning.gguf ]
}

# ---- Progress ----------------------------------------------------------------------------

the_terminal_shows_how_far_it_is() {
	cp "$root"/examples/02*.txt code
	python3 "$root/tests/progress.py" "$laconic" code 100 >shown
	# percentage, bar, bytes, rate, time left; and they grow
	if grep -vqE '^long: +[0-9]+% \[=*>? *\] [0-9,]+ bytes, [0-9.]+ [kM]B/s, [0-9]+:[0-9]{2}:[0-9]{2} left$' shown; then exit 1; fi
	sed 's/^long: *\([0-9]*\)%.*/\1/' shown | sort -cn
	python3 "$root/tests/progress.py" "$laconic" code 40 >shown # which also sees that no line is wider
	if grep -vqE '^long: +[0-9]+% [0-9.]+ [kM]B/s' shown; then exit 1; fi
	"$laconic" -f code 2>said # no terminal
	if grep -q '%' said; then exit 1; fi
}

# ---- What archives say of themselves ---------------------------------------------------

list_says_what_is_inside() {
	cat "$root"/examples/01*.txt >long
	lac --block-size 1K long
	lac -l --json long.lac | python3 -c '
import json, os, sys
one = json.load(sys.stdin)
assert one["file"] == "long.lac"
assert one["bytes_in"] == os.path.getsize("long") and one["bytes_out"] == os.path.getsize("long.lac"), one
assert abs(one["ratio"] - one["bytes_out"] / one["bytes_in"]) < 1e-6
assert abs(one["bits_per_byte"] - 8 * one["ratio"]) < 1e-5
assert one["records"] == 0 and one["archives"] == 1
assert one["blocks"] == -(-one["bytes_in"] // 1024) or one["blocks"] > 1, one
assert all(len(model["identity"]) == 32 for model in one["models"])'
	"$laconic" -q -o embedded.lac long
	"$laconic" -l --json embedded.lac | python3 -c '
import json, sys
one = json.load(sys.stdin)
assert one["tokens"] > 100 and one["ratio"] < 0.4, one
model, = one["models"]
print(model["identity"])' >listed
	"$laconic" models show --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["identity"])' | cmp - listed
	: | lac -o empty.lac
	lac -l --json empty.lac | python3 -c 'import json, sys; one = json.load(sys.stdin); assert one["ratio"] is None and one["bytes_in"] == 0'
	fails 1 'text' lac -l text
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

# ---- Failures ----------------------------------------------------------------------------

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

# Kernels that are not the ones that encoded, if this CPU has others.
what_is_verified_is_verified_otherwise() {
	for kernels in $("$laconic" --version | sed -n 's/^kernels://p'); do
		"$laconic" -v --verify -f --kernels "$kernels" --model "$tiny" text 2>said
		other=$(sed -n 's/^text.lac: verified with kernels //p' said)
		[ -n "$other" ]
		[ "$other" != "$kernels" ] || [ "$("$laconic" --version | grep '^kernels:')" = 'kernels: scalar' ]
	done
	cat text | lac --verify -o piped
	cmp piped text.lac
	cat "$root"/examples/0[12]*.txt | lac --verify --block-size 1K -o long # several blocks
	lac --verify --records -0 -o nul text
	lac -d -c nul | cmp - text
	fails 1 'only a file' lac --verify -c text
	[ ! -s output ]
	cat text >in
	fails 1 'only a file' sh -c "'$laconic' -q --model '$tiny' --verify <in"
	[ ! -s output ]
	fails 1 'only a file' lac --verify -o /dev/null text
	fails 1 'goes with compress' lac -d --verify text.lac
}

unfinished() { # bytes: the temporary file, when it has at least so many
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for path in .laconic-*; do
			[ ! -e "$path" ] || [ "$(wc -c <"$path")" -lt "$1" ] || { echo "$path"; return 0; }
		done
		sleep 0.1
	done
	echo "no unfinished file of $1 bytes" >&2
	return 1
}

# What is on the disk is changed while the command waits for more of its input.
what_is_not_verified_gets_no_name() {
	head -c 40000 "$tiny" >noise # records of it are kept as they are, and written as they come
	mkfifo slow
	"$laconic" -q --model "$tiny" --verify --records --block-size 1K -T1 -o out slow 2>message &
	pid=$!
	exec 3>slow
	head -c 39000 noise >&3
	file=$(unfinished 3000)
	printf 'changed' | dd of="$file" bs=1 seek=200 conv=notrunc 2>/dev/null
	exec 3>&-
	status=0
	wait $pid || status=$?
	[ $status = 1 ]
	grep -q 'out: not written: verifying it with kernels [a-z0-9]* failed: archive 1, block 1, byte ' message
	no_leftovers
	absent out

	# intact, but more than was read
	lac -o whole text
	"$laconic" -q --model "$tiny" --verify -o out slow 2>message &
	pid=$!
	exec 3>slow
	head -c 10 text >&3
	file=$(unfinished 0)
	dd if=whole of="$file" bs=1 seek="$(wc -c <whole)" conv=notrunc 2>/dev/null
	tail -c +11 text >&3
	exec 3>&-
	status=0
	wait $pid || status=$?
	[ $status = 1 ]
	grep -q "another text than the $(wc -c <text) that were read" message
	no_leftovers
	absent out
}

# A model's file is mapped, and is read again when the first block is written.
what_changes_meanwhile_is_not_carried() {
	mkfifo slow
	for way in change shorten; do
		cp "$tiny" model.gguf
		"$laconic" -q --model model.gguf --with-model -o out slow 2>message &
		pid=$!
		exec 3>slow
		head -c 70000 /dev/zero >&3 # more than a pipe holds: reading has begun, and the file was compared before
		if [ $way = change ]; then
			printf 'changed' | dd of=model.gguf bs=1 seek=100000 conv=notrunc 2>/dev/null
			wanted=1 said='was changed while it was carried; compress again'
		else
			truncate -s 100 model.gguf
			wanted=135 said='became shorter'
		fi
		exec 3>&-
		status=0
		wait $pid || status=$?
		grep -q "$said" message
		[ $status = $wanted ]
		no_leftovers
		absent out
	done
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
	fails 1 'this is no model, but an adapter of one' "$laconic" -q --model "$root/tests/golden/models/leaning.gguf" -c text
	fails 1 'key "general.type" is missing; an adapter of this model has "adapter"' lac --adapter "$tiny" -c text
}

# ---- Training ----------------------------------------------------------------------------

small='--dim 32 --ffn 48 --layers 1 --heads 2 --kv-heads 1 --vocabulary 280 --context 32 --batch 2 -T 1'

a_trained_model_compresses() {
	cp "$root"/examples/07*.txt page
	"$laconic" train $small --steps 30 --log log --validate page -o model.gguf page 2>progress
	grep -q '^step 30 of 30: loss .* bits per byte, .* tokens/s, .* left$' progress
	grep -q 'GB of memory' progress
	python3 -c '
import json
lines = [json.loads(line) for line in open("log")]
steps = [line for line in lines if line["kind"] == "step"]
assert [line["step"] for line in steps] == list(range(1, 31)), steps
assert steps[-1]["loss"] < steps[0]["loss"] and all(line["bits_per_byte"] > 0 for line in lines)
assert [line["step"] for line in lines if line["kind"] == "validation"] == [30]'
	"$laconic" -q --model model.gguf page
	rm page
	"$laconic" -q -d --model model.gguf page.lac
	cmp page "$root"/examples/07*.txt
	"$laconic" train -q --batch 2 -T 1 --init model.gguf --context 16 --steps 1 --type q8_0 -o further.gguf page
	"$laconic" train -q ${small%--voc*} --context 32 --batch 2 -T 1 --tokenizer model.gguf --steps 1 --untied --type f32 -o other.gguf page
	"$laconic" train -q --dim 16 --heads 2 --ffn 16 --layers 1 --vocabulary 280 --context 16 --steps 1 -o heads.gguf page # of keys as many
	for model in further other heads; do
		"$laconic" -q -c --model $model.gguf page | "$laconic" -q -d -c --model $model.gguf | cmp - page
	done
}

trainings_are_one_json_object() {
	cp "$root"/examples/07*.txt page
	"$laconic" train -q --json $small --steps 3 --validate page --log log -o model.gguf page >said
	"$laconic" train -q --json $small --steps 1 -o plain.gguf page >>said
	"$laconic" adapt -q --json --base model.gguf --rank 2 --targets attn_q --steps 2 --batch 2 -T1 --name bent --validate page -o adapter.gguf page >>said
	"$laconic" train --json $small --steps 1 -o model.gguf page >>said 2>message || :
	"$laconic" train --json $small --steps 1 -o other.gguf missing >>said 2>message || :
	"$laconic" adapt --json --steps 1 --base missing.gguf -o other.gguf page >>said 2>message || :
	"$laconic" models show --json model.gguf >shown
	python3 -c '
import json, os
said = [json.loads(line) for line in open("said")]
assert [one["status"] for one in said] == 3 * ["ok"] + 3 * ["error"], said
trained, plain, adapted = said[:3]
shown = json.load(open("shown"))
assert trained["file"] == "model.gguf" and all(trained[key] == shown[key] for key in ("name", "identity", "file_bytes", "parameters", "vocabulary")), trained
assert trained["vocabulary"] == 280 and trained["learning"] == trained["parameters"] and trained["steps"] == 3 and trained["seconds"] > 0, trained
assert trained["documents"] == 1 and trained["bytes"] == os.path.getsize("page") > trained["tokens"] > 0
log = [json.loads(line) for line in open("log")]
for kind, prefix in ("step", ""), ("validation", "validation_"):
    last = [line for line in log if line["kind"] == kind][-1]
    assert all(trained[prefix + key] == last[key] for key in ("loss", "bits_per_byte")), (trained, last)
assert plain["validation_loss"] is None and plain["loss"] > 0
assert adapted["name"] == "bent" and adapted["file_bytes"] == os.path.getsize("adapter.gguf") and adapted["learning"] < adapted["parameters"], adapted
assert adapted["validation_bits_per_byte"] > 0 and len(adapted["identity"]) == 32
assert all(one["file"] is None for one in said[3:])
assert "exists already" in said[3]["error"] and "No such" in said[4]["error"] and "missing.gguf" in said[5]["error"], said'
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" train -q --json $small --steps 1 -o full.gguf page
}

an_interrupted_training_is_resumed() {
	cp "$root"/examples/07*.txt page
	"$laconic" train -q $small --steps 40 --name same -o whole.gguf page
	mkfifo log
	"$laconic" train -q $small --steps 40 --name same --checkpoint kept --log log -o parts.gguf page 2>message &
	pid=$!
	exec 3<log # it goes on only as its log is read
	for _ in 1 2 3 4 5; do read -r line <&3; done
	kill -INT $pid
	cat <&3 >/dev/null
	exec 3<&-
	status=0
	wait $pid || status=$?
	[ $status = 1 ] || [ $status = 0 ]
	if [ $status = 1 ]; then
		grep -q 'resumed from the checkpoint' message
		absent parts.gguf
		fails 1 'resume' "$laconic" train -q $small --steps 40 --checkpoint kept -o parts.gguf page
		"$laconic" train -q $small --steps 40 --name same --checkpoint kept --resume -o parts.gguf page
	fi
	cmp whole.gguf parts.gguf
}

an_adapter_is_trained() {
	printf '{"prompt": "What?", "response": "This and that."}\n' >pairs
	"$laconic" adapt -q --base "$tiny" --field response --prompt-field prompt --response-only --rank 2 --targets attn_q,ffn_up --steps 3 -T 1 \
		-o adapter.gguf pairs
	head -c 4 adapter.gguf | grep -q GGUF
	fails 1 'rank 0' "$laconic" adapt --base "$tiny" --rank 0 --steps 1 -o bad.gguf text
	fails 1 'at most' "$laconic" adapt --base "$tiny" --rank 500 --steps 1 -o bad.gguf text
	fails 1 'attn_z' "$laconic" adapt --base "$tiny" --targets attn_z --steps 1 -o bad.gguf text
	"$laconic" adapt -q --rank 1 --targets attn_v --context 16 --batch 1 --steps 1 -o embedded.gguf text # of the embedded model
	"$laconic" -q --adapter embedded.gguf -c text | "$laconic" -q --adapter embedded.gguf -d -c | cmp - text
	fails 1 'adapter_config.json' "$laconic" adapt --base "$tiny" --import . -o bad.gguf
	absent bad.gguf bad.gguf.unfinished
}

bad_training_gives_1() {
	fails 1 '-o' "$laconic" train text
	fails 1 'no file' "$laconic" train -o bad.gguf
	fails 1 'No such' "$laconic" train -o bad.gguf missing
	fails 1 'line 1' "$laconic" train --field response -o bad.gguf text
	fails 1 'whole number' "$laconic" train --dim many -o bad.gguf text
	fails 1 'muon|adamw' "$laconic" train --optimizer sgd -o bad.gguf text
	fails 1 'goes with adapt' "$laconic" train --rank 3 -o bad.gguf text
	fails 1 'exists already' "$laconic" train -o text text
	fails 1 'no/such/bad.gguf' "$laconic" train -q $small --steps 100000000 -o no/such/bad.gguf text # at once
	mkfifo pipe
	fails 1 'pipe: it is no regular file' "$laconic" train -q $small --steps 1 -f -o pipe text
	fails 1 'pipe: it is no regular file' "$laconic" adapt -q --base "$tiny" --steps 1 -f -o pipe text
	fails 1 'pipe: it is no regular file' "$laconic" train -q $small --steps 2 --checkpoint pipe --checkpoint-steps 1 -f -o bad.gguf text
	[ -p pipe ]
	ln -s /proc/self/fd/1 standard # to a regular file
	fails 1 'standard: it is no regular file' "$laconic" train -q $small --steps 1 -f -o standard text
	[ -L standard ]
	absent bad.gguf bad.gguf.unfinished pipe.unfinished standard.unfinished
}

lines_of_two_kinds() {
	for i in 1 2 3 4 5 6; do
		printf '{"response": "bread with butter and bread %s"}\n{"response": "x = y + %s; y = x; return x;"}\n' $i $i
	done
}

texts_are_clustered_and_assigned() {
	lines_of_two_kinds >lines
	"$laconic" cluster --clusters 2 --field response -o kinds lines 2>told
	grep -q '^000: 6 texts, ' told
	grep -q '^001: 6 texts, ' told
	cat kinds/000/texts.jsonl kinds/001/texts.jsonl | sort >sorted
	sort lines | cmp - sorted
	python3 -c '
import json
said = json.load(open("kinds/clusters.json"))
assert said["texts"] == 12 and [c["folder"] for c in said["clusters"]] == ["000", "001"], said
for cluster in said["clusters"]:
    lines = [json.loads(line)["response"] for line in open("kinds/" + cluster["folder"] + "/texts.jsonl")]
    assert len({line[0] for line in lines}) == 1 and len(lines) == cluster["texts"] and cluster["bytes"] == sum(map(len, lines))
    assert len(cluster["nearest"]) == 3 and all(example["text"] in lines for example in cluster["nearest"])'
	"$laconic" cluster --assign kinds --field response kinds/001/texts.jsonl >assigned
	awk -F '\t' '{ if ($1 != "kinds/001/texts.jsonl:" NR || $2 != "001") exit 1 } END { if (NR != 6) exit 1 }' assigned
	"$laconic" cluster -q --clusters 2 -T1 --embedding states --model "$tiny" -o plain text lines 2>told
	cat plain/000/files plain/001/files | sort | tr '\n' ' ' | grep -qx 'lines text '
	[ ! -s told ]
}

adapters_of_clusters_are_trained_once() {
	lines_of_two_kinds >lines
	LACONIC=$laconic
	export LACONIC
	adapters() { "$root"/tools/adapters.sh -n 2 -e states -v lines -b "$tiny" -o kinds "$@" -q --steps 2 --rank 2 -T1; }
	adapters lines >made
	grep -q 000 made
	grep -q 001 made
	grep -q validation kinds/000/log
	adapters missing >made # all is there
	[ ! -s made ]
	cp kinds/001/adapter.gguf kept
	rm kinds/001/adapter.gguf
	adapters missing >made
	[ "$(wc -l <made)" = 1 ]
	cmp kinds/001/adapter.gguf kept
	fails 1 'BASE.gguf' "$root"/tools/adapters.sh -o other lines
	absent other kinds/001/checkpoint
}

bad_clustering_gives_1() {
	lines_of_two_kinds >lines
	fails 1 'no folder' "$laconic" cluster --clusters 2 lines
	fails 1 '0 clusters' "$laconic" cluster -o bad --field response lines
	fails 1 '13 clusters' "$laconic" cluster --clusters 13 --field response -o bad lines
	fails 1 'whole number' "$laconic" cluster --clusters some -o bad lines
	fails 1 'ngrams|states' "$laconic" cluster --embedding words -o bad lines
	fails 1 'lines, line 1' "$laconic" cluster --clusters 2 --field absent -o bad lines
	fails 1 'no file' "$laconic" cluster --clusters 2 -o bad
	fails 1 'No such' "$laconic" cluster --clusters 2 -o bad missing
	fails 1 'exists already' "$laconic" cluster --clusters 2 -o text lines
	fails 1 '--assign' "$laconic" cluster --clusters 2 --assign bad lines
	fails 1 'bad/centroids.gguf' "$laconic" cluster --assign bad lines
	fails 1 '--force goes with' "$laconic" cluster -f --clusters 2 -o bad lines
	fails 1 'standard output' sh -c '"$1" cluster --clusters 2 -q --field response -o full lines
		"$1" cluster --assign full --field response lines >/dev/full' sh "$laconic"
	absent bad bad.unfinished
}

for name in a_file_goes_and_comes_back words_and_letters_mean_the_same mode_and_time_are_carried_over pipes_on_both_sides \
	several_files_in_one_call odd_names existing_files_are_kept_unless_forced a_link_is_replaced_and_not_what_it_leads_to \
	what_is_open_already_is_written input_is_never_the_output skipped_files_give_2 \
	bad_usage_gives_1 bad_models_are_refused a_bad_model_is_named_once quiet_is_silent_and_help_is_not threads_and_kernels_never_change_the_bytes \
	adapters_are_chosen_and_named bad_adapters_are_refused an_archive_carries_its_models folders_come_before_what_is_carried \
	models_of_single_records_are_found_too single_records_have_the_model_of_their_archive what_one_archive_carries_another_looks_for \
	records_come_back_exactly single_records_are_read messages_come_back records_do_not_see_each_other list_says_what_is_inside models_show_describes \
	every_file_is_one_json_object json_is_honoured_or_refused the_source_goes_when_all_is_done \
	the_source_stays_when_anything_fails \
	models_are_found_by_identity every_archive_has_its_model models_are_found_by_name models_list_tells_what_cannot_be_read a_damaged_cache_changes_nothing a_packed_model_is_kept_and_taken the_cache_takes_no_more_than_allowed models_are_exported \
	damage_leaves_nothing damage_is_placed limits_are_kept hostile_archives_are_refused hostile_models_are_refused \
	what_is_verified_is_verified_otherwise what_is_not_verified_gets_no_name what_changes_meanwhile_is_not_carried another_model_is_named; do
	law $name
done
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups "$laconic" --version >/dev/null 2>&1; then
	law owner_and_group_are_carried_over
else
	skip owner_and_group_are_carried_over 'this needs root, and a laconic that others may run'
fi
if [ "${ASAN_OPTIONS:-}" ]; then
	skip help_and_parsing_agree 'hundreds of runs, which say the same without sanitizers'
	skip an_estimate_is_near 'sanitizers take memory of their own'
	skip large_models_are_kept 'so are small ones, and this takes long'
	skip the_terminal_shows_how_far_it_is 'it says the same without sanitizers'
else
	for name in help_and_parsing_agree an_estimate_is_near large_models_are_kept the_terminal_shows_how_far_it_is; do
		law $name
	done
fi
law pipes_are_written_and_not_replaced
if mknod "$top/null" c 1 3 2>/dev/null; then
	law devices_are_written_and_not_replaced
else
	skip devices_are_written_and_not_replaced 'no device may be made here'
fi
if "$laconic" train 2>&1 | grep -q 'built without'; then
	skip training 'this laconic was built without it'
else
	for name in a_trained_model_compresses trainings_are_one_json_object an_interrupted_training_is_resumed an_adapter_is_trained bad_training_gives_1 \
		texts_are_clustered_and_assigned adapters_of_clusters_are_trained_once bad_clustering_gives_1; do
		law $name
	done
fi
if script -qec true /dev/null >/dev/null 2>&1; then
	law terminals_are_not_fed_archives
else
	skip terminals_are_not_fed_archives 'script(1) is not here, or there are no pseudo-terminals'
fi
report
