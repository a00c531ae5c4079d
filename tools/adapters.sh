#!/bin/sh
# From JSON lines to clusters to an adapter for each:
#   adapters.sh [-n CLUSTERS] [-e ngrams|states] [-v VALIDATION.jsonl] [-f FIELD] -b BASE.gguf -o FOLDER FILE.jsonl [OPTION...]
# FOLDER gets clusters.json, centroids.gguf and 000/texts.jsonl, 000/adapter.gguf, ...; OPTIONs go to every `laconic adapt`, such as --rank 8
# --epochs 2. With -v each adapter is measured on those texts of VALIDATION.jsonl that are nearest to its own. What is done is not done
# again, and an interrupted run goes on from its last checkpoint. LACONIC= names the command (default: laconic).
set -eu

laconic=${LACONIC:-laconic}
n=8 embedding=states validation='' field=response base='' folder=''
usage() {
	sed -n '3s/^# *//p' "$0" >&2
	exit 1
}
while getopts n:e:v:f:b:o: option; do
	case $option in
	n) n=$OPTARG ;;
	e) embedding=$OPTARG ;;
	v) validation=$OPTARG ;;
	f) field=$OPTARG ;;
	b) base=$OPTARG ;;
	o) folder=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
if [ $# = 0 ] || [ -z "$base" ] || [ -z "$folder" ]; then
	usage
fi
file=$1
shift

model=
[ "$embedding" = ngrams ] || model="--model=$base"
if [ ! -e "$folder" ]; then
	"$laconic" cluster --clusters "$n" --embedding "$embedding" ${model:+"$model"} --field "$field" -o "$folder" "$file"
fi
if [ -n "$validation" ] && [ ! -e "$folder/validation" ]; then
	"$laconic" cluster --assign "$folder" ${model:+"$model"} --field "$field" -o "$folder/validation" "$validation"
fi
for texts in "$folder"/[0-9]*/texts.jsonl; do
	own=${texts%/texts.jsonl}
	[ ! -e "$own/adapter.gguf" ] || continue
	resume=
	if [ -e "$own/checkpoint" ]; then resume=--resume; else rm -f "$own/log"; fi
	measured=$folder/validation/${own##*/}/texts.jsonl
	[ -n "$validation" ] && [ -s "$measured" ] || measured=
	echo "adapter of $own"
	"$laconic" adapt --base "$base" --field "$field" ${measured:+"--validate=$measured"} --checkpoint "$own/checkpoint" $resume \
		--log "$own/log" "$@" -o "$own/adapter.gguf" "$texts"
	rm -f "$own/checkpoint"
done
