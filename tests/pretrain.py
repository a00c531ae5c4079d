#!/usr/bin/env python3
"""Laws of tools/pretrain: pretrain.py BUILD, from the project's folder. Those that need torch are skipped where it is not."""
import glob
import json
import lzma
import math
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

TOOLS = "tools/pretrain"
sys.path.insert(0, TOOLS)
import texts  # noqa: E402
from texts import gguf  # noqa: E402

os.environ["OMP_NUM_THREADS"] = "1"  # the matrices are small: threads would wait for one another, for ever on a busy machine

try:
    import torch
    import checkpoint
    import corpus as corpora
    import evaluation
    import model
except ImportError:
    torch = None

MODEL = "models/default.gguf"
SHAPE = ["--dim", "64", "--layers", "2", "--heads", "4", "--kv-heads", "2", "--ffn", "96", "--window", "64"]


def call(*words, fails=False, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options)
    if (done.returncode != 0) != fails:
        raise AssertionError(f"{' '.join(words)}: exit status {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


def python(script, *words, **options):
    return call(sys.executable, f"{TOOLS}/{script}.py", *words, **options)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Laws:
    """Each method without an underscore is a law; they run in this order, in one folder."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.texts = []
        for path in sorted(glob.glob("examples/*.txt")):
            with open(path, encoding="utf-8", newline="") as file:
                self.texts.append(file.read())
        with open(self._path("texts.jsonl"), "w", encoding="utf-8") as file:
            for text in self.texts:
                file.write(json.dumps({"prompt": "Say \u00e9!", "response": text}) + "\n")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _vocabulary(self):
        return texts.read_vocabulary(MODEL)

    def gguf_files_are_written_as_they_were_read(self):
        gguf.write(self._path("copy.gguf"), *gguf.read(MODEL))
        with open(MODEL, "rb") as a, open(self._path("copy.gguf"), "rb") as b:
            data = a.read()
            check(data == b.read(), "the copy differs")
        for n in (3, 30, 5000, len(data) - 1):
            with open(self._path("short.gguf"), "wb") as file:
                file.write(data[:n])
            try:
                gguf.read(self._path("short.gguf"))
            except ValueError:
                continue
            raise AssertionError(f"the first {n} bytes of a model are read as a whole one")

    def tokens_stand_for_the_text(self):
        vocabulary = self._vocabulary()
        spelling = {letter: byte for byte, letter in enumerate(gguf.spelling_of_bytes())}
        tokens = [bytes(spelling.get(letter, 0) for letter in token) for token in vocabulary.pairs["tokenizer.ggml.tokens"][1][1]]
        wanted = [text.encode() for text in self.texts] + [b"", bytes(range(256)), b"<|endoftext|>"]
        found = [b"".join(tokens[token] for token in one) for one in texts.tokenize(vocabulary, wanted)]
        check(found == wanted, "other bytes came back")
        check(all(vocabulary.bos not in one for one in texts.tokenize(vocabulary, wanted)), "a text has a control token")

    def bytes_without_a_token_are_refused_and_leave_nothing(self):
        told = python("prepare", "-o", self._path("none"), "--vocabulary", f"{self.build}/models/dropped.gguf",
                      self._path("texts.jsonl"), fails=True)
        check("no token of this vocabulary stands for" in told, told)
        check(not glob.glob(self._path("none*")), "something was left")

    def half_of_the_documents_have_their_prompt(self):
        with open(self._path("many.jsonl"), "w", encoding="utf-8") as file:
            for i in range(1000):
                file.write(json.dumps({"prompt": "" if i % 10 == 0 else "a", "response": "b"}) + "\n")
        python("prepare", "-o", self._path("many"), self._path("many.jsonl"))
        with lzma.open(self._path("many/tokens-000.xz")) as file:
            tokens = struct.iter_unpack("<H", file.read())
        letters = {0x61: "a", 0x62: "b", 0x0A: "\n", self._vocabulary().bos: "."}  # tokens 0 to 255 are the bytes
        documents = "".join(letters.get(token, "\n\n") for token, in tokens).split(".")
        check(len(documents) == 1001 and set(documents) == {"", "b", "a\n\nb"}, f"{len(documents)} documents, {set(documents)}")
        n = documents.count("a\n\nb")
        check(405 <= n <= 495, f"{n} of 900 documents have their prompt")

    def _torch_nothing_attends_across_documents(self):
        shape = model.Shape(32, 2, 4, 2, 48, 300, 64)
        weights = {name: 5 * tensor for name, tensor in model.draw_weights(shape, 1).items()}
        draw = torch.Generator().manual_seed(2)
        documents = [torch.cat((torch.tensor([299]), torch.randint(299, (n,), generator=draw))) for n in (20, 1, 11, 40, 90, 3)]
        corpus = corpora.Corpus(torch.cat(documents).to(torch.int16), 299, 299)
        packed = list(corpus.rows(64, range(6)))
        together = evaluation.row_losses(shape, weights, corpus, packed, 64, "cpu")
        alone = evaluation.row_losses(shape, weights, corpus, [[piece] for row in packed for piece in row], 64, "cpu")
        check(sum(n for _, n in together) == len(corpus.tokens), "not every token was foretold once")
        a, b = sum(loss for loss, _ in together), sum(loss for loss, _ in alone)
        check(abs(a - b) < 1e-5 * b, f"{a} nats together, {b} alone")

    def _torch_windows_are_those_of_the_arithmetic(self):
        shape = model.Shape(32, 2, 4, 2, 48, 300, 16)
        weights = {name: 5 * tensor for name, tensor in model.draw_weights(shape, 3).items()}
        tokens = torch.randint(299, (75,), generator=torch.Generator().manual_seed(4)).tolist()
        corpus = corpora.Corpus(torch.tensor([299] + tokens, dtype=torch.int16), 299, 299)
        for window in (2, 9, 16):  # one token after another, as section 6.5 words it
            context, bits = [299], 0.0
            for i, token in enumerate(tokens):
                found = model.logits(shape, weights, torch.tensor([context]), None, model.rotary(shape, len(context), "cpu"))
                bits -= found[0, -1].double().log_softmax(0)[token].item() / math.log(2)
                context = context + [token] if len(context) < window else [299] + tokens[i + 1 - window // 2:i + 1]
            ours = evaluation.document_bits(shape, weights, corpus, window, "cpu")[0]
            check(abs(ours - bits) < 1e-5 * bits, f"window {window}: {ours} bits, one by one {bits}")

    def _torch_an_interrupted_training_goes_on_to_the_same_losses(self):
        for name, share in (("train", "0.5"), ("dev", "0")):
            python("prepare", "-o", self._path(name), "--prompt-share", share, self._path("texts.jsonl"))
        words = [f"{TOOLS}/train.py", *SHAPE, "--tokens", self._path("train"), "--dev", self._path("dev"), "--batch", "4",
                 "--micro-batch", "3", "--epochs", "1", "--warmup", "5", "--rate", "0.01", "--save-steps", "7",
                 "--dev-steps", "1000"]
        call(sys.executable, *words, "--run", self._path("whole"))
        with subprocess.Popen([sys.executable, *words, "--run", self._path("broken")], stdout=subprocess.DEVNULL) as process:
            while len(self._losses("broken")) < 10 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        n = len(self._losses("broken"))
        out = self._path("out")
        os.mkdir(out)
        call(sys.executable, *words, "--run", self._path("broken"), env={**os.environ, "OUT": out})
        whole, broken = self._losses("whole"), self._losses("broken")
        check(10 <= n < len(whole), f"it was not interrupted: {n} of {len(whole)} steps")
        check(whole == broken, f"{whole} became {broken}")
        check(whole[-1] < whole[0] - 1, f"nothing was learnt: {whole}")
        with open(self._path("broken/model.gguf"), "rb") as file:
            joined = b"".join(open(path, "rb").read() for path in sorted(glob.glob(out + "/model.gguf.*")))
            check(joined == file.read(), "the parts are not the model")

    def _losses(self, run):
        path = self._path(run + "/log.jsonl")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as log:
            lines = [json.loads(line) for line in log if line.endswith("\n")]
        return [line["loss"] for line in lines if line["kind"] == "step"]

    def _torch_a_damaged_checkpoint_is_refused(self):
        part = glob.glob(self._path("broken/step-*/tensors.000"))[0]
        with open(part, "r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 1]))
        try:
            checkpoint.load(self._path("broken"))
        except ValueError as error:
            check(part in str(error), str(error))
            return
        raise AssertionError("it was read")

    def _torch_the_engine_takes_the_model_and_its_bits_agree(self):
        path, text = self._path("whole/model.gguf"), self._path("text")
        with open(text, "w", encoding="utf-8", newline="") as file:
            file.write(self.texts[0])
        laconic = f"{self.build}/laconic"
        call(laconic, "compress", "--model", path, "-o", text + ".lac", text)
        call(laconic, "decompress", "--model", path, "-o", text + ".back", text + ".lac")
        with open(text, "rb") as a, open(text + ".back", "rb") as b:
            check(a.read() == b.read(), "other bytes came back")
        told = subprocess.run([f"{self.build}/overheads", path], input=self.texts[0].encode() + b"\0", stdout=subprocess.PIPE,
                              check=True)
        engine = float(told.stdout.decode().split("logits bits\t")[1].split()[0])
        ours = float(python("compare", path, text).split(" bits,")[0].split()[-1])
        check(abs(ours / engine - 1) < 0.01, f"{ours} bits, in the engine {engine}")

    def _torch_q8_0_holds_the_weights_of_the_engine(self):
        shape, weights = model.load(self._path("whole/model.gguf"))
        weights["blk.0.attn_q.weight"][0] *= 1e-9  # a row whose scale is 0 in F16
        vocabulary, identities = self._vocabulary(), []
        for name, kind in (("q8", "q8_0"), ("f32", "f32")):
            path = self._path(name + ".gguf")
            model.save(path, shape, weights, vocabulary, "test", kind)
            weights = model.load(path)[1]
            told = call(f"{self.build}/laconic", "models", "show", path)
            identities += [line for line in told.splitlines() if "identity" in line]
        check(len(identities) == 2 and identities[0] == identities[1], f"{identities}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        laws = Laws(sys.argv[1], folder)
        for name in list(vars(Laws)):
            law = name.removeprefix("_torch_")
            if law.startswith("_"):
                continue
            if law != name and torch is None:
                print(f"skipped {law}: the Python module torch is not here (pip install torch)")
                skipped += 1
                continue
            try:
                getattr(laws, name)()
            except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"not ok  {law}: {error}")
                failed += 1
                continue
            print(f"ok      {law}", flush=True)
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed != 0)


main()
