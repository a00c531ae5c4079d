#!/usr/bin/env python3
"""Trains a model from scratch on what prepare.py wrote; README.md in this folder says how. Needs torch, and nothing else.

A run lives in a folder: log.jsonl, the last checkpoint, and when it stops model.gguf. Started again with the same options it
goes on from the checkpoint, to the same losses. If the variable OUT names a folder, the log and model.gguf in parts below
16 MiB go there too.
"""
import time

BEGIN = time.monotonic()  # of --minutes, which the loading of torch is part of

import argparse  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402

import torch  # noqa: E402

import checkpoint  # noqa: E402
import corpus as corpora  # noqa: E402
import evaluation  # noqa: E402
import model  # noqa: E402
import optimizer  # noqa: E402
import texts  # noqa: E402

TORCH = (2, 4)  # the oldest that is known to do

# What must be the same when a training goes on.
SHAPE = {"dim": 512, "layers": 7, "heads": 8, "kv_heads": 2, "ffn": 1408, "window": 1024}
COURSE = {"batch": 64, "epochs": 4.0, "rate": 3e-3, "warmup": 100, "decay_share": 0.7, "weight_decay": 0.1, "clip": 1.0, "seed": 1}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for name, value in {**SHAPE, **COURSE}.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value, help=" ")
    parser.add_argument("--tokens", default="build/pretrain/train", metavar="FOLDER")
    parser.add_argument("--dev", default="build/pretrain/dev", metavar="FOLDER", help="is measured, never learnt")
    parser.add_argument("--vocabulary", default="models/default.gguf", metavar="GGUF", help="the one that prepare.py was given")
    parser.add_argument("--parts", type=int, help="use only the first parts of the tokens")
    parser.add_argument("--run", default="build/pretrain/run", metavar="FOLDER")
    parser.add_argument("--init", metavar="GGUF", help="begin with the weights of this model, of the same shape")
    parser.add_argument("--first-step", type=int, default=0, help="with --init: as if so many steps had been done")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when all is done")
    parser.add_argument("--micro-batch", type=int, default=0, help="rows evaluated at a time; 0: all of the batch")
    parser.add_argument("--dev-steps", type=int, default=250, help="measure dev after so many steps, and at the end")
    parser.add_argument("--dev-records", type=int, help="only the first documents of dev")
    parser.add_argument("--save-steps", type=int, default=500, help="write a checkpoint after so many steps")
    parser.add_argument("--type", choices=("f16", "q8_0", "f32"), default="f16", help="of the matrices of model.gguf")
    parser.add_argument("--name", default="laconic", help="of the model")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto",
                        help="of products while learning; weights are float32. auto: bfloat16 on a GPU")
    parser.add_argument("--compile", action="store_true", help="torch.compile the passes: faster after a minute of compiling")
    return parser.parse_args()


class Training:
    def __init__(self, o):
        self.o = o
        self.vocabulary = texts.read_vocabulary(o.vocabulary)
        self.corpus = corpora.load(o.tokens, self.vocabulary, o.parts)
        self.dev = corpora.load(o.dev, self.vocabulary)
        self.dev_documents = range(min(len(self.dev), o.dev_records or len(self.dev)))
        self.dev_bytes = sum(evaluation.text_bytes(self.dev, self.vocabulary, i) for i in self.dev_documents)
        self.token_bytes = torch.tensor(self.vocabulary.token_bytes + [0])  # the last for what is not foretold
        self.shape = model.Shape(o.dim, o.layers, o.heads, o.kv_heads, o.ffn, len(self.vocabulary.token_bytes), o.window)
        self.epochs = corpora.Epochs(self.corpus, o.window, o.seed)
        self.epochs.take(0, 1)
        self.n_steps = max(1, round(o.epochs * len(self.epochs.rows) / o.batch))
        self.about = {"options": {name: getattr(o, name) for name in [*SHAPE, *COURSE, "first_step"]},
                      "tokens": len(self.corpus.tokens), "vocabulary": self.vocabulary.digest}
        self.begin()
        self.turn = model.rotary(self.shape, o.window, o.device)
        self.losses = torch.compile(model.losses) if o.compile else model.losses
        os.makedirs(o.run, exist_ok=True)
        self.trim_log()

    def trim_log(self):
        """Leaves out what a killed call told of steps after its last checkpoint."""
        path = os.path.join(self.o.run, "log.jsonl")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as log:
                kept = [line for line in log if line.endswith("\n") and json.loads(line)["step"] <= self.step]
            with open(path + ".unfinished", "w", encoding="utf-8") as log:
                log.writelines(kept)
            os.replace(path + ".unfinished", path)

    def begin(self):
        """From the last checkpoint, from a model, or from nothing."""
        o, saved = self.o, checkpoint.load(self.o.run)
        if saved:
            state, tensors = saved
            different = [key for key in self.about if state[key] != self.about[key]]
            if different:
                raise ValueError(f"{o.run} holds a training with other {', '.join(different)}: "
                                 f"{[state[key] for key in different]}; name another --run, or the same options")
            weights = {name: tensors[name] for name in self.shape.tensors()}
        elif o.init:
            shape, weights = model.load(o.init)
            if shape.tensors() != self.shape.tensors():
                raise ValueError(f"{o.init} is {shape}, not {self.shape}")
        else:
            weights = model.draw_weights(self.shape, o.seed)
        self.weights = {name: tensor.to(o.device).requires_grad_() for name, tensor in weights.items()}
        self.optimizer = optimizer.Optimizer(self.weights, o.weight_decay)
        self.step = state["step"] if saved else o.first_step if o.init else 0
        self.seconds = state["seconds"] if saved else 0.0  # of the calls before this one
        if saved:
            self.optimizer.n_steps = state["optimizer_steps"]
            for name, moment in self.optimizer.moments.items():
                moment.copy_(tensors[name])

    def rate(self):
        """Of the next step: up in a line, level, down to 0 in a line over the last decay_share."""
        left = (self.n_steps - self.step) / (self.n_steps * self.o.decay_share) if self.o.decay_share > 0 else 1.0
        return self.o.rate * min(1.0, (self.step + 1) / max(1, self.o.warmup), left)

    def learn(self):
        """One step. What it says stays on the device until it is asked for."""
        o = self.o
        rows = self.epochs.take(self.step * o.batch, o.batch)
        n_rows = o.micro_batch or o.batch
        batches = [self.corpus.batch(rows[at:at + n_rows], o.window) for at in range(0, o.batch, n_rows)]
        n_asked = sum(int((targets >= 0).sum()) for _, targets, _ in batches)
        n_bytes = sum(int(self.token_bytes[targets.clamp(min=-1)].sum()) for _, targets, _ in batches)
        kind = torch.device(o.device).type
        is_half = o.precision == "bfloat16" or o.precision == "auto" and kind == "cuda"
        nats = torch.zeros((), device=o.device)
        for batch in batches:
            tokens, targets, starts = (tensor.to(o.device, non_blocking=True) for tensor in batch)
            bias = model.mask(starts, torch.bfloat16 if is_half else torch.float32)
            with torch.autocast(kind, torch.bfloat16, enabled=is_half):
                loss = self.losses(self.shape, self.weights, tokens, targets, bias, self.turn).sum()
            (loss / max(1, n_asked)).backward()
            nats += loss.detach()
        rate = self.rate()
        norm = self.optimizer.step(rate, o.clip)
        self.step += 1
        return {"nats": nats, "asked": n_asked, "bytes": n_bytes, "rate": rate, "norm": norm}

    def measure(self):
        """Bits per byte of dev, in binary32."""
        weights = {name: tensor.detach() for name, tensor in self.weights.items()}
        bits = evaluation.document_bits(self.shape, weights, self.dev, self.o.window, self.o.device, self.dev_documents)
        return sum(bits.values()) / self.dev_bytes

    def tell(self, kind, **numbers):
        seconds = self.seconds + time.monotonic() - BEGIN
        line = json.dumps({"kind": kind, "step": self.step, "steps": self.n_steps, **numbers, "seconds": round(seconds, 1)})
        with open(os.path.join(self.o.run, "log.jsonl"), "a", encoding="utf-8") as log:
            log.write(line + "\n")
        if kind != "step" or self.step % 25 == 0 or self.step == self.n_steps:
            print(line, flush=True)

    def tell_step(self, found):
        nats = float(found["nats"])
        if not nats < float("inf"):
            raise ValueError(f"the loss of step {self.step} is {nats}: a lower --rate is wanted; the last checkpoint is kept")
        self.tell("step", loss=round(nats / max(1, found["asked"]), 6),
                  bits_per_byte=round(nats / math.log(2) / max(1, found["bytes"]), 6),
                  rate=found["rate"], gradient_norm=round(float(found["norm"]), 6))

    def save(self):
        tensors = {**self.weights, **self.optimizer.moments}
        checkpoint.save(self.o.run, self.step, tensors, {**self.about, "optimizer_steps": self.optimizer.n_steps,
                                                         "seconds": self.seconds + time.monotonic() - BEGIN})

    def run(self):
        """Steps until all are done or the time is up; true if all are done."""
        o, n_parameters = self.o, sum(tensor.numel() for tensor in self.weights.values())
        print(f"torch {torch.__version__} on {o.device}; {n_parameters} parameters; {len(self.corpus)} documents, "
              f"{len(self.corpus.tokens)} tokens; step {self.step} of {self.n_steps}, {o.batch} rows of {o.window} each",
              flush=True)
        while self.step < self.n_steps and not 0 < 60 * o.minutes < time.monotonic() - BEGIN:
            self.tell_step(self.learn())
            if self.step % o.dev_steps == 0 or self.step == self.n_steps:
                self.tell("dev", bits_per_byte=round(self.measure(), 6))
            if self.step % o.save_steps == 0:
                self.save()
        self.save()
        return self.step == self.n_steps

    def export(self):
        o, path = self.o, os.path.join(self.o.run, "model.gguf")
        model.save(path + ".unfinished", self.shape, self.weights, self.vocabulary, o.name, o.type)
        os.replace(path + ".unfinished", path)
        out = os.environ.get("OUT")
        if out and os.path.realpath(out) != os.path.realpath(o.run):
            shutil.copy(os.path.join(o.run, "log.jsonl"), out)
            with open(path, "rb") as file:
                checkpoint.write_parts(out, "model.gguf", file.read())


def main():
    o = parse()
    if tuple(map(int, torch.__version__.split(".")[:2])) < TORCH:
        sys.exit(f"train: torch {torch.__version__} is here; {TORCH[0]}.{TORCH[1]} or a newer one is wanted")
    try:
        if min(o.batch, o.window - 1, o.dev_steps, o.save_steps) < 1 or o.epochs <= 0 or o.micro_batch < 0:
            raise ValueError("--batch, --window, --epochs, --dev-steps and --save-steps must be above 0")
        training = Training(o)
        is_done = training.run()
        training.export()
    except (OSError, ValueError) as error:
        sys.exit(f"train: {error}")
    print("done" if is_done else f"time is up at step {training.step} of {training.n_steps}: the same command goes on")


main()
