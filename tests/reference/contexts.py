"""The contexts of the mixing model and their slots: doc/arithmetic.md section 12.4."""

from counters import BITS, FIRST

M = 0x9E3779B97F4A7C15
SPREAD = 0xD6E8FEB86659FD93
WRAP = 2 ** 64


def table_bits(n, least, most):
    """Sections 12.4 and 12.5: the least exponent with 2^exponent >= n, within bounds."""
    return min(max((max(n, 1) - 1).bit_length(), least), most)


class Context:
    """What all contexts have: a counter for each history, and a slot, the histories of node 1 to 15 (0 is not used)."""

    def __init__(self):
        self.counters = list(FIRST)
        self.slot = None


class DirectContext(Context):
    """Contexts 0 and 1: a slot for every half byte, by the bits before it and what the context is known by."""

    def __init__(self, known):
        super().__init__()
        self.known = known
        self.key = 0
        self.slots = {}

    def renew(self, last, word):
        self.key = last[0] if self.known else 0

    def find(self, partial):
        self.slot = self.slots.setdefault((self.key, partial), [0] * 16)


class HashedContext(Context):
    """Contexts 2 to 6: a table of slots with checks. Slots that were never taken are not stored: they are all empty."""

    def __init__(self, text_bytes, value, paged):
        super().__init__()
        self.bits = table_bits(text_bytes, 10, 18)
        self.value = value  # V, of the last bytes (the last first) and of W
        self.paged = paged  # contexts 4, 5 and 6
        self.hash = 0
        self.slots = {}

    def renew(self, last, word):
        v = self.value(last, word) * SPREAD % WRAP
        self.hash = v ^ v >> 31

    def place_and_check(self, partial):
        h = (self.hash + partial) * M % WRAP
        return h >> (64 - self.bits), (h >> 36) % 256

    def find(self, partial):
        place, check = self.place_and_check(partial)
        if self.paged and partial != 1:
            first = self.place_and_check(1)[0]
            place = first - first % 16 + place % 16
        self.slot = self.at(self.choose(place, check))[1]

    def at(self, place):
        return self.slots.setdefault(place, (0, [0] * 16))

    def choose(self, place, check):
        other = place ^ 1
        for candidate in (place, other):
            if self.at(candidate)[0] == check:
                return candidate
        taken = other if BITS[self.at(place)[1][1]] > BITS[self.at(other)[1][1]] else place
        self.slots[taken] = (check, [0] * 16)
        return taken


def last_bytes(first, last):
    """V of the bytes b_first … b_last, the last named lowest; `last` is the older or equal number of the two."""
    def value(recent, word):
        return sum(recent[i - 1] << 8 * (i - last) for i in range(last, first + 1))
    return value


def word_value(recent, word):
    return (word + recent[0]) % WRAP


def is_word_byte(b):
    return b >= 128 or chr(b).isalnum()


class Contexts:
    """The seven of them, in the table's order."""

    def __init__(self, text_bytes):
        self.recent = [0] * 6  # b_1 … b_6
        self.word = 0
        self.all = [DirectContext(False), DirectContext(True)]
        for value, paged in ((last_bytes(2, 1), False), (last_bytes(3, 2), False), (last_bytes(4, 1), True),
                             (last_bytes(6, 1), True), (word_value, True)):
            self.all.append(HashedContext(text_bytes, value, paged))

    def add(self, byte):
        self.recent = [byte] + self.recent[:5]
        self.word = (self.word + byte + 1) * M % WRAP if is_word_byte(byte) else 0
        for context in self.all:
            context.renew(self.recent, self.word)

    def find(self, partial):
        for context in self.all:
            context.find(partial)
