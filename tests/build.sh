#!/bin/sh
# What make makes anew: whatever depends on what has changed, flags, compiler and libraries too, and
# nothing else.
# Usage: build.sh, from the project's folder; MAKE may be set
set -u
. "$(dirname "$0")/../tools/report.sh"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
build=$top/build make=${MAKE:-make}
unset MAKEFLAGS MFLAGS
objects='src/base/bits cli/models/model_folders cli/training/training_program'

# Then words for make: the names of the objects that it makes anew.
makes() {
	wanted=$1
	shift
	touch "$top/before"
	sleep 0.02 # a file system's clock has steps
	# shellcheck disable=SC2046
	"$make" -s BUILD="$build" "$@" $(printf "$build/%s.o\n" $objects) || return 1
	made=
	for object in $objects; do
		[ -z "$(find "$build/$object.o" -newer "$top/before")" ] || made="$made ${object##*/}"
	done
	[ "${made# }" = "$wanted" ] || { echo "made anew with $*:$made, and not: $wanted"; return 1; }
}

law() { # a function
	status=0
	"$1" >"$top/log" 2>&1 || status=$?
	[ $status = 0 ] || cat "$top/log" >&2
	note "$1" $status
}

all='bits model_folders training_program'

nothing_is_made_twice() {
	makes "$all" BLAS= && makes '' BLAS=
}

other_flags_make_all_anew() {
	makes "$all" BLAS= OPT=-O1 && makes '' BLAS= OPT=-O1 && makes "$all" BLAS= OPT=-O1 EXTRA=-DOTHER="'a b'" && makes "$all" BLAS=
}

another_compiler_makes_all_anew() {
	printf '#!/bin/sh\nexec cc "$@"\n' >"$top/other"
	chmod +x "$top/other"
	makes "$all" BLAS= CC="$top/other" && makes "$all" BLAS=
}

another_prefix_makes_anew_what_names_it() {
	makes 'model_folders training_program' BLAS= PREFIX='/an other' && makes 'model_folders training_program' BLAS=
}

# As when OpenBLAS is installed after a first make.
libraries_that_appear_make_training_anew() {
	makes training_program BLAS=yes JANSSON=yes || return 1
	if grep -q 'training needs' "$build/cli/training/training_program.o"; then return 1; fi
	makes training_program BLAS= JANSSON=yes && grep -q 'training needs' "$build/cli/training/training_program.o"
}

law nothing_is_made_twice
law other_flags_make_all_anew
law another_compiler_makes_all_anew
law another_prefix_makes_anew_what_names_it
law libraries_that_appear_make_training_anew
report
