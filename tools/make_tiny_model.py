#!/usr/bin/env python3
"""Writes a small random GGUF file for tests: same options, same bytes.

Needs nothing but Python. The weights mean nothing; shapes, tensor types and oddities are what tests want.
"""
import argparse
import random
import re
import struct

import gguf
from gguf import ARRAY, BOOL, F32, I32, STRING, U32

# What the merges are learnt from, so that ordinary text takes fewer tokens than bytes even from a model that knows nothing.
SAMPLE = """The answer to that is in the first part of the question, and there are other things that you can do with it as well.
In this case the model writes one sentence after another; each of them should be clear, short and to the point. For example:
1. Read the text. 2. Think about what it means. 3. Write down the result, then check whether it is right or not.
You are using this because it was the best of all those that we have seen, which is more than enough information."""

USER_DEFINED = ["<think>", "<think>\n", "</think>", "\u00e9\u00e9"]


def learn_merges(words, available, n):
    """Byte-pair encoding: the commonest pair first, the earliest of equals."""
    merges = []
    while len(merges) < n:
        counts = {}
        for word in words:
            for two in zip(word, word[1:]):
                if available.issuperset(two):
                    counts[two] = counts.get(two, 0) + 1
        left, right = max(counts, key=lambda two: counts[two])
        merges.append((left, right))
        available.add(left + right)
        for word in words:
            i = 0
            while i + 1 < len(word):
                if word[i] == left and word[i + 1] == right:
                    word[i:i + 2] = [left + right]
                i += 1
    return merges


def kept_bytes(o):
    return [byte for byte in range(128 if o.ascii else 256) if not (o.drop_bytes and byte % 7 == 3 and not chr(byte).islower())]


def arrays(tokens, types, **others):
    return {"tokens": (STRING, tokens), "token_type": (I32, types), **others}


def make_vocabulary(o):
    """Of byte-level BPE; in other kinds than gpt-2 user-defined tokens stand for text."""
    spelling = gguf.spelling_of_bytes()
    tokens = [spelling[byte] for byte in kept_bytes(o)]
    user = [] if o.pre == "gpt-2" else USER_DEFINED
    words = [[spelling[byte] for byte in word.encode()] for word in re.findall(r"\s?\S+", SAMPLE)]
    merges = learn_merges(words, set(tokens), o.vocab - 1 - len(user) - len(tokens))
    tokens += [left + right for left, right in merges]
    types = [1] * len(tokens) + [4] * len(user) + [3]
    return arrays(tokens + user + ["<|begin|>" if o.no_eos else "<|endoftext|>"], types,
                  merges=(STRING, [f"{left} {right}" for left, right in merges]))


def make_odd_vocabulary(o):
    """Of gpt-2, with what a file may hold and hardly one does: a text and a byte that two tokens have, and a third before them that stands for
    none; spellings of no text; a merge said twice, which is later than another if the second counts; one that overlaps itself; an end token with a text."""
    vocabulary = make_vocabulary(o)
    tokens, types, merges = vocabulary["tokens"][1][:-1], vocabulary["token_type"][1][:-1], vocabulary["merges"][1]
    tokens[:0], types[:0] = ["th", "e"], [3, 4]  # silent, so the first that counts is the second
    more = ["aa", "zq", "qx", "e", "th", "a b", "", "."]
    tokens += more + ["<|begin|>"]
    types += [1] * len(more) + [3]
    merges += ["a a", "z q", "q x", "z q", "t h", "a a"]
    return arrays(tokens, types, merges=(STRING, merges))


def make_pieces(o):
    """Of SentencePiece: bytes, characters, and what is merged of them, two of a score each."""
    words = [list(word.replace(" ", "\u2581")) for word in re.findall(r"\s?\S+", SAMPLE + " \u00e9t\u00e9 \u00e9l\u00e9phant \u4f60\u597d")]
    tokens = [f"<0x{byte:02X}>" for byte in kept_bytes(o)]
    characters = sorted(set(c for word in words for c in word) - set("\n\u597d"))  # the last but in a pair
    n_merges = o.vocab - 1 - len(USER_DEFINED) - len(tokens) - len(characters)
    merges = learn_merges(words, set(characters) | set("\u597d"), n_merges - 1) + [("\u4f60", "\u597d")]
    types = [6] * len(tokens) + [1] * (len(characters) + n_merges) + [4] * len(USER_DEFINED) + [3]
    scores = [0.0] * len(tokens) + [-1e9] * len(characters) + [-float(i // 2) for i in range(n_merges)] + [0.0] * len(USER_DEFINED) + [0.0]
    tokens += characters + [left + right for left, right in merges] + USER_DEFINED + ["</s>"]
    return arrays(tokens, types, scores=(F32, scores))


def read_vocabulary(path):
    """Tokens, merges and types of another GGUF file."""
    pairs, _ = gguf.read(path)
    return {key: pairs["tokenizer.ggml." + key][1] for key in ("tokens", "token_type", "merges")}


def encode(values, row, kind):
    if kind == "f32":
        return struct.pack(f"<{len(values)}f", *values)
    if kind == "f16":
        return struct.pack(f"<{len(values)}e", *values)
    if kind == "bf16":
        return b"".join(struct.pack("<f", value)[2:] for value in values)
    if row % 32:
        raise SystemExit("q8_0 wants rows of a multiple of 32")
    out = []
    for start in range(0, len(values), 32):
        block = values[start:start + 32]
        scale = struct.unpack("<e", struct.pack("<e", max(map(abs, block)) / 127))[0]
        numbers = [max(-127, min(127, round(value / scale))) if scale else 0 for value in block]
        out.append(struct.pack("<e32b", scale, *numbers))
    return b"".join(out)


# Where the binary16 scales of a block stand, and what each is for numbers up to 1 in magnitude.
SCALES = {"q4_0": [(0, 1 / 8)], "q4_1": [(0, 2 / 15), (2, -1)], "q5_0": [(0, 1 / 16)], "q5_1": [(0, 2 / 31), (2, -1)],
          "q4_k": [(0, 2 / 63 / 15), (2, 1 / 63)], "q5_k": [(0, 2 / 63 / 31), (2, 1 / 63)], "q6_k": [(208, 1 / 127 / 32)]}


def random_blocks(n, reach, kind, draw):
    """n numbers: any bits but those of the scales are as good as others."""
    values, size = gguf.BLOCK[gguf.TYPES[kind]]
    out = []
    for _ in range(n // values):
        block = bytearray(draw.randbytes(size))
        for at, unit in SCALES[kind]:
            block[at:at + 2] = struct.pack("<e", unit * reach * (0.5 + draw.random()))
        out.append(bytes(block))
    return b"".join(out)


def encode_matrix(rows, columns, kind, o, draw):
    reach = (1.0 if rows == o.vocab else 3.0) / columns ** 0.5  # logits of about half a nat
    if kind in SCALES:
        return random_blocks(rows * columns, reach, kind, draw)
    if o.huge:
        values = [65504.0 if draw.random() < 0.5 else -65504.0 for _ in range(rows * columns)]
    else:
        values = [(2 * draw.random() - 1) * reach for _ in range(rows * columns)]
    return encode(values, columns, kind)


def biases_of(o, head_dim):
    """Names and lengths, of every layer."""
    lengths = {"attn_q": o.heads * head_dim, "attn_k": o.kv_heads * head_dim, "attn_v": o.kv_heads * head_dim, "attn_output": o.dim,
               "ffn_gate": o.ffn, "ffn_up": o.ffn, "ffn_down": o.dim}
    return [(name, lengths[name]) for name in (lengths if o.biases == "all" else o.biases.split(",")) if name]


def rotary_factors(n):
    """As Llama 3's: the fast frequencies stay, the slow ones are eight times as slow, and there is a slope between."""
    return [min(8.0, max(1.0, 1.0 + 14.0 * (i / n - 0.25))) for i in range(n)]


def write_adapter(o, head_dim, draw):
    """Strong enough that other text becomes likely."""
    q, kv = o.heads * head_dim, o.kv_heads * head_dim
    maps = (("attn_q", o.dim, q), ("attn_k", o.dim, kv), ("attn_v", o.dim, kv), ("attn_output", q, o.dim), ("ffn_gate", o.dim, o.ffn),
            ("ffn_up", o.dim, o.ffn), ("ffn_down", o.ffn, o.dim))
    tensors = {}
    for layer in range(o.layers):
        for name, n_in, n_out in maps:
            for half, columns, rows in (("a", n_in, o.adapter), ("b", o.adapter, n_out)):
                values = [(2 * draw.random() - 1) * 3 / columns ** 0.5 for _ in range(rows * columns)]
                tensors[f"blk.{layer}.{name}.weight.lora_{half}"] = gguf.Tensor((columns, rows), gguf.TYPES[o.type],
                                                                                encode(values, columns, o.type))
    gguf.write(o.output, {"general.type": (STRING, "adapter"), "general.architecture": (STRING, o.architecture),
                          "general.name": (STRING, "tiny random adapter"), "adapter.type": (STRING, "lora"),
                          "adapter.lora.alpha": (F32, o.adapter / 2 if o.alpha is None else o.alpha)}, tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("dim", 64), ("layers", 2), ("heads", 4), ("kv-heads", 2), ("head-dim", 0), ("rotary-dim", 0),
                          ("ffn", 96), ("vocab", 384), ("context", 64), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rotary-base", type=float, default=10000.0)
    parser.add_argument("--epsilon", type=float, default=1e-5)
    parser.add_argument("--architecture", choices=("llama", "qwen2", "qwen3"), default="llama")
    parser.add_argument("--biases", default="", metavar="MAPS", help="give these maps biases: attn_q,ffn_up and so on, or all")
    parser.add_argument("--rotary-factors", action="store_true", help="divide the frequencies, as Llama 3's files do")
    parser.add_argument("--rotary-scaling", type=float, default=0, metavar="FACTOR", help="divide positions")
    parser.add_argument("--sliding", type=int, default=0, metavar="POSITIONS", help="attend to so many positions at most")
    parser.add_argument("--type", default="f16", help="of matrices: " + ", ".join(gguf.TYPES) + "; of several, with commas, each matrix has the "
                        "next whose blocks fit its rows")
    parser.add_argument("--untied", action="store_true", help="an output matrix of its own")
    parser.add_argument("--drop-bytes", action="store_true", help="leave a seventh of the bytes, no lower-case letters, without a token")
    parser.add_argument("--ascii", action="store_true", help="leave the bytes from 0x80 on without a token")
    parser.add_argument("--pre", choices=("gpt-2", "llama-bpe", "qwen2", "smollm", "spm"), default="gpt-2", help="kind of vocabulary")
    parser.add_argument("--no-prefix", action="store_true", help="of spm: no space stands before a text")
    parser.add_argument("--vocabulary", metavar="GGUF", help="take the tokens of this model; the last one ends texts")
    parser.add_argument("--odd", action="store_true", help="tokens and merges of gpt-2 that are there twice, and an end token with a text")
    parser.add_argument("--no-eos", action="store_true")
    parser.add_argument("--huge", action="store_true", help="every weight is the largest finite F16, of random sign")
    parser.add_argument("--sharp", type=float, default=1, help="spread logits by this factor: a model that is sure of something")
    parser.add_argument("--adapter", metavar="RANK", type=int, help="a random low-rank adapter for a model of these options instead")
    parser.add_argument("--alpha", type=float, help="of an adapter; half its rank where this is not given")
    parser.add_argument("-o", "--output", required=True)
    o = parser.parse_args()
    draw = random.Random(o.seed)
    head_dim = o.head_dim or o.dim // o.heads
    vocabulary = read_vocabulary(o.vocabulary) if o.vocabulary else make_pieces(o) if o.pre == "spm" else \
        make_odd_vocabulary(o) if o.odd else make_vocabulary(o)
    o.vocab = len(vocabulary["tokens"][1])
    kinds = o.type.split(",")
    if not gguf.TYPES.keys() >= set(kinds):
        parser.error(f"--type {o.type}: there are {', '.join(gguf.TYPES)}")

    if o.adapter:
        write_adapter(o, head_dim, draw)
        return

    def next_kind(columns):
        """Of a matrix with such rows; the kinds take turns."""
        kind = next((kind for kind in kinds if columns % gguf.BLOCK[gguf.TYPES[kind]][0] == 0), None)
        if kind is None:
            raise SystemExit(f"{o.type} wants rows of a multiple of its blocks, not of {columns}")
        kinds.remove(kind)
        kinds.append(kind)
        return kind

    def norm(n, factor=1):
        return [65504.0 if o.huge else (0.5 + draw.random()) * factor for _ in range(n)]

    def bias(n):
        return [65504.0 if o.huge else 2 * draw.random() - 1 for _ in range(n)]

    matrices = [("token_embd.weight", o.vocab, o.dim)]
    for i in range(o.layers):
        prefix = f"blk.{i}."
        matrices += [(prefix + "attn_norm.weight", 0, o.dim),
                     (prefix + "attn_q.weight", o.heads * head_dim, o.dim),
                     (prefix + "attn_k.weight", o.kv_heads * head_dim, o.dim),
                     (prefix + "attn_v.weight", o.kv_heads * head_dim, o.dim),
                     (prefix + "attn_output.weight", o.dim, o.heads * head_dim),
                     (prefix + "ffn_norm.weight", 0, o.dim),
                     (prefix + "ffn_gate.weight", o.ffn, o.dim),
                     (prefix + "ffn_up.weight", o.ffn, o.dim),
                     (prefix + "ffn_down.weight", o.dim, o.ffn)]
    matrices.append(("output_norm.weight", 0, o.dim))
    if o.untied:
        matrices.append(("output.weight", o.vocab, o.dim))

    tensors = {}

    def add_vector(name, values):
        tensors[name] = gguf.Tensor((len(values),), gguf.TYPES["f32"], encode(values, len(values), "f32"))

    for name, rows, columns in matrices:
        if not rows:
            add_vector(name, norm(columns, o.sharp if name == "output_norm.weight" else 1))
            continue
        kind = next_kind(columns)
        tensors[name] = gguf.Tensor((columns, rows), gguf.TYPES[kind], encode_matrix(rows, columns, kind, o, draw))
    for i in range(o.layers):
        if o.architecture == "qwen3":
            for name in ("attn_q_norm", "attn_k_norm"):
                add_vector(f"blk.{i}.{name}.weight", norm(head_dim))
        for name, n in biases_of(o, head_dim):
            add_vector(f"blk.{i}.{name}.bias", bias(n))
    if o.rotary_factors:
        add_vector("rope_freqs.weight", rotary_factors((o.rotary_dim or head_dim) // 2))

    name = o.architecture
    pairs = {"general.architecture": (STRING, o.architecture),
             "general.name": (STRING, "tiny random"),
             name + ".context_length": (U32, o.context),
             name + ".embedding_length": (U32, o.dim),
             name + ".block_count": (U32, o.layers),
             name + ".feed_forward_length": (U32, o.ffn),
             name + ".attention.head_count": (U32, o.heads),
             name + ".attention.head_count_kv": (U32, o.kv_heads),
             name + ".attention.layer_norm_rms_epsilon": (F32, o.epsilon),
             name + ".rope.freq_base": (F32, o.rotary_base),
             name + ".rope.dimension_count": (U32, o.rotary_dim or head_dim),
             "tokenizer.ggml.model": (STRING, "llama" if o.pre == "spm" else "gpt2"),
             "tokenizer.ggml.pre": (STRING, "default" if o.pre == "spm" else o.pre),
             **{"tokenizer.ggml." + key: (ARRAY, values) for key, values in vocabulary.items()},
             "tokenizer.ggml.bos_token_id": (U32, o.vocab - 1)}
    if o.no_prefix:
        pairs["tokenizer.ggml.add_space_prefix"] = BOOL, False
    if o.head_dim:
        pairs[name + ".attention.key_length"] = pairs[name + ".attention.value_length"] = (U32, head_dim)
    if o.rotary_scaling:
        pairs[name + ".rope.scaling.type"] = (STRING, "linear")
        pairs[name + ".rope.scaling.factor"] = (F32, o.rotary_scaling)
    if o.sliding:
        pairs[name + ".attention.sliding_window"] = (U32, o.sliding)
    if not o.no_eos:
        pairs["tokenizer.ggml.eos_token_id"] = (U32, o.vocab - 1 - o.odd)
    gguf.write(o.output, pairs, tensors)


main()
