#!/bin/sh
# Fails on what doc/architecture.md forbids. Usage: check_structure.sh BUILD
set -eu
build=$1
. "$(dirname "$0")/report.sh"

law() { # name, then what was found against it (nothing: kept)
	status=0
	[ -z "$2" ] || { status=1; echo "$2" >&2; }
	note "$1" $status
}

# Which rooms a room may include, beside its own and <system> headers.
allowed() {
	case $1 in
	base) echo 'laconic.h base' ;;
	kernels) echo 'laconic.h base kernels' ;;
	gguf) echo 'laconic.h base gguf' ;;
	tokenizer) echo 'laconic.h base gguf tokenizer' ;;
	model) echo 'laconic.h base kernels gguf tokenizer model' ;;
	engine) echo 'laconic.h base kernels tokenizer model engine' ;;
	coder) echo 'laconic.h base coder' ;;
	format) echo 'laconic.h base format' ;;
	codec) echo 'laconic.h base model engine coder codec' ;;
	shelf) echo 'laconic.h base model engine shelf' ;;
	archive) echo 'laconic.h base model coder format codec shelf archive' ;;
	finder) echo 'laconic.h base finder' ;;
	train) echo 'laconic.h laconic_train.h base kernels gguf tokenizer model engine train' ;;
	*) echo 'nothing, as this check does not know it' ;;
	esac
}

# What files include of the project's own, by quotes or brackets: the first folder of each name.
included() {
	for name in $(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]([^">]*)[">].*/\1/p' "$@" | sort -u); do
		case $name in
		*..*) echo "$name" ;;
		*) if [ -e "src/$name" ] || [ -e "include/$name" ]; then echo "${name%%/*}"; fi ;;
		esac
	done | sort -u
}

against=
rooms=$(ls src)
for room in $rooms; do
	for found in $(included src/$room/*); do
		case " $(allowed $room) " in
		*" $found "*) ;;
		*) against="$against src/$room includes $found;" ;;
		esac
	done
done
[ "$(find src -mindepth 2 -type d)" = '' ] || against="$against a room within a room: $(find src -mindepth 2 -type d | tr '\n' ' ')"
law includes_follow_the_arrows "$against"

law the_command_includes_only_the_public_headers "$(included cli/*.[ch] cli/*/*.[ch] | grep -v '^laconic\(_train\)*[.]h$' || true)"
law the_public_headers_include_no_other "$(included include/* | grep -v '^laconic[.]h$' || true)"

law exported_symbols_have_the_prefix \
	"$(nm -D --defined-only "$build/liblaconic.so" | awk '{ print $3 }' | grep -v '^lac_' || true)"

# what the header declares and what the library exports are the same
declared=$(grep -o 'lac_[a-z0-9_]*(' include/laconic.h | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$build/liblaconic.so" | awk '{ print $3 }' | sort -u)
law exports_are_what_the_header_declares \
	"$([ "$(echo "$declared" | grep -Fx "$exported" | sort)" = "$exported" ] && echo "$exported" | grep -q lac_compress || echo "exported: $exported")"

law global_symbols_of_the_archives_have_the_prefix \
	"$(nm -A "$build"/liblaconic*.a 2>/dev/null | awk 'NF == 3 && $2 ~ /^[A-TV-Z]$/ { print $3 }' | grep -v '^lac_' || true)"

# floating point: no library function, no environment of libc, and strict_float.h wherever there is arithmetic; training, which is
# never linked into the library, may use what it likes
library=$(ls src/*/*.[ch] | grep -v '^src/train/')
law training_is_not_in_the_library \
	"$(nm -A "$build/liblaconic.a" "$build/liblaconic.so" 2>/dev/null | grep -iE 'cblas|openblas|lac_(train|network|adapt)' || true)"
# No printing, no exit, no environment, no locale, no signals, no libm: what the library may call. The clock is for waiting
# only, and the process's number tells a child of fork() from its parent. clang makes bcmp.
calls='mem(cpy|move|set|cmp|chr)|bcmp|str(len|cmp|error)|v?snprintf|qsort|malloc|calloc|realloc|free|sysconf|open|fstat|close|mmap|munmap|madvise
pthread_create|pthread_join|pthread_mutex_(init|destroy|lock|unlock)|pthread_cond_(init|destroy|wait|timedwait|signal|broadcast)
pthread_condattr_(init|setclock|destroy)|clock_gettime|getpid|sched_getaffinity|__sched_cpucount'
# Only who finds models reads folders and keeps files.
keeping='str(chr|n?cmp|spn|pbrk)|(__isoc99_)?sscanf|(open|read|close)dir|realpath|l?stat|statvfs|access|read|write|mkostemp|rename|unlink|mkdir|flock
ftruncate|futimens|geteuid'
called() { # but for what is listed
	nm -u "$@" | awk 'NF == 2 { print $2 }' | sed -E '/^(lac_|_GLOBAL_OFFSET_TABLE_$|__errno_location$|__cpu_(model|features2)$)/d; s/64$//' | sort -u
}
law the_library_calls_nothing_that_is_not_listed \
	"$(called $(ls "$build"/src/*/*.o | grep -vE '/src/(train|finder)/') | grep -vEx "$calls" || true)"
law the_finder_calls_nothing_that_is_not_listed "$(called "$build"/src/finder/*.o | grep -vEx "$calls
$keeping" || true)"
law all_memory_is_asked_of_one_file \
	"$(nm -A -u $(ls "$build"/src/*/*.o | grep -vE '/src/(train/.*|base/memory)') | awk '{ print $1, $3 }' |
		grep -E ' (malloc|calloc|realloc|reallocarray|free|strn?dup|v?asprintf|getline|aligned_alloc|posix_memalign|memalign|valloc|cfree)$' || true)"
law math_headers_are_not_included \
	"$(grep -nE '#include <(math|fenv|complex|tgmath)\.h>' $library include/* || true)"
against=
for file in $(echo "$library" | grep '\.c$' | xargs grep -lwE 'float|double') src/kernels/kernels_*.c; do
	cc -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -MM "$file" | grep -q base/strict_float.h || against="$against $file"
done
law strict_float_is_included_where_floats_are "$against"

against=
for header in laconic.h laconic_train.h; do
	cc -std=c17 -pedantic -Wall -Werror -Iinclude -fsyntax-only -x c include/$header || against="$against $header: C17;"
	echo "#include <$header>" | c++ -std=c++17 -Wall -Iinclude -fsyntax-only -x c++ - 2>/dev/null ||
		! command -v c++ >/dev/null || against="$against $header: C++17;"
done
law the_headers_compile_alone "$against"

report
