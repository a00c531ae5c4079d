"""One stream, from a payload to symbols and their bytes: doc/format.md section 6, doc/arithmetic.md section 7.3."""

from frequencies import Intervals, decode_symbol
from network import Stream
from range_coder import Decoder
from refusals import Corrupt


class LimitReached(Exception):
    """The command was told to decode so many symbols and no more."""


class Budget:
    """How many symbols may still be decoded: a text costs one evaluation for at most every byte (format.md section 7)."""

    def __init__(self, symbols=None):
        self.left = symbols

    def spend(self):
        if self.left == 0:
            raise LimitReached
        if self.left is not None:
            self.left -= 1


class SymbolReader:
    """next() gives the bytes of a symbol, an escape with its raw byte, or None for the end of the record."""

    def __init__(self, model, payload):
        self.vocabulary = model.vocabulary
        self.intervals = Intervals(model.vocabulary)
        self.stream = Stream(model)
        self.decoder = Decoder(payload)
        self.bounds = self.intervals.bounds(self.stream.logits)
        self.unseen = None  # the last symbol, if it is a token the model has not been given yet
        self.is_first = True

    def next(self):
        """A space before the text (arithmetic.md section 9.4) is left out, so that the first symbol's bytes may be none."""
        piece = self.next_symbol()
        if self.is_first and self.vocabulary.adds_space and piece and piece[0] == 0x20:
            piece = piece[1:]
        self.is_first = False
        return piece

    def next_symbol(self):
        self.catch_up()
        symbol = decode_symbol(self.decoder, self.bounds)
        if symbol == self.intervals.escape:
            return self.raw_byte()
        if symbol == (self.intervals.end if self.vocabulary.end is None else self.vocabulary.end):
            return None
        if symbol == self.intervals.end or not self.vocabulary.texts[symbol]:
            raise Corrupt(f"symbol {symbol} stands for no text")
        self.unseen = symbol
        return self.vocabulary.texts[symbol]

    def catch_up(self):
        """Evaluates the last token only when another symbol is asked for."""
        if self.unseen is not None:
            self.stream.push(self.unseen)
            self.bounds = self.intervals.bounds(self.stream.logits)
            self.unseen = None

    def raw_byte(self):
        byte = self.decoder.target(256)
        self.decoder.take(byte, 1)
        return bytes([byte])

    def finish(self):
        self.decoder.finish()


def read_text(model, payload, n_bytes, n_tokens, text, budget):
    """Format section 5.3: appends to `text`, which is left with what there is when a limit is reached."""
    reader = SymbolReader(model, payload)
    count = 0
    while len(text) < n_bytes:
        budget.spend()
        piece = reader.next()
        if piece is None:
            raise Corrupt("end of a record in a text block")
        text += piece
        count += bool(piece)
    if len(text) > n_bytes or count != n_tokens:
        raise Corrupt(f"text of {len(text)} bytes in {count} tokens, declared {n_bytes} in {n_tokens}")
    reader.finish()


def read_record(model, payload, most_bytes, text, budget):
    """Format section 5.4: appends a record without its separator to `text`; the number of its tokens."""
    reader = SymbolReader(model, payload)
    count, start = 0, len(text)
    while True:
        budget.spend()
        piece = reader.next()
        if piece is None:
            break
        text += piece
        count += bool(piece)
        if len(text) - start > most_bytes:
            raise Corrupt("records are longer than declared")
    reader.finish()
    return count
