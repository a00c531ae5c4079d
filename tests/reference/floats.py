"""Strict binary32 arithmetic: doc/arithmetic.md sections 2.2 to 2.4, 3.1 and 3.2.

numpy rounds each elementwise operation once and never fuses two, so an expression written here in the order of the
document has its bits. What would not: numpy's own sum (pairwise), its exp, and products by BLAS. Every constant is a
float32: a plain Python number would make numpy compute some expressions in binary64.
"""

import numpy as np

F32 = np.float32
GROUP = 64
LANES = 16
LIMIT = F32(2.0 ** 40)
TINY = F32(2.0 ** -100)

# Section 2.5 promises that neither infinity nor NaN arises; here that is checked at every operation.
np.seterr(over="raise", invalid="raise", divide="raise", under="ignore")


def hexadecimal(digits):
    """A binary32 constant as the document writes it."""
    return F32(float.fromhex(digits))


def clamp(x, limit):
    return np.maximum(np.minimum(x, limit), -limit)


def round_to_integer(x):
    """Section 2.2: round(x), for |x| < 2^22."""
    magic = F32(12582912)
    return (x + magic) - magic


def sum_in_lanes(terms):
    """Section 2.3: the sum over the last axis in sixteen lanes."""
    n = terms.shape[-1]
    lanes = np.zeros(terms.shape[:-1] + (LANES,), F32)
    for start in range(0, n, LANES):
        part = terms[..., start:start + LANES]
        lanes[..., :part.shape[-1]] += part
    for width in (8, 4, 2, 1):
        lanes = lanes[..., :width] + lanes[..., width:2 * width]
    return lanes[..., 0]


ROUND_LOG2_E = hexadecimal("0x1.715476p+0")
EXP = [hexadecimal(c) for c in ("0x1.3a02ccp-7", "0x1.c9fc46p-5", "0x1.ec0378p-3", "0x1.62e12cp-1", "0x1p+0")]


def exp(x):
    """Section 2.4."""
    t = clamp(x, F32(86)) * ROUND_LOG2_E
    n = round_to_integer(t)
    f = t - n
    p = EXP[0]
    for c in EXP[1:]:
        p = p * f + c  # two operations for numpy: a product, rounded, and a sum, rounded
    power = ((n.astype(np.int32) + 127) << 23).astype(np.int32).view(F32)
    return p * power


def in_groups(x):
    """The last axis cut into groups of 64, the last of them filled up with zeros, which change no maximum and no sum."""
    n = x.shape[-1]
    groups = -(-n // GROUP)
    padded = np.zeros(x.shape[:-1] + (groups * GROUP,), x.dtype)
    padded[..., :n] = x
    return padded.reshape(x.shape[:-1] + (groups, GROUP))


def quantise_groups(x):
    """Section 3.1 for groups that are the last axis: integers, and a scale for each group."""
    v = clamp(x, LIMIT)
    amax = np.abs(v).max(axis=-1)
    small = amax < TINY
    divisor = np.where(small, F32(1), amax)
    factor = np.where(small, F32(0), F32(127) / divisor)
    q = round_to_integer(v * factor[..., None]).astype(np.int32)
    return q, np.where(small, F32(0), amax / F32(127))


def quantise(x):
    """Section 3.1 for vectors that are the last axis: integers by group and place, and the groups' scales."""
    return quantise_groups(in_groups(x))


def sum_of_groups(dots, left, right):
    """Section 3.2: y = y + (float(d_g) x s_g) x t_g, for each group of the last axis in ascending order."""
    y = F32(0)
    for g in range(dots.shape[-1]):
        y = y + (dots[..., g].astype(F32) * left[..., g]) * right[..., g]
    return y


def product(matrix, vectors):
    """Section 3.2: every row of a quantised matrix with every one of some quantised vectors.

    The integer sums are exact in any order, which is what makes einsum allowed."""
    w, s = matrix
    q, t = vectors
    dots = np.einsum("rgk,bgk->brg", w, q)
    return sum_of_groups(dots, s[None], t[:, None])
