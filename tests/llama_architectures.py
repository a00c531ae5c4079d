#!/usr/bin/env python3
"""Small random models of every architecture and type mean the same to llama.cpp, which also makes files of its own types.

usage: llama_architectures.py EVALUATE     (build/evaluate; bench/requirements-llama.txt; without it the tests are skipped)
"""
import ctypes
import os
import random
import subprocess
import sys
import tempfile

NAMES = ("llama_cpp_evaluates_the_float_model", "files_of_llama_cpp_are_evaluated_as_it_does")
try:
    import llama_cpp
    import numpy
except ImportError:
    for name in NAMES:
        print(f"skipped {name}: Python lacks llama_cpp or numpy (pip install -r bench/requirements-llama.txt)")
    print(f"0 passed, 0 failed, {len(NAMES)} skipped")
    sys.exit(0)

from float_model import FloatModel, distance, files

# llama.cpp turns whole heads only, and knows no sliding window of architecture llama.
ARCHITECTURES = {
    "llama": [],
    "llama with all": ["--biases", "all", "--rotary-factors", "--rotary-scaling", "2.5"],
    "qwen2": ["--architecture", "qwen2", "--biases", "attn_q,attn_k,attn_v"],
    "qwen2 scaled": ["--architecture", "qwen2", "--biases", "attn_q,attn_k,attn_v", "--rotary-scaling", "4"],
    "qwen3": ["--architecture", "qwen3", "--head-dim", "24"],
}
NEAR = 0.002  # of the logits' spread: binary32 beside binary64
FAR = 0.1     # 8 bits, of either; a wrong formula gives 0.3 and more
POSITIONS = 60


@llama_cpp.llama_log_callback
def quiet(level, text, user_data):
    pass


def llama_logits(path, ids):
    params = llama_cpp.llama_model_default_params()
    params.use_mmap = params.use_extra_bufts = False  # the latter: no tiles of AMX, which not every system lets a program use
    model = llama_cpp.llama_model_load_from_file(path.encode(), params)
    if not model:
        raise AssertionError(f"llama.cpp refuses {path}")
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 256
    params.n_threads = params.n_threads_batch = 1  # more would wait for one another on a busy machine
    params.type_k = params.type_v = 0  # F32
    params.flash_attn_type = 0
    context = llama_cpp.llama_init_from_model(model, params)
    batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for i, token in enumerate(ids):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
        batch.seq_id[i][0] = 0
    if llama_cpp.llama_decode(context, batch) != 0:
        raise AssertionError("llama_decode failed")
    n = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    logits = [numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, i), shape=(n,)).astype(numpy.float64) for i in range(len(ids))]
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return numpy.array(logits)


def quantized(path, out, kind):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = kind
    if llama_cpp.llama_model_quantize(path.encode(), out.encode(), ctypes.byref(params)) != 0:
        raise AssertionError(f"llama.cpp does not quantise to {kind}")


def evaluate(*words, ids=()):
    done = subprocess.run([EVALUATE, *words], input=" ".join(map(str, ids)).encode(), capture_output=True, check=True)
    return numpy.frombuffer(done.stdout, numpy.float32)


def rows(path, name):
    return evaluate(path, "rows", name)


def engine_logits(path, ids):
    return evaluate(path, "logits", ids=ids).reshape(len(ids), -1).astype(numpy.float64)


def tiny(path, *options):
    subprocess.run([sys.executable, "tools/make_tiny_model.py", "--context", str(POSITIONS), *options, "-o", path], check=True)


def compare(path, label, near):
    """llama.cpp beside the float model and beside the engine."""
    draw = random.Random(label)
    model = FloatModel(path, rows)
    ids = [draw.randrange(len(model.tokens)) for _ in range(POSITIONS)]
    theirs = llama_logits(path, ids)
    from_floats, from_engine = distance(theirs, model.logits(ids)), distance(engine_logits(path, ids), theirs)
    print(f"        {label}: llama.cpp {from_floats:.5f} from floats, the engine {from_engine:.4f} from llama.cpp")
    return from_floats < near and from_engine < FAR


def llama_cpp_evaluates_the_float_model():
    path, good = os.path.join(FOLDER, "tiny.gguf"), True
    for architecture, options in ARCHITECTURES.items():
        for kind in ("f32", "f16", "bf16"):
            tiny(path, "--type", kind, "--seed", "9", *options)
            good &= compare(path, f"{architecture}, {kind}", NEAR if kind == "f32" else FAR)  # it rounds activations to 16 bits beside others
    for kind in (kind for kind in files.TYPES if kind.startswith("q")):
        tiny(path, "--dim", "256", "--ffn", "256", "--layers", "1", "--vocab", "264", "--type", kind, *ARCHITECTURES["qwen2"])
        good &= compare(path, f"qwen2, random blocks of {kind}", FAR)
    return good


def files_of_llama_cpp_are_evaluated_as_it_does():
    """What it makes of F32: mostly one type, or a mixture of its own."""
    kinds = {"Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q5_0": 8, "Q5_1": 9, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "BF16": 32}
    path, made, good = os.path.join(FOLDER, "f32.gguf"), os.path.join(FOLDER, "made.gguf"), True
    for architecture in ("llama with all", "qwen2", "qwen3"):
        options = [option if option != "24" else "64" for option in ARCHITECTURES[architecture]]  # rows of whole blocks
        tiny(path, "--type", "f32", "--dim", "256", "--ffn", "512", "--layers", "1", "--vocab", "264", *options)
        for kind, number in kinds.items():
            quantized(path, made, number)
            types = {tensor.type for tensor in files.read(made)[1].values()}
            good &= compare(made, f"{architecture}, {kind} by llama.cpp (types {sorted(types)})", FAR) and len(types) > 1
    return good


EVALUATE = sys.argv[1]
llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
n_failed = 0
with tempfile.TemporaryDirectory() as FOLDER:
    for name in NAMES:
        try:
            passed = globals()[name]()
        except AssertionError as error:
            print(f"FAIL {name}: {error}", file=sys.stderr)
            passed = False
        print(f"{'ok     ' if passed else 'not ok '} {name}")
        n_failed += not passed
print(f"{len(NAMES) - n_failed} passed, {n_failed} failed, 0 skipped")
sys.exit(n_failed != 0)
