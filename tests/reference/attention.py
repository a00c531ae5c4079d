"""Attention of one layer over one window: doc/arithmetic.md section 6.1 to 6.4.

Axes, by the letters of the einsums: b a row (token) of the batch, v a key and value head, r one of the query heads that
read it, p a position, g a group of 64, k an element within a group, d an element of a value.
"""

import numpy as np

from floats import F32, GROUP, exp, in_groups, quantise, quantise_groups, sum_in_lanes, sum_of_groups


class Memory:
    """Keys and values of the positions so far (section 6.1), with room for a window rounded up to groups of 64."""

    def __init__(self, n_kv_heads, head_dim, window):
        groups = -(-window // GROUP)
        head_groups = -(-head_dim // GROUP)
        self.length = 0
        self.key = np.zeros((n_kv_heads, groups * GROUP, head_groups, GROUP), np.int32)
        self.key_scale = np.zeros((n_kv_heads, groups * GROUP, head_groups), F32)
        self.value = np.zeros((n_kv_heads, groups, GROUP, head_dim), np.int32)
        self.value_scale = np.zeros((n_kv_heads, groups * GROUP), F32)

    def append(self, k, v):
        """Rotated keys and values of the next positions: [row, head, element]."""
        first, self.length = self.length, self.length + len(k)
        here = slice(first, self.length)
        q, scale = quantise(k.swapaxes(0, 1))
        self.key[:, here], self.key_scale[:, here] = q, scale
        q, scale = quantise_groups(v.swapaxes(0, 1))  # one group, whatever its length
        flat = self.value.reshape(self.value.shape[0], -1, self.value.shape[-1])
        flat[:, here], self.value_scale[:, here] = q, scale


def scores(memory, queries):
    """Section 6.1, 6.2: products of every row's queries [b, v, r, element] with the keys: [b, v, r, p]."""
    q, scale = quantise(queries)
    scale = scale * (F32(1) / np.sqrt(F32(queries.shape[-1])))
    n = memory.length
    dots = np.einsum("bvrgk,vpgk->bvrpg", q, memory.key[:, :n])
    return sum_of_groups(dots, memory.key_scale[None, :, None, :n], scale[:, :, :, None])


def weights(score, value_scale, seen):
    """Sections 6.2 and 6.3: quantised weights of the positions, and f. What is not seen weighs nothing."""
    best = np.where(seen, score, -np.inf).max(axis=-1, keepdims=True)
    e = np.where(seen, exp(np.where(seen, score - best, F32(0))), F32(0))
    f = F32(1) / sum_in_lanes(e)
    m, scale = quantise_groups(in_groups(e * value_scale))
    return m, scale, f


def mixture(m, scale, f, value):
    """Section 6.4: values [v, g, k, d] by weights [b, v, r, g, k]."""
    dots = np.einsum("bvrgk,vgkd->bvrgd", m, value)
    y = F32(0)
    for g in range(dots.shape[3]):
        y = y + dots[:, :, :, g].astype(F32) * scale[:, :, :, g, None]
    return y * f[..., None]


def attend(memory, q, k, v, sliding):
    """Appends rows to the memory and lets each attend to the positions up to its own, of a sliding window (0: none) the last; heads are
    joined again."""
    first = memory.length
    memory.append(k, v)
    rows, n_heads, head_dim = q.shape
    n_kv_heads = k.shape[1]
    queries = q.reshape(rows, n_kv_heads, n_heads // n_kv_heads, head_dim)
    n = memory.length
    back = np.arange(first, n)[:, None] - np.arange(n)
    seen = (back >= 0) & (back < (sliding or n))
    m, scale, f = weights(scores(memory, queries), memory.value_scale[None, :, None, :n], seen[:, None, None])
    return mixture(m, scale, f, memory.value[:, :m.shape[3]]).reshape(rows, -1)
