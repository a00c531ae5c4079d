# shellcheck shell=sh disable=SC2034,SC2154 # whoever sources it uses root
# Sourced by the scripts that try the command, which set $laconic and $tiny: laws in fresh folders, and what a failure must look like.
root=$(pwd)
. "$root/tools/report.sh"
top=$(mktemp -d)
# no models and no cache of whoever runs this
export HOME="$top" XDG_DATA_HOME="" XDG_CACHE_HOME="$top/cache" LACONIC_MODELS=""
trap 'chmod -R u+w "$top"; rm -rf "$top"' EXIT

# With the model that the scripts of tests/cli are given.
lac() { "$laconic" -q --model "$tiny" "$@"; }

# Every law runs in a fresh folder, with a text in it; a command that does not do as told ends the law.
law() { # a function
	mkdir "$top/$1"
	printf 'The quick brown fox asks: can %s be restored?\nYes, it can.\n' "$1" >"$top/$1/text"
	# not inside `if`: that would switch -e off
	(
		set -e
		cd "$top/$1"
		"$1"
	) 2>"$top/log"
	status=$?
	[ $status = 0 ] || cat "$top/log" >&2
	note "$1" $status
}

fails() { # exit status, a word of the message (or nothing), then a command: it ends so, says so, and leaves no file half-written
	wanted=$1 word=$2 status=0
	shift 2
	"$@" 2>message >output || status=$?
	if [ $status != "$wanted" ]; then
		echo "$*: exit status $status instead of $wanted" >&2
		cat message >&2
		exit 1
	fi
	[ -z "$word" ] || grep -qF -- "$word" message || { echo "$*: the message lacks '$word':" >&2; cat message >&2; exit 1; }
	no_leftovers
}

no_leftovers() {
	for path in .laconic-*; do
		[ ! -e "$path" ] || { echo "$path is left" >&2; exit 1; }
	done
}

absent() { for path; do [ ! -e "$path" ] || { echo "$path is there" >&2; exit 1; }; done; }
