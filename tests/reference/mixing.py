"""The mixing model: doc/arithmetic.md section 12."""

from contexts import Contexts
from counters import LARGEST, NEXT, STRETCH, learn, squash
from match import Match
from range_coder import Decoder

TOTAL = 65536
FIRST_WEIGHT = 20000
WEIGHT_LIMIT = 2 ** 24


class Predictor:
    """Section 12.1. `one` is the size of the next bit's interval for a 1; add() takes the bit that came."""

    def __init__(self, text_bytes):
        self.text = bytearray()
        self.contexts = Contexts(text_bytes)
        self.match = Match(text_bytes)
        self.weights = [[FIRST_WEIGHT] * 8 for _ in range(4 * 256)]
        self.partial = self.node = 1
        self.bits_known = 0
        self.contexts.find(1)
        self.predict()

    def add(self, bit):
        self.learn(bit)
        self.partial = self.partial * 2 + bit
        self.node = self.node * 2 + bit
        self.bits_known += 1
        if self.bits_known == 8:
            self.end_byte()
        if self.bits_known % 4 == 0:
            self.node = 1
            self.contexts.find(self.partial)
        self.predict()

    def end_byte(self):
        self.text.append(self.partial - 256)
        self.partial, self.bits_known = 1, 0
        self.contexts.add(self.text[-1])
        self.match.add(self.text)
        if len(self.text) % 65536 == 0:
            self.weights = [[max(-WEIGHT_LIMIT, min(WEIGHT_LIMIT, w)) for w in row] for row in self.weights]

    def predict(self):
        """Section 12.6."""
        self.inputs = [STRETCH[c.counters[c.slot[self.node]] >> 20] for c in self.contexts.all]
        self.foretold = self.match.foretold(self.text, self.bits_known)
        level = 0
        if self.foretold is None:
            self.inputs.append(0)
        else:
            level = self.match.level()
            trust = STRETCH[self.match.counter() >> 20]
            self.inputs.append(trust if self.foretold else -trust)
        self.row = self.weights[level * 256 + self.partial]
        mixed = sum(w * x for w, x in zip(self.row, self.inputs)) // 65536
        self.one = squash(max(-LARGEST, min(LARGEST, mixed)))

    def learn(self, bit):
        """Section 12.7."""
        error = TOTAL * bit - self.one
        e = error // 2 if error >= 0 else -(-error // 2)
        for i, x in enumerate(self.inputs):
            self.row[i] += (x * e + 8192) // 16384
        for c in self.contexts.all:
            history = c.slot[self.node]
            c.counters[history] = learn(c.counters[history], bit)
            c.slot[self.node] = NEXT[history][bit]
        if self.foretold is not None:
            self.match.learn(bit == self.foretold)


def decode(payload, text_bytes):
    """Section 12: the text of this length whose payload this is."""
    decoder = Decoder(payload)
    model = Predictor(text_bytes)
    for _ in range(8 * text_bytes):
        bit = 1 if decoder.target(TOTAL) < model.one else 0
        decoder.take(*((0, model.one) if bit else (model.one, TOTAL - model.one)))
        model.add(bit)
    decoder.finish()
    return bytes(model.text)
