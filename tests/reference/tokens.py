"""The vocabulary: doc/arithmetic.md section 9.1, and of 9.4 and 9.5 what tokens stand for."""

from refusals import BadModel

SILENT, NORMAL, USER_DEFINED, BYTE = 0, 1, 4, 6
LONGEST = 1024
KINDS = {(b"gpt2", b"gpt-2"): "gpt2/gpt-2", (b"gpt2", b"llama-bpe"): "gpt2/llama-bpe", (b"gpt2", b"qwen2"): "gpt2/qwen2",
         (b"gpt2", b"smollm"): "gpt2/smollm"}
SENTENCE_PIECE = "llama/spm"
BYTE_SPELLINGS = {b"<0x%02X>" % b: bytes([b]) for b in range(256)}


def byte_characters():
    """The character that stands for each byte: itself if printable Latin-1, else one of U+0100, U+0101, …"""
    printable = set(range(0x21, 0x7F)) | set(range(0xA1, 0xAD)) | set(range(0xAE, 0x100))
    others = iter(range(0x100, 0x200))
    return [chr(b if b in printable else next(others)) for b in range(256)]


BYTE_OF = {character: b for b, character in enumerate(byte_characters())}


def bytes_of(spelling):
    """Of byte-level kinds; none where it is no spelling of bytes."""
    try:
        characters = spelling.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    return b"" if any(c not in BYTE_OF for c in characters) else bytes(BYTE_OF[c] for c in characters)


def text_of(spelling, kind, name):
    """The bytes a token stands for; none of them where it stands for no text."""
    if kind == USER_DEFINED and name != "gpt2/gpt-2":
        return spelling
    if name != SENTENCE_PIECE:
        return bytes_of(spelling) if kind == NORMAL else b""
    if kind == NORMAL:
        return spelling.replace("\u2581".encode(), b" ")
    return BYTE_SPELLINGS.get(spelling, b"") if kind == BYTE else b""


def array_of(kind, keys, name, default=None):
    values = keys.get(name, default)
    if not isinstance(values, list) or not all(isinstance(v, kind) for v in values):
        raise BadModel(f"{name} is no array of the right type")
    return values


class Vocabulary:
    """name: the kind. texts: each token's bytes. types: of each, 0 if it stands for no text. merges: (left, right, product) by rank;
    SentencePiece has scores and adds_space instead. begin, end: tokens; end may be None."""

    def __init__(self, keys):
        self.name = self.find_kind(keys)
        self.spm = self.name == SENTENCE_PIECE
        spellings = array_of(bytes, keys, "tokenizer.ggml.tokens", [])
        kinds = array_of(int, keys, "tokenizer.ggml.token_type", None if self.spm else [NORMAL] * len(spellings))
        if len(kinds) != len(spellings) or not 1 <= len(spellings) <= 2 ** 20:
            raise BadModel(f"{len(spellings)} tokens with {len(kinds)} types")
        for spelling, kind in zip(spellings, kinds):
            if len(spelling) > LONGEST and (kind == NORMAL or (kind == USER_DEFINED and self.name != "gpt2/gpt-2")):
                raise BadModel(f"token of {len(spelling)} bytes; at most {LONGEST}")
        self.texts = [text_of(s, kind, self.name) for s, kind in zip(spellings, kinds)]
        self.types = [kind if text else SILENT for text, kind in zip(self.texts, kinds)]
        self.token_of_text = self.find_first(NORMAL)
        self.user_defined = self.find_first(USER_DEFINED)
        self.token_of_byte = self.find_bytes()
        self.merges = [] if self.spm else self.find_merges(array_of(bytes, keys, "tokenizer.ggml.merges", []))
        self.scores = self.find_scores(keys) if self.spm else None
        self.adds_space = self.spm and keys.get("tokenizer.ggml.add_space_prefix", True)
        self.begin, self.end = self.find_ends(keys)

    @staticmethod
    def find_kind(keys):
        model, pre = keys.get("tokenizer.ggml.model"), keys.get("tokenizer.ggml.pre")
        if model == b"llama":
            return SENTENCE_PIECE
        if (model, pre) not in KINDS:
            raise BadModel(f"tokenizer {model} with pre-tokenizer {pre} is not known")
        return KINDS[model, pre]

    def find_first(self, kind):
        """The first token of each text among those of a type."""
        first = {}
        for token, text in enumerate(self.texts):
            if self.types[token] == kind:
                first.setdefault(text, token)
        return first

    def find_bytes(self):
        """The first token whose text is this byte alone and that is not user-defined, or None."""
        first = {}
        for token, text in enumerate(self.texts):
            if self.types[token] != USER_DEFINED:
                first.setdefault(text, token)
        return [first.get(bytes([b])) for b in range(256)]

    def find_merges(self, lines):
        if len(lines) > 2 ** 22:
            raise BadModel(f"{len(lines)} merges")
        return [self.merge(line) for line in lines]

    def merge(self, line):
        """`left right`, parted by the first space after the first byte."""
        space = line.find(b" ", 1)
        left, right = bytes_of(line[:space]), bytes_of(line[space + 1:])
        texts = left, right, left + right
        if space < 0 or not left or not right or not all(text in self.token_of_text for text in texts):
            raise BadModel(f"merge {line!r} is not of tokens")
        return tuple(self.token_of_text[text] for text in texts)

    def find_scores(self, keys):
        scores = array_of(float, keys, "tokenizer.ggml.scores")
        if len(scores) != len(self.texts) or any(score != score for score in scores):
            raise BadModel(f"{len(scores)} scores for {len(self.texts)} tokens, or one that is no number")
        return scores

    def find_ends(self, keys):
        eos = keys.get("tokenizer.ggml.eos_token_id")
        begin = keys.get("tokenizer.ggml.bos_token_id", eos)
        known = range(len(self.texts))
        if begin not in known or not (eos is None or eos in known):
            raise BadModel(f"beginning-of-text token {begin}, end-of-text token {eos}")
        return begin, eos if eos is not None and not self.texts[eos] else None
