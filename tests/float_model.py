"""A transformer in binary64 with numpy, position by position, from the papers: RMSNorm (Zhang and Sennrich 2019, arXiv 1910.07467), rotary
positions (Su et al. 2021, arXiv 2104.09864), key heads shared by query heads (Ainslie et al. 2023, arXiv 2305.13245), SwiGLU (Shazeer 2020,
arXiv 2002.05202), sliding windows (Jiang et al. 2023, arXiv 2310.06825), biases of queries, keys and values (Qwen2, arXiv 2407.10671), norms of
heads (Qwen3, arXiv 2505.09388). It knows how GGUF files lay these out, and nothing of the engine.

FloatModel(path, rows) reads a file; rows(path, name) gives the numbers of a tensor of a quantised type.
"""
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small: threads would wait for one another
import numpy  # noqa: E402

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "tools")))
import gguf as files  # noqa: E402  tools/gguf.py: PyPI has a package of that name

MAPS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


class FloatModel:
    def __init__(self, path, rows):
        pairs, tensors = files.read(path)
        self.architecture = pairs["general.architecture"][1]
        self.tokens = pairs["tokenizer.ggml.tokens"][1][1]
        self.tensors = {name: self._read(path, name, tensor, rows) for name, tensor in tensors.items()}

        def key(name, otherwise=None):
            return pairs.get(f"{self.architecture}.{name}", (None, otherwise))[1]

        self.dim, self.n_layers = key("embedding_length"), key("block_count")
        self.n_heads = key("attention.head_count")
        self.n_kv_heads = key("attention.head_count_kv", self.n_heads)
        self.head_dim = key("attention.key_length", self.dim // self.n_heads)
        self.epsilon = key("attention.layer_norm_rms_epsilon")
        self.sliding = key("attention.sliding_window", 0)
        self.window = key("context_length")
        n = key("rope.dimension_count", self.head_dim) // 2
        frequencies = float(key("rope.freq_base", 10000.0)) ** (-numpy.arange(n) / n)
        frequencies = frequencies / self.tensors.get("rope_freqs.weight", numpy.ones(n))
        self.frequencies = frequencies / (key("rope.scaling.factor", 1.0) if key("rope.scaling.type") == "linear" else 1.0)

    @staticmethod
    def _read(path, name, tensor, rows):
        form = {files.TYPES["f32"]: "<f4", files.TYPES["f16"]: "<f2"}.get(tensor.type)
        values = numpy.frombuffer(tensor.data, form) if form else rows(path, name)
        return values.astype(numpy.float64).reshape(tensor.dims[::-1])

    def _norm(self, x, name):
        return x / numpy.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * self.tensors[name + ".weight"]

    def _map(self, layer, name, x):
        y = x @ self.tensors[f"blk.{layer}.{name}.weight"].T
        return y + self.tensors.get(f"blk.{layer}.{name}.bias", 0.0)

    def _rotate(self, heads, begin):
        """[position from `begin` on, head, dimension]. Files of architecture llama have the pairs side by side, others as halves."""
        n = len(self.frequencies)
        first, second = (slice(0, 2 * n, 2), slice(1, 2 * n, 2)) if self.architecture == "llama" else (slice(0, n), slice(n, 2 * n))
        angles = numpy.arange(begin, begin + len(heads))[:, None, None] * self.frequencies
        a, b = heads[..., first], heads[..., second]
        out = heads.copy()
        out[..., first] = a * numpy.cos(angles) - b * numpy.sin(angles)
        out[..., second] = a * numpy.sin(angles) + b * numpy.cos(angles)
        return out

    def _attention(self, layer, h, past):
        n = len(h)
        q, k, v = (self._map(layer, name, h).reshape(n, -1, self.head_dim) for name in MAPS[:3])
        if self.architecture == "qwen3":
            q, k = self._norm(q, f"blk.{layer}.attn_q_norm"), self._norm(k, f"blk.{layer}.attn_k_norm")
        begin = len(past[layer][0]) if layer in past else 0
        q, k = self._rotate(q, begin), self._rotate(k, begin)
        if begin:
            k, v = (numpy.concatenate(both) for both in zip(past[layer], (k, v)))
        past[layer] = k, v
        share = self.n_heads // self.n_kv_heads
        k, v = k.repeat(share, 1), v.repeat(share, 1)
        scores = q.transpose(1, 0, 2) @ k.transpose(1, 2, 0) / self.head_dim ** 0.5  # [head, position, position]
        back = numpy.arange(begin, begin + n)[:, None] - numpy.arange(begin + n)[None, :]
        hidden = back < 0 if not self.sliding else (back < 0) | (back >= self.sliding)
        scores = numpy.where(hidden, -numpy.inf, scores)
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return self._map(layer, "attn_output", (weights @ v.transpose(1, 0, 2)).transpose(1, 0, 2).reshape(n, -1))

    def logits(self, ids, past=None):
        """[position, token] of a stream's next tokens; `past`, {} at its beginning, keeps what later ones attend to."""
        past = {} if past is None else past
        x = self.tensors["token_embd.weight"][ids]
        for layer in range(self.n_layers):
            x = x + self._attention(layer, self._norm(x, f"blk.{layer}.attn_norm"), past)
            h = self._norm(x, f"blk.{layer}.ffn_norm")
            gate = self._map(layer, "ffn_gate", h)
            x = x + self._map(layer, "ffn_down", gate / (1.0 + numpy.exp(-gate)) * self._map(layer, "ffn_up", h))
        return self._norm(x, "output_norm") @ self.tensors.get("output.weight", self.tensors["token_embd.weight"]).T

    def continued(self, ids, n, choose):
        """The ids and what follows them, until there are n; choose(logits) is a token."""
        ids, past = list(ids), {}
        logits = self.logits(ids, past)
        while len(ids) < n:
            ids.append(choose(logits[-1]))
            logits = self.logits(ids[-1:], past)
        return ids


def likeliest(logits):
    return int(logits.argmax())


def probabilities(logits):
    weights = numpy.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def distance(found, wanted):
    """Of logits, as a part of how far these spread."""
    return float(numpy.sqrt(((found - wanted) ** 2).sum() / ((wanted - wanted.mean(-1, keepdims=True)) ** 2).sum()))


def cross_entropy(logits, ids):
    """Nats a token, of each token after the first."""
    of_next = probabilities(logits[:len(ids) - 1])[numpy.arange(len(ids) - 1), ids[1:]]
    return float(-numpy.log(of_next).mean())


def divergence(found, wanted):
    """Nats a position that coding by `found` costs where `wanted` is true, and the entropy of `wanted`."""
    p, q = probabilities(wanted), probabilities(found)
    return float((p * numpy.log(p / q)).sum(-1).mean()), float(-(p * numpy.log(p)).sum(-1).mean())
