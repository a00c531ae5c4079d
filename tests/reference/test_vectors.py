#!/usr/bin/env python3
"""Every vector of tests/golden/arithmetic against this decoder: python3 tests/reference/test_vectors.py [--short]"""

import sys
import unicodedata

from law import GOLDEN, Laws, skip_without_packages

skip_without_packages()

import numpy as np

import attention
import floats
import mixing
import network
import pretokens
import rotary
import tensors
from frequencies import token_sizes
from gguf import File
from model import Model
from range_coder import Decoder, Encoder
from tokens import Vocabulary


def cases(name):
    """The cases of a file, each a name and its lines: (first word, the rest). See tests/golden/README.md."""
    case, lines = None, []
    for line in (GOLDEN / "arithmetic" / f"{name}.txt").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "case":
            if case is not None:
                yield case, lines
            case, lines = rest, []
        elif word and word != "#":
            lines.append((word, rest))
    yield case, lines


def array(rest):
    return np.array([float.fromhex(v) for v in rest.split()], np.float32)


def integers(rest):
    return [int(v) for v in rest.split()]


def bits(x):
    """The patterns of binary32 numbers, so that +0 and -0 differ."""
    return np.asarray(x, np.float32).reshape(-1).view(np.uint32).tolist()


def as_floats(fields, *names):
    return [array(fields[name]) for name in names]


def add(f):
    x, y, expected = as_floats(f, "x", "y", "sum")
    return bits(network.add(x, y)), bits(expected)


def angles(f):
    cos, sin = rotary.cos_sin(np.array([int(f["angle"])], np.uint64))
    return bits([cos[0], sin[0]]), bits(array(f["cos_sin"]))


def frequencies(f):
    sizes = token_sizes(array(f["logits"]))
    return [sizes.tolist(), int(sizes.sum())], [integers(f["f"]), int(f["total"])]


def gate(f):
    g, u, expected = as_floats(f, "g", "u", "y")
    return bits(network.gate(g, u)), bits(expected)


def norm(f):
    x, w, epsilon, expected = as_floats(f, "x", "w", "epsilon", "y")
    return bits(network.norm(x[None], w, epsilon[0])), bits(expected)


def grouped(numbers):
    return floats.in_groups(np.array(numbers, np.int32))


def product(f):
    s, t, expected = as_floats(f, "s", "t", "y")
    row = grouped(integers(f["w"]))[None], s[None]
    return bits(floats.product(row, (grouped(integers(f["q"]))[None], t[None]))), bits(expected)


def quantised(q, scale, n):
    return [q.reshape(-1)[:n].tolist(), bits(scale)]


def quantise(f):
    x = array(f["x"])
    return quantised(*floats.quantise(x), len(x)), [integers(f["q"]), bits(array(f["scales"]))]


def exp(f):
    return bits(floats.exp(array(f["x"]))), bits(array(f["exp"]))


def attend(f, lines):
    """A head whose positions all come at once; the last one's result."""
    q, k, v = (np.stack([array(rest) for word, rest in lines if word == name])[:, None] for name in "qkv")
    rows = np.repeat(q, len(k), axis=0)
    out = attention.attend(attention.Memory(1, k.shape[-1], len(k)), rows, k, v, 0)
    return bits(out[-1]), bits(array(f["out"]))


def value(f):
    x = array(f["x"])
    return quantised(*floats.quantise_groups(x), len(x)), [integers(f["v"]), bits(array(f["scale"]))]


def rotation(f):
    cos, sin, x, expected = as_floats(f, "cos", "sin", "x", "rotated")
    return bits(rotary.rotate(x, cos, sin)), bits(expected)


def softmax(f):
    scores, value_scales = as_floats(f, "scores", "value_scales")
    m, scale, total = attention.weights(scores, value_scales, np.ones(len(scores), bool))
    expected = [integers(f["m"]), bits(array(f["scales"])), bits(array(f["f"]))]
    return [*quantised(m, scale, len(scores)), bits(total)], expected


def sliding(f, case):
    """The same, of positions FIRST to LAST only: the case says so."""
    scores, value_scales = as_floats(f, "scores", "value_scales")
    first = int(case.split("positions ")[1].split()[0])
    m, scale, total = attention.weights(scores, value_scales, np.arange(len(scores)) >= first)
    expected = [integers(f["m"]), bits(array(f["scales"])), bits(array(f["f"]))]
    return [*quantised(m, scale, len(scores)), bits(total)], expected


def types(f, case):
    return bits(tensors.numbers(case, bytes.fromhex(f["block"]))), bits(array(f["out"]))


def mixture(f, lines):
    values = np.array([integers(rest) for word, rest in lines if word == "v"], np.int32)
    scales, total, expected = as_floats(f, "scales", "f", "out")
    m = grouped(integers(f["m"]))[None, None, None]
    v = floats.in_groups(values).transpose(1, 2, 0)[None]
    out = attention.mixture(m, scales[None, None, None], total.reshape(1, 1, 1), v)
    return bits(out.reshape(-1)), bits(expected)


def steps(f, case):
    found = rotary.steps(array(f["base"])[0], int(case.split()[1]))
    return found.tolist(), integers(f["steps"])


def steps_scaled(f, case):
    found = rotary.steps(array(f["base"])[0], int(case.split()[1]), array(f["scaling"])[0], array(f["factors"]))
    return found.tolist(), integers(f["steps"])


def pretoken_ends(f, kind="gpt2/gpt-2"):
    return pretokens.ends(bytes.fromhex(f["text"]), kind), integers(f["ends"])


def pretoken_ends_of(kind):
    return lambda f: pretoken_ends(f, kind)


def symbols(f, case):
    name = case.split(",")[0]
    if name not in VOCABULARIES:
        VOCABULARIES[name] = Vocabulary(File(GOLDEN / "models" / f"{name}.gguf").keys)
    found = pretokens.symbols(VOCABULARIES[name], bytes.fromhex(f["text"]))
    return [2 ** 31 + symbol[0] if isinstance(symbol, bytes) else symbol for symbol in found], integers(f["symbols"])


def mixed(f):
    text, payload = bytes.fromhex(f["text"]), bytes.fromhex(f["payload"])
    return mixing.decode(payload, len(text)).hex(), text.hex()


def long_text(lines):
    text = bytearray()
    for word, rest in lines:
        if word == "noise":
            x, n = integers(rest)
            for _ in range(n):
                x = 16807 * x % (2 ** 31 - 1)
                text.append(x // 256 % 256)
        elif word == "again":
            at, n = integers(rest)
            for i in range(at, at + n):
                text.append(text[i])
    return bytes(text)


def mixed_long(f, lines):
    text = long_text(lines)
    return mixing.decode(bytes.fromhex(f["payload"]), len(text)).hex(), text.hex()


def range_coded(f, lines):
    intervals = [integers(rest) for word, rest in lines if word == "low_size_total"]
    encoder, decoder, targets = Encoder(), Decoder(bytes.fromhex(f["payload"])), []
    for low, size, total in intervals:
        encoder.encode(low, size, total)
        targets.append(decoder.target(total))
        decoder.take(low, size)
    decoder.finish()
    return [encoder.payload().hex(), targets], [f["payload"], integers(f["targets"])]


def identity(f, case):
    return Model(GOLDEN / "models" / f"{case}.gguf").identity.hex(), f["identity"]


def check_file(laws, name, function):
    """One law a file; the first case that breaks it is named."""
    def law():
        for case, lines in cases(name):
            fields = dict(lines)
            extra = (case,) if function in OF_CASE else (lines,) if function in OF_LINES else ()
            found, expected = function(fields, *extra)
            assert found == expected, f"{name}.txt, case {case}:\n  found    {found}\n  expected {expected}"
    laws.check(f"vectors_of_{name}", law)


OF_CASE, OF_LINES = {steps, steps_scaled, identity, sliding, symbols, types}, {attend, mixed_long, mixture, range_coded}  # what their functions take, too
VOCABULARIES = {}
LONG = {"mixing_long"}  # minutes
FILES = {
    "add": add, "angles": angles, "frequencies": frequencies, "gate": gate, "identity": identity,
    "identity_architectures": identity, "identity_wide": identity, "mixing": mixed, "mixture": mixture, "norm": norm, "pretokens": pretoken_ends,
    "product": product, "quantise": quantise, "range_coder": range_coded, "rotation": rotation, "softmax": softmax,
    "sliding": sliding, "steps": steps, "steps_scaled": steps_scaled, "types": types, "value": value,
    "mixing_long": mixed_long, "exp": exp, "norm_long": norm, "attention": attend,
    "identity_kinds": identity, "symbols": symbols, "identity_odd": identity, "symbols_odd": symbols,
    "pretokens_llama_bpe": pretoken_ends_of("gpt2/llama-bpe"), "pretokens_qwen2": pretoken_ends_of("gpt2/qwen2"),
    "pretokens_smollm": pretoken_ends_of("gpt2/smollm"),
}


def every_file_is_known():
    there = {path.stem for path in (GOLDEN / "arithmetic").glob("*.txt")}
    assert there == set(FILES), f"without a test, or without a file: {sorted(there ^ set(FILES))}"


def check_vectors(laws, short=False):
    laws.check("every_vector_file_has_a_test", every_file_is_known)
    for name, function in FILES.items():
        if name in LONG and short:
            laws.skip(f"vectors_of_{name}", "--short")
        elif name.startswith(("pretokens", "symbols")) and unicodedata.unidata_version != pretokens.UNICODE:
            laws.skip(f"vectors_of_{name}", f"needs Unicode {pretokens.UNICODE}; this Python has "
                      f"{unicodedata.unidata_version}")
        else:
            check_file(laws, name, function)


if __name__ == "__main__":
    the_laws = Laws()
    check_vectors(the_laws, "--short" in sys.argv)
    sys.exit(the_laws.end())
