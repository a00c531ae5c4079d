#!/bin/sh
# Makes everything in tests/golden anew; see its README.md for when that is allowed.  Usage: make_golden.sh BUILD
set -eu
build=$1
models=tests/golden/models archives=tests/golden/archives

python3 tools/make_tiny_model.py --dim 32 --ffn 96 --vocab 320 --context 48 --type q8_0 --seed 11 --sharp 6 -o $models/grouped.gguf
python3 tools/make_tiny_model.py --dim 40 --heads 5 --kv-heads 1 --ffn 56 --layers 1 --vocab 256 --context 17 --untied \
	--drop-bytes --no-eos --seed 12 --sharp 6 -o $models/escapes.gguf
tiny_adapter() { python3 tools/make_tiny_model.py --dim 32 --ffn 96 --vocab 320 "$@"; }
tiny_adapter --adapter 2 --type f32 --seed 21 -o $models/leaning.gguf
tiny_adapter --adapter 3 --type f16 --seed 22 -o $models/tilted.gguf
python3 tools/make_tiny_model.py --architecture qwen2 --ffn 64 --adapter 2 --type f16 --seed 23 -o $models/bent.gguf
python3 tools/make_tiny_model.py --dim 24 --head-dim 74 --rotary-dim 36 --rotary-base 500000 --epsilon 1e-3 --ffn 40 --vocab 260 \
	--context 200 --seed 13 --sharp 6 -o $models/wide-heads.gguf
python3 tools/make_tiny_model.py --architecture qwen2 --biases attn_q,attn_k,attn_v --ffn 64 --vocab 260 --context 70 \
	--type q4_0,q4_1,q5_0,q5_1,q8_0,bf16,f32 --seed 14 --sharp 6 -o $models/biased.gguf
python3 tools/make_tiny_model.py --architecture qwen3 --dim 256 --head-dim 24 --ffn 32 --layers 1 --vocab 258 --context 33 \
	--type q4_k,q5_k,q6_k,q5_1,f16 --seed 15 --sharp 6 -o $models/normed.gguf
python3 tools/make_tiny_model.py --biases all --rotary-factors --rotary-scaling 2.5 --sliding 75 --dim 32 --heads 2 --kv-heads 1 \
	--ffn 40 --vocab 257 --context 220 --untied --seed 16 --sharp 6 -o $models/sliding.gguf
seed=31
for kind in llama-bpe qwen2 smollm; do
	python3 tools/make_tiny_model.py --pre $kind --dim 32 --ffn 32 --layers 1 --vocab 340 --type q8_0 --seed $seed --sharp 6 \
		-o $models/$kind.gguf
	seed=$((seed + 1))
done
python3 tools/make_tiny_model.py --pre spm --dim 32 --ffn 32 --layers 1 --vocab 360 --type q8_0 --seed 34 --sharp 6 -o $models/pieces.gguf
python3 tools/make_tiny_model.py --pre spm --dim 32 --ffn 32 --layers 1 --vocab 320 --type q8_0 --seed 35 --sharp 6 --drop-bytes --no-eos \
	-o $models/pieces-raw.gguf
odd() { python3 tools/make_tiny_model.py --odd --dim 32 --heads 2 --kv-heads 1 --ffn 32 --layers 1 --vocab 300 "$@"; }
odd --context 3000 --type q8_0 --seed 41 --sharp 6 -o $models/odd.gguf
odd --adapter 2 --alpha 0 --type f16 --seed 42 -o $models/unscaled.gguf

"$build/test_golden" --write
rm -f tests/golden/hostile/*

text() { cat >"$archives/$1.txt"; }
. tests/golden_models.sh
sample() { model=$1; shift; "$build/sample_text" "$(models_files "$model" $models)" "$@"; }
noise() { tail -c "$1" $models/grouped.gguf; } # weights
log() { # lines
	awk -v n="$1" 'BEGIN { for (s = 1; n-- > 0; s = s * 16807 % 2147483647)
		printf "12:%02d:%02d INFO worker-%d request %d done in %d us\n", s % 60, s % 47, s % 4, 1000 - n, s % 9000 }'
}
picture() { noise "$1" | base64 -w0; echo; } # a line
cut_tail() { head -c -1; } # the last line feed

rm -f $archives/*.txt $archives/*.lac
text empty </dev/null
printf a | text one-byte
sample grouped 1 150 | text one-block
sample grouped 2 980 980 980 300 | text many-blocks
sample grouped 3 3000 | text windows
sample escapes 4 1000 | text odd-windows
sample escapes 5 980 500 | text raw
sample escapes 6 30 0 1 200 80 | cut_tail | text raw-lines
sample grouped 7 $(for i in $(seq 80); do echo $((i * i % 37)); done) | cut_tail | text lines
{ sample grouped 8 40 9; printf '\0\0'; sample grouped 9 70 0 30; printf '\0'; sample grouped 10 25; } | text nul
{ sample grouped 11 20 2600 40 50; printf 'no line feed'; } | text open
noise 200 | text stored
{ noise 150; echo; noise 99; } | text stored-lines
log 60 | text mixed
head -c 3000 /dev/zero | LC_ALL=C tr '\0' '\377' | text ones
{ noise 1024; sample grouped 12 980 980; log 60; sample grouped 13 980; noise 1024; } | text all-kinds
for n in 700 900; do
	for model in grouped grouped+leaning grouped+tilted; do sample $model $n $n; done
done | text adapted
for n in $(seq 30); do
	for model in grouped grouped+leaning grouped+tilted; do sample $model "$n" $((n * n % 43)); done
done | text adapted-lines
sample grouped+tilted 31 200 | text adapted-once
sample wide-heads 14 980 | text wide-windows
sample wide-heads 15 30 0 500 7 90 | cut_tail | text wide-lines
sample biased 16 700 | text biased
sample biased 17 40 0 200 9 90 | cut_tail | text biased-lines
sample biased+bent 21 900 | text biased-adapted
sample normed 18 300 | text normed
sample sliding 19 900 | text sliding
sample sliding 20 300 0 20 150 | cut_tail | text sliding-lines
sample llama-bpe 32 700 | text llama-bpe
sample qwen2 33 700 | text qwen2
sample smollm 34 700 | text smollm
sample pieces 35 900 700 | text pieces
{ sample pieces 36 300 0 200; printf ' two\n  three\n\342\226\201\n\377\n \n1\n2\n'; sample pieces 37 1 1 200 400; } | cut_tail | text pieces-lines
sample pieces-raw 38 600 | text pieces-raw
head -c 300 examples/01-explain-science.txt | text published
head -c 400 examples/08-chat-log.txt | text published-lines
head -c 3500 examples/02-code-python.txt | text published-code

sample grouped 41 $(for i in $(seq 80); do echo $((i * i % 41)); done) | cut_tail | text indexed-lines
{ sample grouped 42 40 9; printf '\0\0'; sample grouped 43 70 0 30; printf '\0'; sample grouped 44 25; } | text indexed-nul
sample escapes 45 30 0 1 200 80 | text indexed-raw
{ sample grouped 46 20 2600 40 50; printf 'no line feed'; } | text indexed-open
{ noise 999; echo; sample grouped 47 200 300; noise 1500; echo; sample grouped 48 90; } | text indexed-stored
head -c $((257 * 64)) /dev/zero | tr '\0' '\n' | text indexed-levels
{
	for n in $(seq 64); do sample grouped "$n" $((n * n % 43)); done
	for n in $(seq 32); do for model in grouped grouped+tilted; do sample $model "$n" 120; done; done
	for n in $(seq 22); do for model in grouped grouped+leaning grouped+tilted; do sample $model "$n" 150; done; done
} | text indexed-adapted
head -c 400 examples/08-chat-log.txt | text indexed-published
sample grouped 49 100 | cut_tail | text message
sample escapes 50 90 | cut_tail | text message-record
text message-nothing </dev/null
log 30 | text message-mixed
noise 50 | text message-stored
sample grouped+tilted 51 120 | cut_tail | text message-adapted
head -c 200 examples/03-business-email.txt | text message-published
head -c 400 examples/08-chat-log.txt | text context
head -c 300 examples/01-explain-science.txt | text context-lines
sample odd 61 500 | text odd
sample odd 62 30 0 200 90 | cut_tail | text odd-lines
sample odd+unscaled 63 500 | text odd-adapted
sample odd 64 4200 | cut_tail | text message-window
sample odd 65 400 | text carried
{ sample odd 66 30 0 90; sample odd+unscaled 67 120 60; } | cut_tail | text carried-lines
{ log 70; sample grouped 71 40 1200 90; picture 3000; log 30; sample grouped 72 1500 20; picture 900; echo; log 25; } | cut_tail |
	text mixed-records
{ picture 2600; sample grouped 73 90 1100 60; log 20; echo; picture 1200; sample grouped 74 40; } | text mixed-indexed
{ log 40; printf '\0'; sample grouped 75 1100 | tr '\n' '\0'; picture 2000 | tr '\n' '\0'; printf '\0'; log 20; } | text mixed-nul

while read -r name model options _; do
	[ "$name" != '#' ] || continue
	case $options in
	=*)
		for part in $(echo "${options#=}" | tr + ' '); do
			cat "$archives/$part.txt" >>"$archives/$name.txt"
			cat "$archives/$part.lac" >>"$archives/$name.lac"
		done
		continue ;;
	-) options= ;;
	esac
	model_option=$(models_option "$model" $models)
	# plain C is the definition
	"$build/laconic" -q -c --kernels scalar $model_option $(echo "$options" | tr , ' ') "$archives/$name.txt" >"$archives/$name.lac"
done <$archives/list

"$build/test_hostile" --write # changes some of these archives
