"""What is in the body of a block: doc/format.md section 5. Each function appends the text of one block to `text`."""

import xxhash

import mixing
from group import read_lengths, read_models
from refusals import Corrupt, Unsupported
from streams import read_record, read_text

TEXT_MOST = 2 ** 24
RECORDS_MOST = 64


def check_hash(text, expected):
    if xxhash.xxh3_64_intdigest(bytes(text)) != expected:
        raise Corrupt("hash of the text differs")


def stored(fields, text):
    """Section 5.2."""
    if not 1 <= fields.left() <= TEXT_MOST:
        raise Corrupt(f"stored block of {fields.left()} bytes")
    text += fields.take(fields.left(), "text")


def mixed(fields, text, separator=None, is_open=False):
    """Section 5.5, and, with a separator, 5.11."""
    version = fields.integer(1, "arithmetic version")
    if version != 1:
        raise Unsupported(f"arithmetic version {version} of the mixing model")
    n_bytes = fields.varint("text bytes", 1, TEXT_MOST)
    expected = fields.integer(8, "hash")
    n_records = fields.varint("records", 0, n_bytes - is_open) if separator else 0
    text += mixing.decode(fields.take(fields.left(), "payload"), n_bytes)
    check_hash(text, expected)
    if separator and text.count(separator) != n_records:
        raise Corrupt(f"{text.count(separator)} separators in a mixed block of {n_records} records")


def text_block(fields, text, models, budget):
    """Section 5.3."""
    declared = models.read_name(fields)
    n_bytes = fields.varint("text bytes", 1, TEXT_MOST)
    n_tokens = fields.varint("tokens", 1, n_bytes)
    expected = fields.integer(8, "hash")
    payload = fields.take(fields.left(), "payload")
    read_text(models.find(declared), payload, n_bytes, n_tokens, text, budget)
    check_hash(text, expected)


def records(fields, text, models, budget, separator, is_open):
    """Section 5.4: every record has the block's model."""
    declared = models.read_name(fields)
    counts = read_counts(fields)
    lengths = [fields.varint("length of a payload") for _ in range(counts.records)]
    read_records(fields, text, [declared] * counts.records, lengths, counts, models, budget, separator, is_open)


def routed(fields, text, models, budget, separator, is_open):
    """Section 5.7: every record names its own."""
    counts = read_counts(fields)
    declared, lengths = [], []
    for _ in range(counts.records):
        declared.append(models.read_name(fields))
        lengths.append(fields.varint("length of a payload"))
    read_records(fields, text, declared, lengths, counts, models, budget, separator, is_open)


def group(fields, text, models, budget, separator, is_open):
    """Section 5.9: every record has a check of its own."""
    counts = read_counts(fields)
    declared = read_models(fields, models, counts.records)
    lengths = read_lengths(fields, counts.records)
    checks = fields.take(counts.records, "checks")
    read_records(fields, text, declared, lengths, counts, models, budget, separator, is_open, checks)


class Counts:
    """The fields that all kinds of records block have."""

    def __init__(self, n_bytes, n_tokens, expected, n_records):
        self.bytes, self.tokens, self.hash, self.records = n_bytes, n_tokens, expected, n_records


def read_counts(fields):
    n_bytes = fields.varint("text bytes", 0, TEXT_MOST)
    n_tokens = fields.varint("tokens", 0, n_bytes)
    return Counts(n_bytes, n_tokens, fields.integer(8, "hash"), fields.varint("records", 1, RECORDS_MOST))


def read_records(fields, text, declared, lengths, counts, models, budget, separator, is_open, checks=None):
    if sum(lengths) != fields.left():
        raise Corrupt(f"payloads of {sum(lengths)} bytes where {fields.left()} are left")
    n_bytes = n_tokens = 0
    for i, (name, length) in enumerate(zip(declared, lengths)):
        start = len(text)
        payload = fields.take(length, "payload")
        n_tokens += read_record(models.find(name), payload, counts.bytes - n_bytes, text, budget)
        n_bytes += len(text) - start
        if checks and checks[i] != xxhash.xxh3_64_intdigest(bytes(text[start:])) % 256:
            raise Corrupt(f"check of record {i} differs")
        if separator in text[start:]:
            raise Corrupt(f"record {i} holds a separator")
        if not (is_open and i == counts.records - 1):
            text += separator
    if (n_bytes, n_tokens) != (counts.bytes, counts.tokens):
        raise Corrupt(f"{n_bytes} bytes in {n_tokens} tokens, declared {counts.bytes} in {counts.tokens}")
    check_hash(text, counts.hash)


def check_separator(text, separator, is_open):
    """Section 5.4: the text of a block of a records archive ends with a separator exactly if the block is not open.

    An open block's last record is not empty, so its text is not empty either."""
    if not text or (text[-1:] == separator) == is_open:
        raise Corrupt("flag open contradicts the end of the text")
