"""Blocks of a GGUF file's tensors as binary32 numbers: doc/arithmetic.md section 3.4."""

import numpy as np

from floats import F32

# Of a type: its number, and the numbers and bytes of a block.
SIZES = {"F32": (0, 1, 4), "F16": (1, 1, 2), "BF16": (30, 1, 2), "Q8_0": (8, 32, 34), "Q4_0": (2, 32, 18), "Q4_1": (3, 32, 20),
         "Q5_0": (6, 32, 22), "Q5_1": (7, 32, 24), "Q4_K": (12, 256, 144), "Q5_K": (13, 256, 176), "Q6_K": (14, 256, 210)}
NAMES = {number: name for name, (number, _, _) in SIZES.items()}


def half(b, k):
    """h(k), a column of one number a block."""
    return (b[:, k] + 256 * b[:, k + 1]).astype(np.uint16).view(np.float16).astype(F32)[:, None]


def signed(b):
    return b.astype(np.uint8).view(np.int8).astype(np.int32)


def fours(b, k):
    """n: the low halves of sixteen bytes from k on, then the high ones."""
    return np.concatenate((b[:, k:k + 16] % 16, b[:, k:k + 16] // 16), axis=1)


def fifths(b, k):
    """f: the bits of four bytes from k on, the lowest first."""
    return np.concatenate([b[:, k + i // 8, None] >> i % 8 & 1 for i in range(32)], axis=1)


def of_parts(b, n):
    """Q4_K and Q5_K: each of eight parts of 32 numbers has a scale and a minimum."""
    parts = []
    for p in range(8):
        s = b[:, 4 + p] % 64 if p < 4 else b[:, 8 + p] % 16 + 16 * (b[:, p] // 64)
        m = b[:, 8 + p] % 64 if p < 4 else b[:, 8 + p] // 16 + 16 * (b[:, 4 + p] // 64)
        scale, least = half(b, 0) * s[:, None].astype(F32), half(b, 2) * m[:, None].astype(F32)
        parts.append(scale * n[:, 32 * p:32 * p + 32].astype(F32) - least)
    return np.concatenate(parts, axis=1)


def part_fours(b, k):
    """n' without the fifth bit: of every 32 bytes the low halves are a part, the high ones the next."""
    return np.concatenate([b[:, k + 32 * (p // 2):k + 32 * (p // 2) + 32] // 16 ** (p % 2) % 16 for p in range(8)], axis=1)


def part_fifths(b, k):
    return np.concatenate([b[:, k:k + 32] >> p & 1 for p in range(8)], axis=1)


def of_q6_k(b):
    columns = []
    for i in range(256):
        a, r = i // 128, i % 128
        low = b[:, 64 * a + r % 64] // (1 if r < 64 else 16) % 16
        high = b[:, 128 + 32 * a + r % 32] // 4 ** (r // 32) % 4
        scale = half(b, 208)[:, 0] * signed(b[:, 192 + i // 16]).astype(F32)
        columns.append(scale * (low + 16 * high - 32).astype(F32))
    return np.stack(columns, axis=1)


CONVERSIONS = {
    "F32": lambda b: (b[:, 0] | b[:, 1] << 8 | b[:, 2] << 16 | b[:, 3] << 24).astype(np.uint32).view(F32)[:, None],
    "F16": lambda b: half(b, 0),
    "BF16": lambda b: (b[:, 0] << 16 | b[:, 1] << 24).astype(np.uint32).view(F32)[:, None],
    "Q8_0": lambda b: half(b, 0) * signed(b[:, 2:]).astype(F32),
    "Q4_0": lambda b: half(b, 0) * (fours(b, 2) - 8).astype(F32),
    "Q4_1": lambda b: half(b, 0) * fours(b, 4).astype(F32) + half(b, 2),
    "Q5_0": lambda b: half(b, 0) * (fours(b, 6) + 16 * fifths(b, 2) - 16).astype(F32),
    "Q5_1": lambda b: half(b, 0) * (fours(b, 8) + 16 * fifths(b, 4)).astype(F32) + half(b, 2),
    "Q4_K": lambda b: of_parts(b, part_fours(b, 16)),
    "Q5_K": lambda b: of_parts(b, part_fours(b, 48) + 16 * part_fifths(b, 16)),
    "Q6_K": of_q6_k,
}


def numbers(name, data):
    """The numbers of some blocks, given as bytes."""
    _, values, size = SIZES[name]
    blocks = np.frombuffer(data, np.uint8).reshape(-1, size).astype(np.int64)
    with np.errstate(invalid="ignore", over="ignore"):  # who asks refuses what is not finite
        return CONVERSIONS[name](blocks).reshape(-1, values)
