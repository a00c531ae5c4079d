"""Texts, and their tokens by the library's tokenizer. Needs nothing but Python and build/tokenize (make build/tokenize)."""
import array
import collections
import hashlib
import json
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import gguf  # noqa: E402: it is in the folder above

TOKENIZE = os.path.join(HERE, "..", "..", "build", "tokenize")
BATCH_BYTES = 1 << 24  # of text for one run of the tokenizer

# pairs: the metadata that say how to tokenize; token_bytes: how many bytes each token stands for
Vocabulary = collections.namedtuple("Vocabulary", "path pairs bos eos token_bytes digest")


def read_vocabulary(path):
    """The vocabulary of a GGUF file. Without an end-of-text token, eos is None."""
    pairs = {key: pair for key, pair in gguf.read(path)[0].items() if key.startswith("tokenizer.")}
    try:
        tokens, types = (pairs["tokenizer.ggml." + key][1][1] for key in ("tokens", "token_type"))
        eos = pairs.get("tokenizer.ggml.eos_token_id", (0, None))[1]
        bos = pairs.get("tokenizer.ggml.bos_token_id", (0, eos))[1]
        if pairs["tokenizer.ggml.model"][1] != "gpt2" or len(types) != len(tokens) or not 0 <= bos < len(tokens) <= 65536:
            raise KeyError("tokenizer.ggml.model")
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}: a vocabulary of the kind gpt2 with a beginning-of-text token is wanted") from None
    token_bytes = [len(token) if kind == 1 else 0 for token, kind in zip(tokens, types)]
    digest = hashlib.sha256(json.dumps(sorted(pairs.items())).encode()).hexdigest()
    return Vocabulary(path, pairs, bos, eos, token_bytes, digest)


def read_records(path):
    """The objects of a file of JSON lines, which may be packed by zstd."""
    packed = path.endswith(".zst")
    process = subprocess.Popen(["zstd", "-dcq", "--long=27", "--", path], stdout=subprocess.PIPE) if packed else None
    with process.stdout if packed else open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path}: line {number}: {error}") from None
            if not isinstance(record, dict) or not isinstance(record.get("response"), str):
                raise ValueError(f'{path}: line {number}: an object with the text "response" is wanted')
            yield record
    if packed and process.wait() != 0:
        raise ValueError(f"{path}: zstd cannot unpack it")


def _run(vocabulary, texts):
    if not os.path.exists(TOKENIZE):
        raise ValueError("build/tokenize is not there: run `make build/tokenize`")
    done = subprocess.run([TOKENIZE, vocabulary.path], input=b"".join(struct.pack("<I", len(text)) + text for text in texts),
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise ValueError("the tokenizer failed")
    at = 0
    for _ in texts:
        n, = struct.unpack_from("<I", done.stdout, at)
        tokens = array.array("H", done.stdout[at + 4:at + 4 + 2 * n])
        if sys.byteorder == "big":
            tokens.byteswap()
        yield tokens
        at += 4 + 2 * n


def tokenize(vocabulary, texts):
    """An array of tokens for each of the texts, which are bytes."""
    batch, n_bytes = [], 0
    for text in texts:
        batch.append(text)
        n_bytes += len(text)
        if n_bytes >= BATCH_BYTES:
            yield from _run(vocabulary, batch)
            batch, n_bytes = [], 0
    yield from _run(vocabulary, batch)
