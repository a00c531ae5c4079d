"""The transformer and its window: doc/arithmetic.md sections 4 and 6.5."""

import numpy as np

from attention import Memory, attend
from floats import F32, LIMIT, clamp, exp, product, quantise, sum_in_lanes
from model import TOGETHER
from rotary import rotate

GATE_LIMIT = F32(2.0 ** 60)


def norm(x, weights, epsilon):
    """Section 4.1."""
    s = sum_in_lanes(x * x)
    f = F32(1) / np.sqrt(s / F32(x.shape[-1]) + epsilon)
    return (x * f[..., None]) * weights


def gate(g, u):
    """Section 4.2."""
    g, u = clamp(g, GATE_LIMIT), clamp(u, GATE_LIMIT)
    return (g / (F32(1) + exp(F32(0) - g))) * u


def add(x, y):
    """Section 4.3."""
    return clamp(x + y, LIMIT)


def mapped(layer, name, h):
    """A product, and section 4.4: zeros are added where another of those beside it has a bias."""
    y = product(layer[name].parts, h)
    beside = next(names for names in TOGETHER if name in names)
    if not any(other + ".bias" in layer for other in beside):
        return y
    return add(y, layer.get(name + ".bias", F32(0)))


class Evaluation:
    """One context of a model from position 0 on. evaluate() takes the tokens of the next positions, as many as are known:
    a row's result depends on the rows before it only (section 6.1), so taking several at once is the same and faster."""

    def __init__(self, model):
        s = model.sizes
        self.model = model
        self.memories = [Memory(s.n_kv_heads, s.head_dim, s.window) for _ in range(s.n_layers)]

    def evaluate(self, tokens):
        """The logits after the last of the tokens (section 4)."""
        model = self.model
        q, scale = (part[tokens] for part in model.embedding.parts)
        x = (q.astype(F32) * scale[..., None]).reshape(len(tokens), -1)[:, :model.sizes.dim]
        for layer, memory in zip(model.layers, self.memories):
            x = self.attention_part(layer, memory, x)
            x = self.feed_forward_part(layer, x)
        h = quantise(norm(x[-1:], model.output_norm, model.sizes.epsilon))
        return product(model.output.parts, h)[0]

    def attention_part(self, layer, memory, x):
        s = self.model.sizes
        h = quantise(norm(x, layer["attn_norm"], s.epsilon))
        q, k, v = (mapped(layer, name, h).reshape(len(x), -1, s.head_dim) for name in ("attn_q", "attn_k", "attn_v"))
        if s.architecture == "qwen3":  # section 4.5
            q, k = norm(q, layer["attn_q_norm"], s.epsilon), norm(k, layer["attn_k_norm"], s.epsilon)
        positions = slice(memory.length, memory.length + len(x))
        cos, sin = (part[positions, None] for part in self.model.rotations)
        a = attend(memory, rotate(q, cos, sin), rotate(k, cos, sin), v, s.sliding)
        return add(x, mapped(layer, "attn_output", quantise(a)))

    def feed_forward_part(self, layer, x):
        h = quantise(norm(x, layer["ffn_norm"], self.model.sizes.epsilon))
        g = gate(mapped(layer, "ffn_gate", h), mapped(layer, "ffn_up", h))
        return add(x, mapped(layer, "ffn_down", quantise(g)))


class Stream:
    """Section 6.5: what a model makes of the tokens so far, as far as its window reaches. `logits` foretell the next."""

    def __init__(self, model):
        self.model = model
        self.recent = []  # the tokens at positions 1, 2, … of this window
        self.restart()

    def restart(self):
        self.evaluation = Evaluation(self.model)
        self.logits = self.evaluation.evaluate([self.model.vocabulary.begin] + self.recent)

    def push(self, token):
        self.recent.append(token)
        window = self.model.sizes.window
        if len(self.recent) < window:
            self.logits = self.evaluation.evaluate([token])
        else:
            self.recent = self.recent[-(window // 2):]
            self.restart()
