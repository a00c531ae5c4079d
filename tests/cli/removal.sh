#!/bin/sh
# Sources are removed last.
# Usage: removal.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

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
	fails 1 'kept' lac --rm symbolic
	lac -d -c symbolic.lac | cmp - copy
	lac -o whole text
	cp whole cut.lac
	truncate -s -1 cut.lac
	fails 1 'cut.lac' lac -d --rm cut.lac
	[ -e cut.lac ]
	absent cut
	fails 1 'kept' lac -d --rm -o /dev/null whole
	fails 1 '/dev/fd/3' lac -d --rm -o /dev/fd/3 whole 3>direct
	cmp direct text
	[ -e whole ]
	cmp text copy
	cp "$tiny" model.gguf
	ln model.gguf also.gguf
	cp "$root"/tests/golden/models/grouped.gguf "$root"/tests/golden/models/leaning.gguf .
	fails 1 'kept' "$laconic" -q --model model.gguf --rm text also.gguf
	absent text
	fails 1 'kept' "$laconic" -q --model grouped.gguf --adapter leaning.gguf --rm copy leaning.gguf
	absent copy
	[ -e also.gguf ]
	[ -e leaning.gguf ]
}

law the_source_goes_when_all_is_done
law the_source_stays_when_anything_fails
report
