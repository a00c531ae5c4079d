#!/bin/sh
# How the command is asked, and what it says: help, errors of usage, terminals.
# Usage: usage.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

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

law bad_usage_gives_1
law quiet_is_silent_and_help_is_not
if script -qec true /dev/null >/dev/null 2>&1; then
	law terminals_are_not_fed_archives
else
	skip terminals_are_not_fed_archives 'script(1) is not here, or there are no pseudo-terminals'
fi
if [ "${ASAN_OPTIONS:-}" ]; then
	skip help_and_parsing_agree 'hundreds of runs, which say the same without sanitizers'
else
	law help_and_parsing_agree
fi
if [ "${ASAN_OPTIONS:-}" ]; then
	skip the_terminal_shows_how_far_it_is 'it says the same without sanitizers'
else
	law the_terminal_shows_how_far_it_is
fi
report
