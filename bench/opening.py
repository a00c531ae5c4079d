#!/usr/bin/env python3
"""How long large models take to open, with the cache of packed forms and without: bench/opening.py LACONIC [MEGABYTES], from the project's folder.

Files of random numbers, some MEGABYTES (10^6, 1,000 unless said) at a byte a number, in three types, are made in a temporary folder, read once,
and opened by `laconic models show`, five times in turns with `--cache 0` and `--cache 8G`. Takes twice as much room, and the cache as much again.
"""
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tools")
import gguf  # noqa: E402

DIM, FFN, HEADS, KV_HEADS = 2048, 5632, 16, 8
LAYER = {"attn_q": (DIM, DIM), "attn_k": (DIM, DIM // 2), "attn_v": (DIM, DIM // 2), "attn_output": (DIM, DIM),
         "ffn_gate": (DIM, FFN), "ffn_up": (DIM, FFN), "ffn_down": (FFN, DIM)}
LAYER_NUMBERS = sum(n_in * n_out for n_in, n_out in LAYER.values())
SIGNED_SMALL = bytes(0x20 + byte % 8 + byte // 128 * 128 for byte in range(256))  # high bytes of binary16 numbers from 2^-7 to 2^-5
RUNS = 5


def matrix(kind, n_in, n_out):
    n_values, n_bytes = gguf.BLOCK[gguf.TYPES[kind]]
    data = bytearray(random.randbytes(n_in * n_out // n_values * n_bytes))
    if kind == "f16":
        data[1::2] = data[1::2].translate(SIGNED_SMALL)
    else:  # a block begins with its scale: 2^-12
        n_blocks = len(data) // n_bytes
        data[0::n_bytes], data[1::n_bytes] = bytes(n_blocks), b"\x0c" * n_blocks
    return gguf.Tensor((n_in, n_out), gguf.TYPES[kind], data)


def ones():
    return gguf.Tensor((DIM,), gguf.TYPES["f16"], b"\x00\x3c" * DIM)


def make(path, kind, megabytes):
    """Returns how many numbers its matrices have."""
    vocabulary = {key: value for key, value in gguf.read("models/default.gguf")[0].items() if key.startswith("tokenizer.")}
    n_tokens = len(vocabulary["tokenizer.ggml.tokens"][1][1])
    n_layers = max(1, round((megabytes * 10**6 - n_tokens * DIM) / LAYER_NUMBERS))
    numbers = {"embedding_length": DIM, "feed_forward_length": FFN, "attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS,
               "block_count": n_layers, "context_length": 2048}
    pairs = {"general.architecture": (gguf.STRING, "llama"), "general.name": (gguf.STRING, f"random {kind}"),
             "llama.attention.layer_norm_rms_epsilon": (gguf.F32, 1e-5), **{f"llama.{key}": (gguf.U32, n) for key, n in numbers.items()}, **vocabulary}
    tensors = {"token_embd.weight": matrix(kind, DIM, n_tokens), "output_norm.weight": ones()}
    for layer in range(n_layers):
        tensors[f"blk.{layer}.attn_norm.weight"], tensors[f"blk.{layer}.ffn_norm.weight"] = ones(), ones()
        for name, shape in LAYER.items():
            tensors[f"blk.{layer}.{name}.weight"] = matrix(kind, *shape)
    gguf.write(path, pairs, tensors)
    return n_tokens * DIM + n_layers * LAYER_NUMBERS


def seconds(laconic, path, cache, told):
    begin = time.perf_counter()
    said = subprocess.run([laconic, "models", "show", "-v", "--cache", cache, path], check=True, capture_output=True, text=True).stderr
    assert told in said, said
    return time.perf_counter() - begin


def main():
    laconic, megabytes = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    random.seed(1)
    print("| tensors | numbers | file, bytes | first, s | without the cache, s | with it, s | ratio |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
        for kind in "q8_0", "q4_0", "f16":
            path = os.path.join(folder, f"{kind}.gguf")
            n_numbers = make(path, kind, megabytes)
            first = seconds(laconic, path, "8G", "packed form kept")
            os.sync()
            pairs = [(seconds(laconic, path, "0", ""), seconds(laconic, path, "8G", "packed form from")) for _ in range(RUNS)]
            without, kept = (statistics.median(column) for column in zip(*pairs))
            print(f"| {kind} | {n_numbers:,} | {os.path.getsize(path):,} | {first:.1f} | {without:.2f} ({min(p[0] for p in pairs):.2f} to {max(p[0] for p in pairs):.2f}) "
                  f"| {kept:.2f} ({min(p[1] for p in pairs):.2f} to {max(p[1] for p in pairs):.2f}) | {without / kept:.1f} |", flush=True)
            os.remove(path)


main()
