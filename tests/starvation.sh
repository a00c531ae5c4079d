#!/bin/sh
# What the command does when something is denied it: calls of libc at the Nth time, N = 1, 2, 3 and on until it does not make so many
# (failing_libc.c), room, readers, permission, time; and that clocks, locales and closed standard streams change nothing.
# Usage: starvation.sh LACONIC FAILING_LIBC.so [--short|--long]   from the project's folder; --short is for slow builds
set -u
# a shell that was started in the background ignores interrupts, and so would all that it starts
[ "${SIGNALS_ARE_TAKEN-}" ] || SIGNALS_ARE_TAKEN=1 exec env --default-signal "$0" "$@"
laconic=$(realpath "$1") failing=$(realpath "$2") length=${3-}
. "$(dirname "$0")/command_laws.sh"
golden=$root/tests/golden
right_text=$golden/archives/all-kinds.txt right_archive=$golden/archives/all-kinds.lac # blocks of every kind

OPENBLAS_NUM_THREADS=1 # for what its threads ask is not asked by ours
export OPENBLAS_NUM_THREADS
# gcc's sanitizer is a library, which must be loaded first; clang's is in the program. Both have memory of their own, which does not fail.
sanitizer=$(ldd "$laconic" | awk '/libasan/ { print $3 }')
! grep -q __asan_init "$laconic" || sanitized=yes

lac() { "$laconic" -q --model "$golden/models/grouped.gguf" "$@"; }

# ---- Calls of libc that fail ----------------------------------------------------------

# What a command is told, the file it makes, and what is right there.
scenario() {
	right=$right_text
	case $1 in
	compress) words='--block-size 1K text' made=text.lac right=$right_archive ;;
	replace) words='-f --block-size 1K text' made=text.lac right=$right_archive ;; # what is there already
	remove) words='--rm --block-size 1K text' made=text.lac right=$right_archive ;;
	verify) words='--verify --block-size 1K text' made=text.lac right=$right_archive ;;
	carry) words='--with-model --block-size 1K text' made=text.lac right=$top/carried ;;
	decompress) words='-d -o back in.lac' made=back ;;
	print) words='-d -c in.lac' made=output ;;
	record) words='-o back --range 1-8 indexed.lac' made=back right=$top/records ;;
	pack) words='--message short' made=short.lacm right=$golden/archives/message-mixed.lac ;;
	unpack) words='--message -d -o back in.lacm' made=back right=$golden/archives/message-mixed.txt ;;
	test) words='-t in.lac' made=output right=/dev/null ;;
	list) words='-l --json in.lac' made=output right=$top/listed ;;
	show) words='models show --json model.gguf' made=output right=$top/shown ;;
	keep | take) words='models show --json --cache 1M model.gguf' made=output right=$top/shown ;; # not yet, or already, in the cache
	folders) words='models list --json' made=output right=$top/folders ;;
	export) words='models export -q -o back' made=back right=$top/embedded ;;
	train) words="train -q $small --steps 2 --name new --checkpoint kept --log log -o back text" made=back right=$top/trained ;;
	adapt) words='adapt -q --base model.gguf --rank 2 --targets attn_q --steps 2 --batch 2 -T1 -o back text' made=back right=$top/adapter ;;
	esac
	case $1 in
	list | show | keep | take | folders | export | train | adapt) ;;
	record) words="cat -q -T2 --model model.gguf $words" ;;
	*) words="-q -T2 --model model.gguf $words" ;;
	esac
}

cache=$XDG_CACHE_HOME/laconic/packed
small='--dim 32 --ffn 48 --layers 1 --heads 2 --kv-heads 1 --vocabulary 280 --context 32 --batch 2 -T1'
bring() {
	cp "$golden/models/grouped.gguf" model.gguf
	cp "$right_text" text
	cp "$right_archive" in.lac
	cp "$golden/archives/indexed-stored.lac" indexed.lac
	cp "$golden/archives/message-mixed.txt" short
	cp "$golden/archives/message-mixed.lac" in.lacm
	sed -n 2,9p "$golden/archives/indexed-stored.txt" >"$top/records"
	"$laconic" -l --json in.lac >"$top/listed"
	"$laconic" models show --json model.gguf >"$top/shown"
	"$laconic" -q --model model.gguf --with-model --block-size 1K -c text >"$top/carried"
	mkdir models && cp model.gguf models/
	export LACONIC_MODELS="$PWD/models"
	"$laconic" models show --cache 1M model.gguf >/dev/null
	packed=$(ls "$cache")
	cp "$cache/$packed" "$top/packed"
	"$laconic" models list --json >"$top/folders"
	"$laconic" models export -c >"$top/embedded"
	[ -n "$trained" ] || return 0
	scenario train
	"$laconic" $words && mv back "$top/trained" && rm -f kept log
	scenario adapt
	"$laconic" $words && mv back "$top/adapter"
}

is_whole() { cmp -s "$made" "$right"; }

# Nothing, or what was there before; of the standard output a true beginning, or an error for programs to read.
is_as_before() {
	case $name in
	list | show | keep | take | folders) head -c "$(wc -c <output)" "$right" | cmp -s - output || grep -q '^{"status": "error".*}$' output ;;
	replace) [ "$(cat text.lac)" = old ] ;;
	*) if [ "$made" = output ]; then head -c "$(wc -c <output)" "$right" | cmp -s - output; else [ ! -e "$made" ]; fi ;;
	esac
}

wrong() {
	echo "$laconic $words, with FAILING=$plan: exit status $status, $*" >&2
	cat message >&2
	exit 1
}

attempt() { # function, N, how
	plan=$1:$2:$3
	rm -f told "$made" kept log
	[ -e text ] || cp "$right_text" text
	[ "$name" != replace ] || echo old >text.lac
	[ "$name" != keep ] || rm -rf "$cache"
	[ "$name" != take ] || { mkdir -p "$cache" && cp "$top/packed" "$cache/$packed"; }
	status=0
	FAILING=$plan:told LD_PRELOAD="$sanitizer $failing" "$laconic" $words >output 2>message || status=$?
	if [ "$name" = remove ] && [ ! -e text ]; then
		is_whole || wrong 'the source is gone'
	else
		cmp text "$right_text" || wrong 'the source is changed'
	fi
	cmp in.lac "$right_archive" || wrong 'the archive is changed'
}

leaves_nothing() {
	for path in .laconic-*; do
		[ ! -e "$path" ] || wrong "$path is left"
	done
	case $name in keep | take)
		[ ! -s "$cache/$packed.new" ] || wrong 'an unfinished file is left in the cache'
		[ ! -e "$cache/$packed" ] || cmp "$cache/$packed" "$top/packed" || wrong 'the cache holds something else'
		;;
	esac
}

judge() { # what is expected of a call that fails: fails, harmless, either
	case $2$status in
	fails1 | either1)
		grep -q '^laconic: ' message || wrong 'it does not say why'
		# what comes last: the folder is made durable, the source removed, and the standard output closed
		is_as_before || { [ "$1" = fsync ] && is_whole; } || { grep -q -e 'standard output' -e 'text: ' message && is_whole; } ||
			wrong "$made is half-written"
		[ -e text ] || grep -q 'standard output' message || wrong 'the source is gone'
		;;
	harmless0 | either0)
		is_whole || wrong "$made is not right"
		[ "$name" != remove ] || [ ! -e text ] || wrong 'the source is not removed'
		[ ! -s message ] || wrong 'it complains'
		;;
	*) wrong "where it should be $2" ;;
	esac
	leaves_nothing
}

next() { # N: all of the first; of many, more and more sparsely
	case $length in
	--long) n=$((n + 1)) ;;
	*) n=$((n + 1 + n / 4)) ;;
	esac
}

starve() { # scenarios, function, how, what is expected
	for name in $1; do
		scenario "$name"
		n=1 n_failed=0
		while attempt "$2" $n "$3" && [ -e told ]; do
			judge "$2" "$4"
			n_failed=$((n_failed + status))
			next
		done
		[ $n -gt 1 ] || wrong 'it does not make this call'
		[ "$4" = harmless ] || [ $n_failed != 0 ] || wrong 'no failure matters'
		judge "$2" harmless # N is more than there are
	done
}

starve_on() { # the same for N and all that follow
	for name in $1; do
		scenario "$name"
		for n in 1 2 3 5 9 20 60; do
			attempt "$2" $n- "$3"
			[ ! -e told ] || judge "$2" "$4"
		done
	done
}

transfers='compress replace verify remove carry decompress print test pack unpack'
files='compress replace verify remove carry decompress record pack unpack'
"$laconic" train 2>&1 | grep -q 'built without' && trained='' || trained='train adapt'
everything="$transfers record list show"
[ "$length" != --short ] || everything='compress record pack list show' transfers='compress remove pack' files='compress remove record'
EINTR=4 EIO=5 EAGAIN=11 ENOMEM=12 EACCES=13 EPERM=1 EEXIST=17 EINVAL=22 EMFILE=24 ENOSPC=28

failed_reads_and_writes_are_told() {
	bring
	starve "$transfers list" read $EIO fails
	starve 'verify remove record' pread $EIO fails
	starve "$files print export" write $ENOSPC fails
	starve_on "$files print export" write $ENOSPC fails
}

interruptions_and_short_counts_are_no_failures() {
	bring
	starve "$transfers list" read $EINTR harmless
	starve 'verify record' pread $EINTR harmless
	starve "$files print" write $EINTR harmless
	starve 'compress print' read short harmless
	starve 'compress print' write short harmless
	for name in compress verify record print; do
		scenario $name
		for call in read pread write; do
			attempt $call 1- short
			judge $call harmless
		done
	done
}

files_that_do_not_open_are_told() {
	bring
	starve "$everything export" open $EMFILE fails
	starve 'compress decompress' open $EACCES either # a folder need not be readable,
	starve remove open $EACCES fails # unless the source is to go
	starve remove lstat $EIO fails
	starve "$files export" mkostemp $EACCES fails
	starve "$files" stat $EIO either # the size of the model's file is not needed
	starve "$everything" fstat $EIO fails
	starve "$transfers show" mmap $ENOMEM fails
}

# It is no reason to fail that something cannot be kept, or taken from there: only that the model does not open.
the_cache_is_not_needed() {
	bring
	starve keep write $ENOSPC harmless
	starve keep write $EINTR harmless
	starve_on keep write $ENOSPC harmless
	attempt write 1- short
	judge write harmless
	starve keep rename $EIO harmless
	starve take read $EIO harmless
	starve take read $EINTR harmless
	attempt read 1- short
	judge read harmless
	for call in open fstat mmap; do
		starve 'keep take' $call $EACCES either # the model's own file is
	done
	starve 'keep take' close $EIO either # of the standard output
	if [ -z "${sanitized-}" ]; then
		starve 'keep take' malloc $ENOMEM either
		starve_on 'keep take' malloc $ENOMEM either
	fi
	for name in keep take; do
		scenario $name
		for n in 1 2; do
			attempt pthread_create $n- $EAGAIN
			judge pthread_create harmless
		done
	done
	name=keep
	scenario keep
	for call in write close; do
		for n in 1 2 3 4; do
			attempt $call $n +15
			leaves_nothing
		done
	done
	for call in open write rename; do
		attempt $call 1 +9
		rm -f "$cache"/*.new
		[ ! -e "$cache/$packed" ] || cmp "$cache/$packed" "$top/packed" || wrong 'the cache holds something else'
	done
}

# Its numbers are made of the model's file by the other kernels: with the cache, one file more is opened than without, and not two.
what_is_verified_is_not_from_the_cache() {
	bring
	name=verify
	for kept in 0 1M; do
		scenario verify
		words="$words --cache $kept"
		attempt open 1000000 $EIO
		judge open harmless
		n=1
		while attempt open $n $EIO && [ -e told ]; do n=$((n + 1)); done
		echo $n >>opened
	done
	[ "$(($(sed -n 2p opened) - $(sed -n 1p opened)))" = 1 ]
}

what_is_not_durable_is_not_done() {
	bring
	starve "$files export $trained" fsync $EIO fails
	for name in $files; do
		scenario $name
		attempt fsync 2 $EIO
		{ [ -e told ] && is_whole; } || wrong 'its folder is not made durable'
	done
	starve "$files" fsync $EINVAL harmless # a file system without
	starve "$files" close $EIO either
	starve 'compress decompress' link $EEXIST fails
	for calls in link link+renameat2; do # a file system without
		for name in compress decompress remove; do
			scenario $name
			attempt $calls 1- $EPERM
			[ -e told ] || wrong 'it does not make this call'
			judge $calls harmless
		done
	done
	starve replace rename $EIO fails
	starve "$files" fchmod $EPERM harmless
	starve "$files" futimens $EPERM harmless
	starve 'print list show' close $EIO either # of the standard output
}

# The file TOLD comes into being when the first call fails, as if somebody else made it then. access() is asked for the model before.
a_name_taken_at_the_last_moment_is_kept() {
	bring
	for name in compress decompress; do
		scenario $name
		for calls in link:1 link+access:2 link+renameat2:1 link+renameat2+rename:1; do
			rm -f "$made"
			plan=$calls-:$EPERM:$made status=0
			FAILING=$plan LD_PRELOAD="$sanitizer $failing" "$laconic" $words >output 2>message || status=$?
			[ $status = 1 ] || wrong 'where it should be 1'
			grep -q "$made: File exists" message || wrong 'it does not say why'
			{ [ -e "$made" ] && [ ! -s "$made" ]; } || wrong "$made is replaced"
			leaves_nothing
		done
	done
	scenario compress
	rm -f "$made"
	attempt link+renameat2+rename 1- $EIO # a name that was reserved is given up
	judge rename fails
}

memory_and_threads_that_lack_are_told() {
	bring
	if [ -z "${sanitized-}" ]; then
		starve "$everything" malloc $ENOMEM either
		starve_on "$everything" malloc $ENOMEM either
		starve "folders export $trained" own_malloc $ENOMEM either
	fi
	for name in $transfers; do
		[ $name != unpack ] || continue # its text needs no model, and so no thread
		scenario $name
		attempt pthread_create 1- $EAGAIN
		judge pthread_create fails
		case $name in verify | remove) continue ;; esac # which do it twice
		attempt pthread_create 2- $EAGAIN # one is enough
		judge pthread_create harmless
	done
}

a_file_that_cannot_be_removed_is_named() {
	bring
	name="compress"
	scenario compress
	attempt unlink 1- $EIO
	{ [ -e told ] && is_whole; } || wrong 'there is no archive'
	grep -q '\.laconic-.*left behind' message || wrong 'it does not say what is left'
	rm .laconic-*
	name="remove"
	scenario remove
	attempt unlink 2 $EIO # of the source
	judge unlink fails
	grep -q 'cannot be removed' message || wrong 'it does not say what is left'
}

# ---- Signals -----------------------------------------------------------------------------

# The signal comes when the call is done: between the making of a file and what follows, too.
signals_leave_nothing() {
	bring
	for call in open mkostemp read write fchmod fsync close link unlink pthread_create; do
		for name in compress decompress remove; do
			scenario $name
			n=1
			while
				case $(((n + ${#call}) % 4)) in 0) number=1 ;; 1) number=2 ;; 2) number=15 ;; 3) number=24 ;; esac # HUP, INT, TERM, XCPU
				attempt $call $n +$number && [ -e told ]
			do
				[ $status = $((128 + number)) ] || wrong 'it does not end so'
				is_as_before || is_whole || wrong "$made is half-written"
				leaves_nothing
				next
			done
		done
	done
	name=replace
	scenario replace
	for call in mkostemp write fsync rename; do
		attempt $call 1 +15
		[ $status = 143 ] || wrong 'it does not end so'
		is_as_before || { [ $call = rename ] && is_whole; } || wrong "$made is not whole"
		leaves_nothing
	done
}

a_kill_leaves_no_more_than_the_temporary_file() {
	bring
	for name in $files; do
		scenario $name
		for call in mkostemp write fsync close link rename; do
			attempt $call 1 +9
			[ ! -e told ] || [ $status = 137 ] || wrong 'it is not killed'
			is_as_before || is_whole || wrong "$made is half-written"
			[ "$(ls -A | grep -c '^\.laconic-')" -le 1 ] || wrong 'more than one file is left'
			rm -f .laconic-*
		done
		attempt write 1000000 +9 # what is left is in nobody's way
		is_whole || wrong 'it does not go on'
	done
}

a_signal_from_without_ends_a_wait() {
	mkfifo never
	"$laconic" -q --model "$golden/models/grouped.gguf" -o out never &
	pid=$!
	exec 3>never # opened for writing, never written
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		ls -A | grep -q '^\.laconic-' && break
		sleep 0.1
	done
	ls -A | grep -q '^\.laconic-' # so the test sees what it is about
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ $status = 143 ]
	exec 3>&-
	no_leftovers
	absent out
}

# ---- Rooms, readers, permission --------------------------------------------------------------

a_full_device_is_told() {
	[ -w /dev/full ]
	cp "$right_text" text
	lac text
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" -q --model "$golden/models/grouped.gguf" -c text
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" -q --model "$golden/models/grouped.gguf" -d -c text.lac
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" -l text.lac
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" models show
	fails 1 'No space' lac -f -o /dev/full text
}

a_file_that_may_not_grow_leaves_nothing() {
	cp "$right_text" text
	echo old >old
	(ulimit -f 1 && fails 1 'File too large' lac text)
	(ulimit -f 1 && fails 1 'File too large' lac -f -o old text)
	absent text.lac
	[ "$(cat old)" = old ]
	lac text
	mv text copy
	(ulimit -f 8 && fails 1 'File too large' lac -d text.lac)
	absent text
}

a_full_disk_leaves_nothing() {
	head -c 400000 /dev/urandom >noise
	cp "$right_text" text
	mkdir disk
	unshare -m sh -ec '
		mount -t tmpfs -o size=128k none disk
		cp text disk
		! "$@" -o disk/noise.lac noise 2>message
		"$@" disk/text
		"$@" -d -c disk/text.lac | cmp - text
		ls -A disk >left
		mkdir disk/laconic
		head -c 64k /dev/zero >disk/laconic/other
		export XDG_CACHE_HOME=$PWD/disk
		"$1" models show -v --cache 1M "$4" 2>told >shown # there is room, but not twice
		rm disk/laconic/other
		"$1" models show -v --cache 1M "$4" 2>told-then >shown-then' sh "$laconic" -q --model "$golden/models/grouped.gguf"
	grep -q ', packed form not kept: it would take more than half of what is free on the disk$' told
	grep -q ', packed form kept in the cache$' told-then
	cmp shown shown-then
	grep -q 'noise.lac: No space' message
	printf 'text\ntext.lac\n' | cmp - left
}

a_closed_pipe_ends_quietly() {
	cat "$root"/examples/*.txt >long
	lac -o long.lac --block-size 1K long
	four='long.lac long.lac long.lac long.lac' # more than a pipe holds
	# head leaves after one byte: SIGPIPE ends laconic
	{ status=0; lac -d -c $four || status=$?; echo $status >status; } | head -c 1 >first
	[ "$(cat status)" = 141 ]
	[ "$(wc -c <first)" = 1 ]
	# who ignores it is told
	fails 0 '' sh -c 'trap "" PIPE; { "$@" 2>told; echo $? >status; } | head -c 1 >first' sh "$laconic" -q \
		--model "$golden/models/grouped.gguf" -d -c $four
	[ "$(cat status)" = 1 ]
	grep -q 'Broken pipe' told
}

what_may_not_be_read_or_written_is_told() {
	mkdir closed
	cp text closed
	lac text
	cp text.lac closed/in.lac
	chmod 755 "$top" .
	chmod 0 closed/in.lac
	chmod 555 closed
	fails 1 'closed/in.lac' $unprivileged "$laconic" -q -t closed/in.lac
	fails 1 'closed/text.lac' $unprivileged "$laconic" -q --model "$golden/models/grouped.gguf" closed/text
	absent closed/text.lac
	fails 1 'made/no/such' lac -o made/no/such text
	mkdir folder
	fails 2 'folder is a directory' lac folder
	fails 1 'folder is a directory' lac -f -o folder text
	fails 1 'folder: ' lac --model folder -c text
	fails 1 'text/below' lac -o text/below text
}

# ---- Names, streams, clocks, languages ----------------------------------------------------------

names_too_long_are_told_at_once() {
	long=$(head -c 251 /dev/zero | tr '\0' x)
	cp text "$long"
	lac "$long" # the longest that takes a suffix
	rm "$long"
	lac -d "$long.lac"
	cmp text "$long"
	cp text "x$long"
	fails 1 'name too long' lac "x$long"
	mkfifo never
	exec 3<>never # opened, never written: nothing is read before
	fails 1 'name too long' timeout 20 "$laconic" -q -o "x$long.lac" never
	exec 3>&-
	fails 1 'name too long' lac -t "$long$long"
}

closed_streams_do_not_meet_the_files() {
	cp "$right_text" text
	lac --block-size 1K -o right text
	cmp right "$right_archive"
	for closed in '<&-' '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		rm -f text.lac back
		eval "\"\$laconic\" -v --model \"\$golden/models/grouped.gguf\" --block-size 1K text $closed"
		cmp text.lac right
		eval "\"\$laconic\" -v --model \"\$golden/models/grouped.gguf\" -d -o back text.lac $closed"
		cmp back text
	done
	fails 1 'standard output: ' sh -c '"$@" >&-' sh "$laconic" -q -c text
	fails 1 'standard output: ' sh -c '"$@" >&-' sh "$laconic" -l text.lac
	fails 1 'standard input: ' sh -c '"$@" <&-' sh "$laconic" -q
	fails 1 '' sh -c '"$@" >&- 2>&-' sh "$laconic" -q -c text
}

neither_clock_nor_language_leaves_a_trace() {
	cp "$right_text" text
	touch -d '1969-07-20 20:17:40.123456789 UTC' text
	then=$(TZ=UTC stat -c %y text)
	languages='C POSIX C.UTF-8'
	for language in tr_TR.UTF-8 de_DE.UTF-8 fa_IR.UTF-8; do
		! locale -a 2>/dev/null | grep -qi "^${language%.*}\.utf-\?8" || languages="$languages $language"
	done
	for language in $languages; do
		for TZ in Asia/Kathmandu America/St_Johns :/nonsense; do
			rm -f text.lac back
			LC_ALL=$language TZ=$TZ "$laconic" -q --model "$golden/models/grouped.gguf" --block-size 1K text
			cmp text.lac "$right_archive"
			LC_ALL=$language "$laconic" -q --model "$golden/models/grouped.gguf" -d -o back text.lac
			[ "$(TZ=UTC stat -c %y text.lac)" = "$then" ]
			[ "$(TZ=UTC stat -c %y back)" = "$then" ]
		done
		LC_ALL=$language "$laconic" -l --json text.lac >json
		LC_ALL=C "$laconic" -l --json text.lac | cmp - json
		LC_ALL=$language "$laconic" -l text.lac >table
		LC_ALL=C "$laconic" -l text.lac | cmp - table
		LC_ALL=$language fails 1 'No such file' lac missing
	done
	grep -q '"ratio": 0\.458' json
}

# ---- Memory ----------------------------------------------------------------------------------------

nothing_leaks() {
	watch() { valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect "$laconic" -q "$@"; }
	cp "$right_text" text
	cp "$golden/archives/adapted-lines.txt" lines
	watch -T2 --model "$golden/models/grouped.gguf" --verify --block-size 1K text
	watch -T2 --model "$golden/models/grouped.gguf" -d -c text.lac | cmp - text
	watch -T2 --model "$golden/models/grouped.gguf" --adapter "$golden/models/leaning.gguf" --adapter "$golden/models/tilted.gguf" -c --records --no-index lines |
		cmp - "$golden/archives/adapted-lines.lac"
	watch -l text.lac >/dev/null
	head -c 3000 text.lac >"cut"
	fails 1 'cut off' watch -T2 --model "$golden/models/grouped.gguf" -d -o back cut
}

# ----

for name in failed_reads_and_writes_are_told interruptions_and_short_counts_are_no_failures files_that_do_not_open_are_told the_cache_is_not_needed what_is_verified_is_not_from_the_cache \
	what_is_not_durable_is_not_done a_name_taken_at_the_last_moment_is_kept memory_and_threads_that_lack_are_told a_file_that_cannot_be_removed_is_named \
	a_signal_from_without_ends_a_wait a_full_device_is_told a_file_that_may_not_grow_leaves_nothing a_closed_pipe_ends_quietly \
	names_too_long_are_told_at_once closed_streams_do_not_meet_the_files neither_clock_nor_language_leaves_a_trace; do
	law $name
done
for name in signals_leave_nothing a_kill_leaves_no_more_than_the_temporary_file; do
	if [ "$length" = --short ]; then
		skip $name 'too slow for --short'
	else
		law $name
	fi
done
if unshare -m mount -t tmpfs none "$top" 2>/dev/null; then
	law a_full_disk_leaves_nothing
else
	skip a_full_disk_leaves_nothing 'no file system may be mounted here (a_file_that_may_not_grow_leaves_nothing is like it)'
fi
unprivileged=
[ "$(id -u)" != 0 ] || unprivileged='setpriv --reuid=65534 --regid=65534 --clear-groups'
if $unprivileged test -x "$laconic" -a -r "$golden/models/grouped.gguf" 2>/dev/null; then
	law what_may_not_be_read_or_written_is_told
else
	skip what_may_not_be_read_or_written_is_told 'root may do anything, and setpriv(1) is not here or nobody may not read this folder'
fi
if [ -n "${sanitized-}" ]; then
	skip nothing_leaks 'the sanitizer watches every law'
elif [ "$length" != --long ]; then
	skip nothing_leaks 'valgrind takes too long; the sanitizer watches every law in make check'
elif command -v valgrind >/dev/null; then
	law nothing_leaks
else
	skip nothing_leaks 'valgrind is not here'
fi
report
