#!/usr/bin/env python3
"""Ratio and rate of laconic beside general compressors, on texts separated by NUL.

usage: peers.py LACONIC TEXTS.nul > table.md

alone: every text on its own; the peers in their leanest form (raw deflate, raw LZMA, no frames where that is possible), laconic as one
       archive a text, all framing and checks included, and as one archive of records.
whole: all texts in one file, without the NULs.

A ratio is compressed bytes / UTF-8 bytes of the texts. A rate is text bytes / wall time of one thread (laconic also with all CPUs), in kB = 1000
bytes. Everything compressed is restored and compared. The peers run inside this process; laconic is started as a command, so its rates
include opening its model, once a run.
"""
import bz2
import lzma
import os
import subprocess
import sys
import tempfile
import time
import zlib

import brotli
import pyppmd
import zstandard

LZMA_FILTERS = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME}]


def deflate(text):
    coder = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return coder.compress(text) + coder.flush()


PPMD = {"max_order": 16, "mem_size": 256 << 20, "variant": "I"}  # pyppmd 1.3.1 restores variant I right, but not always 7z's H
ZSTD = zstandard.ZstdCompressor(level=19, write_content_size=False, write_checksum=False)

PEERS = [  # name, compress, decompress(packed, n_bytes)
    ("gzip -9 (raw deflate)", deflate, lambda packed, n: zlib.decompress(packed, -15)),
    ("bzip2 -9", bz2.compress, lambda packed, n: bz2.decompress(packed)),
    ("xz -9e (raw LZMA)", lambda text: lzma.compress(text, lzma.FORMAT_RAW, filters=LZMA_FILTERS),
     lambda packed, n: lzma.decompress(packed, lzma.FORMAT_RAW, filters=LZMA_FILTERS)),
    ("zstd -19", ZSTD.compress, lambda packed, n: zstandard.ZstdDecompressor().decompressobj().decompress(packed)),
    ("brotli 11", lambda text: brotli.compress(text, quality=11, lgwin=24), lambda packed, n: brotli.decompress(packed)),
    ("PPMd I (order 16, 256 MB)", lambda text: pyppmd.compress(text, **PPMD), lambda packed, n: pyppmd.decompress(packed, **PPMD)),
]


def measure_peer(compress, decompress, texts):
    started = time.perf_counter()
    packed = [compress(text) for text in texts]
    middle = time.perf_counter()
    restored = [decompress(one, len(text)) for one, text in zip(packed, texts)]
    ended = time.perf_counter()
    assert restored == texts
    return sum(map(len, packed)), middle - started, ended - middle


def run(arguments, **options):
    started = time.perf_counter()
    subprocess.run(arguments, check=True, **options)
    return time.perf_counter() - started


def measure_laconic(laconic, folder, content, options):
    """One file as one archive."""
    source, packed, restored = (os.path.join(folder, name) for name in ("text", "packed", "restored"))
    with open(source, "wb") as file:
        file.write(content)
    threads = [option for option in options if option.startswith("-T")]
    compressing = run([laconic, "-q", "-f", *options, "-o", packed, source])
    decompressing = run([laconic, "-q", "-f", "-d", *threads, "-o", restored, packed])
    with open(restored, "rb") as file:
        assert file.read() == content
    return os.path.getsize(packed), compressing, decompressing


def measure_laconic_alone(laconic, folder, texts, options):
    """Every text as an archive of its own, in one run of the command."""
    names = [f"{index:06}" for index in range(len(texts))]
    for name, text in zip(names, texts):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)
    compressing = run([laconic, "-q", *options, *names], cwd=folder)
    packed = [name + ".lac" for name in names]
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in packed)
    decompressing = run([laconic, "-q", "-f", "-d", *options, *packed], cwd=folder)
    for name, text in zip(names, texts):
        with open(os.path.join(folder, name), "rb") as file:
            assert file.read() == text
    return size, compressing, decompressing


def report(name, n_bytes, result):
    size, compressing, decompressing = result
    print(f"| {name} | {size:,} | {size / n_bytes:.4f} | {8 * size / n_bytes:.3f} | {n_bytes / compressing / 1e3:,.1f} "
          f"| {n_bytes / decompressing / 1e3:,.1f} |", flush=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    laconic = os.path.abspath(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        content = file.read()
    texts = content.split(b"\0")[:-1] if content.endswith(b"\0") else content.split(b"\0")
    n_bytes = sum(map(len, texts))
    all_cpus = f"-T{os.cpu_count()}"
    head = "| | bytes | ratio | bits per byte | compress, kB/s | decompress, kB/s |\n|---|---|---|---|---|---|"

    print(f"{len(texts):,} texts, {n_bytes:,} bytes\n\nEach text alone:\n\n{head}", flush=True)
    for name, compress, decompress in PEERS:
        report(name, n_bytes, measure_peer(compress, decompress, texts))
    with tempfile.TemporaryDirectory() as folder:
        report("laconic, an archive a text, -T1", n_bytes, measure_laconic_alone(laconic, folder, texts, ["-T1"]))
        for threads in ("-T1", all_cpus):
            report(f"laconic --records -0, {threads}", n_bytes,
                   measure_laconic(laconic, folder, content, ["--records", "-0", threads]))

    whole = b"".join(texts)
    print(f"\nWhole:\n\n{head}", flush=True)
    for name, compress, decompress in PEERS:
        report(name, n_bytes, measure_peer(compress, decompress, [whole]))
    with tempfile.TemporaryDirectory() as folder:
        for threads in ("-T1", all_cpus):
            report(f"laconic, {threads}", n_bytes, measure_laconic(laconic, folder, whole, [threads]))


if __name__ == "__main__":
    main()
