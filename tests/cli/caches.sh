#!/bin/sh
# What is remembered and kept of model files.
# Usage: caches.sh LACONIC TINY.gguf
set -u
laconic=$(realpath "$1") tiny=$(realpath "$2")
. "$(dirname "$0")/../command_laws.sh"

# Whatever it holds, it never decides: files are opened and compared.
a_damaged_cache_changes_nothing() {
	mkdir folder
	cp "$tiny" folder/a.gguf
	cp "$root/tests/golden/models/grouped.gguf" folder/b.gguf
	cp "$root/tests/golden/archives/one-block.lac" text.lac
	cp "$root/tests/golden/archives/one-block.txt" text
	export LACONIC_MODELS=$PWD/folder XDG_CACHE_HOME=$PWD/cache
	"$laconic" models list >listed
	cache=cache/laconic/identities
	[ "$(wc -l <$cache)" = 3 ]
	grep -q 'folder/a.gguf$' $cache
	# identities swapped: both files are named wrongly
	first=$(sed -n 2p $cache | cut -d' ' -f2) second=$(sed -n 3p $cache | cut -d' ' -f2)
	sed "s/$first/x/; s/$second/$first/; s/^m x /m $second /" $cache >swapped
	cp swapped $cache
	"$laconic" models list >believed # so the cache is in use
	if cmp -s believed listed; then exit 1; fi
	"$laconic" -q -d -c text.lac | cmp - text
	for damage in 's/^m/z/' 's/\t/ /' 's/ [0-9]/ -/g' 's/folder/\xff/' '1s/1/9/' "s/$first/123/"; do
		sed "$damage" swapped >$cache
		"$laconic" -q -d -c text.lac | cmp - text
	done
	head -c 100000 /dev/urandom >$cache
	"$laconic" models list | cmp - listed
	rm -r cache
	: >cache # cannot be written
	"$laconic" models list | cmp - listed
	"$laconic" -q -d -c text.lac | cmp - text
}

is_unused() { if grep packed told >&2; then exit 1; fi; } # the cache

n_kept() { find "$folder" -type f | wc -l; }

# What is kept of a model's file: taken the next time, whatever the name of the file, and never trusted.
a_packed_model_is_kept_and_taken() {
	models=$root/tests/golden/models folder=$XDG_CACHE_HOME/laconic/packed
	show() { "$laconic" models show -v "$@" 2>told >shown; }
	rm -rf "$folder"
	show "$models/grouped.gguf" # too small, unless asked for
	absent "$folder"
	is_unused
	mv shown right
	show --cache 1M "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	cmp shown right
	kept=$(ls "$folder"/*)
	[ "$(stat -c %a "$kept")" = 600 ]
	cp "$models/grouped.gguf" other.gguf
	show --cache 1M other.gguf
	grep -q ', packed form from the cache$' told
	tail -n +2 right >right-but-its-name
	tail -n +2 shown | cmp - right-but-its-name
	show --cache 0 other.gguf
	is_unused
	# the same archives, with any kernels, from the cache or not
	cp "$root/tests/golden/archives/all-kinds.txt" kinds
	for kernels in '--kernels scalar' ''; do
		"$laconic" -v --cache 1M --model other.gguf $kernels --block-size 1K -c kinds 2>told | cmp - "$root/tests/golden/archives/all-kinds.lac"
		grep -q ', packed form from the cache$' told
	done
	"$laconic" -q --cache 1M --model other.gguf --verify --block-size 1K -o kinds.lac kinds
	"$laconic" -q --cache 1M --model other.gguf -d -c kinds.lac | cmp - kinds
	# found by its identity, and taken
	mkdir folder
	mv other.gguf folder
	LACONIC_MODELS=$PWD/folder "$laconic" -v --cache 1M -d -c kinds.lac 2>told | cmp - kinds
	grep -q ', packed form from the cache$' told
	# damage, and what others may write: as if it were not there, and made anew
	cp "$kept" whole
	for damage in 'printf x | dd of="$kept" bs=1 seek=5000 conv=notrunc status=none' 'truncate -s 3000 "$kept"' ': >"$kept"' \
		'cp text "$kept"' 'echo >>"$kept"' 'chmod 666 "$kept"' 'rm "$kept"' '[ "$(id -u)" != 0 ] && rm "$kept" || chown 65534 "$kept"'; do
		eval "$damage"
		show --cache 1M "$models/grouped.gguf"
		grep -q ', packed form kept in the cache$' told || { echo "$damage:" >&2; cat told >&2; exit 1; }
		cmp shown right
		cmp "$kept" whole
		[ "$(stat -c %a-%u "$kept")" = "600-$(id -u)" ]
	done
	rm "$kept"
	mkdir "$kept"
	show --cache 1M "$models/grouped.gguf"
	grep -q ', packed form not kept: it could not be written$' told
	cmp shown right
	rmdir "$kept"
	[ -z "$(ls "$folder")" ]
	# a file that is changed is another, even if neither its size nor its time tells
	show --cache 1M "$models/grouped.gguf"
	name=$(sed -n 's/^name *//p' right) other=$(sed -n 's/^name *//p' right | rev)
	LC_ALL=C sed "s/$name/$other/" "$models/grouped.gguf" >same.gguf
	touch -r "$models/grouped.gguf" same.gguf
	show --cache 1M same.gguf
	grep -q ', packed form kept in the cache$' told
	grep -q "name *$other" shown
	[ "$(n_kept)" = 2 ]
	fails 1 '--cache' "$laconic" models show --cache much
	fails 1 '--cache' "$laconic" models show --cache -1
}

# So many bytes, and no more: what was used last is kept, and what is not the cache's is let be.
the_cache_takes_no_more_than_allowed() {
	models=$root/tests/golden/models folder=$XDG_CACHE_HOME/laconic/packed
	rm -rf "$folder"
	keep() { "$laconic" models show -v --cache "$@" 2>told >/dev/null; }
	n=0
	for name in odd pieces escapes; do
		keep 10M "$models/$name.gguf"
		n=$((n + 1))
		find "$folder" -type f -newermt 2002-01-01 -exec touch -d "2001-01-0$n" {} +
	done
	[ "$(n_kept)" = 3 ]
	keep 10M "$models/odd.gguf" # used now
	grep -q ', packed form from the cache$' told
	n_bytes=$(cat "$folder"/* | wc -c)
	: >"$folder/0123456789abcdef0123456789abcdef.notes"
	keep $n_bytes "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	[ "$(cat "$folder"/* | wc -c)" -le $n_bytes ]
	keep 10M "$models/odd.gguf"
	grep -q ', packed form from the cache$' told
	keep 10M "$models/pieces.gguf" # the oldest is gone
	grep -q ', packed form kept in the cache$' told
	# less is allowed: what is taken is used, and the rest goes
	keep 1 "$models/odd.gguf"
	grep -q ', packed form from the cache$' told
	[ "$(ls "$folder")" = 0123456789abcdef0123456789abcdef.notes ]
	rm -r "$folder"
	# one that has no room alone is not written
	keep 40K "$models/grouped.gguf"
	n_bytes=$(cat "$folder"/* | wc -c)
	keep $n_bytes "$models/grouped.gguf"
	grep -q ', packed form from the cache$' told
	rm -r "$folder"
	keep $((n_bytes - 1)) "$models/grouped.gguf"
	grep -q ', packed form not kept: it is larger than the cache may be$' told
	absent "$folder"
	# while another program writes it, it is let be; what one that was killed has left is written over
	keep 10M "$models/grouped.gguf"
	kept=$(ls "$folder"/*)
	cp "$kept" whole
	mv "$kept" "$kept.new"
	echo more >>"$kept.new"
	flock "$kept.new" "$laconic" models show -v --cache 1M "$models/grouped.gguf" 2>told >/dev/null
	grep -q ', packed form not kept: another program keeps it$' told
	keep 10M "$models/grouped.gguf"
	grep -q ', packed form kept in the cache$' told
	absent "$kept.new"
	cmp "$kept" whole
	# nowhere to keep it
	rm -r "$folder"
	: >"$folder"
	keep 10M "$models/grouped.gguf"
	grep -q ', packed form not kept: ' told
	rm "$folder"
	HOME='' XDG_CACHE_HOME='' keep 10M "$models/grouped.gguf"
	is_unused
}

# Without being asked, of files that are worth it.
large_models_are_kept() {
	folder=$XDG_CACHE_HOME/laconic/packed
	rm -rf "$folder"
	python3 - "$root" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1] + "/tools")
		import gguf
		pairs, tensors = gguf.read(sys.argv[1] + "/tests/golden/models/grouped.gguf")
		dim, ffn, q8_0 = 1024, 43008, gguf.TYPES["q8_0"]
		pairs.update({"llama.embedding_length": (gguf.U32, dim), "llama.feed_forward_length": (gguf.U32, ffn), "llama.block_count": (gguf.U32, 1),
		              "llama.attention.head_count": (gguf.U32, 16), "llama.attention.head_count_kv": (gguf.U32, 1)})
		pairs = {key: value for key, value in pairs.items() if "length" not in key or "embedding" in key or "feed" in key or "context" in key}
		pairs.pop("llama.rope.dimension_count", None)
		def matrix(n_in, n_out):
		    return gguf.Tensor((n_in, n_out), q8_0, (b"\x00\x0c" + bytes(range(32))) * (n_in * n_out // 32))
		ones = gguf.Tensor((dim,), gguf.TYPES["f16"], b"\x00\x3c" * dim)
		n_tokens = len(pairs["tokenizer.ggml.tokens"][1][1])
		gguf.write("large.gguf", pairs, {"token_embd.weight": matrix(dim, n_tokens), "output_norm.weight": ones, "blk.0.attn_norm.weight": ones,
		    "blk.0.ffn_norm.weight": ones, "blk.0.attn_q.weight": matrix(dim, dim), "blk.0.attn_k.weight": matrix(dim, dim // 16),
		    "blk.0.attn_v.weight": matrix(dim, dim // 16), "blk.0.attn_output.weight": matrix(dim, dim), "blk.0.ffn_gate.weight": matrix(dim, ffn),
		    "blk.0.ffn_up.weight": matrix(dim, ffn), "blk.0.ffn_down.weight": matrix(ffn, dim)})
	END
	[ "$(stat -c %s large.gguf)" -gt 134217728 ]
	"$laconic" models show -v large.gguf 2>told >right
	grep -q ', packed form kept in the cache$' told
	"$laconic" models show -v large.gguf 2>told >shown
	grep -q ', packed form from the cache$' told
	cmp shown right
	rm -r "$folder" large.gguf
}

law a_damaged_cache_changes_nothing
law a_packed_model_is_kept_and_taken
law the_cache_takes_no_more_than_allowed
if [ "${ASAN_OPTIONS:-}" ]; then
	skip large_models_are_kept 'so are small ones, and this takes long'
else
	law large_models_are_kept
fi
report
