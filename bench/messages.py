#!/usr/bin/env python3
"""Messages beside zstd with a dictionary.

usage: messages.py MESSAGES TEXTS.nul TRAINING.jsonl.zst     (MESSAGES is build/messages; pip install -r bench/requirements.txt)

The first 100, 300 and 1,000 bytes of each text that has so many are compressed alone. zstd, at level 19 and without magic, checksum, length and number of
the dictionary, has a dictionary that was trained on as long beginnings of other texts: the member "response" of TRAINING's lines.
"""
import io
import json
import subprocess
import sys
import time

import zstandard

LENGTHS = 100, 300, 1000
DICTIONARIES = (112640,) # bytes: what zstd --train makes unless told otherwise
SAMPLES = 20000


def training_texts(path):
    with open(path, "rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        for _, line in zip(range(SAMPLES), lines):
            yield json.loads(line)["response"].encode()


def laconic(program, path, n):
    with open(path, "rb") as file:
        *sizes, last = subprocess.run([program, str(n)], stdin=file, capture_output=True, check=True, text=True).stdout.splitlines()
    return [int(size) for size in sizes], [float(seconds) for seconds in last.split()[1:]]


def zstd(texts, dictionary):
    parameters = zstandard.ZstdCompressionParameters.from_level(19, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=0,
                                                                write_checksum=0, write_dict_id=0)
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=dictionary)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, format=zstandard.FORMAT_ZSTD1_MAGICLESS)
    started = time.monotonic()
    packed = [compressor.compress(text) for text in texts]
    between = time.monotonic()
    back = [decompressor.decompress(one, max_output_size=len(text)) for one, text in zip(packed, texts)]
    ended = time.monotonic()
    assert back == texts
    return [len(one) for one in packed], (between - started, ended - between)


def report(n, name, sizes, seconds):
    total = sum(sizes)
    rates = [len(sizes) * n / s / 1000 for s in seconds]
    print(f"| {n:,} | {len(sizes):,} | {name} | {total / len(sizes):.1f} | {total / len(sizes) / n:.4f} | {8 * total / len(sizes) / n:.3f} | "
          f"{rates[0]:,.1f} | {rates[1]:,.1f} |", flush=True)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, path, training = sys.argv[1:]
    texts = open(path, "rb").read().split(b"\0")[:-1]
    samples = list(training_texts(training))
    print("| bytes | texts | | bytes a message | ratio | bits per byte | compress, kB/s | decompress, kB/s |\n|---|---|---|---|---|---|---|---|")
    for n in LENGTHS:
        cut = [text[:n] for text in texts if len(text) >= n]
        learnt = [sample[:n] for sample in samples if len(sample) >= n]
        report(n, "laconic --message", *laconic(program, path, n))
        report(n, "zstd -19", *zstd(cut, None))
        for size in DICTIONARIES:
            dictionary = zstandard.train_dictionary(size, learnt, level=19)
            report(n, f"zstd -19, dictionary of {len(dictionary.as_bytes()):,} bytes", *zstd(cut, dictionary))


main()
