#!/usr/bin/env python3
"""What a GGUF model costs in floating point: compare.py MODEL.gguf [options] FILE...

Each FILE is one document, or with --records JSON lines whose "response" is one each. By default a document is cut into
windows as the engine does and its end is not counted: that is to be compared with what an archive takes, and with
build/overheads. With --rows all documents are packed into rows and their ends are foretold, as `laconic train` measures.
"""
import argparse
import math
import sys

import torch

import corpus as corpora
import evaluation
import model
import texts


def read(o):
    if not o.records:
        for path in o.files:
            with open(path, "rb") as file:
                yield path, file.read()
        return
    for path in o.files:
        for number, record in enumerate(texts.read_records(path)):
            if number == o.records:
                break
            yield str(record.get("id", number)), record["response"].encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--records", type=int, default=0, metavar="N", help="FILEs are JSON lines: the first N of each")
    parser.add_argument("--window", type=int, default=0, help="positions; default: the model's, at most 2048")
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--bits", metavar="TSV", help="write each document's bytes, tokens and bits here")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    o = parser.parse_args()
    try:
        vocabulary = texts.read_vocabulary(o.model)
        shape, weights = model.load(o.model)
        names, contents = zip(*((name, content) for name, content in read(o) if content))
        corpus = corpora.of_documents(texts.tokenize(vocabulary, contents), vocabulary)
    except (OSError, ValueError) as error:
        sys.exit(f"compare: {error}")
    weights = {name: tensor.to(o.device) for name, tensor in weights.items()}
    window = o.window or min(shape.context, 2048)
    n_bytes, n_tokens = sum(map(len, contents)), len(corpus.tokens) - len(corpus)
    if o.rows:
        rows = list(corpus.rows(window, range(len(corpus))))
        found = evaluation.row_losses(shape, weights, corpus, rows, window, o.device)
        nats, n_asked = sum(loss for loss, _ in found), sum(n for _, n in found)
    else:
        bits = evaluation.document_bits(shape, weights, corpus, window, o.device)
        nats, n_asked = math.log(2) * sum(bits.values()), n_tokens
        if o.bits:
            with open(o.bits, "w", encoding="utf-8") as file:
                file.write("document\tutf8_bytes\ttokens\tfloat_bits\n")
                for i, name in enumerate(names):
                    n = corpus.bounds[i + 1] - corpus.bounds[i] - 1
                    file.write(f"{name}\t{len(contents[i])}\t{n}\t{bits[i]:.3f}\n")
    print(f"{len(corpus)} documents, {n_bytes} bytes, {n_tokens} tokens, {n_asked} foretold, window {window}")
    n_bits = nats / math.log(2)
    print(f"loss {nats / n_asked:.6f} nats a token, {n_bits:.1f} bits, {n_bits / n_bytes:.6f} bits per byte")


main()
