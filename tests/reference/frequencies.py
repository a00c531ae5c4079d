"""From logits to integer intervals and back to symbols: doc/arithmetic.md section 7."""

import numpy as np

from floats import F32, exp


def token_sizes(logits):
    """Section 7.1: f_i = 1 + trunc(exp(logit_i - max logit) x 2^26)."""
    return 1 + (exp(logits - logits.max()) * F32(2.0 ** 26)).astype(np.int64)


class Intervals:
    """Sections 7.2 and 7.3: the symbols are the tokens, then the escape, then the end of a record."""

    def __init__(self, vocabulary):
        self.escape = len(vocabulary.texts)
        self.end = self.escape + 1
        every_byte = all(token is not None for token in vocabulary.token_of_byte)
        self.others = np.array([1 if every_byte else 256, 1 if vocabulary.end is not None else 16384], np.int64)

    def bounds(self, logits):
        """Where the symbols end; each begins where the one before it ends, and the last one's end is the total."""
        return np.cumsum(np.concatenate((token_sizes(logits), self.others)))


def decode_symbol(decoder, bounds):
    """The next symbol of a range decoder, by sizes that add up to these bounds."""
    target = decoder.target(int(bounds[-1]))
    symbol = int(np.searchsorted(bounds, target, side="right"))
    low = int(bounds[symbol - 1]) if symbol else 0
    decoder.take(low, int(bounds[symbol]) - low)
    return symbol
