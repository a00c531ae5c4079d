"""How a text is cut and becomes symbols: doc/arithmetic.md sections 9.2 and 9.3. A decoder needs none of it; the tests
use it to see that a decoded text becomes the same tokens again."""

import unicodedata

UNICODE = "14.0.0"  # section 9.2; Python 3.11 has it
LONGEST = 1024
LETTER, NUMBER, SPACE, OTHER = "letter", "number", "space", "other"
ENDINGS = (b"s", b"t", b"re", b"ve", b"m", b"ll", b"d")
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}


def class_of(character):
    if ord(character) in WHITE_SPACE:
        return SPACE
    return {"L": LETTER, "N": NUMBER}.get(unicodedata.category(character)[0], OTHER)


def characters(text):
    """(class, length in bytes) of every character; a byte that begins no valid one is a character of its own."""
    place = 0
    while place < len(text):
        length = 1 if text[place] < 0xC0 else 2 if text[place] < 0xE0 else 3 if text[place] < 0xF0 else 4
        try:
            yield class_of(text[place:place + length].decode("utf-8")), length
        except UnicodeDecodeError:
            length = 1
            yield OTHER, length
        place += length


def run(classes, first, wanted):
    """Where the run of this class that begins at `first` ends."""
    while first < len(classes) and classes[first] == wanted:
        first += 1
    return first


def next_end(text, classes, starts, i):
    """Section 9.2: the place, in characters, where the pre-token that begins at character i ends."""
    rest = text[starts[i]:starts[i] + 3]
    for ending in ENDINGS:
        if rest.startswith(b"'" + ending):
            return i + 1 + len(ending)
    j = i + 1 if text[starts[i]] == 0x20 and i + 1 < len(classes) else i
    if classes[j] != SPACE:
        return run(classes, j, classes[j])
    end = run(classes, i, SPACE)
    return end - 1 if end < len(classes) and end - i >= 2 else end


def ends(text):
    """Where each pre-token ends, in bytes, before the cut after 1024 bytes."""
    classes, starts = [], [0]
    for kind, length in characters(text):
        classes.append(kind)
        starts.append(starts[-1] + length)
    result, i = [], 0
    while i < len(classes):
        i = next_end(text, classes, starts, i)
        result.append(starts[i])
    return result


def cut(text):
    """The pre-tokens themselves, cut after every 1024 bytes."""
    first = 0
    for end in ends(text):
        for start in range(first, end, LONGEST):
            yield text[start:min(start + LONGEST, end)]
        first = end


def join(tokens, merges):
    """Section 9.3: merges neighbours, the lowest rank first, of these the leftmost, until none is left."""
    while True:
        ranks = [merges.get(pair, (float("inf"), None)) for pair in zip(tokens, tokens[1:])]
        if not ranks or min(ranks)[1] is None:
            return tokens
        place = ranks.index(min(ranks))
        tokens = tokens[:place] + [ranks[place][1]] + tokens[place + 2:]


def symbols(vocabulary, text):
    """Section 9.3: the symbols of a text: tokens as numbers, escaped bytes as bytes."""
    merges = {}
    for rank, (left, right, product) in enumerate(vocabulary.merges):
        merges.setdefault((left, right), (rank, product))
    result = []
    for pretoken in cut(text):
        part = []
        for byte in pretoken:
            if vocabulary.token_of_byte[byte] is not None:
                part.append(vocabulary.token_of_byte[byte])
            else:
                result += join(part, merges) + [bytes([byte])]
                part = []
        result += join(part, merges)
    return result
