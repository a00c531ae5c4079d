"""A message: doc/format.md section 7."""

import mixing
from frames import Fields
from refusals import Corrupt, Unsupported
from streams import read_record

TEXT_MOST = 2 ** 24
STORED, MIXED = 0, 1


def decode(message, model, budget):
    if message[-1:] != b"\0":
        text = bytearray()
        read_record(model, message, TEXT_MOST, text, budget)
        return bytes(text)
    if len(message) < 2:
        raise Corrupt("a message of a zero byte")
    if message[-2] == STORED:
        return message[:-2]
    if message[-2] != MIXED:
        raise Unsupported(f"a message of form {message[-2]}")
    fields = Fields(message[:-2])
    n_bytes = fields.varint("text bytes", 0, TEXT_MOST)
    return bytes(mixing.decode(fields.take(fields.left(), "payload"), n_bytes))
