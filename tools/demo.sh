#!/bin/sh
# Compresses every text of examples/, restores it, compares, and prints a table beside general compressors.
# Usage: demo.sh build/laconic
set -eu
laconic=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

size() { wc -c <"$1" | tr -d ' '; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a / b }'; }

row() { # name, then the file: one row of the table, ratios of compressed to original bytes
	"$laconic" -q -c "$2" >"$work/lac"
	"$laconic" -q -d -c "$work/lac" >"$work/back"
	cmp "$2" "$work/back" || { echo "demo: $2 did not come back" >&2; exit 1; }
	gzip -9 -n -c "$2" >"$work/gz"
	bzip2 -9 -c "$2" >"$work/bz2"
	xz -9e -c "$2" >"$work/xz"
	zstd -q -19 -c "$2" >"$work/zst"
	n=$(size "$2")
	lac=$(size "$work/lac")
	printf '%-28s %8d %8d %8s %9s %8s %8s %8s %8s\n' "$1" "$n" "$lac" "$(ratio "$lac" "$n")" \
		"$(awk -v a="$lac" -v b="$n" 'BEGIN { printf "%.3f", 8 * a / b }')" "$(ratio "$(size "$work/gz")" "$n")" \
		"$(ratio "$(size "$work/bz2")" "$n")" "$(ratio "$(size "$work/xz")" "$n")" "$(ratio "$(size "$work/zst")" "$n")"
}

echo
"$laconic" --version
echo
echo "Ratio: archive bytes / UTF-8 bytes of the text. Each text was restored and compared, byte for byte."
echo
printf '%-28s %8s %8s %8s %9s %8s %8s %8s %8s\n' text bytes laconic ratio bits/byte 'gzip -9' 'bzip2 -9' 'xz -9e' 'zstd -19'
for text in examples/*.txt; do
	row "$(basename "$text")" "$text"
	cat "$text" >>"$work/whole"
done
row 'all in one file' "$work/whole"
echo
"$laconic" models show | sed -n 's/^file bytes *\(.*\)/The model that both sides need is inside laconic: \1 bytes, not counted above./p'
echo "laconic: model-coded archives, checks included. The others: their own file formats, best settings named above."
