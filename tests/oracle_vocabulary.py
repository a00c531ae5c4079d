#!/usr/bin/env python3
"""Writes a published tokenizer as a GGUF file without tensors: oracle_vocabulary.py FOLDER PRE -o OUTPUT.gguf, from the project's folder.

FOLDER holds tokenizer.json, or vocab.json, merges.txt and tokenizer_config.json. Token types are those that llama.cpp's converter
gives: added tokens are control tokens if they are special, else user-defined; ids without a token are unused.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, "tools")
import gguf  # noqa: E402
from gguf import ARRAY, I32, STRING, U32  # noqa: E402

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5


def read(folder):
    """{spelling: id}, merges as lines, {id: (spelling, is special)}."""
    def load(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file) if name.endswith(".json") else file.read()
    if os.path.exists(os.path.join(folder, "tokenizer.json")):
        whole = load("tokenizer.json")
        merges = [line if isinstance(line, str) else " ".join(line) for line in whole["model"]["merges"]]
        return whole["model"]["vocab"], merges, {added["id"]: (added["content"], added["special"]) for added in whole["added_tokens"]}
    added = load("tokenizer_config.json")["added_tokens_decoder"]
    merges = [line for line in load("merges.txt").split("\n") if line and not line.startswith("#version")]
    return load("vocab.json"), merges, {int(key): (token["content"], token["special"]) for key, token in added.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("pre")
    parser.add_argument("-o", "--output", required=True)
    o = parser.parse_args()
    vocabulary, merges, added = read(o.folder)
    n = max(*vocabulary.values(), *added) + 1
    tokens, types = [f"[unused {i}]" for i in range(n)], [UNUSED] * n
    for spelling, i in vocabulary.items():
        tokens[i], types[i] = spelling, NORMAL
    for i, (spelling, is_special) in added.items():
        tokens[i], types[i] = spelling, CONTROL if is_special else USER_DEFINED
    end = next(i for i, (spelling, _) in added.items() if spelling == "<|endoftext|>")
    gguf.write(o.output, {"tokenizer.ggml.model": (STRING, "gpt2"), "tokenizer.ggml.pre": (STRING, o.pre),
                          "tokenizer.ggml.tokens": (ARRAY, (STRING, tokens)), "tokenizer.ggml.token_type": (ARRAY, (I32, types)),
                          "tokenizer.ggml.merges": (ARRAY, (STRING, merges)), "tokenizer.ggml.bos_token_id": (U32, end),
                          "tokenizer.ggml.eos_token_id": (U32, end)}, {})


main()
