#!/usr/bin/env python3
"""Turns files of JSON lines into packed tokens that train.py reads: prepare.py -o FOLDER [options] FILE...

A record has a text "response" and may have a text "prompt". A document is the beginning-of-text token and the response; in
a share of the documents the prompt and a blank line stand before it. Needs nothing but Python and build/tokenize.
"""
import argparse
import array
import hashlib
import json
import lzma
import os
import random
import shutil
import sys

import texts

PART_TOKENS = 8 << 20  # a part packs to less than 16 MiB even if nothing can be saved
# LZMA for little-endian numbers of 16 bits: half a token's bits depend on whether a byte is its first.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 0, "lp": 1, "pb": 1, "dict_size": 1 << 24}]


def documents(paths, prompt_share, seed, limit):
    """The texts of documents. Whether one has its prompt depends on the seed and its number alone."""
    n = 0
    for path in paths:
        for record in texts.read_records(path):
            if n == limit:
                return
            has_prompt = random.Random(f"{seed} {n}").random() < prompt_share and record.get("prompt")
            n += 1
            yield ((record["prompt"] + "\n\n" if has_prompt else "") + record["response"]).encode()


class Parts:
    """Files of at most PART_TOKENS tokens each."""

    def __init__(self, folder):
        self.folder, self.tokens, self.parts = folder, array.array("H"), []

    def add(self, tokens):
        self.tokens.extend(tokens)
        while len(self.tokens) >= PART_TOKENS:
            self.write(PART_TOKENS)

    def write(self, n):
        part, self.tokens = self.tokens[:n], self.tokens[n:]
        if sys.byteorder == "big":
            part.byteswap()
        packed = lzma.compress(part.tobytes(), lzma.FORMAT_XZ, filters=FILTERS)
        name = f"tokens-{len(self.parts):03}.xz"
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(packed)
        self.parts.append({"file": name, "tokens": n, "bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()})
        print(f"{name}: {n} tokens in {len(packed)} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON lines; .zst is unpacked")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="must not exist")
    parser.add_argument("--vocabulary", default="models/default.gguf", metavar="GGUF")
    parser.add_argument("--prompt-share", type=float, default=0.5, help="of documents; the dev set wants 0 (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=-1, metavar="N", help="the first N only")
    o = parser.parse_args()
    unfinished = o.output + ".unfinished"
    try:
        vocabulary = texts.read_vocabulary(o.vocabulary)
        if os.path.exists(o.output):
            raise ValueError(f"{o.output} exists already")
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        parts, n_documents = Parts(unfinished), 0
        for tokens in texts.tokenize(vocabulary, documents(o.files, o.prompt_share, o.seed, o.records)):
            if tokens:
                parts.add([vocabulary.bos])
                parts.add(tokens)
                n_documents += 1
        if n_documents == 0:
            raise ValueError("there is no text in the files")
        if parts.tokens:
            parts.write(len(parts.tokens))
        about = {"vocabulary": vocabulary.digest, "bos": vocabulary.bos, "documents": n_documents, "parts": parts.parts,
                 "tokens": sum(part["tokens"] for part in parts.parts)}
        with open(os.path.join(unfinished, "tokens.json"), "w", encoding="utf-8") as file:
            json.dump(about, file, indent=1)
        os.rename(unfinished, o.output)
    except (OSError, ValueError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        sys.exit(f"prepare: {error}")
    print(f"{n_documents} documents, {about['tokens']} tokens, {sum(part['bytes'] for part in parts.parts)} bytes")


main()
