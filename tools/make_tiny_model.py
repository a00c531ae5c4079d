#!/usr/bin/env python3
"""Writes a small random llama-architecture GGUF file for tests: same options, same bytes.

Needs nothing but Python. The weights mean nothing; shapes, tensor types and oddities are what tests want.
"""
import argparse
import random
import re
import struct

U32, F32, STRING, ARRAY, I32 = 4, 6, 8, 9, 5
TYPES = {"f32": 0, "f16": 1, "q8_0": 8}
ALIGNMENT = 32


def spelling_of_bytes():
    """The printable character that stands for each byte in a byte-level vocabulary."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


# What the merges are learnt from, so that ordinary text takes fewer tokens than bytes even from a model that knows nothing.
SAMPLE = """The answer to that is in the first part of the question, and there are other things that you can do with it as well.
In this case the model writes one sentence after another; each of them should be clear, short and to the point. For example:
1. Read the text. 2. Think about what it means. 3. Write down the result, then check whether it is right or not.
You are using this because it was the best of all those that we have seen, which is more than enough information."""


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


def make_vocabulary(size, drop_bytes, with_end):
    spelling = spelling_of_bytes()
    tokens = [spelling[byte] for byte in range(256) if not (drop_bytes and byte % 7 == 3 and not chr(byte).islower())]
    words = [[spelling[byte] for byte in word.encode()] for word in re.findall(r"\s?\S+", SAMPLE)]
    merges = learn_merges(words, set(tokens), size - 1 - len(tokens))
    tokens += [left + right for left, right in merges]
    tokens.append("<|endoftext|>" if with_end else "<|begin|>")
    return tokens, [f"{left} {right}" for left, right in merges], [1] * (size - 1) + [3]


def read_vocabulary(path):
    """Tokens, merges and types of another GGUF file."""
    with open(path, "rb") as file:
        data = file.read()
    at = 24

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values[0]

    def value(kind):
        nonlocal at
        if kind == STRING:
            length = take("Q")
            at += length
            return data[at - length:at].decode()
        if kind == ARRAY:
            inner, n = take("I"), take("Q")
            return [value(inner) for _ in range(n)]
        return take("BbHhIif?..Qqd"[kind])

    found = {}
    for _ in range(struct.unpack_from("<Q", data, 16)[0]):
        key = value(STRING)
        found[key] = value(take("I"))
    return found["tokenizer.ggml.tokens"], found["tokenizer.ggml.merges"], found["tokenizer.ggml.token_type"]


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key, kind, value):
    return string(key) + struct.pack("<I", kind) + value


def array(kind, values):
    pack = {STRING: string, I32: lambda value: struct.pack("<i", value)}[kind]
    return struct.pack("<IQ", kind, len(values)) + b"".join(map(pack, values))


def encode(values, row, kind):
    if kind == "f32":
        return struct.pack(f"<{len(values)}f", *values)
    if kind == "f16":
        return struct.pack(f"<{len(values)}e", *values)
    if row % 32:
        raise SystemExit("q8_0 wants rows of a multiple of 32")
    out = []
    for start in range(0, len(values), 32):
        block = values[start:start + 32]
        scale = struct.unpack("<e", struct.pack("<e", max(map(abs, block)) / 127))[0]
        numbers = [max(-127, min(127, round(value / scale))) if scale else 0 for value in block]
        out.append(struct.pack("<e32b", scale, *numbers))
    return b"".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("dim", 64), ("layers", 2), ("heads", 4), ("kv-heads", 2), ("head-dim", 0), ("rotary-dim", 0),
                          ("ffn", 96), ("vocab", 384), ("context", 64), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rotary-base", type=float, default=10000.0)
    parser.add_argument("--epsilon", type=float, default=1e-5)
    parser.add_argument("--type", choices=TYPES, default="f16", help="of matrices")
    parser.add_argument("--untied", action="store_true", help="an output matrix of its own")
    parser.add_argument("--drop-bytes", action="store_true", help="leave a seventh of the bytes, no lower-case letters, without a token")
    parser.add_argument("--vocabulary", metavar="GGUF", help="take the tokens of this model; the last one ends texts")
    parser.add_argument("--no-eos", action="store_true")
    parser.add_argument("--huge", action="store_true", help="every weight is the largest finite F16, of random sign")
    parser.add_argument("--sharp", type=float, default=1, help="spread logits by this factor: a model that is sure of something")
    parser.add_argument("-o", "--output", required=True)
    o = parser.parse_args()
    draw = random.Random(o.seed)
    head_dim = o.head_dim or o.dim // o.heads
    tokens, merges, types = read_vocabulary(o.vocabulary) if o.vocabulary else make_vocabulary(o.vocab, o.drop_bytes, not o.no_eos)
    o.vocab = len(tokens)

    def weights(rows, columns):
        if o.huge:
            return [65504.0 if draw.random() < 0.5 else -65504.0 for _ in range(rows * columns)]
        reach = (1.0 if rows == o.vocab else 3.0) / columns ** 0.5  # logits of about half a nat
        return [(2 * draw.random() - 1) * reach for _ in range(rows * columns)]

    def norm(factor=1):
        return [65504.0 if o.huge else (0.5 + draw.random()) * factor for _ in range(o.dim)]

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

    descriptions, data = [], bytearray()
    for name, rows, columns in matrices:
        kind = o.type if rows else "f32"
        values = weights(rows, columns) if rows else norm(o.sharp if name == "output_norm.weight" else 1)
        dims = (columns, rows) if rows else (columns,)
        descriptions.append(string(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, TYPES[kind], len(data)))
        data += encode(values, columns, kind)
        data += bytes(-len(data) % ALIGNMENT)

    u32 = lambda value: struct.pack("<I", value)
    f32 = lambda value: struct.pack("<f", value)
    pairs = [pair("general.architecture", STRING, string("llama")),
             pair("general.name", STRING, string("tiny random")),
             pair("llama.context_length", U32, u32(o.context)),
             pair("llama.embedding_length", U32, u32(o.dim)),
             pair("llama.block_count", U32, u32(o.layers)),
             pair("llama.feed_forward_length", U32, u32(o.ffn)),
             pair("llama.attention.head_count", U32, u32(o.heads)),
             pair("llama.attention.head_count_kv", U32, u32(o.kv_heads)),
             pair("llama.attention.layer_norm_rms_epsilon", F32, f32(o.epsilon)),
             pair("llama.rope.freq_base", F32, f32(o.rotary_base)),
             pair("llama.rope.dimension_count", U32, u32(o.rotary_dim or head_dim)),
             pair("tokenizer.ggml.model", STRING, string("gpt2")),
             pair("tokenizer.ggml.pre", STRING, string("gpt-2")),
             pair("tokenizer.ggml.tokens", ARRAY, array(STRING, tokens)),
             pair("tokenizer.ggml.token_type", ARRAY, array(I32, types)),
             pair("tokenizer.ggml.merges", ARRAY, array(STRING, merges)),
             pair("tokenizer.ggml.bos_token_id", U32, u32(o.vocab - 1))]
    if o.head_dim:
        pairs += [pair("llama.attention.key_length", U32, u32(head_dim)),
                  pair("llama.attention.value_length", U32, u32(head_dim))]
    if not o.no_eos:
        pairs.append(pair("tokenizer.ggml.eos_token_id", U32, u32(o.vocab - 1)))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(descriptions), len(pairs)) + b"".join(pairs) + b"".join(descriptions)
    head += bytes(-len(head) % ALIGNMENT)
    with open(o.output, "wb") as file:
        file.write(head + data)


main()
