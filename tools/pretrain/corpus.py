"""Tokenized documents, and the rows that a model reads.

All documents lie one after another, each the beginning-of-text token and its tokens. A row is a list of pieces of
documents. Two layouts:

- rows, for training: filled with one document after another. A document that does not end with its row goes on in the next
  behind another beginning-of-text token, from which nothing is foretold; after its last token the end of text is foretold;
- windows, for measuring: a document alone, cut as doc/arithmetic.md section 6.5 says.
"""
import collections
import hashlib
import json
import lzma
import os
import random

import torch

IGNORED = -100  # a target that is not foretold; cross_entropy's default
TOKENS_MAX = 1 << 31

# Of a document: tokens first to first + n, behind a beginning-of-text token if is_continued; nothing is foretold from the
# first n_unasked.
Piece = collections.namedtuple("Piece", "first n is_continued n_unasked")


class Corpus:
    def __init__(self, tokens, bos, eos):
        """tokens: all documents, as integers of 16 bits (signed ones, as torch has no arithmetic for others)."""
        self.tokens = tokens.to(torch.int32) & 0xFFFF
        self.bos, self.eos = bos, eos
        starts = (self.tokens == bos).nonzero().flatten()
        if len(starts) == 0 or starts[0] != 0:
            raise ValueError("tokens do not begin with a document")
        self.bounds = starts.tolist() + [len(self.tokens)]
        self.targets = torch.cat((self.tokens[1:], self.tokens[:1])).long()
        self.targets[starts - 1] = IGNORED if eos is None else eos  # of the last token of each document; -1 is the last's

    def __len__(self):
        return len(self.bounds) - 1

    def rows(self, window, order):
        """The rows of the documents of these numbers, as many as wanted."""
        row, room = [], window
        for number in order:
            at, end = self.bounds[number], self.bounds[number + 1]
            while at < end:
                is_continued = at > self.bounds[number]
                n = min(room - is_continued, end - at)
                row.append(Piece(at, n, is_continued, 0))
                at, room = at + n, room - n - is_continued
                if room == 0:
                    yield row
                    row, room = [], window
        if row:
            yield row

    def windows(self, window, number):
        """The rows of one document by the rule of section 6.5. Its last token is not read, so that its end is not foretold."""
        first, end = self.bounds[number], self.bounds[number + 1] - 1
        half = window // 2
        yield [Piece(first, min(window, end - first), False, 0)]
        for at in range(first + window, end, window - half):
            yield [Piece(at - half + 1, min(window - 1, end - at + half - 1), True, half - 1)]

    def batch(self, rows, window):
        """tokens, targets, and the place in the row where a token's document begins: [rows][window] each. What is left of a
        row stands nowhere: it is not foretold."""
        tokens = torch.full((len(rows), window), self.bos, dtype=torch.int32)
        targets = torch.full((len(rows), window), IGNORED)
        starts = torch.full((len(rows), window), window, dtype=torch.int32)
        for i, row in enumerate(rows):
            at = 0
            for piece in row:
                begin = at + piece.is_continued
                tokens[i, begin:begin + piece.n] = self.tokens[piece.first:piece.first + piece.n]
                skipped = piece.n_unasked
                targets[i, begin + skipped:begin + piece.n] = self.targets[piece.first + skipped:piece.first + piece.n]
                starts[i, at:begin + piece.n] = at
                at = begin + piece.n
        return tokens, targets, starts


class Epochs:
    """Rows of all documents in an order drawn anew in every epoch. Each depends on the seed and its number alone, so a
    training can go on at any row."""

    def __init__(self, corpus, window, seed):
        self.corpus, self.window, self.seed = corpus, window, seed
        self.epoch, self.first = -1, 0  # the number of the epoch's first row
        self.rows = []

    def _draw(self, epoch):
        order = list(range(len(self.corpus)))
        random.Random(f"{self.seed} {epoch}").shuffle(order)
        self.first += len(self.rows)
        self.rows = list(self.corpus.rows(self.window, order))
        self.epoch = epoch

    def take(self, first, n):
        """n rows from row `first` on; never from before the last ones taken."""
        rows = []
        while len(rows) < n:
            while first + len(rows) >= self.first + len(self.rows):
                self._draw(self.epoch + 1)
            begin = first + len(rows) - self.first
            rows += self.rows[begin:begin + n - len(rows)]
        return rows


def load(folder, vocabulary, n_parts=None):
    """What prepare.py wrote; with n_parts, of the first parts only."""
    with open(os.path.join(folder, "tokens.json"), encoding="utf-8") as file:
        about = json.load(file)
    if about["vocabulary"] != vocabulary.digest:
        raise ValueError(f"{folder} was prepared with another vocabulary than {vocabulary.path} has: prepare it anew")
    data = bytearray()
    for part in about["parts"][:n_parts]:
        path = os.path.join(folder, part["file"])
        with open(path, "rb") as file:
            packed = file.read()
        if hashlib.sha256(packed).hexdigest() != part["sha256"]:
            raise ValueError(f"{path} is not the file that was prepared: its SHA-256 differs")
        data += lzma.LZMADecompressor(memlimit=1 << 28).decompress(packed, 2 * part["tokens"])
    if not data or len(data) > 2 * TOKENS_MAX:
        raise ValueError(f"{folder} holds {len(data) // 2} tokens; 1 to {TOKENS_MAX} are possible")
    return Corpus(torch.frombuffer(data, dtype=torch.int16), vocabulary.bos, vocabulary.eos)


def of_documents(documents, vocabulary):
    """A corpus of arrays of tokens."""
    data = bytearray()
    for tokens in documents:
        data += vocabulary.bos.to_bytes(2, "little") + tokens.tobytes()
    if not data:
        raise ValueError("there is no text")
    return Corpus(torch.frombuffer(data, dtype=torch.int16), vocabulary.bos, vocabulary.eos)
