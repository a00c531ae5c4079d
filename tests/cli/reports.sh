#!/bin/sh
# What is told of files: JSON, tables, estimates.
# Usage: reports.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

every_file_is_one_json_object() {
	mkdir folder
	cp "$root"/examples/01*.txt long
	status=0
	"$laconic" compress -q --json long folder missing text long.lac >said || status=$?
	[ $status = 1 ]
	"$laconic" test --json long.lac text text.lac >tested || :
	mkdir back
	cp long.lac back/one.lac
	"$laconic" -d -q --json back/one.lac >restored
	"$laconic" list --json long.lac >listed
	LC_ALL=de_DE.UTF-8 "$laconic" -q --model missing.gguf --json text >nothing || :
	python3 -c '
import json, os
def lines(name):
    return [json.loads(line) for line in open(name)]
said = lines("said")
assert [one["status"] for one in said] == ["ok", "skipped", "error", "ok", "skipped"], said
assert [one["file"] for one in said] == ["long", "folder", "missing", "text", "long.lac"], said
assert "directory" in said[1]["error"] and "No such file" in said[2]["error"] and "suffix" in said[4]["error"], said
first = said[0]
assert first["output"] == "long.lac" and first["bytes_in"] == os.path.getsize("long") and first["bytes_out"] == os.path.getsize("long.lac")
assert abs(first["ratio"] - first["bytes_out"] / first["bytes_in"]) < 1e-6 and first["tokens"] > 100 and len(first["models"][0]["identity"]) == 32
tested = lines("tested")
assert [one["status"] for one in tested] == ["ok", "error", "ok"] and tested[0]["output"] is None, tested
restored, = lines("restored")
assert restored["output"] == "back/one"
listed, = lines("listed")
for one in (tested[0], restored, listed):  # whichever way it goes
    assert all(one[key] == first[key] for key in ("bytes_in", "bytes_out", "ratio", "blocks", "archives", "models")), (one, first)
nothing, = lines("nothing")
assert nothing["file"] is None and nothing["status"] == "error" and "missing.gguf" in nothing["error"], nothing'
	"$laconic" models show --json text "$tiny" >shown || :
	python3 -c '
import json
bad, good = (json.loads(line) for line in open("shown"))
assert bad["status"] == "error" and bad["file"] == "text" and "GGUF" in bad["error"] and good["status"] == "ok"'
	fails 1 'cannot share' "$laconic" --json <text
	[ ! -s output ]
}

# Each command takes --json and prints nothing else, or refuses it.
json_is_honoured_or_refused() {
	"$laconic" version --json >worded
	"$laconic" --json --version | cmp - worded
	"$laconic" models path --json >paths
	"$laconic" models list --json >known
	python3 -c '
import json
said, = [json.loads(line) for line in open("worded")]
assert said["status"] == "ok" and said["version"] and said["kernels"][-1] == "scalar" and said["training"] in (True, False), said
assert all(json.loads(line)["folder"] for line in open("paths")) and all(json.loads(line)["name"] for line in open("known"))'
	[ "$("$laconic" models export --json -o model.gguf | grep -c '"file": "model.gguf"')" = 1 ]
	fails 1 '--json goes with' "$laconic" help --json
	fails 1 'cannot share the standard output' "$laconic" cat --json text.lac
	"$laconic" --json --help | grep -q '^usage: '
}

# Exact where the sample is all of the file; within 10% of the ratio for a text of many kinds.
an_estimate_is_near() {
	cp "$root"/examples/05*.txt short
	for file in "$root"/examples/*.txt "$root"/doc/*.md "$root"/README.md "$root"/models/README.md; do
		head -c 9000 "$file"
	done >long
	[ "$(wc -c <long)" -gt 70000 ]
	for options in '' --records; do
		"$laconic" -q --estimate --json $options short long >estimated
		absent short.lac long.lac
		"$laconic" -q --json -T1 -f $options short long >finished
		python3 -c '
import json
(short, long), (was_short, was_long) = ([json.loads(line) for line in open(name)] for name in ("estimated", "finished"))
assert short["bytes_out"] == was_short["bytes_out"] and short["sample_bytes"] == short["bytes_in"] == was_short["bytes_in"], (short, was_short)
assert long["sample_bytes"] <= 65536 < long["bytes_in"] == was_long["bytes_in"] and long["sample_pieces"] == 4
assert abs(long["bytes_out"] / was_long["bytes_out"] - 1) < 0.1, (long, was_long)
assert long["seconds"] > 0 and abs(long["ratio"] - long["bytes_out"] / long["bytes_in"]) < 1e-6'
		rm short.lac long.lac
	done
	"$laconic" -q --estimate --json -T1 long >estimated
	python3 -c '
import json, resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", "-T1", "-o", "out", "long"], check=True)
taken = 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
said = json.load(open("estimated"))["memory_bytes"]
assert 2 / 3 < said / taken < 3 / 2, (said, taken)' "$laconic"
	"$laconic" --estimate long | grep -q '^long: about .*ratio 0\.[0-9]*, .* with .* threads and .* MiB of memory; from [0-9,]* bytes in 4 places$'
	: >empty
	"$laconic" --estimate empty | grep -q ' -> [0-9]* bytes'
	fails 1 'this is none' sh -c "cat text | '$laconic' --estimate"
	fails 1 'writes nothing' "$laconic" --estimate -o out text
	fails 1 'writes nothing' "$laconic" --estimate --rm text
	fails 1 'goes with compress' "$laconic" -d --estimate text
	[ -e text ]
}

list_says_what_is_inside() {
	cat "$root"/examples/01*.txt >long
	lac --block-size 1K long
	lac -l --json long.lac | python3 -c '
import json, os, sys
one = json.load(sys.stdin)
assert one["file"] == "long.lac"
assert one["bytes_in"] == os.path.getsize("long") and one["bytes_out"] == os.path.getsize("long.lac"), one
assert abs(one["ratio"] - one["bytes_out"] / one["bytes_in"]) < 1e-6
assert abs(one["bits_per_byte"] - 8 * one["ratio"]) < 1e-5
assert one["records"] == 0 and one["archives"] == 1
assert one["blocks"] == -(-one["bytes_in"] // 1024) or one["blocks"] > 1, one
assert all(len(model["identity"]) == 32 for model in one["models"])'
	"$laconic" -q -o embedded.lac long
	"$laconic" -l --json embedded.lac | python3 -c '
import json, sys
one = json.load(sys.stdin)
assert one["tokens"] > 100 and one["ratio"] < 0.4, one
model, = one["models"]
print(model["identity"])' >listed
	"$laconic" models show --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["identity"])' | cmp - listed
	: | lac -o empty.lac
	lac -l --json empty.lac | python3 -c 'import json, sys; one = json.load(sys.stdin); assert one["ratio"] is None and one["bytes_in"] == 0'
	fails 1 'text' lac -l text
}

law every_file_is_one_json_object
law json_is_honoured_or_refused
if [ "${ASAN_OPTIONS:-}" ]; then
	skip an_estimate_is_near 'sanitizers take memory of their own'
else
	law an_estimate_is_near
fi
law list_says_what_is_inside
report
