#!/usr/bin/env python3
"""An adapter that `laconic adapt` writes means the same to llama.cpp: with it, llama.cpp needs as many bits for a text as laconic does.

usage: llama_adapter.py LACONIC OVERHEADS     (bench/requirements-llama.txt; without it the test is skipped)
"""
import ctypes
import math
import os
import subprocess
import sys
import tempfile

NAME = "an_adapter_means_the_same_to_llama_cpp"
try:
    import llama_cpp
    import numpy
except ImportError:
    print(f"skip    {NAME}: Python lacks llama_cpp or numpy (pip install -r bench/requirements-llama.txt)")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)

MODEL = "models/default.gguf"
LEARNT = "examples/02-code-python.txt"
TEXTS = [LEARNT, "examples/01-explain-science.txt"]
WINDOW = 512


@llama_cpp.llama_log_callback
def quiet(level, text, user_data):
    pass


def bits_by_llama(text, adapter_path):
    """Bits of the text's tokens after a beginning-of-text token, all in one window."""
    model = llama_cpp.llama_model_load_from_file(MODEL.encode(), llama_cpp.llama_model_default_params())
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = WINDOW
    context = llama_cpp.llama_init_from_model(model, params)
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    if adapter_path:
        adapter = llama_cpp.llama_adapter_lora_init(model, adapter_path.encode())
        if not adapter:
            sys.exit("llama.cpp refuses the adapter")
        pointer = type(adapter)  # the binding's own kind of pointer, and an array of one
        if llama_cpp.llama_set_adapters_lora(context, (pointer * 1)(adapter), 1, (ctypes.c_float * 1)(1.0)) != 0:
            sys.exit("llama.cpp does not take the adapter")
    room = (llama_cpp.llama_token * (len(text) + 1))()
    n = llama_cpp.llama_tokenize(vocabulary, text, len(text), room, len(room), False, False)
    rows = [llama_cpp.llama_vocab_bos(vocabulary), *room[:n]]
    if len(rows) > WINDOW:
        sys.exit("the text does not fit a window")
    batch = llama_cpp.llama_batch_init(WINDOW, 0, 1)
    batch.n_tokens = len(rows)
    for i, token in enumerate(rows):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
        batch.seq_id[i][0] = 0
    if llama_cpp.llama_decode(context, batch) != 0:
        sys.exit("llama_decode failed")
    size = llama_cpp.llama_vocab_n_tokens(vocabulary)
    bits = 0.0
    for i, token in enumerate(rows[1:]):
        logits = numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, i), shape=(size,)).astype(numpy.float64)
        bits += (math.log(numpy.exp(logits - logits.max()).sum()) + logits.max() - logits[token]) / math.log(2)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return bits


def bits_by_laconic(overheads, text, adapter_path):
    options = ["--adapter", adapter_path] if adapter_path else []
    line = subprocess.run([overheads, "--each", *options], input=text + b"\0", capture_output=True, check=True).stdout
    return float(line.split(b"\t")[1])


def main():
    laconic, overheads = sys.argv[1:]
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        adapter = os.path.join(folder, "adapter.gguf")
        subprocess.run([laconic, "adapt", "-q", "--base", MODEL, "--rank", "4", "--steps", "30", "--batch", "2", "-o", adapter, LEARNT], check=True)
        for path in TEXTS:
            with open(path, "rb") as file:
                text = file.read(1000).decode(errors="ignore").encode()
            base, adapted = (bits_by_laconic(overheads, text, a) for a in (None, adapter))
            base_there, adapted_there = (bits_by_llama(text, a) for a in (None, adapter))
            says = f"{path}: base {base:.1f} bits, llama.cpp {base_there:.1f}; adapted {adapted:.1f}, llama.cpp {adapted_there:.1f}"
            close = abs(base / base_there - 1) < 0.01 and abs(adapted / adapted_there - 1) < 0.01
            told = abs(adapted / base - 1) > 0.03 or path != LEARNT  # else agreement would say little
            failed += not (close and told)
            print(says if close and told else f"FAIL {says}")
    print(f"{'not ok ' if failed else 'ok     '} {NAME}")
    print(f"{0 if failed else 1} passed, {1 if failed else 0} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main()
