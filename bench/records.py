#!/usr/bin/env python3
"""Where the bytes of an archive of records go: bench/records.py ARCHIVE.lac [OVERHEADS], to be read beside doc/format.md sections 3 to 5.

OVERHEADS is the output of `build/overheads < texts.nul` of the same texts and model: with it the table tells the bits of the text from those of
ends of records and of the coder's termination. --frames prints a line a frame instead."""
import re
import sys
from collections import Counter


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        assert self.at + n <= len(self.data), "the archive is cut off"
        self.at += n
        return self.data[self.at - n:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def bits(self):
        """Bits, lowest first, of as many bytes as are asked for."""
        while True:
            byte = self.take(1)[0]
            for i in range(8):
                yield byte >> i & 1


def lengths_of(body, n, width):
    bits = body.bits()
    for _ in range(n):
        high = 0
        while next(bits):
            high += 1
        yield (high << width) + sum(next(bits) << i for i in range(width))


class Steps:
    """Adds what was read of a body since the last step to a part."""

    def __init__(self, body, parts):
        self.body, self.parts, self.at = body, parts, body.at

    def done(self, name):
        self.parts[name] += self.body.at - self.at
        self.at = self.body.at


def read_group(body, parts):
    """Section 5.9. Returns what --frames shows."""
    steps = Steps(body, parts)
    body.varint(), body.varint()
    steps.done("counts of groups")
    body.take(8)
    steps.done("hashes of texts")
    n, k = body.varint(), body.varint()
    for _ in range(k):
        body.varint()
    steps.done("counts of groups")
    body.take((n * (k - 1).bit_length() + 7) // 8)
    steps.done("choices of models")
    lengths = list(lengths_of(body, n, body.take(1)[0]))
    steps.done("lengths of payloads")
    body.take(n)
    steps.done("checks of records")
    body.take(sum(lengths))
    steps.done("payloads")
    return f"{n} records, {k} models"


def read_index(body):
    level, n = body.varint(), body.varint()
    return f"level {level}, {n} entries"


NAMES = ["end", "model", "stored", "text", "records", "mixed", "adapted", "routed", "group", "index"]


def read_archive(data, parts, print_frames):
    at = Bytes(data)
    n_records = n_groups = 0
    assert at.take(4) == b"\x8cLAC", "not an archive"
    at.take(6)
    parts["header"] += 10
    while True:
        begin = at.at
        tag = at.take(1)[0]
        body = Bytes(at.take(at.varint()))
        kind = NAMES[tag & 15]
        n_check = 8 if kind in ("stored", "group", "index") else 4
        n_frame = at.at - begin - len(body.data) + n_check
        at.take(n_check)
        what = ""
        if kind == "group":
            what = read_group(body, parts)
            assert body.at == len(body.data)
            n_records += int(what.split()[0])
            n_groups += 1
            parts["tags, lengths, checks of groups"] += n_frame
        else:
            parts["indexes" if kind == "index" else kind + " frames"] += len(body.data) + n_frame
            if kind == "index":
                what = read_index(body)
        if print_frames:
            print(begin, kind, len(body.data), "open" if tag & 64 else "", "last" if tag & 128 else "", what)
        if tag & 128:
            break
    assert at.at == len(data), "more than one archive"
    return n_records, n_groups


def main():
    arguments = [a for a in sys.argv[1:] if a != "--frames"]
    data = open(arguments[0], "rb").read()
    parts = Counter()
    n_records, n_groups = read_archive(data, parts, "--frames" in sys.argv)
    if "--frames" in sys.argv:
        return
    if len(arguments) > 1:
        said = open(arguments[1]).read()
        coded, ends = re.search(r"frequencies bits\t([\d.]+)\tends\t([\d.]+)", said).groups()
        coded, ends = float(coded) / 8, float(ends) / 8
        payloads = parts.pop("payloads")
        parts["texts, as integer frequencies code them"] = coded
        parts["ends of records"] = ends
        parts["termination of the coder"] = payloads - coded - ends
    print(f"{n_records:,} records, {n_groups:,} groups, {len(data):,} bytes\n")
    print("| part | bytes | a record |\n|---|---|---|")
    for name, n in parts.most_common():
        print(f"| {name} | {n:,.0f} | {n / n_records:.3f} |")


main()
