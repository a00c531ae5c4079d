#!/bin/sh
# What people do by mistake, and what strangers put into names: nothing in use is replaced, nothing is waited for without end, and
# what is shown is what is meant.
# Usage: faults.sh LACONIC TINY.gguf
# shellcheck disable=SC2094,SC2129 # a file that a law names twice is not written while it is read
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"
models=$root/tests/golden/models

lac() { timeout 60 "$laconic" -q -T1 --model "$tiny" "$@"; }
lac_cat() { timeout 60 "$laconic" cat -q -T1 --model "$tiny" "$@"; }

# ---- What a call uses is never replaced ----------------------------------------------

is_kept() { # the file, what it was, then a command that would replace it
	kept=$1 was=$2
	shift 2
	fails 1 'both input and output' "$@"
	cmp "$kept" "$was"
}

no_model_in_use_is_replaced() {
	cp "$tiny" was
	cp was model.gguf
	ln -s model.gguf link
	ln model.gguf twin
	lac -o text.lac text
	lac --records -o lines.lac text
	for name in model.gguf link twin ./model.gguf; do
		is_kept model.gguf was lac -f --model model.gguf -o $name text
		is_kept model.gguf was lac -f --model $name -o model.gguf text
		is_kept model.gguf was lac -f --model model.gguf --verify -o $name text
		is_kept model.gguf was lac -f --model model.gguf --with-model -o $name text
		is_kept model.gguf was lac -f --model model.gguf --message -o $name text
		is_kept model.gguf was lac -d -f --model model.gguf -o $name text.lac
		is_kept model.gguf was lac_cat -f --model model.gguf -o $name text.lac
		is_kept model.gguf was lac_cat -f --model model.gguf --record 0 -o $name lines.lac
	done
	[ -L link ]
	# by the name that an input gives it
	cp text.lac model.gguf.lac
	is_kept model.gguf was lac -d -f --model model.gguf model.gguf.lac
	# on the standard output, or another file that is open
	is_kept model.gguf was sh -c '"$@" 1<>model.gguf' sh "$laconic" -q --model model.gguf -c text
	is_kept model.gguf was sh -c '"$@" 3<>model.gguf' sh "$laconic" -q --model model.gguf -o /dev/fd/3 text
}

no_adapter_in_use_is_replaced() {
	cp "$models/leaning.gguf" was
	cp was adapter.gguf
	is_kept adapter.gguf was lac -f --model "$models/grouped.gguf" --adapter adapter.gguf -o adapter.gguf text
	cp "$models/tilted.gguf" other.gguf
	is_kept adapter.gguf was lac -f --model "$models/grouped.gguf" --adapter other.gguf --adapter adapter.gguf -o ./adapter.gguf text
}

no_model_that_was_found_is_replaced() {
	mkdir folder
	cp "$models/grouped.gguf" folder/found.gguf
	cp "$models/leaning.gguf" folder/leaning.gguf
	export LACONIC_MODELS="$PWD/folder"
	cp "$root/tests/golden/archives/adapted-lines.txt" lines
	"$laconic" -q --model found --adapter leaning --records lines
	is_kept folder/found.gguf "$models/grouped.gguf" "$laconic" -q -f --model found -o folder/found.gguf text
	is_kept folder/found.gguf "$models/grouped.gguf" "$laconic" -q -d -f -o folder/found.gguf lines.lac
	is_kept folder/leaning.gguf "$models/leaning.gguf" "$laconic" -q -d -f -o folder/leaning.gguf lines.lac
	is_kept folder/found.gguf "$models/grouped.gguf" "$laconic" models export -f -o folder/found.gguf found
	is_kept folder/found.gguf "$models/grouped.gguf" sh -c '"$1" models export -c found 1<>folder/found.gguf' sh "$laconic"
}

no_other_input_is_replaced() {
	cp text was
	lac -o text.lac text
	cp text.lac archive
	is_kept text.lac archive lac -f text text.lac
	is_kept text.lac archive lac text text.lac
	ln -s text.lac link
	is_kept text.lac archive lac -f text link
	is_kept text was lac -d -f text.lac text
	is_kept text was lac -f -o text - <text
	is_kept text was sh -c '"$@" >>text' sh "$laconic" -q -c text
	is_kept text was sh -c '"$@" <text >>text' sh "$laconic" -q
	is_kept text.lac archive sh -c '"$@" >>text.lac' sh "$laconic" -q --model "$tiny" -d -c text.lac
}

no_output_is_written_twice() {
	mkdir folder
	ln -s folder link
	lac -o folder/text.lac text
	fails 1 'written twice' lac -d folder/text.lac link/text.lac
	cmp folder/text text
	fails 1 'written twice' lac -f text ./text
	lac -c text text >both # one after the other
	lac -d -c both | cmp - - <<-END
		$(cat text text)
	END
}

# ---- Nothing is waited for without end ------------------------------------------------

a_pipe_among_files_is_not_waited_for() {
	lac -o right text
	mkfifo pipe pipe.lac
	cp text other
	fails 2 'pipe' lac pipe text
	cmp text.lac right
	fails 2 'pipe' lac --estimate pipe
	rm text
	fails 2 'pipe.lac' lac -d pipe.lac text.lac
	cmp text other
	fails 2 'pipe.lac' lac -t pipe.lac text.lac
	fails 2 'pipe.lac' lac -l text.lac pipe.lac
	fails 2 'pipe.lac' lac_cat pipe.lac text.lac
	fails 2 'pipe.lac' lac_cat --record 0 pipe.lac pipe.lac
	fails 2 '/dev/zero' lac -c /dev/zero text
	lac --json text pipe 2>message | grep -q '"status": "skipped", "file": "pipe"' || lac --json -f text pipe | grep -q '"skipped", "file": "pipe"'
	# alone it is read, and so is what is open already
	cat text >pipe &
	lac -c pipe | cmp - right
	cat right >pipe.lac &
	lac -d -c pipe.lac | cmp - text
	lac -d -c /dev/fd/3 /dev/fd/4 3<right 4<right >both
	cat text text | cmp - both
}

no_pipe_is_written_that_was_not_named() {
	mkfifo text.lac
	fails 1 '-o text.lac writes to it' lac -f text
	lac -o right text
	mv text other
	mkfifo text
	cp right it.lac
	mv it.lac text.gz.lac
	mkfifo text.gz
	fails 1 'text.gz' lac -d text.gz.lac
}

a_pipe_is_no_model() {
	mkfifo pipe.gguf
	mkdir folder
	mkfifo folder/waits.gguf
	fails 1 'pipe.gguf' timeout 20 "$laconic" -q --model pipe.gguf text
	fails 1 'pipe.gguf' timeout 20 "$laconic" -q --model "$models/grouped.gguf" --adapter pipe.gguf text
	fails 1 'pipe.gguf' timeout 20 "$laconic" models show pipe.gguf
	export LACONIC_MODELS="$PWD/folder"
	fails 2 'waits.gguf' timeout 20 "$laconic" models list
	fails 1 'waits.gguf' timeout 20 "$laconic" -q --model waits text
	fails 1 'waits.gguf' timeout 20 "$laconic" models export -o out.gguf waits
	cp "$root/tests/golden/archives/one-block.lac" text.lac
	fails 1 'identity' timeout 20 "$laconic" -q -d -o out text.lac
	absent out out.gguf
	mkdir -p cache/laconic
	mkfifo cache/laconic/identities
	XDG_CACHE_HOME=$PWD/cache fails 2 'waits.gguf' timeout 20 "$laconic" models list
}

a_size_is_not_believed() {
	for file in /proc/cpuinfo /proc/version /proc/kallsyms /sys/kernel/mm/transparent_hugepage/enabled; do
		[ -r $file ] && cat $file >copy 2>unread || continue
		"$laconic" -q -T1 --estimate --json $file | python3 -c '
import json, os, sys
said, size = json.load(sys.stdin)["bytes_in"], os.path.getsize("copy")
assert abs(said - size) <= size / 10, (said, size) # clocks change' || return 1
		"$laconic" -q -c $file >out.lac
		"$laconic" -d -c out.lac | wc -c >n
		[ "$(cat n)" != 0 ]
	done
}

# ---- Failures come first ---------------------------------------------------------------

an_output_without_a_place_is_found_first() {
	mkfifo endless # nothing is ever written to it
	exec 9<>endless
	for name in '' no/such/out text/out "$(printf '%300s' x)"; do
		fails 1 "$(printf '%.20s' "${name:-is empty}")" timeout 20 "$laconic" -q --model "$tiny" -o "$name" <&9
		fails 1 "$(printf '%.20s' "${name:-is empty}")" "$laconic" models export -q -o "$name"
	done
	lac -o right.lac text
	fails 1 'is empty' lac_cat -o '' right.lac
	fails 1 'is empty' lac -d -o '' right.lac
	if [ "$(id -u)" != 0 ]; then
		mkdir closed
		chmod a-w closed
		fails 1 'closed/out' timeout 20 "$laconic" -q --model "$tiny" -o closed/out <&9
	fi
}

a_dash_is_the_standard_output() {
	lac -o - text >a
	lac -c text | cmp - a
	lac -d -o - a | cmp - text
	lac_cat -o - a | cmp - text
	lac --message -o - text | lac -d --message -o - | cmp - text
	"$laconic" models export -o - | cmp - "$root/models/default.gguf"
	absent ./-
}

# ---- What is shown -----------------------------------------------------------------------

# Nothing but newlines controls the terminal, and nothing turns letters round.
is_tame() { # files
	python3 -c '
import sys, unicodedata
for name in sys.argv[1:]:
    for c in open(name, "rb").read().decode():
        assert c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"), (name, c)' "$@"
}

names_are_shown_tame() {
	name=$(printf 'a\033]0;title\007b\033[31m\nc\177\302\233d\342\200\256e\331\234\377\342\202\254ü')
	shown='a\x1b]0;title\x07b\x1b[31m\x0ac\x7f\u009bd\u202ee'
	cp text "$name"
	"$laconic" -v "$name" 2>told
	"$laconic" -v -t "$name.lac" 2>>told
	"$laconic" list "$name.lac" >>told
	"$laconic" -f -v --verify --rm "$name" 2>>told
	"$laconic" -d -v "$name.lac" 2>>told
	"$laconic" --estimate "$name" >>told
	"$laconic" --records -f "$name"
	"$laconic" cat -v --record 0 "$name.lac" 2>>told >out
	cp "$models/grouped.gguf" "$name.gguf"
	"$laconic" models show "$name.gguf" >>told
	mkdir "$name.folder"
	cp "$models/grouped.gguf" "$name.folder/$name.gguf"
	cp "$models/leaning.gguf" "$name.folder/$name.bad.gguf"
	printf 'GGUF' >"$name.folder/$name.worse.gguf"
	LACONIC_MODELS=$PWD/$name.folder "$laconic" models list >>told 2>&1 || :
	LACONIC_MODELS=$PWD/$name.folder "$laconic" models path >>told
	for words in '' -d '--model missing' models\ show --adapter; do
		! "$laconic" $words "$name.missing" text >>told 2>&1 || return 1
	done
	! "$laconic" -o "$name" text 2>>told || return 1
	! "$laconic" -f -o "$name" "$name" 2>>told || return 1
	is_tame told
	[ "$(grep -cF "$shown" told)" -ge 15 ]
	grep -qF '\xff€ü' told
	# for programs all of it is there
	"$laconic" list --json "$name.lac" >json
	is_tame json
	python3 -c 'import json, os, sys; assert json.load(open("json"))["file"] == sys.argv[1] + ".lac"' "$name"
}

binary_is_not_for_a_terminal() {
	for words in 'models export -c' 'models export -o -' 'models export -o /dev/tty' '-c text' '-o /dev/tty text' '--message -c text'; do
		timeout 20 script -qec "'$laconic' $words" /dev/null </dev/null >shown 2>&1 || :
		grep -q 'is not written to a terminal' shown
		[ "$(wc -c <shown)" -lt 500 ]
	done
	timeout 20 script -qec "'$laconic' -f -c -q text" /dev/null </dev/null >shown 2>&1
	grep -qa 'LAC' shown
	timeout 20 script -qec "'$laconic' models export -f -c" /dev/null </dev/null | head -c 1000 | grep -qa GGUF
}

one_is_not_many() {
	printf a >one
	"$laconic" -T1 one 2>told
	"$laconic" -t one.lac 2>>told
	"$laconic" -T1 --estimate one >>told
	"$laconic" -f --records one 2>>told
	"$laconic" cat -v --record 0 one.lac 2>>told >out
	"$laconic" list one.lac >>told
	: >none
	"$laconic" none 2>>told
	"$laconic" -t none.lac 2>>told
	! grep -E '(^|[^0-9.,])1 (bytes|records|tokens|threads|files|blocks|places)\b' told || return 1
	grep -q 'intact, 1 byte$' told
	grep -q 'intact, 0 bytes$' told
	grep -q '1 of 1 record, 1 byte; ' told
}

what_the_reader_has_is_not_asked_of_him() {
	cat "$root"/examples/08*.txt >text
	"$laconic" text 2>told
	"$laconic" models export -o same.gguf
	"$laconic" -f --model same.gguf text 2>>told
	grep -q 'ratio' told
	! grep 'also takes' told || return 1
	cp "$root/tests/golden/archives/one-block.txt" text
	"$laconic" -f --model "$models/grouped.gguf" text 2>told
	grep -q "also takes the model, $(wc -c <"$models/grouped.gguf" | sed ':a; s/\B[0-9]\{3\}\>/,&/; ta') bytes)" told
}

a_model_that_no_block_took_is_told() {
	cp "$root/tests/golden/archives/adapted-lines.txt" lines
	both="--adapter $models/leaning.gguf --adapter $models/tilted.gguf"
	"$laconic" --model "$models/grouped.gguf" $both --records lines 2>told
	! grep 'no block took' told || return 1
	head -c 3000 "$tiny" >noise
	"$laconic" --model "$models/grouped.gguf" $both noise 2>told
	grep -qxF -- "--model $models/grouped.gguf: no block took it" told
	grep -qxF -- "--adapter $models/leaning.gguf: no block took it" told
	grep -qxF -- "--adapter $models/tilted.gguf: no block took it" told
	"$laconic" -f --model "$models/grouped.gguf" $both --records noise lines 2>told # of all files
	! grep 'no block took' told || return 1
	"$laconic" -t --model "$models/grouped.gguf" $both noise.lac 2>told
	grep -q 'no block took' told
	"$laconic" -q -f --model "$models/grouped.gguf" $both noise 2>told
	[ ! -s told ]
	"$laconic" -q -f --json --model "$models/grouped.gguf" $both noise lines | python3 -c '
import json, sys
noise, lines = [json.loads(line) for line in sys.stdin]
assert len(noise["unused_adapters"]) == 2 and noise["models"] == [], noise
assert all(len(one["identity"]) == 32 and one["name"] for one in noise["unused_adapters"]), noise
used = {one["identity"] for one in lines["adapters"]}
assert not any(one["identity"] in used for one in lines["unused_adapters"]), lines
assert len(used) + len(lines["unused_adapters"]) == 2, lines'
}

for name in no_model_in_use_is_replaced no_adapter_in_use_is_replaced no_model_that_was_found_is_replaced no_other_input_is_replaced \
	no_output_is_written_twice a_pipe_among_files_is_not_waited_for no_pipe_is_written_that_was_not_named a_pipe_is_no_model \
	a_size_is_not_believed an_output_without_a_place_is_found_first a_dash_is_the_standard_output names_are_shown_tame \
	one_is_not_many what_the_reader_has_is_not_asked_of_him a_model_that_no_block_took_is_told; do
	law $name
done
if script -qec true /dev/null >/dev/null 2>&1; then
	law binary_is_not_for_a_terminal
else
	skip binary_is_not_for_a_terminal 'script(1) is not here, or there are no pseudo-terminals'
fi
report
