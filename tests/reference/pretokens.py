"""How a text is cut and becomes symbols: doc/arithmetic.md sections 9.2 to 9.5. A decoder needs none of it; the tests
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


def ending(text, place, fold):
    """Rule 1: the length of a contraction, or 0."""
    rest = text[place:place + 3]
    for word in ENDINGS:
        if (rest.lower() if fold else rest).startswith(b"'" + word):
            return 1 + len(word)
    return 0


def space_end(classes, i, end):
    """The last rule: white space, without its last character if something follows and there are two at least."""
    return end - 1 if end < len(classes) and end - i >= 2 else end


def gpt_2(text, classes, starts, i):
    """Section 9.2: the place, in characters, where the pre-token that begins at character i ends."""
    if ending(text, starts[i], False):
        return i + ending(text, starts[i], False)
    j = i + 1 if text[starts[i]] == 0x20 and i + 1 < len(classes) else i
    if classes[j] != SPACE:
        return run(classes, j, classes[j])
    return space_end(classes, i, run(classes, i, SPACE))


def smollm(text, classes, starts, i):
    """The text ends before every number."""
    if classes[i] == NUMBER:
        return i + 1
    end = next((j for j in range(i, len(classes)) if classes[j] == NUMBER), len(classes))
    return gpt_2(text, classes[:end], starts, i)


def llama(most_numbers):
    def end(text, classes, starts, i):
        def at(j, wanted):
            return j < len(classes) and classes[j] == wanted

        def lines(j):
            while j < len(classes) and text[starts[j]] in b"\r\n":
                j += 1
            return j

        if ending(text, starts[i], True):
            return i + ending(text, starts[i], True)
        if at(i, LETTER) or (classes[i] != NUMBER and text[starts[i]] not in b"\r\n" and at(i + 1, LETTER)):
            return run(classes, i if at(i, LETTER) else i + 1, LETTER)
        if classes[i] == NUMBER:
            return min(run(classes, i, NUMBER), i + most_numbers)
        j = i + 1 if text[starts[i]] == 0x20 and at(i + 1, OTHER) else i
        if classes[j] == OTHER:
            return lines(run(classes, j, OTHER))
        spaces = run(classes, i, SPACE)
        last = max((j for j in range(i, spaces) if text[starts[j]] in b"\r\n"), default=None)
        return space_end(classes, i, spaces) if last is None else last + 1
    return end


RULES = {"gpt2/gpt-2": gpt_2, "gpt2/smollm": smollm, "gpt2/llama-bpe": llama(3), "gpt2/qwen2": llama(1)}


def ends(text, kind="gpt2/gpt-2"):
    """Where each pre-token ends, in bytes, before the cut after 1024 bytes."""
    classes, starts = [], [0]
    for name, length in characters(text):
        classes.append(name)
        starts.append(starts[-1] + length)
    result, i = [], 0
    while i < len(classes):
        i = RULES[kind](text, classes, starts, i)
        result.append(starts[i])
    return result


def joined_ends(text, vocabulary):
    """Section 9.4: between two bytes that stand side by side in no normal token."""
    together = {token[i:i + 2] for token in vocabulary.token_of_text for i in range(len(token) - 1)}
    return [i for i in range(1, len(text) + 1) if text[i - 1:i + 1] not in together]


def cut(text, vocabulary):
    """The pre-tokens or pieces themselves, cut after every 1024 bytes."""
    first = 0
    for end in joined_ends(text, vocabulary) if vocabulary.spm else ends(text, vocabulary.name):
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


def byte_level(vocabulary, merges, pretoken):
    """Section 9.3: the symbols of a pre-token: tokens as numbers, escaped bytes as bytes."""
    if vocabulary.name == "gpt2/llama-bpe" and pretoken in vocabulary.token_of_text:
        return [vocabulary.token_of_text[pretoken]]
    result, part = [], []
    for byte in pretoken:
        if vocabulary.token_of_byte[byte] is not None:
            part.append(vocabulary.token_of_byte[byte])
        else:
            result += join(part, merges) + [bytes([byte])]
            part = []
    return result + join(part, merges)


def sentence_piece(vocabulary, piece):
    """Section 9.4: the symbols of a piece."""
    parts, place, tokens = [], 0, vocabulary.token_of_text
    for _, length in characters(piece):
        parts.append(piece[place:place + length])
        place += length
    while True:
        twos = [(vocabulary.scores[tokens[a + b]], -i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in tokens]
        if not twos:
            break
        i = -max(twos)[1]
        parts[i:i + 2] = [parts[i] + parts[i + 1]]
    result = []
    for part in parts:
        if part in tokens:
            result.append(tokens[part])
        else:
            result += [bytes([b]) if vocabulary.token_of_byte[b] is None else vocabulary.token_of_byte[b] for b in part]
    return result


def user_defined_parts(vocabulary, text):
    """Section 9.5: (a text between user-defined tokens, the token after it or None)."""
    start = place = 0
    while place < len(text):
        found = max((t for t in vocabulary.user_defined if text.startswith(t, place)), key=len, default=None)
        if found is None:
            place += 1
            continue
        yield text[start:place], vocabulary.user_defined[found]
        start = place = place + len(found)
    yield text[start:], None


def symbols(vocabulary, text):
    """The symbols of a text: tokens as numbers, escaped bytes as bytes."""
    merges = {}
    for rank, (left, right, product) in enumerate(vocabulary.merges):
        merges.setdefault((left, right), (rank, product))
    result = []
    for part, token in user_defined_parts(vocabulary, b" " + text if vocabulary.adds_space and text else text):
        for piece in cut(part, vocabulary):
            result += sentence_piece(vocabulary, piece) if vocabulary.spm else byte_level(vocabulary, merges, piece)
        result += [] if token is None else [token]
    return result
