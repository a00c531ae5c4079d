#!/usr/bin/env python3
"""The second decoder on every golden archive: python3 tests/reference/test_reference.py [--short] [--peer LACONIC]

--short leaves out the archives of a long decoding whose kind another one has. --peer names the command, which must take the altered
archives of altered.py as this decoder does."""

import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

from law import GOLDEN, TESTS, Laws, skip_without_packages

skip_without_packages()

import messages
import pretokens
import streams
from adapter import Adapter
from altered import ACCEPTED, Altered
from archive import decode
from decode import DEFAULT_MODEL
from frames import MAGIC
from library import PUBLISHED, Library
from model import Model
from refusals import BadModel, Refusal
from streams import Budget
from test_vectors import check_vectors

LONG = {"many-blocks", "open", "all-kinds", "published-code", "adapted", "indexed-adapted", "indexed-open", "indexed-stored", "indexed-twice",
        "windows", "lines", "biased", "pieces"}


class Recorder(streams.SymbolReader):
    """Keeps what was decoded, to see that section 9.3 makes the same symbols of the text."""

    streams = []

    def __init__(self, model, payload):
        super().__init__(model, payload)
        self.pieces = []
        Recorder.streams.append((model.vocabulary, self.pieces))

    def next(self):
        piece = super().next()
        if piece is not None:
            self.pieces.append((piece if self.unseen is None else self.unseen, piece))
        return piece


class Golden:
    """The golden models and archives, each model read once."""

    def __init__(self):
        self.opened = {}
        lines = (GOLDEN / "archives" / "list").read_text().splitlines()
        self.archives = [line.split()[:3] for line in lines if line[0] != "#"]

    def open(self, kind, name):
        path = DEFAULT_MODEL if name == "default" else GOLDEN / "models" / f"{name}.gguf"
        if name not in self.opened:
            self.opened[name] = kind(path)
        return self.opened[name]

    def library(self, names):
        model, *adapters = names.split("+")
        return Library([self.open(Model, model)], [self.open(Adapter, name) for name in adapters])

    @staticmethod
    def read(name, ending="lac"):
        return (GOLDEN / "archives" / f"{name}.{ending}").read_bytes()


def decoded(data, library, budget=None):
    return b"".join(decode(data, library, budget or Budget()))


def decoded_message(data, library):
    return messages.decode(data, library.only(), Budget())


def kind_of(data, library):
    """The kind of refusal, or `accepted`; with what was said."""
    try:
        decoded(data, library)
    except Refusal as refusal:
        assert refusal.place or refusal.kind == "no archive", f"refused without a place: {refusal}"
        return refusal.kind, str(refusal)
    return ACCEPTED, ""


def check_archives(laws, golden, short):
    for name, models, options in golden.archives:
        if short and name in LONG:
            continue

        def law():
            read = decoded_message if "--message" in options else decoded
            library = Library([], []) if "--with-model" in options else golden.library(models)
            found, expected = read(golden.read(name), library), golden.read(name, "txt")
            at = next((i for i, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
            assert found == expected, f"{len(found)} bytes, not {len(expected)}; they differ from byte {at} on"
        laws.check(f"archive_{name}_decodes_to_its_text", law)
    if short:
        laws.skip(f"{len(LONG)} archives", f"--short: {' '.join(sorted(LONG))}")


def check_symbols(laws):
    """Section 9: a byte string has exactly one sequence of symbols, and these archives hold it."""
    def leftmost():
        found = pretokens.join([1, 1, 1, 1, 1], {(1, 1): (0, 2)})
        assert found == [2, 2, 1], f"found {found}"
    def law():
        assert Recorder.streams, "no stream was decoded"
        for vocabulary, pieces in Recorder.streams:
            text = b"".join(piece for _, piece in pieces)
            found, expected = pretokens.symbols(vocabulary, text), [symbol for symbol, _ in pieces]
            assert found == expected, f"text {text.hex()}: tokenized {found}, decoded {expected}"
    laws.check("of_pairs_with_one_rank_the_leftmost_is_merged", leftmost)
    if unicodedata.unidata_version != pretokens.UNICODE:
        laws.skip("decoded_text_becomes_the_same_symbols_again", f"needs Unicode {pretokens.UNICODE}")
    else:
        laws.check("decoded_text_becomes_the_same_symbols_again", law)


def check_default(laws, golden):
    def law():
        model, published = golden.open(Model, "default"), PUBLISHED[0]
        found = model.identity, model.sizes.window, model.name
        assert found == published[:3], f"found {found}, published {published[:3]}"
    laws.check("default_model_is_published_model_0", law)


def check_damage(laws, golden):
    """Every byte changed, every length cut, and a byte more."""
    library = golden.library("grouped+tilted")
    for name in ("one-block", "adapted-once", "stored", "empty"):
        data = golden.read(name)

        def law():
            for damaged, what in damages(data):
                expected = "corrupt" if damaged[:4] == MAGIC else "no archive"
                kind, said = kind_of(damaged, library)
                assert kind == expected, f"{name}.lac with {what}: {kind} ({said}), not {expected}"
        laws.check(f"damage_of_{name}_is_found", law)


def damages(data):
    for i in range(len(data)):
        for bit in (1, 0x80):
            yield data[:i] + bytes([data[i] ^ bit]) + data[i + 1:], f"byte {i} xor {bit:#x}"
        yield data[:i], f"{i} bytes left"
    yield data + b"\0", "a byte more"


STATUSES = {"ok": ACCEPTED, "corrupt": "corrupt", "truncated": "corrupt", "not-an-archive": "no archive", "unsupported": "unsupported",
            "other-model": "other model", "other-adapter": "other model"}


def check_hostile(laws, golden):
    """Groups, indexes and files, many of which say something wrong, and blocks with two windows, of tests/golden/hostile."""
    for line in (GOLDEN / "hostile" / "list").read_text().splitlines()[1:]:
        name, models, status = line.split()[:3]
        if not any(word in name for word in ("-group-", "-choice-", "-index-", "-windows", "bad-file-", "good-file")):
            continue

        def law():
            kind, said = kind_of((GOLDEN / "hostile" / name).read_bytes(), golden.library("grouped" if models == "-" else models))
            assert kind == STATUSES[status], f"{kind} ({said}), not {STATUSES[status]}"
        laws.check(f"hostile: {name} is {status}", law)


def altered(golden):
    return Altered(golden.open(Model, "grouped"), golden.open(Adapter, "leaning"), golden.read("mixed")).all()


def check_altered(laws, golden):
    library = golden.library("grouped+leaning")
    for name, expected, data in altered(golden):
        def law():
            kind, said = kind_of(data, library)
            assert kind == expected, f"{kind} ({said}), not {expected}"
        laws.check(f"altered: {name} is {expected}", law)


MODEL_CHANGES = (
    (b"llama.rope.freq_base", b"llama.rope.freq_bass", "unknown key"),
    (b"blk.1.ffn_up.weight", b"blk.1.ffn_un.weight", "unknown tensor"),
    (b"gpt-2", b"gpt-3", "tokenizer"),
    (b"th at", b"th ta", "merge"),
    (b"tokenizer.ggml.tokens", b"tokenizer.ggml.tokenz", "tokens"),
    (b"blk.1.ffn_up.weight", b"blk.0.ffn_up.weight", "twice"),
    (b"GGUF", b"GGUG", "no GGUF file"),
    (b"llama.block_count", b"llama.blocks_have", "block_count"),
)


def check_models(laws):
    """Arithmetic sections 3.3 and 9.1: what may mean another computation is refused."""
    data = (GOLDEN / "models" / "grouped.gguf").read_bytes()
    for old, new, word in MODEL_CHANGES:
        def law():
            assert old in data, "the model has changed"
            with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
                file.write(data.replace(old, new))
                file.flush()
                try:
                    Model(file.name)
                except BadModel as refusal:
                    assert word in str(refusal), f"refused for another reason: {refusal}"
                else:
                    raise AssertionError("accepted")
        laws.check(f"model with {new.decode()} is refused", law)


def command(*arguments):
    run = subprocess.run([sys.executable, str(TESTS / "reference" / "decode.py"), *map(str, arguments)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return run.returncode, run.stdout, run.stderr.decode()


def check_command(laws, golden):
    archives = GOLDEN / "archives"
    model = GOLDEN / "models" / "grouped.gguf"

    def stops():
        code, text, said = command("--model", model, "--limit-tokens", 20, archives / "one-block.lac")
        decoded(golden.read("one-block"), golden.library("grouped"))
        expected = b"".join(piece for _, piece in Recorder.streams[-1][1][:20])
        assert code == 0 and text == expected, f"exit {code}, {text}, not {expected}; {said}"

    def refuses():
        code, text, said = command("--model", model, archives / "published.lac")
        assert code == 1 and not text and PUBLISHED[0].identity.hex() in said, f"exit {code}, {text}, {said}"
    laws.check("command_stops_at_the_limit_of_tokens", stops)
    laws.check("command_names_the_model_it_lacks", refuses)


def kind_of_peer(peer, data):
    """What the command makes of an archive, in this decoder's words."""
    models = ["--model", GOLDEN / "models" / "grouped.gguf", "--adapter", GOLDEN / "models" / "leaning.gguf"]
    run = subprocess.run([peer, "-q", "-d", *map(str, models)], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = run.stderr.decode()
    if run.returncode == 0:
        return ACCEPTED, said
    for kind, words in (("no archive", "not a laconic archive"), ("unsupported", "newer laconic"), ("unsupported", "arithmetic version"),
                        ("unsupported", "a context of"), ("other model", "made with ")):
        if words in said:
            return kind, said
    return "corrupt" if ", byte " in said else f"exit {run.returncode}", said


def check_peer(laws, golden, peer):
    for name, expected, data in altered(golden):
        def law():
            kind, said = kind_of_peer(peer, data)
            assert kind == expected, f"{kind} ({said}), not {expected}"
        laws.check(f"the command finds: {name} is {expected}", law)


def run_all(laws, golden, short, peer):
    streams.SymbolReader = Recorder
    check_vectors(laws, short)
    check_default(laws, golden)
    check_archives(laws, golden, short)
    check_symbols(laws)
    check_damage(laws, golden)
    check_altered(laws, golden)
    check_hostile(laws, golden)
    check_models(laws)
    check_command(laws, golden)
    if peer:
        check_peer(laws, golden, peer)
    return laws.end()


if __name__ == "__main__":
    PEER = sys.argv[sys.argv.index("--peer") + 1] if "--peer" in sys.argv else None
    sys.exit(run_all(Laws(), Golden(), "--short" in sys.argv, PEER))
