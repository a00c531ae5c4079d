"""The vocabulary: doc/arithmetic.md section 9.1."""

from refusals import BadModel

NORMAL = 1
LONGEST = 1024


def byte_characters():
    """The character that stands for each byte: itself if printable Latin-1, else one of U+0100, U+0101, …"""
    printable = set(range(0x21, 0x7F)) | set(range(0xA1, 0xAD)) | set(range(0xAE, 0x100))
    others = iter(range(0x100, 0x200))
    return [chr(b if b in printable else next(others)) for b in range(256)]


BYTE_OF = {character: b for b, character in enumerate(byte_characters())}


def text_of(spelling, kind):
    """The bytes a token stands for; none of them where it stands for no text."""
    try:
        characters = spelling.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    if kind != NORMAL or any(c not in BYTE_OF for c in characters):
        return b""
    return bytes(BYTE_OF[c] for c in characters)


def array_of(kind, keys, name, default):
    values = keys.get(name, default)
    if not isinstance(values, list) or not all(isinstance(v, kind) for v in values):
        raise BadModel(f"{name} is no array of the right type")
    return values


class Vocabulary:
    """texts: each token's bytes. merges: (left, right, product) by rank. begin, end: tokens; end may be None."""

    def __init__(self, keys):
        self.refuse_others(keys)
        spellings = array_of(bytes, keys, "tokenizer.ggml.tokens", [])
        kinds = array_of(int, keys, "tokenizer.ggml.token_type", [NORMAL] * len(spellings))
        if len(kinds) != len(spellings) or not 1 <= len(spellings) <= 2 ** 20:
            raise BadModel(f"{len(spellings)} tokens with {len(kinds)} types")
        for spelling, kind in zip(spellings, kinds):
            if kind == NORMAL and len(spelling) > LONGEST:
                raise BadModel(f"token of {len(spelling)} bytes; at most {LONGEST}")
        self.texts = [text_of(s, kind) for s, kind in zip(spellings, kinds)]
        self.token_of_byte = self.find_bytes()
        self.merges = self.find_merges(spellings, array_of(bytes, keys, "tokenizer.ggml.merges", []))
        self.begin, self.end = self.find_ends(keys)

    @staticmethod
    def refuse_others(keys):
        kind = keys.get("tokenizer.ggml.model"), keys.get("tokenizer.ggml.pre")
        if kind != (b"gpt2", b"gpt-2"):
            raise BadModel(f"tokenizer {kind} is not gpt2 with pre-tokenizer gpt-2")

    def find_bytes(self):
        """The first token whose text is this byte alone, or None."""
        first = {}
        for token, text in enumerate(self.texts):
            first.setdefault(text, token)
        return [first.get(bytes([b])) for b in range(256)]

    def find_merges(self, spellings, lines):
        if len(lines) > 2 ** 22:
            raise BadModel(f"{len(lines)} merges")
        first = {}
        for token, spelling in enumerate(spellings):
            first.setdefault(spelling, token)
        return [self.merge(first, line) for line in lines]

    def merge(self, first, line):
        """`left right`, parted by the first space after the first byte."""
        space = line.find(b" ", 1)
        left, right = line[:space], line[space + 1:]
        if space < 0 or not all(s in first for s in (left, right, left + right)):
            raise BadModel(f"merge {line!r} is not of tokens")
        ids = first[left], first[right], first[left + right]
        texts = [self.texts[i] for i in ids]
        if texts[0] + texts[1] != texts[2] or b"" in texts:
            raise BadModel(f"merge {line!r} does not join texts")
        return ids

    def find_ends(self, keys):
        eos = keys.get("tokenizer.ggml.eos_token_id")
        begin = keys.get("tokenizer.ggml.bos_token_id", eos)
        known = range(len(self.texts))
        if begin not in known or not (eos is None or eos in known):
            raise BadModel(f"beginning-of-text token {begin}, end-of-text token {eos}")
        return begin, eos if eos is not None and not self.texts[eos] else None
