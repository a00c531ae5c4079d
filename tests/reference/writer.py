"""Just enough of an encoder for the tests: frames with right checks around any bodies, payloads of any symbols."""

import xxhash

from frames import HEADER_BYTES, LAST, LONG_CHECKS, MAGIC, STORED, Frame
from frequencies import Intervals
from network import Stream
from range_coder import Encoder


def varint(value):
    """Format section 2.3."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def header(version=1, flags=0):
    start = MAGIC + bytes([version, flags])
    return start + check(start, 0, 4)


def check(covered, seed, n):
    return (xxhash.xxh3_64_intdigest(covered, seed=seed) % 256 ** n).to_bytes(n, "little")


def frame(tag, body, ordinal):
    covered = bytes([tag]) + varint(len(body)) + body
    return covered + check(covered, ordinal, 8 if tag & 15 in LONG_CHECKS else 4)


def archive(frames, flags=0):
    """An archive of (tag, body)."""
    return header(1, flags) + b"".join(frame(tag, body, i) for i, (tag, body) in enumerate(frames))


def frames_of(data):
    """The (tag, body) of an archive's frames."""
    place, result = HEADER_BYTES, []
    while place < len(data):
        read = Frame(data, place, len(result))
        result.append((data[place], bytes(read.body)))
        place = read.end
    return result


def text_hash(text):
    return xxhash.xxh3_64_intdigest(text).to_bytes(8, "little")


def model_body(identity, window, name=b"", version=1):
    return bytes([version]) + identity + varint(window) + bytes([len(name)]) + name


def text_body(model, n_bytes, n_tokens, text, payload):
    return varint(model) + varint(n_bytes) + varint(n_tokens) + text_hash(text) + payload


def records_body(model, n_bytes, n_tokens, text, payloads):
    lengths = b"".join(varint(len(p)) for p in payloads)
    return text_body(model, n_bytes, n_tokens, text, varint(len(payloads)) + lengths + b"".join(payloads))


def routed_body(n_bytes, n_tokens, text, payloads):
    """Of (model, payload)."""
    names = b"".join(varint(model) + varint(len(p)) for model, p in payloads)
    start = varint(n_bytes) + varint(n_tokens) + text_hash(text) + varint(len(payloads))
    return start + names + b"".join(p for _, p in payloads)


def payload(model, symbols):
    """The payload of tokens (numbers), escaped bytes (bytes) and the end of a record (None)."""
    intervals, stream, encoder = Intervals(model.vocabulary), Stream(model), Encoder()
    for symbol in symbols:
        bounds = [0, *intervals.bounds(stream.logits).tolist()]
        number = number_of(symbol, model.vocabulary, intervals)
        encoder.encode(bounds[number], bounds[number + 1] - bounds[number], bounds[-1])
        if isinstance(symbol, bytes):
            encoder.encode(symbol[0], 1, 256)
        elif number < intervals.escape:
            stream.push(number)
    return encoder.payload()


def number_of(symbol, vocabulary, intervals):
    if isinstance(symbol, bytes):
        return intervals.escape
    if symbol is None:
        return intervals.end if vocabulary.end is None else vocabulary.end
    return symbol


def stored_archive(text):
    return archive([(STORED | LAST, text)])
