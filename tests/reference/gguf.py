"""GGUF files, versions 2 and 3, little-endian: keys and tensors, each converted to binary32.

The two documents name GGUF but do not define it. What is used here: magic, version, counts, then every key (name, type,
value), every tensor (name, sizes, type, offset), and the tensors' bytes from the next multiple of the alignment on.
The first size of a tensor is the length of its rows.
"""

import struct
from pathlib import Path

import numpy as np

from refusals import BadModel
from tensors import NAMES, SIZES, numbers

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
F32, F16 = 0, 1
LARGEST = 65504  # arithmetic.md section 2.5


class Reader:
    """A cursor over the bytes of a file that refuses to pass their end."""

    def __init__(self, data):
        self.data = data
        self.place = 0

    def take(self, n):
        if n > len(self.data) - self.place:
            raise BadModel(f"ends at byte {len(self.data)} within a field of {n} bytes")
        self.place += n
        return self.data[self.place - n:self.place]

    def number(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def string(self):
        return bytes(self.take(self.number("Q")))

    def value(self, kind):
        if kind in SCALARS:
            return self.number(SCALARS[kind])
        if kind == STRING:
            return self.string()
        if kind != ARRAY:
            raise BadModel(f"value of unknown type {kind}")
        element, count = self.number("I"), self.number("Q")
        if element == ARRAY:
            raise BadModel("array of arrays")
        return [self.value(element) for _ in range(count)]


class Tensor:
    """Where a tensor lies: `shape` has the rows first, as numpy counts."""

    def __init__(self, reader):
        sizes = [reader.number("Q") for _ in range(reader.number("I"))]
        if not 1 <= len(sizes) <= 2 or not all(1 <= n <= 2 ** 31 for n in sizes):
            raise BadModel(f"tensor of sizes {sizes}")
        self.shape = tuple(reversed(sizes))
        self.kind = reader.number("I")
        self.offset = reader.number("Q")

    def read(self, data, start):
        """The weights as binary32 (arithmetic.md section 3.4)."""
        if self.kind not in NAMES:
            raise BadModel(f"tensor of type {self.kind}: only {', '.join(SIZES)} are read")
        name = NAMES[self.kind]
        _, values, size = SIZES[name]
        if self.shape[-1] % values:
            raise BadModel(f"{name} row that is no multiple of {values}")
        weights = numbers(name, self.cut(data, start, int(np.prod(self.shape, dtype=object)) // values * size))
        if not (np.isfinite(weights).all() and (np.abs(weights) <= LARGEST).all()):
            raise BadModel(f"weight that is not finite or exceeds {LARGEST}")
        return weights.reshape(self.shape)

    def cut(self, data, start, n_bytes):
        first = start + self.offset
        if first + n_bytes > len(data):
            raise BadModel("tensor beyond the end of the file")
        return data[first:first + n_bytes]


class File:
    """keys: name to value (numbers, bytes, lists of these). tensors: name to binary32 array, converted when asked for.

    `source` is a path, or the file's bytes."""

    def __init__(self, source):
        self.data = source if isinstance(source, bytes) else Path(source).read_bytes()
        reader = Reader(self.data)
        if reader.take(4) != b"GGUF" or reader.number("I") not in (2, 3):
            raise BadModel("is no GGUF file of version 2 or 3")
        n_tensors, n_keys = reader.number("Q"), reader.number("Q")
        self.keys = self.table(reader, n_keys, lambda: reader.value(reader.number("I")))
        self.tensors = self.table(reader, n_tensors, lambda: Tensor(reader))
        alignment = self.keys.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 1:
            raise BadModel(f"general.alignment is {alignment}")
        self.start = -(-reader.place // alignment) * alignment

    @staticmethod
    def table(reader, count, read):
        """Names and what follows each."""
        result = {}
        for _ in range(count):
            name = reader.string().decode("utf-8", "replace")
            if name in result:
                raise BadModel(f"{name} is there twice")
            result[name] = read()
        return result

    def tensor(self, name, shape, kinds=tuple(NAMES)):
        """A tensor that must be there with this shape."""
        if name not in self.tensors:
            raise BadModel(f"lacks tensor {name}")
        tensor = self.tensors[name]
        if tensor.shape != shape or tensor.kind not in kinds:
            raise BadModel(f"tensor {name} is {tensor.shape} of type {tensor.kind}, not {shape} of types {kinds}")
        try:
            return tensor.read(self.data, self.start)
        except BadModel as refusal:
            raise refusal.at(name)
