#!/usr/bin/env python3
"""The engine beside llama.cpp: the same GGUF evaluates and steps through the same texts, in the same run.

usage: llama.py SELF TEXTS.nul MODEL.gguf [THREADS]     (SELF is build/self; pip install -r bench/requirements-llama.txt)

Both sides get the texts cut to fit one window, so that nothing is evaluated again. llama.cpp (PyPI llama-cpp-python, its own
tokenizer) gives the logits of every position, as a coder needs them: evaluating whole texts in batches of 512 positions, and stepping through
64 texts at once, one token of each a batch. It stops at the logits; laconic's rates include tokenizing, frequencies and coding. Calls from Python
cost llama.cpp little: one a batch, whose arrays are filled outside of the time that is counted.
"""
import ctypes
import re
import subprocess
import sys
import tempfile
import time

import llama_cpp

WINDOW = 512
STREAMS = 64


class Engine:
    def __init__(self, path, n_threads):
        llama_cpp.llama_log_set(QUIET, ctypes.c_void_p(0))
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            sys.exit(f"llama.cpp does not load {path}")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = WINDOW * STREAMS
        params.n_seq_max = STREAMS
        params.n_batch = params.n_ubatch = WINDOW
        params.n_threads = params.n_threads_batch = n_threads
        self.context = llama_cpp.llama_init_from_model(self.model, params)
        if not self.context:
            sys.exit("llama.cpp makes no context")
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        self.batch = llama_cpp.llama_batch_init(WINDOW, 0, 1)

    def tokenize(self, text):
        room = (llama_cpp.llama_token * (len(text) + 2))()
        n = llama_cpp.llama_tokenize(self.vocabulary, text, len(text), room, len(room), False, False)
        return [llama_cpp.llama_vocab_bos(self.vocabulary), *room[:n]]

    def decode(self, rows):
        """rows: (token, position, sequence) each; returns seconds."""
        batch = self.batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = True
        started = time.perf_counter()
        if llama_cpp.llama_decode(self.context, batch) != 0:
            sys.exit("llama_decode failed")
        llama_cpp.llama_get_logits_ith(self.context, len(rows) - 1)  # waits for the result
        return time.perf_counter() - started

    def forget(self, sequence=-1):
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self.context), sequence, -1, -1)


@llama_cpp.llama_log_callback
def QUIET(level, text, user_data):
    pass


def evaluate(engine, streams):
    """Whole texts side by side in full batches, as laconic's encoder packs them."""
    seconds, rows, sequence = 0.0, [], 0
    for tokens in streams:
        if len(rows) + len(tokens) > WINDOW:
            seconds += engine.decode(rows)
            engine.forget()
            rows, sequence = [], 0
        rows += [(token, i, sequence) for i, token in enumerate(tokens)]
        sequence += 1
        if sequence == STREAMS:
            seconds += engine.decode(rows)
            engine.forget()
            rows, sequence = [], 0
    return seconds + (engine.decode(rows) if rows else 0.0)


def step(engine, streams):
    """One token of every stream a batch; a stream that ends gives its place to the next."""
    seconds, waiting = 0.0, list(reversed(streams))
    places = [None] * STREAMS
    while True:
        rows = []
        for sequence in range(STREAMS):
            if places[sequence] is None and waiting:
                engine.forget(sequence)
                places[sequence] = (waiting.pop(), 0)
            if places[sequence] is not None:
                tokens, i = places[sequence]
                rows.append((tokens[i], i, sequence))
                places[sequence] = (tokens, i + 1) if i + 1 < len(tokens) else None
        if not rows:
            return seconds
        seconds += engine.decode(rows)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    self_path, texts_path, model = sys.argv[1:4]
    n_threads = int(sys.argv[4]) if len(sys.argv) == 5 else 1
    with open(texts_path, "rb") as file:
        texts = [text for text in file.read().split(b"\0") if text]
    engine = Engine(model, n_threads)
    cut = []
    for text in texts:
        while len(engine.tokenize(text)) > WINDOW - 1:
            text = text[: len(text) * (WINDOW - 2) // len(engine.tokenize(text))].decode(errors="ignore").encode()
        cut.append(text)
    streams = [engine.tokenize(text) for text in cut]
    n_tokens = sum(len(tokens) for tokens in streams)
    engine.forget()
    evaluate(engine, streams[:8])  # warm
    engine.forget()
    theirs = {"encode": evaluate(engine, streams)}
    engine.forget()
    theirs["decode"] = step(engine, streams)

    with tempfile.TemporaryFile() as file:
        file.write(b"".join(text + b"\0" for text in cut))
        file.seek(0)
        report = subprocess.run([self_path, "--model", model, "--threads", str(n_threads), "--rates"], stdin=file, check=True,
                                capture_output=True, text=True).stdout
    ours = {name: float(rate) for name, rate in re.findall(r"^  (encode|decode).*?([\d.]+) tokens/s", report, re.M)[-2:]}
    print(f"{len(cut)} texts, {sum(map(len, cut))} bytes, {n_tokens} tokens, {n_threads} threads, llama-cpp-python {llama_cpp.__version__}")
    for name, what in (("encode", "evaluating"), ("decode", f"stepping, {STREAMS} streams")):
        rate = n_tokens / theirs[name]
        print(f"  {what}: llama.cpp {rate:.0f} tokens/s, laconic {name} {ours[name]:.0f} tokens/s, {ours[name] / rate:.2f} times")


main()
