#!/bin/sh
# What people do by mistake when they train: nothing in use is replaced, what cannot be written is known before, and
# texts are read from wherever they come.
# Usage: faults_of_training.sh LACONIC TINY.gguf
# shellcheck disable=SC2094,SC2129 # a file that a law names twice is not written while it is read
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

small='--field t --vocabulary 300 --dim 32 --ffn 64 --layers 1 --heads 1 --context 64 --steps 1 --batch 1 -T1 -q'
adapt="adapt --base $tiny --field t --context 16 --steps 1 --batch 1 --rank 1 -T1 -q"

rows() { for i in 1 2 3; do printf '{"t": "The quick brown fox jumps over the lazy dog again, line %s.", "other": %s}\n' "$i" "$i"; done; }

is_kept() { # file, what it was, then a command that would replace it
	kept=$1 was=$2
	shift 2
	fails 1 'input and output' "$@"
	cmp "$kept" "$was"
}

what_training_uses_is_never_replaced() {
	rows >rows
	cp rows lines
	ln lines hard
	ln -s lines soft
	cp "$tiny" base
	for name in lines ./lines hard soft "$PWD/lines"; do
		is_kept lines rows "$laconic" train $small -f -o $name lines
		is_kept lines rows "$laconic" train $small -f -o new.gguf --log $name lines
		is_kept lines rows "$laconic" train $small -f -o new.gguf --checkpoint $name lines
		is_kept lines rows "$laconic" train $small -f -o $name --validate lines rows
	done
	is_kept base "$tiny" "$laconic" $adapt --base base -f -o base lines
	is_kept base "$tiny" "$laconic" train -q --field t --init base --steps 1 --batch 1 --context 16 -T1 -f -o base lines
	fails 1 'output' "$laconic" train $small -f -o new.gguf --checkpoint new.gguf lines
	fails 1 'output' "$laconic" train $small -f -o new.gguf --log ./new.gguf lines
	mkdir peft
	cp rows peft/adapter_config.json
	cp rows peft/adapter_model.safetensors
	for file in peft/*; do is_kept $file rows "$laconic" adapt -q --base "$tiny" --import peft -f -o $file; done
	cp rows new.gguf.unfinished # under which the output is written first
	fails 1 'input and output' "$laconic" train $small -f -o new.gguf new.gguf.unfinished
	cmp new.gguf.unfinished rows
	absent new.gguf
}

a_log_that_exists_is_kept_unless_forced() {
	rows >lines
	echo kept >log
	fails 1 'exists already' "$laconic" train $small --log log -o new.gguf lines
	grep -qx kept log
	absent new.gguf
	"$laconic" train $small --log log -f -o new.gguf lines
	grep -q '"kind": "step"' log
	if grep kept log; then exit 1; fi
	"$laconic" train $small --log - -o other.gguf lines | grep -q '"kind": "step"'
}

what_cannot_be_written_is_known_before() {
	rows >lines
	for option in -o '-o new.gguf --checkpoint' '-o new.gguf --log'; do
		fails 1 '' timeout 20 "$laconic" train $small --steps 100000000 $option no/such/file lines
		fails 1 'empty' timeout 20 "$laconic" train $small --steps 100000000 $option '' lines
		mkdir -p folder
		fails 1 'folder' timeout 20 "$laconic" train $small --steps 100000000 $option folder lines
	done
	absent new.gguf new.gguf.unfinished
}

# What writes into the pipe may take hours.
outputs_are_looked_at_before_texts_are_waited_for() {
	mkfifo pipe
	echo kept >kept
	fails 1 'kept exists already' timeout -k1 20 "$laconic" train $small -o kept pipe
	fails 1 'kept exists already' timeout -k1 20 "$laconic" train $small --log kept -o new.gguf pipe
	fails 1 'kept exists already' timeout -k1 20 "$laconic" cluster --clusters 1 --field t -o kept pipe
	fails 1 'no output is named' timeout -k1 20 "$laconic" train $small pipe
	for option in -o '-o new.gguf --checkpoint' '-o new.gguf --log'; do
		fails 1 'no/such/file' timeout -k1 20 "$laconic" train $small $option no/such/file pipe
	done
	fails 1 'no/such/folder' timeout -k1 20 "$laconic" cluster --clusters 1 --field t -o no/such/folder/ pipe
	grep -qx kept kept
	absent new.gguf
}

texts_come_from_anywhere() {
	rows >lines
	"$laconic" train $small -o file.gguf --name it lines
	"$laconic" train $small -o input.gguf --name it <lines
	cat lines | "$laconic" train $small -o dash.gguf --name it -
	mkfifo pipe
	cat lines >pipe &
	"$laconic" train $small -o pipe.gguf --name it pipe
	for name in input dash pipe; do cmp file.gguf $name.gguf; done
	cat lines | "$laconic" $adapt -o adapter.gguf
	cat lines | "$laconic" cluster -q --clusters 1 --field t -o kinds -
	cat kinds/*/texts.jsonl | sort | cmp - lines
	cat lines | "$laconic" cluster --assign kinds --field t - | grep -q '^standard input:3'
	(echo '{"t": 1}'; cat lines) >bad
	fails 1 'standard input, line 1' sh -c '"$@" - <bad' sh "$laconic" train $small -o new.gguf
	fails 1 'no text' sh -c '"$@" </dev/null' sh "$laconic" train $small -o new.gguf
	absent new.gguf ./-
}

the_standard_output_takes_models() {
	rows >lines
	"$laconic" train $small -o file.gguf --name it lines
	"$laconic" train $small -o - --name it lines | cmp - file.gguf
	"$laconic" $adapt -o - lines >adapter.gguf
	"$laconic" -q --model "$tiny" --adapter adapter.gguf -c text >/dev/null
	absent ./-
	fails 1 'share' "$laconic" train $small --json -o - lines
	fails 1 'share' "$laconic" train $small --log - -o - lines
	fails 1 'checkpoint' "$laconic" train $small --checkpoint - -o new.gguf lines
	absent ./- new.gguf
	fails 1 'standard output is none' "$laconic" cluster --clusters 1 --field t -o - lines
}

lines_are_read_as_people_have_them() {
	rows >lines
	(printf '\357\273\277'; cat lines; printf '\357\273\277'; cat lines) >marked # as cat joins two files
	(cat lines; printf '{"t": "22 \\udcb0C today"}\n{"other": NaN, "t": "fine"}\n') >strange
	for file in marked strange; do
		"$laconic" train $small -f -o new.gguf $file
		"$laconic" $adapt -f -o adapter.gguf $file
		"$laconic" cluster -q --clusters 1 --field t -o $file.kinds $file
	done
	(cat lines; printf '{"t": "cut\n{"u": "no such member"}\n') >bad
	fails 1 'bad, line 4' "$laconic" train $small -o bad.gguf bad
	"$laconic" train --json --skip-bad $small -o good.gguf bad >said
	grep -q '"skipped_lines": 2' said
	"$laconic" train --json --skip-bad $small -f -o good.gguf --validate bad lines >said
	grep -q '"skipped_lines": 2' said
	"$laconic" cluster --json --skip-bad --clusters 1 --field t -o told.kinds bad 2>said | grep -q '"skipped_lines": 2'
	"$laconic" cluster --skip-bad --clusters 1 --field t -o bad.kinds bad 2>said
	grep -q '^2 lines skipped' said
	fails 1 'goes with --field' "$laconic" cluster --skip-bad --clusters 2 -o x bad
	absent bad.gguf x
}

misspelt_fields_are_told() {
	rows >lines
	fails 1 'members are t, other' "$laconic" train $small --field text -o bad.gguf lines
	fails 1 'members of the first are t, other' "$laconic" train $small --field text --skip-bad -o bad.gguf lines
	fails 1 'members of the first are t, other' "$laconic" train $small --prompt-field promt -o bad.gguf lines
	fails 1 'members are t, other' "$laconic" cluster --clusters 1 --field text -o kinds lines
	absent bad.gguf kinds
}

fields_of_chats_are_named() {
	printf '{"messages": [{"role": "user", "content": "What is a fox?"}, {"role": "assistant", "content": "An animal of the woods."}]}\n' >chat
	printf '{"conversations": [{"from": "human", "value": "What is a fox?"}, {"from": "gpt", "value": "An animal of the woods."}]}\n' >shared
	printf '{"t": "What is a fox?\\n\\nAn animal of the woods."}\n' >plain
	"$laconic" train $small --name it -o plain.gguf plain
	"$laconic" train $small --field 'messages[].content' --name it -o chat.gguf chat
	"$laconic" train $small --field 'conversations[].value' --name it -o shared.gguf shared
	cmp plain.gguf chat.gguf
	cmp plain.gguf shared.gguf
}

few_texts_are_told() {
	rows >lines
	"$laconic" train ${small% -q} --batch 64 --context 512 -o new.gguf lines 2>said
	grep -q 'less than the 32,768 of one step' said
	for _ in 1 2 3 4 5; do cat lines; done >more
	"$laconic" train ${small% -q} -o other.gguf more 2>said
	if grep 'of one step' said; then exit 1; fi
}

other_adapters_than_plain_ones_are_refused() {
	mkdir peft
	for member in '"alora_invocation_tokens": [1, 2]' '"use_dora": true' '"bias": "all"' '"target_parameters": ["a"]' \
		'"something_new": 1' '"init_lora_weights": "pissa"'; do
		printf '{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], %s}' "$member" >peft/adapter_config.json
		: >peft/adapter_model.safetensors
		fails 1 '' "$laconic" adapt -q --base "$tiny" --import peft -o bad.gguf
		grep -q "$(echo "$member" | cut -d'"' -f2)" message
	done
	absent bad.gguf
}

# OpenBLAS tries for ever to get its room, which a signal ends, told as 124 or 137.
too_little_memory_is_an_error() {
	rows >lines
	for limit in 120000000 160000000; do
		fails 1 'out of memory' timeout -k1 20 prlimit --as=$limit "$laconic" train $small -o new.gguf lines
	done
	timeout -k1 60 prlimit --as=1000000000 "$laconic" train $small -o new.gguf lines
}

# OpenBLAS starts a thread for each CPU in every program that is linked with it.
only_training_is_linked_with_its_libraries() {
	if ldd "$laconic" | grep -iE 'blas|jansson'; then exit 1; fi
	"$laconic" --version | grep -q '^training: with'
}

if "$laconic" train 2>&1 </dev/null | grep -q 'built without'; then
	skip training 'this laconic was built without it'
else
	law what_training_uses_is_never_replaced
	law a_log_that_exists_is_kept_unless_forced
	law what_cannot_be_written_is_known_before
	law outputs_are_looked_at_before_texts_are_waited_for
	law texts_come_from_anywhere
	law the_standard_output_takes_models
	law lines_are_read_as_people_have_them
	law misspelt_fields_are_told
	law fields_of_chats_are_named
	law few_texts_are_told
	law other_adapters_than_plain_ones_are_refused
	if prlimit --as=1000000000 "$laconic" --version >/dev/null 2>&1; then
		law too_little_memory_is_an_error
	else
		skip too_little_memory_is_an_error 'address sanitizer takes more than any limit'
	fi
	law only_training_is_linked_with_its_libraries
fi
report
