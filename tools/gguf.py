"""GGUF files, version 3, little-endian (ggml-org/ggml docs/gguf.md), for the tools of this folder. Needs nothing but Python.

A file is its metadata, {key: (kind, value)} in the file's order, an array's value being (kind of its items, [items]); and its
tensors, {name: Tensor}. Errors are ValueErrors that name the file and the place.
"""
import collections
import struct

U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
FORMS = "BbHhIif???Qqd"  # of the kinds, for struct; STRING and ARRAY have none
TYPES = {"f32": 0, "f16": 1, "bf16": 30, "q8_0": 8, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q4_k": 12, "q5_k": 13, "q6_k": 14}  # of tensors
BLOCK = {0: (1, 4), 1: (1, 2), 30: (1, 2), 8: (32, 34), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 12: (256, 144), 13: (256, 176),
         14: (256, 210)}  # of a type: values, bytes
ALIGNMENT = 32

Tensor = collections.namedtuple("Tensor", "dims type data")  # dims[0] is the length of a row


def spelling_of_bytes():
    """The printable character that stands for each byte in a byte-level vocabulary."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


class _Reader:
    def __init__(self, path, data):
        self.path, self.data, self.at = path, data, 0

    def fail(self, what):
        raise ValueError(f"{self.path}: {what} at byte {self.at}; a GGUF file of version 3 is wanted")

    def take(self, form):
        size = struct.calcsize("<" + form)
        if size > len(self.data) - self.at:
            self.fail("the file ends too early,")
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += size
        return values

    def string(self):
        length, = self.take("Q")
        if length > len(self.data) - self.at:
            self.fail(f"a string of {length} bytes in what is left,")
        self.at += length
        try:
            return bytes(self.data[self.at - length:self.at]).decode()
        except UnicodeDecodeError:
            return self.fail("a string that is no UTF-8")

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, n = self.take("IQ")
            if n > len(self.data) - self.at:
                self.fail(f"an array of {n} items in what is left,")
            return inner, [self.value(inner) for _ in range(n)]
        if kind >= len(FORMS):
            self.fail(f"a value of the unknown kind {kind}")
        return self.take(FORMS[kind])[0]


def read(path):
    """Metadata and tensors of a file."""
    with open(path, "rb") as file:
        reader = _Reader(path, memoryview(file.read()))
    if reader.data[:4] != b"GGUF":
        reader.fail("no GGUF file")
    reader.at = 4
    version, n_tensors, n_pairs = reader.take("IQQ")
    if version != 3:
        reader.fail(f"version {version}")
    pairs, described, tensors = {}, [], {}
    for _ in range(n_pairs):
        key = reader.string()
        kind, = reader.take("I")
        pairs[key] = kind, reader.value(kind)
    for _ in range(n_tensors):
        name = reader.string()
        n_dims, = reader.take("I")
        if not 1 <= n_dims <= 4:
            reader.fail(f'tensor "{name}" of {n_dims} dimensions')
        described.append((name, reader.take(f"{n_dims}Q"), *reader.take("IQ")))
    alignment = pairs.get("general.alignment", (U32, ALIGNMENT))[1]
    begin = reader.at + -reader.at % alignment
    for name, dims, kind, offset in described:
        n = 1
        for dim in dims:
            n *= dim
        if kind not in BLOCK or dims[0] % BLOCK[kind][0]:
            reader.fail(f'tensor "{name}" of the type {kind} and rows of {dims[0]}, which these tools do not read,')
        reader.at, n_bytes = begin + offset, n // BLOCK[kind][0] * BLOCK[kind][1]
        if n_bytes > len(reader.data) - reader.at:
            reader.fail(f'tensor "{name}" of {n_bytes} bytes past the end,')
        tensors[name] = Tensor(dims, kind, reader.data[reader.at:reader.at + n_bytes])
    return pairs, tensors


def _string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(kind, value):
    if kind == STRING:
        return _string(value)
    if kind == ARRAY:
        inner, values = value
        return struct.pack("<IQ", inner, len(values)) + b"".join(_value(inner, item) for item in values)
    return struct.pack("<" + FORMS[kind], value)


def write(path, pairs, tensors):
    """The file of these metadata and tensors, in their order."""
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(pairs))]
    head += [_string(key) + struct.pack("<I", kind) + _value(kind, value) for key, (kind, value) in pairs.items()]
    data = bytearray()
    for name, tensor in tensors.items():
        head.append(_string(name) + struct.pack(f"<I{len(tensor.dims)}QIQ", len(tensor.dims), *tensor.dims, tensor.type, len(data)))
        data += tensor.data
        data += bytes(-len(data) % ALIGNMENT)
    head = b"".join(head)
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT) + data)
