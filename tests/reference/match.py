"""The match of the mixing model: doc/arithmetic.md section 12.5."""

from contexts import M, WRAP, table_bits
from counters import learn

LONGEST = 65535
SEARCH_BELOW = 16
LEAST, MOST = 7, 32


def length_class(length):
    k = 0
    while length >> k > 7:
        k += 1
    return 4 * k + (length >> k)


class Match:
    """foretold: the next bit of text[at], or None. The counters say how far to trust matches of a length's class."""

    def __init__(self, text_bytes):
        self.bits = table_bits(text_bytes, 10, 20)
        self.places = {}
        self.length = 0
        self.at = 0
        self.counters = [0xF0000000] * (length_class(LONGEST) + 1)
        self.failed = False

    def add(self, text):
        """The last byte of the text is new."""
        if self.length > 0 and text[self.at] == text[-1]:
            self.at += 1
            self.length = min(self.length + 1, LONGEST)
        else:
            self.length = 0
        self.failed = False
        if len(text) >= LEAST:
            self.search(text)

    def search(self, text):
        n = len(text)
        newest_highest = int.from_bytes(text[n - 7:n - 1], "little")
        place = newest_highest * M % WRAP >> (64 - self.bits)
        value = self.places.get(place, 0)
        if self.length < SEARCH_BELOW and value:
            common = self.common(text, value + 1)
            if common >= LEAST and common > self.length:
                self.length, self.at = common, value + 1
        self.places[place] = n - 1

    @staticmethod
    def common(text, end):
        """How many bytes before `end` are those before the end of the text, up to 32."""
        n, count = len(text), 0
        while count < min(MOST, end) and text[end - 1 - count] == text[n - 1 - count]:
            count += 1
        return count

    def foretold(self, text, bits_known):
        if self.length == 0 or self.failed:
            return None
        return text[self.at] >> (7 - bits_known) & 1

    def level(self):
        return 1 if self.length < 16 else 2 if self.length < 64 else 3

    def counter(self):
        return self.counters[length_class(self.length)]

    def learn(self, right):
        number = length_class(self.length)
        self.counters[number] = learn(self.counters[number], right)
        self.failed = not right
