#!/bin/sh
# Names, files, pipes and devices: what is read and written, and that nothing that exists is lost.
# Usage: files.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

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
	fails 1 'text.lac' lac -f text text.lac
	cmp text.lac archive
	lac -d -c text.lac.lac | cmp - archive
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

law a_file_goes_and_comes_back
law words_and_letters_mean_the_same
law mode_and_time_are_carried_over
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups "$laconic" --version >/dev/null 2>&1; then
	law owner_and_group_are_carried_over
else
	skip owner_and_group_are_carried_over 'this needs root, and a laconic that others may run'
fi
law pipes_on_both_sides
law several_files_in_one_call
law odd_names
law existing_files_are_kept_unless_forced
law a_link_is_replaced_and_not_what_it_leads_to
law what_is_open_already_is_written
law input_is_never_the_output
law pipes_are_written_and_not_replaced
if mknod "$top/null" c 1 3 2>/dev/null; then
	law devices_are_written_and_not_replaced
else
	skip devices_are_written_and_not_replaced 'no device may be made here'
fi
law skipped_files_give_2
report
