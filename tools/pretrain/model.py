"""The transformer of doc/arithmetic.md section 4 in floating point, and its GGUF files.

Weights are a dict of tensors by their names in GGUF, so that a file's tensors, an optimiser's and a checkpoint's are the
same table.
"""
import ctypes
import dataclasses
import math

import torch
import torch.nn.functional as F

from texts import gguf  # found through it

ATTENTION, FFN = ("attn_q", "attn_k", "attn_v", "attn_output"), ("ffn_gate", "ffn_up", "ffn_down")
HALF_MAX = 65504


@dataclasses.dataclass
class Shape:
    dim: int = 512
    layers: int = 7
    heads: int = 8
    kv_heads: int = 2
    ffn: int = 1408
    vocabulary: int = 8192
    context: int = 1024
    epsilon: float = 1e-5
    base: float = 10000.0
    head_dim: int = 0  # 0: dim / heads

    def __post_init__(self):
        if min(self.dim, self.layers, self.heads, self.kv_heads, self.ffn) < 1 or self.context < 2:
            raise ValueError("a dimension of the model is 0 or less, or its context is below 2")
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot share {self.kv_heads} key heads evenly")
        if not self.head_dim:
            if self.dim % self.heads:
                raise ValueError(f"dim {self.dim} is no multiple of {self.heads} heads")
            self.head_dim = self.dim // self.heads
        if self.head_dim % 2:
            raise ValueError("a head's dim must be even: its positions are turned in pairs")

    def tensors(self):
        """Dimensions by name, in a file's order; a matrix has rows of its last dimension."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        found = {"token_embd": (self.vocabulary, self.dim)}
        for i in range(self.layers):
            layer = {"attn_norm": (self.dim,), "attn_q": (q, self.dim), "attn_k": (kv, self.dim), "attn_v": (kv, self.dim),
                     "attn_output": (self.dim, q), "ffn_norm": (self.dim,), "ffn_gate": (self.ffn, self.dim),
                     "ffn_up": (self.ffn, self.dim), "ffn_down": (self.dim, self.ffn)}
            found.update({f"blk.{i}.{name}": dims for name, dims in layer.items()})
        found["output_norm"] = (self.dim,)
        return {name + ".weight": dims for name, dims in found.items()}


def draw_weights(shape, seed):
    """Normal numbers of deviation 0.02; what is added to the residual less, so that its size does not depend on the depth
    (Radford et al. 2019). Norms begin as 1."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, dims in shape.tensors().items():
        is_added = "attn_output" in name or "ffn_down" in name
        deviation = 0.02 / math.sqrt(2 * shape.layers) if is_added else 0.02
        weights[name] = torch.ones(dims) if len(dims) == 1 else torch.randn(dims, generator=generator) * deviation
    return weights


# ---- Evaluation ----


def rotary(shape, n, device):
    """Cosines and sines of n positions: [n][head_dim / 2]."""
    powers = torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim
    angles = torch.arange(n, dtype=torch.float64)[:, None] * shape.base ** -powers
    return angles.cos().float().to(device), angles.sin().float().to(device)


def mask(starts, dtype):
    """What each token may attend to: itself and what stands before it in its document; [rows][1][n][n], 0 or minus infinity.

    It is made once for all layers. Kernels for variable lengths would save reading it, and bind us to a version of torch and
    to a device."""
    n = starts.shape[1]
    place = torch.arange(n, device=starts.device)
    allowed = (place[None, None, :] <= place[None, :, None]) & (place[None, None, :] >= starts[:, :, None])
    allowed |= (place[:, None] == place)[None]  # where a row is left empty, so that every line has something
    return torch.zeros(allowed.shape, dtype=dtype, device=starts.device).masked_fill_(~allowed, -math.inf)[:, None]


def _norm(x, weight, epsilon):
    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon) * weight


def _rotate(x, cosines, sines):
    """Neighbouring pairs; x: [rows][heads][n][head_dim]."""
    a, b = x[..., 0::2].float(), x[..., 1::2].float()
    return torch.stack((a * cosines - b * sines, a * sines + b * cosines), -1).flatten(-2).to(x.dtype)


def _attend(shape, weights, h, turn, bias):
    rows, n, _ = h.shape
    q, k, v = (F.linear(h, weights[part + ".weight"]).view(rows, n, -1, shape.head_dim).transpose(1, 2) for part in ATTENTION[:3])
    q, k = _rotate(q, *turn), _rotate(k, *turn)
    shared = shape.heads // shape.kv_heads  # repeated by hand: with a mask, the sharing of torch falls back to a slow kernel
    k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
    a = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, is_causal=bias is None)
    return F.linear(a.transpose(1, 2).reshape(rows, n, -1), weights["attn_output.weight"])


def logits(shape, weights, tokens, bias, turn):
    """[rows][n][vocabulary]. bias: of mask(), or None if each row is one document."""
    embedding = weights["token_embd.weight"]
    x = F.embedding(tokens, embedding)
    for i in range(shape.layers):
        prefix = f"blk.{i}."
        own = {name[len(prefix):]: tensor for name, tensor in weights.items() if name.startswith(prefix)}
        x = x + _attend(shape, own, _norm(x, own["attn_norm.weight"], shape.epsilon), turn, bias)
        h = _norm(x, own["ffn_norm.weight"], shape.epsilon)
        h = F.silu(F.linear(h, own["ffn_gate.weight"])) * F.linear(h, own["ffn_up.weight"])
        x = x + F.linear(h, own["ffn_down.weight"])
    return F.linear(_norm(x, weights["output_norm.weight"], shape.epsilon), embedding)


def losses(shape, weights, tokens, targets, bias, turn):
    """-ln P of each target, 0 where there is none: [rows][n]."""
    found = logits(shape, weights, tokens, bias, turn)
    return F.cross_entropy(found.flatten(0, 1).float(), targets.flatten(), reduction="none").view(targets.shape)


# ---- Files ----


def load(path):
    """Shape and weights, in binary32, of a GGUF file."""
    pairs, tensors = gguf.read(path)

    def value(key, fallback=None):
        kind, found = pairs.get("llama." + key, (None, fallback))
        if found is None or kind in (gguf.STRING, gguf.ARRAY):
            raise ValueError(f"{path}: there is no number llama.{key}; a model of architecture llama is wanted")
        return found

    heads = value("attention.head_count")
    shape = Shape(value("embedding_length"), value("block_count"), heads, value("attention.head_count_kv", heads),
                  value("feed_forward_length"), len(pairs["tokenizer.ggml.tokens"][1][1]), value("context_length"),
                  value("attention.layer_norm_rms_epsilon"), value("rope.freq_base", 10000.0), value("attention.key_length", 0))
    expected = shape.tensors()
    if value("rope.dimension_count", shape.head_dim) != shape.head_dim:
        raise ValueError(f"{path}: only part of a head is turned, which is not evaluated here")
    if tensors.keys() != expected.keys():
        odd = sorted(tensors.keys() ^ expected.keys())
        raise ValueError(f"{path}: tensors {', '.join(odd[:3])} are missing or not known here; output and embedding must be one")
    weights = {}
    for name, dims in expected.items():
        if tuple(reversed(tensors[name].dims)) != dims:
            raise ValueError(f"{path}: tensor {name} is {tensors[name].dims}, not {tuple(reversed(dims))}")
        weights[name] = _decode(tensors[name]).view(dims)
    return shape, weights


def _decode(tensor):
    data = bytearray(tensor.data)
    if tensor.type == gguf.TYPES["f32"]:
        return torch.frombuffer(data, dtype=torch.float32).clone()
    if tensor.type == gguf.TYPES["f16"]:
        return torch.frombuffer(data, dtype=torch.float16).float()
    blocks = torch.frombuffer(data, dtype=torch.uint8).view(-1, 34)
    scales = blocks[:, :2].contiguous().view(torch.float16).float()
    return scales * blocks[:, 2:].contiguous().view(torch.int8).float()


def raw(tensor):
    """The bytes of a tensor on the CPU."""
    tensor = tensor.contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())


def _q8_0(matrix):
    """Both blocks of a group of 64 have one scale and its largest value is 127 scales, so that the engine, which takes
    amax / 127 of 64 values, finds exactly these integers and this scale (doc/arithmetic.md sections 3.1 and 3.3)."""
    rows, columns = matrix.shape
    groups = F.pad(matrix, (0, -columns % 64)).view(-1, 64)
    largest = groups.abs().amax(1, keepdim=True)
    scales = (largest / 127).half()
    numbers = (groups / scales.float()).round().clamp(-127, 127)
    numbers = torch.where(groups.abs() == largest, groups.sign() * 127, numbers)
    numbers = torch.where(scales == 0, torch.zeros_like(numbers), numbers).to(torch.int8)
    twice = scales.view(-1, 1, 1).expand(-1, 2, 1).contiguous()
    blocks = torch.cat((twice.view(torch.uint8), numbers.view(-1, 2, 32).view(torch.uint8)), 2)
    return raw(blocks.view(rows, -1)[:, :columns // 32 * 34])


def _encode(name, tensor, kind):
    if not tensor.isfinite().all() or tensor.abs().max() > HALF_MAX:
        raise ValueError(f"tensor {name} has become infinite or above {HALF_MAX}; a lower rate is wanted")
    if tensor.dim() == 1:
        return gguf.Tensor(tuple(tensor.shape), gguf.TYPES["f32"], raw(tensor))
    if kind == "q8_0" and tensor.shape[1] % 32:
        kind = "f16"
    data = {"f32": raw, "f16": lambda x: raw(x.half()), "q8_0": _q8_0}[kind](tensor)
    return gguf.Tensor(tuple(reversed(tensor.shape)), gguf.TYPES[kind], data)


def save(path, shape, weights, vocabulary, name, kind):
    """A GGUF file with matrices of this type and vectors of F32."""
    u32, f32, string = gguf.U32, gguf.F32, gguf.STRING
    pairs = {"general.architecture": (string, "llama"), "general.name": (string, name),
             "general.file_type": (u32, {"f32": 0, "f16": 1, "q8_0": 7}[kind])}
    numbers = {"context_length": (u32, shape.context), "embedding_length": (u32, shape.dim), "block_count": (u32, shape.layers),
               "feed_forward_length": (u32, shape.ffn), "attention.head_count": (u32, shape.heads),
               "attention.head_count_kv": (u32, shape.kv_heads), "attention.layer_norm_rms_epsilon": (f32, shape.epsilon),
               "rope.freq_base": (f32, shape.base), "rope.dimension_count": (u32, shape.head_dim),
               "attention.key_length": (u32, shape.head_dim), "attention.value_length": (u32, shape.head_dim),
               "vocab_size": (u32, shape.vocabulary)}
    pairs.update({"llama." + key: pair for key, pair in numbers.items()})
    pairs.update(vocabulary.pairs)
    gguf.write(path, pairs, {name: _encode(name, weights[name].detach().float().cpu(), kind) for name in shape.tensors()})
