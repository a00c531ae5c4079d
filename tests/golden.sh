#!/bin/sh
# The archives of tests/golden: every instruction set decodes each to its text, and makes of its text the same archive.
# Usage: golden.sh LACONIC [--short [BYTES]]   from the project's folder; LACONIC may begin with an emulator, which is slow: --short leaves
# out the embedded model, and texts longer than BYTES, and takes only the first instruction set, as test_kernels compares them
set -eu
laconic=$1 length=${2-} most=${3-}
golden=tests/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tools/report.sh

. tests/golden_models.sh

differs() { # kernels, what, two files
	cmp -s "$3" "$4" && return 1
	echo "kernels $1: $2: $(cmp "$3" "$4" 2>&1)" >&2
}

try() { # kernels, name, options of both ways, options of compressing
	status=0
	case $4 in
	*--message*) message=--message ;;
	*) message= ;;
	esac
	$laconic -q -d -c $message --kernels "$1" $3 $golden/archives/$2.lac >"$work/text" || status=1
	differs "$1" "decoding $2.lac" "$work/text" $golden/archives/$2.txt && status=1
	case $4 in
	*--with-model*)
		$laconic -q -d -c --kernels "$1" $golden/archives/$2.lac >"$work/text" || status=1
		differs "$1" "decoding $2.lac with what it carries" "$work/text" $golden/archives/$2.txt && status=1 ;;
	esac
	case $4 in
	=*) return $status ;; # no run of the command made it
	esac
	$laconic -q -c --kernels "$1" $3 $4 $golden/archives/$2.txt >"$work/archive" || status=1
	differs "$1" "encoding $2.txt" "$work/archive" $golden/archives/$2.lac && status=1
	return $status
}

tables=$($laconic --version | sed -n 's/^kernels://p')
[ "$length" != --short ] || tables=$(echo $tables | cut -d ' ' -f 1)
[ -n "$tables" ] || note 'golden: the command names its kernels' 1
for kernels in $tables; do
	while read -r name model options _; do
		[ "$name" != '#' ] || continue
		[ "$model$length" != default--short ] || continue
		[ -z "$most" ] || [ "$(wc -c <"$golden/archives/$name.txt")" -le "$most" ] || continue
		[ "$options" != - ] || options=
		model_option=$(models_option "$model" $golden/models)
		status=0
		try "$kernels" "$name" "$model_option" "$(echo "$options" | tr , ' ')" || status=1
		note "golden: $name, kernels $kernels" $status
	done <$golden/archives/list
done

# every file is in the list
listed=$(sed 's/ .*//; /^#/d' $golden/archives/list | sort)
status=0
[ "$(basename -s .lac $golden/archives/*.lac | sort)" = "$listed" ] || status=1
[ "$(basename -s .txt $golden/archives/*.txt | sort)" = "$listed" ] || status=1
note 'golden: every file is listed, every listed file is there' $status
report
