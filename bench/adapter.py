#!/usr/bin/env python3
"""What an adapter gains and loses, with its uncertainty.

usage: adapter.py OVERHEADS ADAPTER.gguf TEXTS.nul...     (OVERHEADS is build/overheads; texts separated by NUL, a domain a file)

Every text is coded by the base and by the adapted model. Bits are those of the payloads: frames, the model and the adapter are not in them. The gain is
1 - adapted / base over all texts of a file; its interval is the middle 95% of 2,000 draws of as many texts with replacement.
"""
import os
import random
import subprocess
import sys


def payloads(overheads, path, *options):
    with open(path, "rb") as file:
        report = subprocess.run([overheads, "--each", *options], stdin=file, capture_output=True, check=True, text=True).stdout
    return [[float(x) for x in line.split("\t")] for line in report.splitlines()]


def gain(base, adapted, draw):
    return 1 - sum(adapted[i] for i in draw) / sum(base[i] for i in draw)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    overheads, adapter, *paths = sys.argv[1:]
    print(f"adapter: {os.path.getsize(adapter):,} bytes\n")
    print("| texts | records | bytes | ratio of the base | with the adapter | gain | 95% |\n|---|---|---|---|---|---|---|")
    for path in paths:
        rows = payloads(overheads, path)
        size = sum(row[0] for row in rows)
        base, adapted = [row[2] for row in rows], [row[2] for row in payloads(overheads, path, "--adapter", adapter)]
        source = random.Random(1)
        draws = sorted(gain(base, adapted, source.choices(range(len(rows)), k=len(rows))) for _ in range(2000))
        print(f"| {os.path.basename(path)} | {len(rows)} | {size:,.0f} | {sum(base) / size / 8:.4f} | {sum(adapted) / size / 8:.4f} | "
              f"{gain(base, adapted, range(len(rows))):+.2%} | {draws[50]:+.2%} to {draws[1949]:+.2%} |")


main()
