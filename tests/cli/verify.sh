#!/bin/sh
# What is verified before it gets its name.
# Usage: verify.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

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

law what_is_verified_is_verified_otherwise
law what_is_not_verified_gets_no_name
law what_changes_meanwhile_is_not_carried
report
