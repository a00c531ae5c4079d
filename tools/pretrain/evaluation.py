"""The loss of a model on documents."""
import math

import torch

import model

ROWS_TOKENS = 1 << 15  # evaluated at a time


def _batches(rows, window):
    """Rows of like lengths together, with their numbers."""
    lengths = [sum(piece.n + piece.is_continued for piece in row) for row in rows]
    order = sorted(range(len(rows)), key=lambda i: lengths[i])
    while order:
        longest = min(window, lengths[order[-1]])
        n = max(1, ROWS_TOKENS // longest)
        yield order[-n:], longest
        order = order[:-n]


def row_losses(shape, weights, corpus, rows, window, device):
    """Of each row: the sum of -ln P, and how many tokens were foretold."""
    found = [None] * len(rows)
    turn = model.rotary(shape, window, device)
    with torch.no_grad():
        for numbers, n in _batches(rows, window):
            tokens, targets, starts = (tensor.to(device) for tensor in corpus.batch([rows[i] for i in numbers], n))
            alone = all(len(rows[i]) == 1 for i in numbers)
            bias = None if alone else model.mask(starts, torch.float32)
            losses = model.losses(shape, weights, tokens, targets, bias, [table[:n] for table in turn]).double().sum(1)
            for i, loss, n_asked in zip(numbers, losses.tolist(), (targets >= 0).sum(1).tolist()):
                found[i] = loss, n_asked
    return found


def document_bits(shape, weights, corpus, window, device, numbers=None):
    """Bits of each document by itself, its end not counted, in windows of doc/arithmetic.md section 6.5."""
    owners, rows = [], []
    numbers = range(len(corpus)) if numbers is None else numbers
    for number in numbers:
        for row in corpus.windows(window, number):
            owners.append(number)
            rows.append(row)
    bits = dict.fromkeys(numbers, 0.0)
    for owner, (loss, _) in zip(owners, row_losses(shape, weights, corpus, rows, window, device)):
        bits[owner] += loss / math.log(2)
    return bits


def text_bytes(corpus, vocabulary, number):
    """Of a document."""
    tokens = corpus.tokens[corpus.bounds[number] + 1:corpus.bounds[number + 1]]
    return int(torch.tensor(vocabulary.token_bytes)[tokens.long()].sum())
