#!/bin/sh
# train, adapt, cluster.
# Usage: training.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

small='--dim 32 --ffn 48 --layers 1 --heads 2 --kv-heads 1 --vocabulary 280 --context 32 --batch 2 -T 1'

a_trained_model_compresses() {
	cp "$root"/examples/07*.txt page
	"$laconic" train $small --steps 30 --log log --validate page -o model.gguf page 2>progress
	grep -q '^step 30 of 30: loss .* bits per byte, .* tokens/s, .* left$' progress
	grep -q 'GB of memory' progress
	python3 -c '
import json
lines = [json.loads(line) for line in open("log")]
steps = [line for line in lines if line["kind"] == "step"]
assert [line["step"] for line in steps] == list(range(1, 31)), steps
assert steps[-1]["loss"] < steps[0]["loss"] and all(line["bits_per_byte"] > 0 for line in lines)
assert [line["step"] for line in lines if line["kind"] == "validation"] == [30]'
	"$laconic" -q --model model.gguf page
	rm page
	"$laconic" -q -d --model model.gguf page.lac
	cmp page "$root"/examples/07*.txt
	"$laconic" train -q --batch 2 -T 1 --init model.gguf --context 16 --steps 1 --type q8_0 -o further.gguf page
	"$laconic" train -q ${small%--voc*} --context 32 --batch 2 -T 1 --tokenizer model.gguf --steps 1 --untied --type f32 -o other.gguf page
	"$laconic" train -q --dim 16 --heads 2 --ffn 16 --layers 1 --vocabulary 280 --context 16 --steps 1 -o heads.gguf page # of keys as many
	for model in further other heads; do
		"$laconic" -q -c --model $model.gguf page | "$laconic" -q -d -c --model $model.gguf | cmp - page
	done
}

trainings_are_one_json_object() {
	cp "$root"/examples/07*.txt page
	"$laconic" train -q --json $small --steps 3 --validate page --log log -o model.gguf page >said
	"$laconic" train -q --json $small --steps 1 -o plain.gguf page >>said
	"$laconic" adapt -q --json --base model.gguf --rank 2 --targets attn_q --steps 2 --batch 2 -T1 --name bent --validate page -o adapter.gguf page >>said
	"$laconic" train --json $small --steps 1 -o model.gguf page >>said 2>message || :
	"$laconic" train --json $small --steps 1 -o other.gguf missing >>said 2>message || :
	"$laconic" adapt --json --steps 1 --base missing.gguf -o other.gguf page >>said 2>message || :
	"$laconic" models show --json model.gguf >shown
	python3 -c '
import json, os
said = [json.loads(line) for line in open("said")]
assert [one["status"] for one in said] == 3 * ["ok"] + 3 * ["error"], said
trained, plain, adapted = said[:3]
shown = json.load(open("shown"))
assert trained["file"] == "model.gguf" and all(trained[key] == shown[key] for key in ("name", "identity", "file_bytes", "parameters", "vocabulary")), trained
assert trained["vocabulary"] == 280 and trained["learning"] == trained["parameters"] and trained["steps"] == 3 and trained["seconds"] > 0, trained
assert trained["documents"] == 1 and trained["bytes"] == os.path.getsize("page") > trained["tokens"] > 0
log = [json.loads(line) for line in open("log")]
for kind, prefix in ("step", ""), ("validation", "validation_"):
    last = [line for line in log if line["kind"] == kind][-1]
    assert all(trained[prefix + key] == last[key] for key in ("loss", "bits_per_byte")), (trained, last)
assert plain["validation_loss"] is None and plain["loss"] > 0
assert adapted["name"] == "bent" and adapted["file_bytes"] == os.path.getsize("adapter.gguf") and adapted["learning"] < adapted["parameters"], adapted
assert adapted["validation_bits_per_byte"] > 0 and len(adapted["identity"]) == 32
assert all(one["file"] is None for one in said[3:])
assert "exists already" in said[3]["error"] and "No such" in said[4]["error"] and "missing.gguf" in said[5]["error"], said'
	fails 1 'No space' sh -c '"$@" >/dev/full' sh "$laconic" train -q --json $small --steps 1 -o full.gguf page
}

an_interrupted_training_is_resumed() {
	cp "$root"/examples/07*.txt page
	"$laconic" train -q $small --steps 40 --name same -o whole.gguf page
	mkfifo log
	"$laconic" train -q $small --steps 40 --name same --checkpoint kept --log log -o parts.gguf page 2>message &
	pid=$!
	exec 3<log # it goes on only as its log is read
	for _ in 1 2 3 4 5; do read -r _ <&3; done
	kill -INT $pid
	cat <&3 >/dev/null
	exec 3<&-
	status=0
	wait $pid || status=$?
	[ $status = 1 ] || [ $status = 0 ]
	if [ $status = 1 ]; then
		grep -q 'resumed from the checkpoint' message
		absent parts.gguf
		fails 1 'resume' "$laconic" train -q $small --steps 40 --checkpoint kept -o parts.gguf page
		"$laconic" train -q $small --steps 40 --name same --checkpoint kept --resume -o parts.gguf page
	fi
	cmp whole.gguf parts.gguf
}

an_adapter_is_trained() {
	printf '{"prompt": "What?", "response": "This and that."}\n' >pairs
	"$laconic" adapt -q --base "$tiny" --field response --prompt-field prompt --response-only --rank 2 --targets attn_q,ffn_up --steps 3 -T 1 \
		-o adapter.gguf pairs
	head -c 4 adapter.gguf | grep -q GGUF
	fails 1 'rank 0' "$laconic" adapt --base "$tiny" --rank 0 --steps 1 -o bad.gguf text
	fails 1 'at most' "$laconic" adapt --base "$tiny" --rank 500 --steps 1 -o bad.gguf text
	fails 1 'attn_z' "$laconic" adapt --base "$tiny" --targets attn_z --steps 1 -o bad.gguf text
	"$laconic" adapt -q --rank 1 --targets attn_v --context 16 --batch 1 --steps 1 -o embedded.gguf text # of the embedded model
	"$laconic" -q --adapter embedded.gguf -c text | "$laconic" -q --adapter embedded.gguf -d -c | cmp - text
	fails 1 'adapter_config.json' "$laconic" adapt --base "$tiny" --import . -o bad.gguf
	absent bad.gguf bad.gguf.unfinished
}

bad_training_gives_1() {
	fails 1 '-o' "$laconic" train text
	fails 1 'standard input: there is no text' "$laconic" train -o bad.gguf </dev/null
	fails 1 'No such' "$laconic" train -o bad.gguf missing
	fails 1 'line 1' "$laconic" train --field response -o bad.gguf text
	fails 1 'whole number' "$laconic" train --dim many -o bad.gguf text
	fails 1 'muon|adamw' "$laconic" train --optimizer sgd -o bad.gguf text
	fails 1 'goes with adapt' "$laconic" train --rank 3 -o bad.gguf text
	cp text other
	fails 1 'exists already' "$laconic" train -o other text
	fails 1 'no/such/bad.gguf' "$laconic" train -q $small --steps 100000000 -o no/such/bad.gguf text # at once
	mkfifo pipe
	fails 1 'pipe: ' "$laconic" train -q $small --steps 1 -f -o pipe text
	fails 1 'pipe: ' "$laconic" adapt -q --base "$tiny" --steps 1 -f -o pipe text
	fails 1 'pipe: ' "$laconic" train -q $small --steps 2 --checkpoint pipe --checkpoint-steps 1 -f -o bad.gguf text
	[ -p pipe ]
	ln -s /proc/self/fd/1 standard # to a regular file
	fails 1 'standard: ' "$laconic" train -q $small --steps 1 -f -o standard text
	[ -L standard ]
	absent bad.gguf bad.gguf.unfinished pipe.unfinished standard.unfinished
}

lines_of_two_kinds() {
	for i in 1 2 3 4 5 6; do
		printf '{"response": "bread with butter and bread %s"}\n{"response": "x = y + %s; y = x; return x;"}\n' $i $i
	done
}

texts_are_clustered_and_assigned() {
	lines_of_two_kinds >lines
	"$laconic" cluster --clusters 2 --field response -o kinds lines 2>told
	grep -q '^000: 6 texts, ' told
	grep -q '^001: 6 texts, ' told
	cat kinds/000/texts.jsonl kinds/001/texts.jsonl | sort >sorted
	sort lines | cmp - sorted
	python3 -c '
import json
said = json.load(open("kinds/clusters.json"))
assert said["texts"] == 12 and [c["folder"] for c in said["clusters"]] == ["000", "001"], said
for cluster in said["clusters"]:
    lines = [json.loads(line)["response"] for line in open("kinds/" + cluster["folder"] + "/texts.jsonl")]
    assert len({line[0] for line in lines}) == 1 and len(lines) == cluster["texts"] and cluster["bytes"] == sum(map(len, lines))
    assert len(cluster["nearest"]) == 3 and all(example["text"] in lines for example in cluster["nearest"])'
	"$laconic" cluster --assign kinds --field response kinds/001/texts.jsonl >assigned
	awk -F '\t' '{ if ($1 != "kinds/001/texts.jsonl:" NR || $2 != "001") exit 1 } END { if (NR != 6) exit 1 }' assigned
	"$laconic" cluster -q --clusters 2 -T1 --embedding states --model "$tiny" -o plain text lines 2>told
	cat plain/000/files plain/001/files | sort | tr '\n' ' ' | grep -qx 'lines text '
	[ ! -s told ]
}

adapters_of_clusters_are_trained_once() {
	lines_of_two_kinds >lines
	LACONIC=$laconic
	export LACONIC
	adapters() { "$root"/tools/adapters.sh -n 2 -e states -v lines -b "$tiny" -o kinds "$@" -q --steps 2 --rank 2 -T1; }
	adapters lines >made
	grep -q 000 made
	grep -q 001 made
	grep -q validation kinds/000/log
	adapters missing >made # all is there
	[ ! -s made ]
	cp kinds/001/adapter.gguf kept
	rm kinds/001/adapter.gguf
	adapters missing >made
	[ "$(wc -l <made)" = 1 ]
	cmp kinds/001/adapter.gguf kept
	fails 1 'BASE.gguf' "$root"/tools/adapters.sh -o other lines
	absent other kinds/001/checkpoint
}

bad_clustering_gives_1() {
	lines_of_two_kinds >lines
	fails 1 'no folder' "$laconic" cluster --clusters 2 lines
	fails 1 '0 clusters' "$laconic" cluster -o bad --field response lines
	fails 1 '13 clusters' "$laconic" cluster --clusters 13 --field response -o bad lines
	fails 1 'whole number' "$laconic" cluster --clusters some -o bad lines
	fails 1 'ngrams|states' "$laconic" cluster --embedding words -o bad lines
	fails 1 'lines, line 1' "$laconic" cluster --clusters 2 --field absent -o bad lines
	fails 1 'standard input: there is no text' "$laconic" cluster --clusters 2 -o bad </dev/null
	fails 1 'No such' "$laconic" cluster --clusters 2 -o bad missing
	fails 1 'exists already' "$laconic" cluster --clusters 2 -o text lines
	fails 1 '--assign' "$laconic" cluster --clusters 2 --assign bad lines
	fails 1 'bad/centroids.gguf' "$laconic" cluster --assign bad lines
	fails 1 '--force goes with' "$laconic" cluster -f --clusters 2 -o bad lines
	fails 1 'standard output' sh -c '"$1" cluster --clusters 2 -q --field response -o full lines
		"$1" cluster --assign full --field response lines >/dev/full' sh "$laconic"
	absent bad bad.unfinished
}

if "$laconic" train 2>&1 | grep -q 'built without'; then
	skip training 'this laconic was built without it'
else
	law a_trained_model_compresses
	law trainings_are_one_json_object
	law an_interrupted_training_is_resumed
	law an_adapter_is_trained
	law bad_training_gives_1
	law texts_are_clustered_and_assigned
	law adapters_of_clusters_are_trained_once
	law bad_clustering_gives_1
fi
report
