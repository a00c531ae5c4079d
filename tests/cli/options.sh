#!/bin/sh
# What is asked of the command: that every option is told, taken where it counts and refused where it does not, and that errors
# say which one helps.
# Usage: options.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

# ---- Advice -----------------------------------------------------------------------

errors_name_the_option_that_helps() {
	python3 "$root/tools/make_tiny_model.py" --context 4096 -o long.gguf
	"$laconic" -q --message -o short.lacm text
	fails 1 'a message, by its suffix: laconic -d --message restores it' "$laconic" list short.lacm
	fails 1 '; --memory allows more' "$laconic" --estimate --model long.gguf --memory 1K --context 4096 text
}

for name in errors_name_the_option_that_helps; do
	law $name
done
report
