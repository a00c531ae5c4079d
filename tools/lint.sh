#!/bin/sh
# Static analysis: gcc's analyser, clang-tidy, cppcheck and shellcheck must find nothing, but each what is planted for it.
# Usage: lint.sh [quick], from the project's folder; quick: without clang's analyser, which takes most of the time
set -eu
mode=${1:-all}
mkdir -p build
work=$(mktemp -d build/lint.XXXXXX) # beneath .clang-tidy
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/report.sh"
jobs=$(nproc)
flags=$(make -s list-flags)

# Tests are asked less. clang's analyser begins where a CHECK failed and the law goes on. They multiply small constants, compare bits,
# walk through floats, read numbers that they wrote, run commands, stand in for libc, and want cheap chance.
without_analyser='-clang-analyzer-*'
for_tests=$without_analyser,-bugprone-implicit-widening-of-multiplication-result,-bugprone-suspicious-memory-comparison,-cert-exp42-c
for_tests=$for_tests,-cert-flp37-c,-cert-flp30-c,-cert-err34-c,-cert-env33-c,-cert-msc30-c,-cert-msc50-cpp
for_tests=$for_tests,-misc-no-recursion,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp

tidy() { # checks less .clang-tidy's, further flags, files
	less=$1 all_flags="$flags $2"
	shift 2
	# one file at a time: of several, clang 14's analyser takes the later ones' va_list for unset
	printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh -c 'less=$1 flags=$2; shift 2; clang-tidy --quiet --checks="$less" "$@" -- $flags' \
		sh "$less" "$all_flags"
}

# One configuration: GNU C on this machine.
check_cpp() {
	cppcheck -q -j "$jobs" --std=c11 --library=gnu --enable=warning,performance,portability,style,information --error-exitcode=1 \
		--suppressions-list=tools/cppcheck.suppressions -D__GNUC__=12 "-D__$(uname -m)__" -D__ORDER_LITTLE_ENDIAN__=1234 \
		-D__BYTE_ORDER__=1234 -D_GNU_SOURCE -Iinclude -Isrc -Icli "$@"
}

analyse() {
	make -s -j"$jobs" BUILD=build/analysed CC=gcc OPT=-O1 EXTRA='-fanalyzer -Werror' "$@"
}

clean() { # law, command
	law=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		note "$law" 0
	else
		grep -v 'warnings* generated\.$' "$work/log" >&2 || :
		note "$law" 1
	fi
}

finds() { # what it says of the planted defect, the defect, command: the file of work/ follows
	said=$1 name=$2
	shift 2
	cat >"$work/$name"
	status=0
	if "$@" "$work/$name" >"$work/log" 2>&1 || ! grep -q "$said" "$work/log"; then
		cat "$work/log" >&2
		status=1
	fi
	note "what is planted is found: $said" $status
}

if ! command -v gcc >/dev/null; then
	skip "gcc's analyser" 'gcc is not here'
else
	clean "gcc's analyser finds nothing" analyse analysed
	finds 'Werror=conversion' narrowed.c gcc $flags -Werror -fsyntax-only <<-END
		int f(long x);
		int f(long x) { return x; }
	END
	finds 'leak of' leak.c gcc $flags -O1 -fanalyzer -Werror -c -o /dev/null <<-END
		#include "base/memory.h"
		int f(void);
		int f(void) { char *p = lac_calloc(1, 1); return p ? *p : 0; }
	END
fi

if ! command -v clang-tidy >/dev/null; then
	skip clang-tidy 'clang-tidy is not here'
else
	of_mode=
	[ "$mode" != quick ] || of_mode=$without_analyser
	clean 'clang-tidy finds nothing in src and cli' tidy "$of_mode" '' $(make -s list-sources)
	clean 'clang-tidy finds nothing in tests, bench and tools' tidy "$for_tests" '' $(make -s list-other-sources)
	if [ -d /usr/aarch64-linux-gnu/include ]; then
		clean 'clang-tidy finds nothing in kernels of aarch64' tidy "$of_mode" \
			'--target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include' src/kernels/kernels_neon.c src/kernels/kernels_dotprod.c
	else
		skip 'clang-tidy: kernels of aarch64' 'libc6-dev-arm64-cross is not here'
	fi
	finds implicit-widening product.c tidy "$of_mode" '' <<-END
		unsigned long f(unsigned a, unsigned b);
		unsigned long f(unsigned a, unsigned b) { return a * b; }
	END
	finds unused-return-value unread.c tidy "$for_tests" '' <<-END
		#include <unistd.h>
		void f(int file);
		void f(int file) { fsync(file); }
	END
	[ "$mode" = quick ] || finds NullDereference null.c tidy '' '' <<-END
		int f(const int *p);
		int f(const int *p) { return p ? 0 : *p; }
	END
fi

if ! command -v cppcheck >/dev/null; then
	skip cppcheck 'cppcheck is not here'
else
	clean 'cppcheck finds nothing in src and cli' check_cpp src cli
	finds arrayIndexOutOfBounds outside.c check_cpp <<-END
		int f(void) { int a[2] = { 1, 2 }; return a[2]; }
	END
fi

if ! command -v shellcheck >/dev/null; then
	skip shellcheck 'shellcheck is not here'
else
	clean 'shellcheck finds nothing in tools and tests' shellcheck $(find tools tests -name "*.sh")
	finds SC2115 remove.sh shellcheck <<-END
		#!/bin/sh
		rm -rf "\$1/"*
	END
fi
report
