"""The fields of a group of records: doc/format.md section 5.9."""

from refusals import Corrupt

RECORDS_MOST = 64
WIDTH_MOST = 24


class Bits:
    """A cursor over bits: of a byte the lowest first."""

    def __init__(self, fields, name):
        self.fields, self.name = fields, name
        self.byte = self.n_left = 0

    def take(self, n):
        """A number of n bits, its lowest first."""
        value = 0
        for i in range(n):
            if self.n_left == 0:
                self.byte, self.n_left = self.fields.integer(1, self.name), 8
            value |= (self.byte & 1) << i
            self.byte, self.n_left = self.byte >> 1, self.n_left - 1
        return value

    def end(self):
        if self.byte:
            raise Corrupt(f"{self.name} that are not filled up with zeros")


def read_models(fields, models, n_records):
    """The model of each record."""
    n = fields.varint("models", 1, n_records)
    names = [models.read_number(fields) for _ in range(n)]
    bits = Bits(fields, "choices")
    choices = [bits.take((n - 1).bit_length()) for _ in range(n_records)]
    bits.end()
    if max(choices) >= n:
        raise Corrupt(f"choice {max(choices)} of {n} models")
    if list(dict.fromkeys(choices)) != list(range(n)) or len(set(names)) != n:
        raise Corrupt("models that are not in the order of their first use")
    return [models.named(names[choice]) for choice in choices]


def bits_of(lengths, width):
    return sum((length >> width) + 1 + width for length in lengths)


def read_lengths(fields, n_records):
    width = fields.integer(1, "w")
    if width > WIDTH_MOST:
        raise Corrupt(f"w is {width}")
    bits, lengths = Bits(fields, "lengths"), []
    for _ in range(n_records):
        high = 0
        while bits.take(1):
            high += 1
        lengths.append((high << width) + bits.take(width))
    bits.end()
    if width != min(range(WIDTH_MOST + 1), key=lambda w: (bits_of(lengths, w), w)):
        raise Corrupt(f"lengths with w {width}, which is not the shortest")
    return lengths
