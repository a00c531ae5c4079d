#!/usr/bin/env python3
"""Laws of symbols against their peers, the PyPI modules `tokenizers` and `sentencepiece`:
tokenizer_ids_peer.py TEST_TOKENIZER_ORACLES DIRECTORY_OF_MODELS, from the project's folder.

`TEST_TOKENIZER_ORACLES --ids MODEL` says which symbols we make. The peers are given the vocabularies of our files, and the patterns as
they were published. User-defined tokens are cut out before byte-level peers are asked; SentencePiece's are asked of texts without them.
"""
import glob
import importlib.util
import os
import random
import re
import struct
import subprocess
import sys

sys.path.insert(0, "tools")
import gguf  # noqa: E402

LLAMA_3 = (r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
           r"|\s*[\r\n]+|\s+(?!\S)|\s+")
ORACLES = "../shared/oracles/"
SEED, N_RANDOM = 20240301, 20000
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SNIPPETS = ["'s", "'T", "'Re", "'ve", "'LL", "'", "''", " ", "  ", "   ", "      ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "a", "Z", "the", " The",
            "answer", " question", "123", "4", "\u00bd", "\u2167", "\u0663", "!", "...", "==", "=====================", " {", "}\n", "\u00e9", "\u03a9",
            "\u4f60\u597d", "\ud55c", "\U0001f600", "\U0001f469\u200d\U0001f4bb", "\u0301", "_", "<tool_call>", "</tool_call>", "<think>", "<think>\n",
            "<|im_start|>", "<s>", "<unk>", "<0x0A>", "\x01", "\x1c", "\u0085", "\u2028", "\u017f", "'\u017f", "aaaaaaaaaaaaaaaaa", "abababab"]


def random_texts():
    draw = random.Random(SEED)
    return ["".join(draw.choice(SNIPPETS) for _ in range(draw.randrange(1, 40))) for _ in range(N_RANDOM)]


def examples():
    texts = []
    for path in sorted(glob.glob("examples/*.txt")):
        with open(path, encoding="utf-8", newline="") as file:
            texts.append(file.read())
    if not texts:
        raise ValueError("no examples/*.txt here; run this from the project's folder")
    return texts


def our_ids(program, model, texts):
    records = b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)
    done = subprocess.run([program, "--ids", model], input=records, stdout=subprocess.PIPE, timeout=300, check=True)
    return [[int(word) for word in line.split()] for line in done.stdout.decode().split("\n")[:-1]]


class ByteLevel:
    """The module `tokenizers` with the vocabulary of a file."""

    def __init__(self, keys):
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers
        self.tokens, types, merges = (keys["tokenizer.ggml." + name][1][1] for name in ("tokens", "token_type", "merges"))
        kind = keys["tokenizer.ggml.pre"][1]
        vocabulary = {}
        for i, token in enumerate(self.tokens):
            if types[i] == NORMAL:
                vocabulary.setdefault(token, i)
        self.peer = Tokenizer(models.BPE(vocabulary, [tuple(line.split(" ", 1)) for line in merges], ignore_merges=kind == "llama-bpe"))
        if kind == "smollm":
            steps = [pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False, use_regex=True)]
        elif kind == "gpt-2":
            steps = [pre_tokenizers.ByteLevel(False, use_regex=True)]
        else:
            pattern = Regex(LLAMA_3 if kind == "llama-bpe" else LLAMA_3.replace("{1,3}", ""))
            steps = [pre_tokenizers.Split(pattern, "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
        self.peer.pre_tokenizer = pre_tokenizers.Sequence(steps)
        self.user = {token: i for i, token in enumerate(self.tokens) if types[i] == USER_DEFINED and kind != "gpt-2"}
        longest_first = sorted(self.user, key=len, reverse=True)
        self.cut = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")") if self.user else None

    def ids(self, text):
        found = []
        for i, part in enumerate(self.cut.split(text) if self.cut else [text]):
            found += [self.user[part]] if i % 2 else self.peer.encode(part).ids
        return found


class Pieces:
    """The module `sentencepiece` with the vocabulary of a file, as the fields of its own."""

    def __init__(self, keys):
        import sentencepiece
        tokens, types, scores = (keys["tokenizer.ggml." + name][1][1] for name in ("tokens", "token_type", "scores"))
        self.user = [token for i, token in enumerate(tokens) if types[i] == USER_DEFINED]
        if UNKNOWN not in types:  # the module wants one
            types[types.index(CONTROL)] = UNKNOWN
        unknown, proto = types.index(UNKNOWN), b""
        for i, (token, kind, score) in enumerate(zip(tokens, types, scores)):
            kind = UNUSED if kind == UNKNOWN and i != unknown else CONTROL if kind == USER_DEFINED else kind
            proto += self.bytes(1, self.bytes(1, token.encode()) + self.key(2, 5) + struct.pack("<f", score) + self.number(3, kind))
        proto += self.bytes(2, self.number(3, 2) + self.number(35, 1))  # BPE, byte fallback
        proto += self.bytes(3, self.bytes(1, b"identity") + self.number(3, 1) + self.number(4, 0) + self.number(5, 1))
        self.peer = sentencepiece.SentencePieceProcessor(model_proto=proto)

    @staticmethod
    def varint(value):
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    def key(self, field, wire):
        return self.varint(field << 3 | wire)

    def number(self, field, value):
        return self.key(field, 0) + self.varint(value)

    def bytes(self, field, value):
        return self.key(field, 2) + self.varint(len(value)) + value

    def ids(self, text):
        if "\u2581" in text or any(token in text for token in self.user):
            return None
        return self.peer.encode(text)


def agree(program, path, texts):
    keys, _ = gguf.read(path)
    peer = (Pieces if keys["tokenizer.ggml.model"][1] == "llama" else ByteLevel)(keys)
    n_asked = n_failed = 0
    for text, ours in zip(texts, our_ids(program, path, texts)):
        theirs = peer.ids(text)
        n_asked += theirs is not None
        if theirs is not None and ours != theirs:
            n_failed += 1
            if n_failed <= 5:
                at = next((i for i, two in enumerate(zip(ours, theirs)) if two[0] != two[1]), "the end")
                print(f"FAIL {path}, {text[:200]!a}: symbol {at} of {ours[:40]}, of the peer's {theirs[:40]}", file=sys.stderr)
    return n_failed == 0 and n_asked > 0, n_asked


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    missing = [name for name in ("tokenizers", "sentencepiece") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped symbols_are_the_peers: no Python module {' nor '.join(missing)} here (bench/requirements-llama.txt)")
        print("0 passed, 0 failed, 1 skipped")
        return
    paths = [f"{sys.argv[2]}/{name}.gguf" for name in ("llama-bpe", "qwen2", "smollm", "tiny", "spm", "qwen2.5", "smollm2")]
    paths += [ORACLES + name for name in ("tokenizers/llamacpp/ggml-vocab-gpt-2.gguf", "tokenizers/llamacpp/ggml-vocab-phi-3.gguf",
                                          "stories260K/stories260K.gguf")]
    results, n_skipped, texts = [], 0, examples() + random_texts()
    for path in paths:
        if not os.path.exists(path):
            n_skipped += 1
            print(f"skipped symbols_are_the_peers: {path} is not here")
            continue
        n_asked = 0
        try:
            is_good, n_asked = agree(sys.argv[1], path, texts)
            results.append(is_good)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"FAIL {path}: {error}", file=sys.stderr)
            results.append(False)
        print(f"{'ok     ' if results[-1] else 'not ok '} symbols_are_the_peers: {path} ({n_asked} texts)", flush=True)
    print(f"{results.count(True)} passed, {results.count(False)} failed, {n_skipped} skipped")
    sys.exit(not all(results))


main()
