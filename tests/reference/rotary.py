"""Rotary positions: doc/arithmetic.md section 5. Steps and angles in binary64, the rotation in binary32."""

import numpy as np

from floats import F32

F64 = np.float64
LN2 = float.fromhex("0x1.62e42fefa39efp-1")
TWO_PI = float.fromhex("0x1.921fb54442d18p+2")


def logarithm(x):
    """Section 5.1: ln(x) for x >= 1. Python's float is binary64, and x / 2 and x * 2 are exact."""
    e = 0
    while x >= 2:
        x, e = x / 2, e + 1
    z = (x - 1) / (x + 1)
    s = 0.0
    for k in range(19, -1, -1):
        s = s * (z * z) + 1 / (2 * k + 1)
    return e * LN2 + (2 * z) * s


def falling_exponential(x):
    """Section 5.1: e^-x for x >= 0."""
    h = int(x / LN2)
    r = x - h * LN2
    s = 1.0
    for k in range(20, 0, -1):
        s = 1 - (r / k) * s
    for _ in range(h):
        s = s * 0.5
    return s


def step(base, i, rotary_dim, factor, scaling):
    """Section 5.1: how far pair i turns at each position, in units of 2^-64 of a turn."""
    argument = (logarithm(float(base)) * (2 * i)) / rotary_dim
    return int(falling_exponential(argument) / float(factor) / float(scaling) / TWO_PI * 2.0 ** 64)


def steps(base, rotary_dim, scaling=1.0, factors=None):
    factors = [1.0] * (rotary_dim // 2) if factors is None else factors
    return np.array([step(base, i, rotary_dim, factors[i], scaling) for i in range(rotary_dim // 2)], np.uint64)


def cos_sin(angles):
    """Section 5.2: cosine and sine, rounded to binary32, of angles in units of 2^-64 of a turn (wrapping uint64)."""
    shifted = angles + np.uint64(2 ** 61)
    quarter = shifted >> np.uint64(62)
    rest = shifted & np.uint64(2 ** 62 - 1)  # u'
    x = ((rest.astype(F64) - 2.0 ** 61) * 2.0 ** -64) * TWO_PI
    square = x * x
    c = s = np.ones_like(x)
    for k in range(9, 0, -1):
        c = 1 - (square / ((2 * k - 1) * (2 * k))) * c
        s = 1 - (square / ((2 * k) * (2 * k + 1))) * s
    s = s * x
    cos = np.choose(quarter.astype(np.intp), (c, -s, -c, s))
    sin = np.choose(quarter.astype(np.intp), (s, c, -s, -c))
    return cos.astype(F32), sin.astype(F32)


def table(base, rotary_dim, positions, scaling, factors):
    """Cosines and sines of every position (rows) and pair."""
    angles = np.arange(positions, dtype=np.uint64)[:, None] * steps(base, rotary_dim, scaling, factors)
    return cos_sin(angles)


def rotate(heads, cos, sin):
    """Section 5.3: the first 2 x pairs elements of the last axis turn, the rest stay."""
    half = cos.shape[-1]
    a, b = heads[..., :half], heads[..., half:2 * half]
    return np.concatenate((a * cos - b * sin, a * sin + b * cos, heads[..., 2 * half:]), axis=-1)
