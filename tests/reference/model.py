"""A model as the engine has it: sizes, quantised weights and identity: doc/arithmetic.md sections 3.3 and 10."""

import copy
import struct

import numpy as np
import xxhash

import rotary
from floats import F32, hexadecimal, quantise
from gguf import File
from refusals import BadModel
from tokens import NORMAL, Vocabulary

NORMS = ("attn_norm", "ffn_norm")
MAPS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
ORDER = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
HEAD_NORMS = ("attn_q_norm", "attn_k_norm")  # of qwen3
TOGETHER = ({"attn_q", "attn_k", "attn_v"}, {"attn_output"}, {"ffn_gate", "ffn_up"}, {"ffn_down"})  # section 4.4
ARCHITECTURES = ("llama", "qwen2", "qwen3")
STRICT_KEYS = ("llama", "qwen2", "qwen3", "adapter.")  # section 3.3: these mean something, known or not
LONGEST_WINDOW = 2048  # section 6.5
LONGEST_CONTEXT = 2 ** 20  # section 2.5


class Matrix:
    """A quantised matrix: `parts` are the operands of floats.product, `columns` its true width."""

    def __init__(self, weights):
        self.columns = weights.shape[1]
        self.parts = quantise(weights)

    def integers(self):
        return self.parts[0].reshape(len(self.parts[0]), -1)[:, :self.columns]

    def floats(self):
        """float(q) x scale of its group (sections 3.3, 13.1)."""
        q, scale = self.parts
        return (q.astype(F32) * scale[..., None]).reshape(len(q), -1)[:, :self.columns]

    def stream(self):
        """Section 10: for each row its integers, one byte each, then its scales."""
        integers = self.integers().astype(np.int8).view(np.uint8)
        scales = np.ascontiguousarray(self.parts[1], "<f4").view(np.uint8)
        return np.concatenate((integers, scales), axis=1).tobytes()


def rotary_order(n_heads, head_dim, rotary_dim):
    """Section 3.3: which row of the file is each row of a query or key matrix: of a head, even ones, odd ones, the rest."""
    head = [*range(0, rotary_dim, 2), *range(1, rotary_dim, 2), *range(rotary_dim, head_dim)]
    return np.array([h * head_dim + row for h in range(n_heads) for row in head])


class Sizes:
    """Section 3.3's table."""

    def __init__(self, keys, n_tokens):
        self.keys = dict(keys)
        name = keys.get("general.architecture", b"")
        self.architecture = name.decode("utf-8", "replace") if isinstance(name, bytes) else ""
        if self.architecture not in ARCHITECTURES:
            raise BadModel(f"architecture is {name}, not one of {ARCHITECTURES}")
        self.dim = self.integer("embedding_length", 1, 65536)
        self.n_layers = self.integer("block_count", 1, 1024)
        self.ffn_dim = self.integer("feed_forward_length", 1, 2 ** 20)
        self.n_heads = self.integer("attention.head_count", 1, 1024)
        self.n_kv_heads = self.integer("attention.head_count_kv", 1, self.n_heads, self.n_heads)
        self.head_dim = self.integer("attention.key_length", 2, 1024, self.dim // self.n_heads)
        value_dim = self.integer("attention.value_length", 2, 1024, self.head_dim)
        self.rotary_dim = self.integer("rope.dimension_count", 2, self.head_dim, self.head_dim)
        self.base = self.number("rope.freq_base", F32(1), F32(2.0 ** 40), F32(10000))
        smallest = hexadecimal("0x1.197998p-40")
        self.epsilon = self.number("attention.layer_norm_rms_epsilon", smallest, F32(1))
        self.longest = self.integer("context_length", 2, 2 ** 32 - 1)
        self.window = min(self.longest, LONGEST_WINDOW)
        self.n_vocabulary = self.integer("vocab_size", n_tokens, n_tokens, n_tokens)
        if self.n_heads % self.n_kv_heads or value_dim != self.head_dim or self.rotary_dim % 2:
            raise BadModel("heads of a shape this arithmetic does not know")
        self.scaling = self.read_scaling()
        self.sliding = self.integer("attention.sliding_window", 0, 2 ** 32 - 1, 0) if self.architecture == "llama" else 0
        if self.sliding >= LONGEST_CONTEXT:
            self.sliding = 0
        self.refuse_unknown_keys()

    def read_scaling(self):
        kind = self.keys.pop(f"{self.architecture}.rope.scaling.type", None)
        if kind not in (None, b"none", b"linear"):
            raise BadModel(f"{self.architecture}.rope.scaling.type is {kind}")
        factor = self.number("rope.scaling.factor", F32(0), F32(2.0 ** 20), F32(1))
        if kind == b"none" or factor == 0:
            return F32(1)
        if factor < F32(0.5):
            raise BadModel(f"{self.architecture}.rope.scaling.factor is {factor}")
        return factor

    def integer(self, name, least, most, default=None):
        value = self.keys.pop(f"{self.architecture}.{name}", default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadModel(f"{self.architecture}.{name} is {value}, not {least} to {most}")
        return value

    def number(self, name, least, most, default=None):
        value = self.keys.pop(f"{self.architecture}.{name}", default)
        if value is None or isinstance(value, (list, bytes)) or not least <= F32(value) <= most:
            raise BadModel(f"{self.architecture}.{name} is {value}, not {least} to {most}")
        return F32(value)

    def refuse_unknown_keys(self):
        """They may mean another computation."""
        unknown = [key for key in self.keys if key.startswith(STRICT_KEYS) or "." not in key]
        if unknown:
            raise BadModel(f"unknown key {unknown[0]}")

    def shape(self, name):
        """Rows and columns of a map."""
        heads, kv = self.n_heads * self.head_dim, self.n_kv_heads * self.head_dim
        return {"attn_q": (heads, self.dim), "attn_k": (kv, self.dim), "attn_v": (kv, self.dim),
                "attn_output": (self.dim, heads), "ffn_gate": (self.ffn_dim, self.dim),
                "ffn_up": (self.ffn_dim, self.dim), "ffn_down": (self.dim, self.ffn_dim)}[name]

    def row_order(self, name):
        """Rows of a map in the engine's order, by their place in the file."""
        if name in ("attn_q", "attn_k") and self.architecture == "llama":
            n = self.n_heads if name == "attn_q" else self.n_kv_heads
            return rotary_order(n, self.head_dim, self.rotary_dim)
        return np.arange(self.shape(name)[0])


class Model:
    """sizes, vocabulary, embedding, layers (name to Matrix, to a norm's vector, or with .bias to a bias), output_norm, output; identity."""

    def __init__(self, path):
        file = File(path)
        self.vocabulary = Vocabulary(file.keys)
        self.sizes = Sizes(file.keys, len(self.vocabulary.texts))
        self.name = file.keys.get("general.name", b"").decode("utf-8", "replace")
        self.read_weights(file)
        self.rotations = rotary.table(self.sizes.base, self.sizes.rotary_dim, self.sizes.window, self.sizes.scaling, self.factors)
        self.identity = self.compute_identity()

    def with_window(self, window):
        """Section 6.5: the same model, used with another window."""
        if window == self.sizes.window:
            return self
        other = copy.copy(self)
        other.sizes = copy.copy(self.sizes)
        other.sizes.window = window
        other.rotations = rotary.table(self.sizes.base, self.sizes.rotary_dim, window, self.sizes.scaling, self.factors)
        return other

    def read_weights(self, file):
        s = self.sizes
        self.refuse_unknown_tensors(file)
        table = (s.n_vocabulary, s.dim)
        self.embedding = Matrix(file.tensor("token_embd.weight", table))
        self.tied = "output.weight" not in file.tensors
        self.output = self.embedding if self.tied else Matrix(file.tensor("output.weight", table))
        self.output_norm = file.tensor("output_norm.weight", (s.dim,))
        self.factors = self.read_factors(file)
        self.layers = [self.read_layer(file, i) for i in range(s.n_layers)]

    def read_factors(self, file):
        """Section 5.1: what divides the frequency of each pair, or None."""
        if "rope_freqs.weight" not in file.tensors:
            return None
        factors = file.tensor("rope_freqs.weight", (self.sizes.rotary_dim // 2,))
        if (factors < F32(0.5)).any():
            raise BadModel("rope_freqs.weight holds a factor below 1/2")
        return factors

    def read_layer(self, file, i):
        layer = {name: file.tensor(f"blk.{i}.{name}.weight", (self.sizes.dim,)) for name in NORMS}
        for name in MAPS:
            rows = file.tensor(f"blk.{i}.{name}.weight", self.sizes.shape(name))
            layer[name] = Matrix(rows[self.sizes.row_order(name)])
            if f"blk.{i}.{name}.bias" in file.tensors:
                layer[name + ".bias"] = file.tensor(f"blk.{i}.{name}.bias", rows.shape[:1])[self.sizes.row_order(name)]
        for name in HEAD_NORMS if self.sizes.architecture == "qwen3" else ():
            layer[name] = file.tensor(f"blk.{i}.{name}.weight", (self.sizes.head_dim,))
        return layer

    def refuse_unknown_tensors(self, file):
        known = {"token_embd.weight", "output_norm.weight", "output.weight"}
        names = [name + ".weight" for name in ORDER] + [name + ".bias" for name in MAPS]
        if self.sizes.architecture == "llama":
            known.add("rope_freqs.weight")
        if self.sizes.architecture == "qwen3":
            names += [name + ".weight" for name in HEAD_NORMS]
        known |= {f"blk.{i}.{name}" for i in range(self.sizes.n_layers) for name in names}
        unknown = sorted(set(file.tensors) - known)
        if unknown:
            raise BadModel(f"unknown tensor {unknown[0]}")

    def compute_identity(self):
        """Section 10."""
        s = self.sizes
        h = xxhash.xxh3_128()
        form = self.form()
        h.update(struct.pack("<10I2f", form, s.dim, s.ffn_dim, s.n_layers, s.n_heads, s.n_kv_heads, s.head_dim,
                             s.rotary_dim, s.n_vocabulary, self.tied, s.epsilon, s.base))
        if form:
            factors = np.zeros(0, F32) if self.factors is None else self.factors
            h.update(struct.pack("<f2I", s.scaling, s.sliding, len(factors)) + factors.astype("<f4").tobytes())
        h.update(self.embedding.stream())
        for layer in self.layers:
            for name in ORDER:
                h.update(layer[name].astype("<f4").tobytes() if name in NORMS else layer[name].stream())
            if form:
                h.update(extras_stream(layer))
        h.update(self.output_norm.astype("<f4").tobytes())
        if not self.tied:
            h.update(self.output.stream())
        h.update(vocabulary_stream(self.vocabulary))
        return h.digest()

    def form(self):
        """Section 10, part 1."""
        s = self.sizes
        has_bias = any(name.endswith(".bias") for layer in self.layers for name in layer)
        if s.architecture == "llama" and self.factors is None and s.scaling == 1 and not s.sliding and not has_bias:
            return 0
        return 1 + ARCHITECTURES.index(s.architecture)

    def with_maps(self, maps):
        """This model with other matrices in place of some: (layer, name) to Matrix. The rest is shared."""
        other = copy.copy(self)
        other.layers = [dict(layer) for layer in self.layers]
        for (i, name), matrix in maps.items():
            other.layers[i][name] = matrix
        return other


def extras_stream(layer):
    """Section 10, part 2: norms of heads, which maps have biases, and these."""
    biases = [name + ".bias" for name in MAPS]
    which = sum(1 << m for m, name in enumerate(biases) if name in layer)
    vectors = [layer[name].astype("<f4").tobytes() for name in (*HEAD_NORMS, *biases) if name in layer]
    n_norms = sum(name in layer for name in HEAD_NORMS)
    return b"".join(vectors[:n_norms]) + struct.pack("<I", which) + b"".join(vectors[n_norms:])


def vocabulary_stream(v):
    """Section 10, part 3."""
    def counted(text):
        return struct.pack("<I", len(text)) + text

    def token(i):
        more = b"" if v.name == "gpt2/gpt-2" else struct.pack("<I", v.types[i])
        return counted(v.texts[i]) + more + (struct.pack("<f", v.scores[i]) if v.spm and v.types[i] == NORMAL else b"")

    parts = [counted(v.name.encode()), struct.pack("<I", len(v.texts)), *map(token, range(len(v.texts)))]
    if v.spm:
        parts.append(struct.pack("<I", v.adds_space))
    else:
        parts += [struct.pack("<I", len(v.merges))] + [struct.pack("<3I", *merge) for merge in v.merges]
    parts.append(struct.pack("<2I", v.begin, 2 ** 32 - 1 if v.end is None else v.end))
    return b"".join(parts)
