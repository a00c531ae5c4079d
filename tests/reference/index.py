"""What indexes say of an archive, from its beginning: doc/format.md section 5.10."""

from collections import namedtuple

from frames import FILE, GROUP, INDEX, Fields
from refusals import Corrupt

LEVELS_MOST = 8
ENTRIES_MOST = 256
TAG_AND_CHECK = 9

# frames includes the index itself, if the entry describes one.
Entry = namedtuple("Entry", "bytes frames records models open")


def read(frame):
    """(level, entries) of an index."""
    fields = Fields(frame.body)
    level = fields.varint("level", 1, LEVELS_MOST)
    entries = [read_entry(fields, level) for _ in range(fields.varint("entries", 1, ENTRIES_MOST))]
    if fields.integer(4, "length of the frame") != frame.n_bytes:
        raise Corrupt("an index that gives another length than it has")
    fields.end()
    if sum(entry.bytes for entry in entries) >= 2 ** 63:
        raise Corrupt("entries of 2^63 bytes or more")
    return level, entries


def read_entry(fields, level):
    n_bytes = fields.varint("bytes")
    n_frames = fields.varint("frames", 1, n_bytes) if level > 1 else 1
    n_records = fields.varint("records", 0, n_bytes)
    models = fields.varint("models")
    if n_frames > n_bytes or models // 2 > n_bytes:
        raise Corrupt("more frames or models than bytes")
    return Entry(n_bytes, n_frames, n_records, models // 2, models % 2)


class Account:
    """What is not described yet, level by level; each index is compared with it."""

    def __init__(self):
        self.levels = [[] for _ in range(LEVELS_MOST + 1)]
        self.open = 0
        self.wanted = False
        self.before = 0  # level of the frame before, if it is an index

    def add(self, frame, n_records, declares):
        """Any frame but an end, decoded: the separators in it, and whether it declares a model."""
        self.wanted |= frame.type in (GROUP, INDEX)
        if frame.type == INDEX:
            self.add_index(frame)
            return
        if not declares and frame.type != FILE:
            self.open = int(frame.open)
        self.levels[0].append(Entry(frame.n_bytes, 1, n_records, int(declares), self.open))
        self.before = 0
        if frame.last and self.wanted:
            raise Corrupt("an archive with a group or an index ends without the root")

    def add_index(self, frame):
        level, entries = read(frame)
        if level != self.before + 1 or entries != self.levels[level - 1]:
            raise Corrupt("an index says otherwise than the frames before it")
        if frame.last and sum(map(len, self.levels)) != len(entries):
            raise Corrupt("the root does not cover the archive")
        totals = [sum(column) for column in zip(*entries)]
        self.levels[level - 1] = []
        self.levels[level].append(Entry(totals[0] + frame.n_bytes, totals[1] + 1, totals[2], totals[3], entries[-1].open))
        self.before = level
