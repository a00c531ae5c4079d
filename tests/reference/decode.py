#!/usr/bin/env python3
"""A second decoder of laconic archives, written from doc/arithmetic.md and doc/format.md alone.

usage: python3 tests/reference/decode.py [--model M.gguf]... [--adapter A.gguf]... [--limit-tokens N] ARCHIVE > text

It is the plainest program that gives the same bytes, not a fast one. Exit: 0 done, 1 refused, 2 usage. Read it in this
order: frames, library, carried, archive, blocks, group, index, messages, streams, range_coder, frequencies, network, attention, rotary, floats; then
model, tokens, gguf; mixing, contexts, match, counters; adapter. pretokens, writer, altered and law are for the tests.
Needs numpy and xxhash (Debian: python3-numpy, python3-xxhash).
"""

import argparse
import sys

from pathlib import Path

try:
    from adapter import Adapter
    from archive import decode
    from library import Library
    from model import Model
    from refusals import Refusal
    from streams import Budget, LimitReached
except ModuleNotFoundError as missing:
    sys.exit(f"{missing}: the reference decoder needs numpy and xxhash (Debian: python3-numpy python3-xxhash)")


DEFAULT_MODEL = Path(__file__).absolute().parent.parent.parent / "models" / "default.gguf"


def open_all(kind, paths):
    for path in paths:
        try:
            yield kind(path)
        except Refusal as refusal:
            raise refusal.at(path)


def arguments():
    parser = argparse.ArgumentParser(description="decode a laconic archive, slowly")
    parser.add_argument("--model", action="append", help="GGUF model; more than one may be given")
    parser.add_argument("--adapter", action="append", default=[], help="GGUF adapter; more than one may be given")
    parser.add_argument("--limit-tokens", type=int, metavar="N",
                        help="stop after N tokens; the block that is cut off by this is not verified")
    parser.add_argument("archive")
    return parser.parse_args()


def run(options):
    library = Library(open_all(Model, options.model or [str(DEFAULT_MODEL)]), open_all(Adapter, options.adapter))
    with open(options.archive, "rb") as file:
        data = file.read()
    for text in decode(data, library, Budget(options.limit_tokens)):
        sys.stdout.buffer.write(text)


def main():
    options = arguments()
    try:
        run(options)
    except LimitReached:
        print(f"{options.archive}: stopped after {options.limit_tokens} tokens", file=sys.stderr)
    except (Refusal, OSError) as failure:
        print(f"{options.archive}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
