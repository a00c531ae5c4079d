"""Low-rank adapters: doc/arithmetic.md section 13."""

import re
import struct

import numpy as np
import xxhash

import gguf
from floats import F32
from model import MAPS, STRICT_KEYS, Matrix
from refusals import BadModel

ALPHA = "adapter.lora.alpha"
PART = re.compile(r"blk\.(0|[1-9][0-9]*)\.(\w+)\.weight\.lora_[ab]")


def map_of(name):
    """(layer, map) of a tensor."""
    found = PART.fullmatch(name)
    if not found or found[2] not in MAPS:
        raise BadModel(f"unknown tensor {name}")
    return int(found[1]), found[2]


class Adapter:
    """maps: (layer, name) to A, B and scale, in the order of section 13.2; identity; name."""

    def __init__(self, path):
        file = gguf.File(path)
        self.alpha = self.read_alpha(file.keys)
        self.architecture = file.keys["general.architecture"]
        self.name = file.keys.get("general.name", b"").decode("utf-8", "replace")
        keys = sorted({map_of(name) for name in file.tensors}, key=lambda m: (m[0], MAPS.index(m[1])))
        self.maps = {key: self.read_map(file, *key) for key in keys}
        self.identity = self.compute_identity()

    @staticmethod
    def read_alpha(keys):
        expected = {"general.type": b"adapter", "adapter.type": b"lora"}
        if "general.architecture" not in keys:
            raise BadModel("general.architecture is missing")
        for key, value in expected.items():
            if keys.get(key) != value:
                raise BadModel(f"{key} is {keys.get(key)}, not {value}")
        known = (ALPHA, "adapter.type", "adapter.lora.task_name", "adapter.lora.prompt_prefix")
        unknown = [k for k in keys if k not in known and (k.startswith(STRICT_KEYS + ("tokenizer.",)) or "." not in k)]
        alpha = keys.get(ALPHA)
        if unknown or not isinstance(alpha, float) or not abs(alpha) <= 2.0 ** 20:
            raise BadModel(f"unknown key {unknown[0]}" if unknown else f"{ALPHA} is {alpha}")
        return F32(alpha)

    def read_map(self, file, layer, name):
        a_name, b_name = (f"blk.{layer}.{name}.weight.lora_{part}" for part in "ab")
        for part in (a_name, b_name):
            if part not in file.tensors or len(file.tensors[part].shape) != 2:
                raise BadModel(f"lacks tensor {part}, or it is no matrix")
        a_shape, b_shape = file.tensors[a_name].shape, file.tensors[b_name].shape
        rank = a_shape[0]
        if not 1 <= rank <= 1024 or b_shape[1] != rank:
            raise BadModel(f"{a_name} of {a_shape} beside {b_name} of {b_shape}")
        scale = self.alpha / F32(rank) if self.alpha != 0 else F32(1)
        kinds = gguf.F32, gguf.F16
        return file.tensor(a_name, a_shape, kinds), file.tensor(b_name, b_shape, kinds), scale

    def compute_identity(self):
        """Section 13.2."""
        h = xxhash.xxh3_128()
        for (layer, name), (a, b, scale) in self.maps.items():
            h.update(struct.pack("<2If", 7 * layer + MAPS.index(name), len(a), scale))
            h.update(a.astype("<f4").tobytes() + b.astype("<f4").tobytes())
        return h.digest()

    def merge(self, base):
        """Section 13.1: the base with its adapted maps."""
        if self.architecture != base.sizes.architecture.encode():
            raise BadModel(f"adapter {self.name} is of architecture {self.architecture}, the model of {base.sizes.architecture}")
        merged = {}
        for (layer, name), (a, b, scale) in self.maps.items():
            if layer >= base.sizes.n_layers or base.sizes.shape(name) != (len(b), a.shape[1]):
                raise BadModel(f"adapter {self.name} has another shape than the model in blk.{layer}.{name}")
            order = base.sizes.row_order(name)
            merged[layer, name] = Matrix(merged_weights(base.layers[layer][name].floats(), a, b[order], scale))
        return base.with_maps(merged)


def merged_weights(w, a, b, scale):
    """Section 13.1: w + scale x s, s summed over k in ascending order; the rows are in the engine's order already."""
    s = np.zeros_like(w)
    for k in range(len(a)):
        s = s + b[:, k, None] * a[k]
    result = w + scale * s
    if (np.abs(result) > F32(65504)).any():
        raise BadModel("merged weight exceeds 65504")
    return result
