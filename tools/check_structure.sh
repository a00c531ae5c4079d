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
	model) echo 'laconic.h base kernels model' ;;
	coder) echo 'laconic.h base coder' ;;
	format) echo 'laconic.h base format' ;;
	codec) echo 'laconic.h base kernels model coder format codec' ;;
	train) echo 'laconic.h laconic_train.h base kernels model train' ;;
	esac
}

against=
for room in base kernels model coder format codec train; do
	for found in $(grep -ho '^#include "[^"]*"' src/$room/* | sed 's/.*"\(.*\)"/\1/; s,/.*,,' | sort -u); do
		case " $(allowed $room) " in
		*" $found "*) ;;
		*) against="$against src/$room includes $found;" ;;
		esac
	done
done
[ "$(echo src/*/ | wc -w)" = 7 ] || against="$against a room this check does not know: $(echo src/*/);"
law includes_follow_the_arrows "$against"

law the_command_includes_only_the_public_header \
	"$(grep -n '^#include "[^"]*/' cli/* || true)"

law exported_symbols_have_the_prefix \
	"$(nm -D --defined-only "$build/liblaconic.so" | awk '{ print $3 }' | grep -v '^lac_' || true)"

# what the header declares and what the library exports are the same
declared=$(grep -o 'lac_[a-z0-9_]*(' include/laconic.h | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$build/liblaconic.so" | awk '{ print $3 }' | sort -u)
law exports_are_what_the_header_declares \
	"$([ "$(echo "$declared" | grep -Fx "$exported" | sort)" = "$exported" ] && echo "$exported" | grep -q lac_compress || echo "exported: $exported")"

law global_symbols_of_the_archive_have_the_prefix \
	"$(nm -A "$build/liblaconic.a" 2>/dev/null | awk '$2 ~ /^[TDBRC]$/ { print $3 }' | grep -v '^lac_' || true)"

# floating point: no library function, no environment of libc, and strict_float.h wherever there is arithmetic; training, which is
# never linked into the library, may use what it likes
library=$(ls src/*/*.[ch] | grep -v '^src/train/')
law training_is_not_in_the_library \
	"$(nm -A "$build/liblaconic.a" "$build/liblaconic.so" 2>/dev/null | grep -iE 'cblas|openblas|lac_(train|network|adapt)' || true)"
law no_libm_in_the_library \
	"$(nm -u $(ls "$build"/src/*/*.o | grep -v '/src/train/') | awk '{ print $2 }' |
		grep -Ex '(sqrt|exp|exp2|expm1|log|log2|log10|pow|sin|cos|tan|tanh|fma|floor|ceil|round|rint|lrint|nearbyint|trunc|ldexp|frexp|fmax|fmin|fabs)[fl]?|fe[gs]et.*|fesetround' | sort -u || true)"
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
cc -std=c17 -pedantic -Wall -Werror -Iinclude -fsyntax-only -x c include/laconic.h || against='C17'
echo '#include <laconic.h>' | c++ -std=c++17 -Wall -Iinclude -fsyntax-only -x c++ - 2>/dev/null ||
	! command -v c++ >/dev/null || against="$against C++17"
law the_header_compiles_alone "$against"

report
