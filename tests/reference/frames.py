"""From bytes to frames: doc/format.md sections 2 to 4. What is in a body is not looked at here."""

import xxhash

from refusals import Corrupt, NotAnArchive, Unsupported

MAGIC = bytes.fromhex("8C4C4143")
HEADER_BYTES = 10
BODY_MOST = 2 ** 24 + 2 ** 20
END, MODEL, STORED, TEXT, RECORDS, MIXED, ADAPTED, ROUTED, GROUP, INDEX, FILE, MIXED_RECORDS = range(12)
LONG_CHECKS = (STORED, GROUP, INDEX, FILE)
OPEN, LAST = 0x40, 0x80
SEPARATORS = (None, b"\n", b"\0")


class Fields:
    """A cursor over bytes: every field is bounded by what is there and by the limits it is read with."""

    def __init__(self, data, place=0):
        self.data = data
        self.place = place

    def left(self):
        return len(self.data) - self.place

    def take(self, n, name):
        if n > self.left():
            raise Corrupt(f"{name} of {n} bytes where {self.left()} are left")
        self.place += n
        return self.data[self.place - n:self.place]

    def integer(self, n, name):
        return int.from_bytes(self.take(n, name), "little")

    def varint(self, name, least=0, most=2 ** 63 - 1):
        """Section 2.3."""
        value = 0
        for i in range(9):
            byte = self.integer(1, name)
            value |= (byte & 0x7F) << 7 * i
            if byte < 0x80:
                break
        if byte >= 0x80 or (byte == 0 and i > 0):
            raise Corrupt(f"{name} is no varint of the shortest form")
        if not least <= value <= most:
            raise Corrupt(f"{name} is {value}, not {least} to {most}")
        return value

    def end(self):
        if self.left():
            raise Corrupt(f"{self.left()} bytes after the last field")


def read_header(data, place):
    """Section 3: the separator of records, or None."""
    if data[place:place + 4] != MAGIC:
        if place == 0:
            raise NotAnArchive("input does not begin with 8C 4C 41 43")
        raise Corrupt("what follows the archive is no archive").at(f"byte {place}")
    try:
        fields = Fields(data, place)
        header = fields.take(6, "header")
        if fields.integer(4, "check of the header") != xxhash.xxh3_64_intdigest(header) & 0xFFFFFFFF:
            raise Corrupt("check of the header differs")
        version, flags = header[4:]
        if version != 1:
            raise Unsupported(f"format version {version}")
        if flags > 2:
            raise Unsupported(f"flags {flags:#x}")
        return SEPARATORS[flags]
    except (Corrupt, Unsupported) as refusal:
        raise refusal.at(f"header at byte {place}")


class Frame:
    """Section 4: type, open, last, body; `place` is where it is, `end` where the next one is, `n_bytes` what lies between."""

    def __init__(self, data, place, ordinal):
        self.place = f"frame {ordinal} at byte {place}"
        try:
            self.read(Fields(data, place), ordinal)
        except (Corrupt, Unsupported) as refusal:
            raise refusal.at(self.place)

    def read(self, fields, ordinal):
        start = fields.place
        tag = fields.integer(1, "tag")
        self.type = tag & 15
        self.body = fields.take(fields.varint("length of the body", 0, BODY_MOST), "body")
        covered = fields.data[start:fields.place]
        n = 8 if self.type in LONG_CHECKS else 4
        check = xxhash.xxh3_64_intdigest(covered, seed=ordinal) % 256 ** n
        if fields.integer(n, "check") != check:
            raise Corrupt("check differs")
        if tag & 0x30:
            raise Unsupported(f"reserved bits in tag {tag:#04x}")
        if self.type > MIXED_RECORDS:
            raise Unsupported(f"frame of type {self.type}")
        self.open = bool(tag & OPEN)
        self.last = bool(tag & LAST)
        self.end = fields.place
        self.n_bytes = self.end - start
