"""An archive's frames, one after the other: doc/format.md sections 3 to 5. Blocks come out when they are verified."""

import blocks
from carried import Carried
from frames import (ADAPTED, END, FILE, GROUP, HEADER_BYTES, INDEX, MIXED, MIXED_RECORDS, MODEL, RECORDS, ROUTED,
                    STORED, TEXT, Fields, Frame, read_header)
from index import Account
from library import DeclaredModels
from refusals import Corrupt, Refusal
from streams import LimitReached


class Archive:
    """decode() gives the text of one archive, block by block; `end` is then the place after it."""

    def __init__(self, data, place, library, budget):
        self.data = data
        self.end = place + HEADER_BYTES
        self.separator = read_header(data, place)
        self.models = DeclaredModels(library)
        self.budget = budget
        self.account = Account()
        self.carried = Carried(self.models)

    def decode(self):
        last, ordinal = False, 0
        while not last:
            frame = Frame(self.data, self.end, ordinal)
            text = bytearray()
            try:
                self.decode_frame(frame, ordinal, text)
            except LimitReached:
                yield bytes(text)
                raise
            except Refusal as refusal:
                raise refusal.at(frame.place)
            yield bytes(text)
            self.end, last, ordinal = frame.end, frame.last, ordinal + 1

    def decode_frame(self, frame, ordinal, text):
        fields = Fields(frame.body)
        declares = frame.type in (MODEL, ADAPTED)
        self.carried.check_place(frame, declares)
        if frame.type == INDEX:
            self.check_index(frame)
        elif frame.type == FILE:
            self.carried.read(fields)
        elif declares or frame.type == END:
            self.read_declaration(frame, fields, ordinal)
            fields.end()
        else:
            self.read_block(frame, fields, text)
            fields.end()
        if self.separator and frame.type != END:
            self.account.add(frame, text.count(self.separator), declares)

    def check_index(self, frame):
        """Section 5.10, but for what it says, which the account compares."""
        if frame.open or not self.separator:
            raise Corrupt("an index that is open, or of one text")

    def read_declaration(self, frame, fields, ordinal):
        """Sections 4, 4.1, 4.2 and 4.4."""
        if frame.open or frame.last != (frame.type == END):
            raise Corrupt("flags that a frame of this type never has")
        if frame.type == END and ordinal > 0:
            raise Corrupt("end frame behind another frame")
        if frame.type == MODEL:
            self.models.declare(fields)
        elif frame.type == ADAPTED:
            self.models.declare_adapted(fields)

    def read_block(self, frame, fields, text):
        """Section 5."""
        if frame.open and self.separator is None:
            raise Corrupt("open block in an archive without records")
        if frame.type != STORED and (frame.type in (TEXT, MIXED)) == bool(self.separator):
            raise Corrupt(f"frame of type {frame.type} in an archive {'of' if self.separator else 'without'} records")
        if frame.type == STORED:
            blocks.stored(fields, text)
        elif frame.type == MIXED:
            blocks.mixed(fields, text)
        elif frame.type == MIXED_RECORDS:
            blocks.mixed(fields, text, self.separator, frame.open)
        elif frame.type == TEXT:
            blocks.text_block(fields, text, self.models, self.budget)
        else:
            read = {RECORDS: blocks.records, ROUTED: blocks.routed, GROUP: blocks.group}[frame.type]
            read(fields, text, self.models, self.budget, self.separator, frame.open)
        if self.separator:
            blocks.check_separator(text, self.separator, frame.open)


def decode(data, library, budget):
    """Format section 1: the content of concatenated archives is the concatenation of theirs."""
    place = 0
    while place == 0 or place < len(data):
        archive = Archive(data, place, library, budget)
        yield from archive.decode()
        place = archive.end
