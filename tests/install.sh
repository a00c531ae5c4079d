#!/bin/sh
# What C programmers install: examples/ built against it with pkg-config, linked both ways, in C and C++; and that it goes away again.
# Usage: install.sh BUILD, from the project's folder; CC, CXX and MAKE may be set
set -u
from=$1
. "$(dirname "$0")/../tools/report.sh"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
to=$top/to prefix=/opt/la
# a build of its own, for another prefix makes the command anew, and others are using it
build=$top/build
mkdir "$build"
cp -a "$from"/src "$from"/cli "$from"/liblaconic* "$from"/made-with "$build/"
make=${MAKE:-make} cc=${CC:-cc} cxx=${CXX:-c++}

# Exported: neither another package's flags nor the caller's make get in.
unset MAKEFLAGS MFLAGS PKG_CONFIG_LIBDIR
export PKG_CONFIG_PATH="$to$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$to" LD_LIBRARY_PATH="$to$prefix/lib"

law() { # name, command
	name=$1
	shift
	status=0
	"$@" >"$top/log" 2>&1 || status=$?
	[ $status = 0 ] || cat "$top/log" >&2
	note "$name" $status
}

installs() {
	"$make" -s BUILD="$build" DESTDIR="$to" PREFIX=$prefix install || return 1
	for path in bin/laconic lib/liblaconic.a lib/liblaconic.so lib/pkgconfig/laconic.pc include/laconic.h share/man/man1/laconic.1 \
		share/bash-completion/completions/laconic share/zsh/site-functions/_laconic share/fish/vendor_completions.d/laconic.fish \
		share/laconic/models/code.gguf; do
		[ -s "$to$prefix/$path" ] || { echo "$path is missing"; return 1; }
	done
	[ -z "$(find "$to" -type f ! -path "$to$prefix/*")" ]
}

# It is found from the installed command, and only it is linked with what training needs.
training_is_installed_beside() {
	if "$from/laconic" train 2>&1 </dev/null | grep -q 'built without'; then
		[ ! -e "$to$prefix/libexec" ]
		return
	fi
	"$to$prefix/bin/laconic" version | grep -q '^training: with' || return 1
	"$to$prefix/bin/laconic" train 2>&1 </dev/null | grep -q 'no output is named' || return 1
	ldd "$to$prefix/libexec/laconic/laconic-train" | grep -q blas || return 1
	! ldd "$to$prefix/bin/laconic" "$to$prefix/lib/liblaconic.so" | grep -E 'blas|jansson'
}

# The version is one: header, laconic.pc, command, names of the library, manual page.
version_is_one() {
	version=$("$to$prefix/bin/laconic" version | sed -n 's/^laconic //p')
	case $version in 0.*) interface=${version%.*} ;; *) interface=${version%%.*} ;; esac
	[ "$version" = "$(pkg-config --modversion laconic)" ] || return 1
	[ "$(readlink "$to$prefix/lib/liblaconic.so.$interface")" = "liblaconic.so.$version" ] || return 1
	objdump -p "$to$prefix/lib/liblaconic.so" | grep -q "SONAME *liblaconic.so.$interface$" || return 1
	head -2 "$to$prefix/share/man/man1/laconic.1" | grep -q "laconic $version" || return 1
	grep -q "$prefix/share/laconic/models" "$to$prefix/share/man/man1/laconic.1" || return 1
	"$to$prefix/bin/laconic" models path | grep -qx "$prefix/share/laconic/models"
}

# $1: "" or --static; what the flags of pkg-config make of every example must run.
builds_examples() {
	for source in examples/*.c; do
		program=$(basename "$source" .c)
		if [ "$1" = --static ]; then
			libraries=$(pkg-config --static --libs laconic | sed 's/-llaconic/-l:liblaconic.a/')
		else
			libraries=$(pkg-config --libs laconic)
		fi
		# shellcheck disable=SC2046,SC2086
		"$cc" -std=c17 -pedantic -Wall -Wextra -Werror -D_GNU_SOURCE -o "$top/$program" "$source" $(pkg-config --cflags laconic) $libraries || return 1
	done
	[ "$1" != --static ] || ! ldd "$top/simple" | grep -q laconic || return 1
	[ "$1" = --static ] || ldd "$top/simple" | grep -q "$to$prefix/lib/liblaconic.so" || return 1
	"$top/simple" <examples/08-chat-log.txt | grep -qE '^3623 bytes in [0-9]{3}, and back$' || return 1
	"$top/stream" compress <examples/05-math-solution.txt >"$top/stream.lac" 2>"$top/said" || return 1
	grep -q ' -> ' "$top/said" || return 1
	"$top/stream" decompress <"$top/stream.lac" 2>"$top/said" | cmp - examples/05-math-solution.txt || return 1
	"$to$prefix/bin/laconic" -q -d -c "$top/stream.lac" | cmp - examples/05-math-solution.txt || return 1
	if "$top/stream" decompress <examples/05-math-solution.txt >"$top/said" 2>&1; then return 1; fi
	grep -q 'not an archive' "$top/said" || return 1
	"$top/random" <examples/08-chat-log.txt >"$top/said" || return 1
	sed -n 3p examples/08-chat-log.txt | cmp - "$top/said" || return 1
	"$top/messages" 'How are you?' 'Fine, thank you.' | grep -cE '^[0-9]+ bytes in [0-9]+, and back: ' | grep -qx 2
}

links_from_cxx() {
	cat >"$top/user.cc" <<-'END'
		#include <laconic.h>
		#include <cstdio>
		int main()
		{
			lac_options options = LAC_OPTIONS_DEFAULT;
			lac_error error = {};
			lac_model *model = nullptr;
			options.n_threads = 1;
			if (lac_model_open_default(&model, &options, &error))
				return 1;
			std::printf("%s %s\n", lac_version(), lac_model_info(model)->architecture);
			lac_model_close(&model);
			return model != nullptr;
		}
	END
	# shellcheck disable=SC2046
	"$cxx" -std=c++17 -pedantic -Wall -Wextra -Werror -o "$top/user" "$top/user.cc" $(pkg-config --cflags --libs laconic) &&
		"$top/user" | grep -qx "$(pkg-config --modversion laconic) llama"
}

header_stands_alone() {
	# shellcheck disable=SC2046
	for language in 'c -std=c99' 'c -std=c17' 'c++ -std=c++11' 'c++ -std=c++17'; do
		# shellcheck disable=SC2086
		echo '#include <laconic.h>' | "$cc" -x $language -pedantic -Wall -Wextra -Werror $(pkg-config --cflags laconic) -fsyntax-only - || return 1
	done
}

# Every function that the header declares, and nothing else.
exports_are_declared() {
	grep -o 'lac_[a-z0-9_]*(' "$to$prefix/include/laconic.h" | tr -d '(' | sort -u >"$top/named"
	grep '^LAC_PUBLIC' "$to$prefix/include/laconic.h" | grep -o 'lac_[a-z0-9_]*(' | tr -d '(' | sort -u >"$top/declared"
	nm -D --defined-only "$to$prefix/lib/liblaconic.so" | awk '{ print $3 }' | sort -u >"$top/exported"
	[ -s "$top/exported" ] && diff "$top/declared" "$top/exported"
}

lists_of_strings_come_back() {
	python3 examples/laconic.py "$to$prefix/lib/liblaconic.so" <examples/08-chat-log.txt | grep -qE '^[0-9]+ strings, [0-9]+ bytes in [0-9]+, and back$' || return 1
	PYTHONPATH=examples python3 - "$to$prefix/lib/liblaconic.so" <<-'END'
		import sys
		from laconic import Laconic
		library = Laconic(sys.argv[1])
		for strings in ([], [""], ["one"], ["", "two\nlines\n", "\u00fc\u4e2d\U0001f600", "\ud800"], ["same"] * 100):
		    assert library.restore(library.compress(strings)) == strings, strings
		for call in (lambda: library.compress(["a\0b"]), lambda: library.restore(b"no archive")):
		    try:
		        call()
		    except (ValueError, RuntimeError) as error:
		        assert "NUL" in str(error) or "not an archive" in str(error), error
		    else:
		        raise SystemExit("no error")
		library.close()
	END
}

# Every command and option of the tables, and nothing that bash does not understand.
completions_complete() {
	bash -c '
		set -eu
		. "$1"
		complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _laconic; echo " ${COMPREPLY[*]-} "; }
		compopt() { :; }
		[[ $(complete_words laconic co) == *" compress "* ]]
		[[ $(complete_words laconic models "") == *" show list export path "* ]]
		[[ $(complete_words laconic compress --ve) == *--verify* ]]
		[[ $(complete_words laconic list --ve) != *--verify* ]]
		[[ $(complete_words laconic train --optimizer "") == *" muon adamw "* ]]
		[[ $(complete_words laconic compress --memory "") == "  " ]]
	' - "$to$prefix/share/bash-completion/completions/laconic"
}

fish_completes() {
	fish -c '
		source $argv[1]
		complete -C "laconic co" | grep -q ^compress || exit 1
		complete -C "laconic models " | grep -q ^export || exit 1
		complete -C "laconic compress --ve" | grep -q ^--verify || exit 1
		complete -C "laconic list --ve" | grep -q ^--verify && exit 1
		complete -C "laconic train --optimizer " | grep -q ^muon
	' "$to$prefix/share/fish/vendor_completions.d/laconic.fish"
}

zsh_completes() { # in a terminal of its own: a word that is begun, and a tab
	timeout 30 zsh -f -c '
		zmodload zsh/zpty
		zpty inner zsh -f -i
		zpty -w inner "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; print ARE\$((1))READY"
		zpty -r -m inner line "*ARE1READY*"
		zpty -w -n inner "laconic decom$(printf "\t")"
		zpty -r -m inner line "*press*"
	' - "${to}$prefix/share/zsh/site-functions"
}

manual_is_well_formed() {
	man -l --warnings=w "$to$prefix/share/man/man1/laconic.1" 2>"$top/warnings" >"$top/page" || return 1
	cat "$top/warnings"
	[ ! -s "$top/warnings" ] && grep -q 'LACONIC_MODELS' "$top/page" && ! grep -q '@[A-Z]*@' "$top/page"
}

uninstalls() {
	"$make" -s BUILD="$build" DESTDIR="$to" PREFIX=$prefix uninstall || return 1
	find "$to" ! -type d
	[ -z "$(find "$to" ! -type d)" ] && [ ! -e "$to$prefix/share/laconic" ]
}

# And quotes, which are names too.
installs_where_names_have_spaces() {
	spaced="$top/a to" in="/opt/it's l a"
	"$make" -s BUILD="$build" DESTDIR="$spaced" PREFIX="$in" install || return 1
	"$spaced$in/bin/laconic" models path | grep -qx "$in/share/laconic/models" || return 1
	"$spaced$in/bin/laconic" version | grep '^training' >"$top/said"
	"$from/laconic" version | grep '^training' | cmp - "$top/said" || return 1
	grep -q "$in/share" "$spaced$in/share/man/man1/laconic.1" || return 1
	"$make" -s BUILD="$build" DESTDIR="$spaced" PREFIX="$in" uninstall || return 1
	[ -z "$(find "$spaced" ! -type d)" ]
}

law all_is_installed_under_the_destination installs
law training_is_installed_beside training_is_installed_beside
law version_is_one version_is_one
law examples_run_with_the_shared_library builds_examples ''
law examples_run_with_the_static_library builds_examples --static
law header_stands_alone header_stands_alone
if command -v "$cxx" >/dev/null; then
	law a_cxx_program_links links_from_cxx
else
	skip a_cxx_program_links 'there is no C++ compiler'
fi
law exports_are_what_the_header_declares exports_are_declared
law lists_of_strings_come_back lists_of_strings_come_back
if command -v bash >/dev/null; then
	law completions_complete completions_complete
else
	skip completions_complete 'there is no bash'
fi
for shell in fish zsh; do
	if command -v $shell >/dev/null; then
		law ${shell}_completes ${shell}_completes
	else
		skip ${shell}_completes "there is no $shell"
	fi
done
if command -v man >/dev/null && ! man -l /dev/null 2>&1 | grep -q minimized; then
	law the_manual_is_well_formed manual_is_well_formed
else
	skip the_manual_is_well_formed 'there is no man'
fi
law uninstalling_leaves_nothing uninstalls
law it_is_installed_where_names_have_spaces installs_where_names_have_spaces
report
