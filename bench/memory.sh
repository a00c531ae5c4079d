#!/bin/sh
# Peak memory of compressing and decompressing through pipes, of a text and of one ten times as long: it must not grow.
# Usage: memory.sh LACONIC TEXTS.nul [MEGABYTES...]     the texts are repeated up to 3 and 30 MB, or what is named (10^6 bytes). Needs Python 3
# FORMS=text or FORMS=records: only as one text, or only as records.
set -eu
laconic=$1 texts=$2
shift 2
[ $# -gt 0 ] || set -- 3 30
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

supply() { # megabytes
	while cat "$texts"; do :; done 2>/dev/null | head -c "${1}000000"
}

# Runs a command; the peak of its resident memory, in MiB, goes to a file.
measured() { # file, command...
	python3 -c 'import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
print(-(-resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024), file=open(sys.argv[1], "w"))
sys.exit(status)' "$@"
}

echo "| form | text, MB | archive, bytes | compress, MiB | decompress, MiB | one record, MiB |"
echo "|---|---|---|---|---|---|"
for form in ${FORMS:-text records}; do
	[ "$form" = text ] && options= || options='--records -0'
	for n; do
		supply "$n" | measured "$work/in" "$laconic" -q -T2 $options | cat >"$work/archive"
		cat "$work/archive" | measured "$work/out" "$laconic" -q -d -T2 | cat >"$work/back"
		supply "$n" | cmp - "$work/back"
		echo - >"$work/one"
		[ -z "$options" ] || measured "$work/one" "$laconic" cat -T2 --record "$((n * 900))" "$work/archive" >/dev/null
		echo "| ${options:-one text} | $n | $(wc -c <"$work/archive") | $(cat "$work/in") | $(cat "$work/out") | $(cat "$work/one") |"
	done
done
