#!/bin/sh
# What is asked of the command: every option is told wherever it is taken, taken where it has an effect and refused where it has
# none, and errors name what helps.
# Usage: options.sh LACONIC TINY.gguf
# shellcheck disable=SC2094,SC2129 # a file that a law names twice is not written while it is read
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

commands='compress decompress test cat list models:show models:list models:export models:path train adapt cluster'

options_of() { # a command, as above: its options and what stands behind each
	"$laconic" $(echo "$1" | tr : ' ') --help | sed -n 's/^ *\(-[a-zA-Z0], \)*\(--[a-z-]*\)\( [^ ]\{1,\}\)\{0,1\}\( .*\)\{0,1\}$/\2\3/p'
}

# ---- Told ---------------------------------------------------------------------------

every_option_is_in_the_manual_and_the_completions() {
	${CC:-cc} -std=c17 -I"$root/cli" -I"$root/include" -o describe "$root/tools/describe.c" "$root/cli/options.c"
	./describe man <"$root/doc/laconic.1.in" | sed 's/\\-/-/g' >manual
	for shell in bash zsh fish; do ./describe $shell >$shell; done
	for command in $commands; do
		words=$(echo $command | tr : ' ')
		sed -n "/^\.SS \"laconic $words \[/,/^\.S/p" manual >section
		sed -n "/^\t'$words'/,/;;/p" zsh >zsh.section
		options_of $command | cut -d' ' -f1 >told
		grep -q -- --help told
		while read -r option; do
			[ $option = --help ] || [ $option = --version ] || grep -q -- "^\.BR .*$option\b" section
			grep "^	'$words') options=" bash | grep -q -- " ${option}[ ']"
			grep -q -- "'\*$option\[" zsh.section
			grep -- "seen_subcommand_from ${words%% *}['; ]" fish | grep -q -- "-l ${option#--} "
		done <told
	done
	grep -q -- '--targets' manual
}

a_command_is_told_what_it_takes_and_no_more() {
	options_of train >train
	options_of adapt >adapt
	grep -q -- '--vocabulary N' train
	! grep -q -e --rank -e --records -e --memory train || return 1
	grep -q -- '--rank N' adapt
	! grep -q -e --vocabulary -e --records adapt || return 1
	fails 1 '--rank goes with adapt' "$laconic" train --rank 3 -o model text
	fails 1 '--records goes with compress' "$laconic" adapt --records -o model text
	fails 1 '--layers goes with train' "$laconic" -d --layers 3 text
	fails 1 '--assign goes with cluster' "$laconic" --assign folder text
}

# ---- Numbers ------------------------------------------------------------------------

numbers_tell_their_range_and_sizes_their_suffixes() {
	for command in $commands; do
		options_of $command | grep ' ' >told || :
		while read -r option argument; do
			case $argument in
			N|N\[*|P|X|ROWS) ;;
			*) continue ;;
			esac
			for value in many -1 1.5G 1e400 100MB 10k 99999999999999999999; do
				fails 1 "$option $value: a " "$laconic" $(echo $command | tr : ' ') $option $value text </dev/null
				grep -qE 'number from [0-9]+ to [0-9]+ is wanted' message
				case $argument in
				*K*) grep -q 'K, M and G behind it stand for 1024, 1024^2 and 1024^3' message ;;
				*) ! grep -q 1024^2 message || return 1 ;;
				esac
			done
		done <told
	done
	fails 1 'to 1048576 is wanted (tokens)' "$laconic" --context 2M text
	fails 1 'from 257' "$laconic" train --vocabulary 256 -o model text
	fails 1 'from 0 to 1 is wanted (of the documents)' "$laconic" train --prompt-share nan -o model text
	"$laconic" -q --block-size 1K -c text | "$laconic" -d -q --limit 1K | cmp - text
	absent model
}

# ---- Effects ------------------------------------------------------------------------

refused() { # an option, a word of the message, the words of a call
	named=$1 word=$2
	shift 2
	fails 1 "$word" "$laconic" "$@" </dev/null
	grep -q -- "$named" message
}

an_option_without_effect_is_refused() {
	"$laconic" -q text
	for option in '--limit 5' '--record 1' '--range 1-2'; do
		refused "${option% *}" 'goes with' compress $option -c text
	done
	for option in --verify --estimate --records --no-index -0 '--block-size 1K' --with-model; do
		refused -- 'goes with' -d $option -c text.lac
		refused -- 'goes with' test $option text.lac
	done
	refused --context 'goes with --message' -d --context 9 -c text.lac
	for option in -f -k --rm -c '-o out'; do
		refused -- 'goes with' test $option text.lac
		refused -- 'goes with' list $option text.lac
	done
	for option in '-T 1' -v '--kernels scalar' '--cache 0'; do
		refused -- 'goes with --model' list $option text.lac
		"$laconic" list $option --model "$tiny" text.lac >out 2>&1
		refused -- 'goes with' models path $option
		refused -- 'goes with' help $option
	done
	for option in '--memory 1M' '--batch 4'; do
		refused -- 'goes with' list $option --model "$tiny" text.lac
		refused -- 'goes with' models show $option
	done
	for option in --records '--block-size 1K' --verify --rm --with-model --estimate; do
		refused "${option% *}" '--message excludes' --message $option text
	done
	for option in -f '-o out' -c --verify --rm; do
		refused --estimate '--estimate excludes' --estimate $option text
	done
	refused --cache 'goes with --model' --cache 0 -c text
	refused --model 'or one --model' models show --model "$tiny" "$tiny"
	refused --prompt-field 'goes with --field' train --prompt-field a -o out text
	refused --prompt-share 'goes with --prompt-field' train --field a --prompt-share 1 -o out text
	refused --validation-steps 'goes with --validate' adapt --validation-steps 3 -o out text
	refused --resume 'goes with --checkpoint' adapt --resume -o out text
	refused --epochs 'excludes' train --steps 3 --epochs 2 -o out text
	for option in '--dim 8' '--layers 2' --untied '--vocabulary 300' '--tokenizer text'; do
		refused "${option% *}" '--init excludes' train --init "$tiny" $option -o out text
	done
	refused --rank 'nothing is trained' adapt --import . --rank 4 -o out
	refused texts 'nothing is trained' adapt --import . -o out text
	for option in '--clusters 2' '--embedding ngrams' '--restarts 2' '--seed 3'; do
		refused "${option% *}" '--assign excludes' cluster --assign . $option text
	done
	refused --model '--embedding states' cluster --clusters 2 --model "$tiny" -o out text
}

# ---- Advice -------------------------------------------------------------------------

errors_name_the_option_that_helps() {
	python3 "$root/tools/make_tiny_model.py" --context 4096 -o long.gguf
	"$laconic" -q --message -o short.lacm text
	fails 1 'a message, by its suffix: laconic -d --message restores it' "$laconic" list short.lacm
	fails 1 '; allow more with --memory' "$laconic" --estimate --model long.gguf --memory 1K --context 4096 text
	"$laconic" -q -c text >text.lac
	fails 1 '; allow more with --limit' "$laconic" test --limit 5 text.lac
	fails 1 '; compress it with --records' "$laconic" cat --record 0 text.lac
	fails 1 '; laconic --version lists those that are' "$laconic" --kernels abacus text
}

# The library is for programs too, which have no options.
no_library_names_an_option() {
	! grep -nE '"[^"]*[ (]--[a-z]' "$root"/src/*/*.c "$root"/src/*/*.h || return 1
}

an_unknown_option_is_shown_tame() {
	fails 1 'unrecognized option' "$laconic" "--$(printf '\033[31m')red" text
	grep -qF -- '--\x1b[31mred' message
	fails 1 "unrecognized option '-X'" "$laconic" -qX text
	fails 1 'takes no argument' "$laconic" --quiet=3 text
	fails 1 'wants an argument' "$laconic" text --model
	fails 1 'unrecognized option' "$laconic" --re text
}

nothing_to_do_points_to_help() {
	fails 1 '' script -qec "'$laconic'" /dev/null </dev/null
	grep -q 'laconic --help' output
	"$laconic" <text | "$laconic" -d | cmp - text
	"$laconic" </dev/null | "$laconic" -d | cmp - /dev/null
}

for name in every_option_is_in_the_manual_and_the_completions a_command_is_told_what_it_takes_and_no_more \
	numbers_tell_their_range_and_sizes_their_suffixes an_option_without_effect_is_refused errors_name_the_option_that_helps \
	no_library_names_an_option an_unknown_option_is_shown_tame; do
	law $name
done
if script -qec true /dev/null >/dev/null 2>&1; then
	law nothing_to_do_points_to_help
else
	skip nothing_to_do_points_to_help 'script(1) is not here, or there are no pseudo-terminals'
fi
report
