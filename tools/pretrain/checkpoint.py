"""Checkpoints: a folder step-N of parts below 16 MiB each, and state.json. Only a whole one bears that name; the one before
it goes when it is there."""
import hashlib
import json
import os
import re
import shutil

import torch

import model

PART_BYTES = 15 << 20


def write_parts(folder, stem, data):
    """Writes stem.000, stem.001, ...: `cat stem.*` joins them. Returns what they are."""
    parts = []
    for at in range(0, len(data), PART_BYTES):
        part, name = data[at:at + PART_BYTES], f"{stem}.{len(parts):03}"
        with open(os.path.join(folder, name), "wb") as file:
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
        parts.append({"file": name, "bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()})
    return parts


def _steps(folder):
    """Whole checkpoints, the last first."""
    found = [int(name[5:]) for name in os.listdir(folder) if re.fullmatch(r"step-\d{1,9}", name)] if os.path.isdir(folder) else []
    return sorted(found, reverse=True)


def save(folder, step, tensors, about):
    """tensors: by name, of any device; about: what else state.json is to hold."""
    unfinished, finished = os.path.join(folder, "unfinished"), os.path.join(folder, f"step-{step}")
    if os.path.exists(finished):
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    os.makedirs(unfinished)
    table, data = {}, bytearray()
    for name, tensor in tensors.items():
        data += model.raw(tensor.detach().cpu())
        table[name] = [str(tensor.dtype).removeprefix("torch."), list(tensor.shape)]
    parts = write_parts(unfinished, "tensors", data)
    with open(os.path.join(unfinished, "state.json"), "w", encoding="utf-8") as file:
        json.dump({"step": step, **about, "tensors": table, "parts": parts}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.rename(unfinished, finished)
    for old in _steps(folder)[1:]:
        shutil.rmtree(os.path.join(folder, f"step-{old}"))


def load(folder):
    """state.json and the tensors of the last whole checkpoint; None if there is none."""
    steps = _steps(folder)
    if not steps:
        return None
    folder = os.path.join(folder, f"step-{steps[0]}")
    with open(os.path.join(folder, "state.json"), encoding="utf-8") as file:
        state = json.load(file)
    data = bytearray()
    for part in state["parts"]:
        path = os.path.join(folder, part["file"])
        with open(path, "rb") as file:
            data += file.read(PART_BYTES + 1)
        if hashlib.sha256(data[len(data) - part["bytes"]:]).hexdigest() != part["sha256"]:
            raise ValueError(f"{path} is damaged: its SHA-256 differs; remove {folder} to begin anew")
    tensors, at = {}, 0
    for name, (dtype, dims) in state["tensors"].items():
        dtype, n = getattr(torch, dtype), 1
        for dim in dims:
            n *= dim
        tensors[name] = torch.frombuffer(data, dtype=dtype, count=n, offset=at).view(dims).clone()
        at += n * dtype.itemsize
    return state, tensors
