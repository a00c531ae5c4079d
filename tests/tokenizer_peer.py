#!/usr/bin/env python3
"""Laws of the pre-tokenizers against their peer, the PyPI module `regex`: tokenizer_peer.py TEST_PRETOKENIZER, from the project's folder.

`TEST_PRETOKENIZER --cuts NAME` says where it cuts; the peer cuts by the pattern as it was published. Characters assigned after
Unicode 14, which the project pins, are left out, for the peer's tables may be newer.
"""
import glob
import random
import struct
import subprocess
import sys
import unicodedata

try:
    import regex
except ImportError:
    regex = None

GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA_3 = (r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
           r"|\s*[\r\n]+|\s+(?!\S)|\s+")
PATTERNS = {"gpt-2": GPT_2, "smollm": GPT_2, "llama-bpe": LLAMA_3, "qwen2": LLAMA_3.replace("{1,3}", "")}
SEED = 20240229
NEWEST = (18, 0)  # Unicode of which AFTER_14 knows
# Assigned by Unicode 15.0 to 18.0, in hexadecimal. A newer Python's unicodedata cannot tell.
AFTER_14 = """
558 58b-58c 5c8-5c9 88f 897 b53-b54 c5c cdc cf3 ece 1acf-1af0 1b4e-1b4f 1b7f 1c89-1c8a 208f 209d-209f 20c1-20c4 2427-2429 2b96
2e60-2e63 2ffc-2fff 31e4-31e5 31ef a7cb-a7cf a7d2 a7d4 a7da-a7dd a7e2 a7f1 ab6c-ab6d fbc3-fbd2 fd90-fd91 fdc8-fdce 105c0-105f3
107bb-107bf 10940-10959 10d40-10d65 10d69-10d85 10d8e-10d8f 10ec2-10ec7 10ec9-10eee 10ef0-10eff 1123f-11241 11380-11389 1138b
1138e 11390-113b5 113b7-113c0 113c2 113c5 113c7-113ca 113cc-113d5 113d7-113d8 113e1-113e2 116d0-116e3 11b00-11b0a 11b60-11b67
11bc0-11be1 11bf0-11bf9 11db0-11ddb 11de0-11de9 11df0-11df1 11f00-11f10 11f12-11f3a 11f3e-11f5a 1246f 12475-1247f 12550-12686
1342f 13439-13455 13460-143fa 16100-16139 16d40-16d79 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18cd6-18cda 18cff
18d09-18d20 18d80-18df2 18e00-19191 191a0-191d2 1b123-1b128 1b132 1b155 1b168 1cc00-1ccfc 1cd00-1ceb3 1ceba-1ced0 1ced2-1ced4
1cedd-1cefd 1d127-1d128 1d1eb-1d1ff 1d250-1d281 1d2c0-1d2d3 1d6a6 1db00-1db1c 1df1f-1df81 1df90-1df96 1dfcd-1dfff 1e030-1e06d
1e08f 1e4d0-1e4f9 1e5d0-1e5fa 1e5ff 1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f1ae 1f6d8-1f6d9 1f6dc 1f774-1f77f 1f7d9-1f7db
1f7f1-1f7ff 1f8b2-1f8bb 1f8c0-1f8c1 1f8d0-1f8d8 1fa54-1fa57 1fa75-1fa77 1fa87-1fa8f 1faad-1faaf 1fabb-1fabf 1fac6 1fac8
1facc-1facf 1fada-1fadd 1fadf 1fae8-1faeb 1faef 1faf7-1fafa 1fbcb-1fbef 1fbfa 2b739-2b73f 2b81e 2cea2-2cead 2ebf0-2ee5d
31350-33479 3d000-3fc3f
"""


def assigned():
    """Every character that Unicode 14 assigns, by general category; no surrogates."""
    newer = set()
    for word in AFTER_14.split():
        first, _, last = word.partition("-")
        newer.update(range(int(first, 16), int(last or first, 16) + 1))
    found = {}
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        if category not in ("Cn", "Cs") and code not in newer:
            found.setdefault(category, []).append(chr(code))
    return found


def our_cuts(program, name, texts):
    """The ends of pre-tokens of each text, in bytes."""
    records = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    done = subprocess.run([program, "--cuts", name], input=records, stdout=subprocess.PIPE, timeout=120, check=True)
    lines = [[int(word) for word in line.split()] for line in done.stdout.decode().splitlines()]
    if len(lines) != len(texts) or any(line[0] != len(line) - 1 for line in lines):
        raise ValueError(f"{program} --cuts {name}: {len(lines)} lines for {len(texts)} texts, or a wrong count")
    return [line[1:] for line in lines]


def peer_cuts(name, pattern, text):
    """SmolLM's numbers are parted from the rest first."""
    ends, at = [], 0
    for part in regex.split(r"(\p{N})", text) if name == "smollm" else [text]:
        for match in pattern.finditer(part):
            at += len(match.group().encode())
            ends.append(at)
    return ends


def random_text(draw, by_category, blocks):
    """A few characters each of a few kinds, with spaces and apostrophes between them."""
    spaces = [chr(code) for code in (*range(0x9, 0xE), 0x20, 0x20, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028,
                                     0x2029, 0x202F, 0x205F, 0x3000)]
    endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'x", "'", "''", "\u2019s", " 's", "'r", "'l", "'v"]
    categories = draw.sample(sorted(by_category), 4)
    block = draw.choice(blocks)
    kinds = [lambda: draw.choice(by_category[draw.choice(categories)]), lambda: draw.choice(block),
             lambda: draw.choice(spaces), lambda: draw.choice(" \n"), lambda: draw.choice(endings),
             lambda: chr(draw.randrange(0x80)), lambda: chr(draw.randrange(0x61, 0x7B)), lambda: chr(draw.randrange(0x30, 0x3A)),
             lambda: chr(draw.choice([0x1C, 0x1F, 0x180E, 0x200B, 0x200D, 0x2060, 0xFEFF, 0x301, 0xFE0F]))]
    return "".join(draw.choice(kinds)() * draw.choice((1, 1, 1, 2, 3)) for _ in range(draw.randrange(1, 40)))


def every_character_among_others(by_category):
    """Whether it joins a letter, a number, another or white space tells its class."""
    return [f"a{c}1{c}!{c} {c}\n{c}" for characters in by_category.values() for c in characters]


def random_texts(by_category):
    draw = random.Random(SEED)
    large = ("CJK", "HANGUL SYLLABLE", "TANGUT")  # with the private ones, they would leave little room to the others
    flat = sorted(c for category, characters in by_category.items() if category != "Co" for c in characters
                  if not unicodedata.name(c, "").startswith(large))
    blocks = [flat[start:start + 64] for start in range(0, len(flat), 64)]
    return [random_text(draw, by_category, blocks) for _ in range(40000)]


def examples(_):
    texts = []
    for path in sorted(glob.glob("examples/*.txt")):
        with open(path, encoding="utf-8", newline="") as file:
            texts.append(file.read())
    if not texts:
        raise ValueError("no examples/*.txt here; run this from the project's folder")
    return texts


def agree(program, name, texts):
    """Says which texts are cut in other places."""
    n_failed, pattern = 0, regex.compile(PATTERNS[name])
    for text, ours in zip(texts, our_cuts(program, name, [text.encode() for text in texts])):
        theirs = peer_cuts(name, pattern, text)
        if ours != theirs:
            n_failed += 1
            if n_failed <= 10:
                print(f"FAIL {name}, {text[:200]!a}: cut at {ours[:40]}, by the peer at {theirs[:40]}", file=sys.stderr)
    return n_failed == 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    unicode_version = tuple(int(part) for part in unicodedata.unidata_version.split(".")[:2])
    if regex is None or unicode_version > NEWEST:
        print("skipped cuts_are_the_peers: " + ("the Python module regex is not here (pip install regex)" if regex is None else
              f"this Python's Unicode {unicodedata.unidata_version} is newer than this script's table"))
        print("0 passed, 0 failed, 1 skipped")
        return
    by_category, results = assigned(), []
    print(f"regex {regex.__version__}, seed {SEED}")
    for law in (every_character_among_others, random_texts, examples):
        texts = law(by_category)
        for name in PATTERNS:
            some = texts[::8] if name in ("smollm", "qwen2") and len(texts) > 100 else texts  # rules of the others, mostly
            try:
                results.append(agree(sys.argv[1], name, some))
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"FAIL {error}", file=sys.stderr)
                results.append(False)
            print(f"{'ok     ' if results[-1] else 'not ok '} cuts_are_the_peers: {name}, {law.__name__} ({len(some)} texts)")
    print(f"{results.count(True)} passed, {results.count(False)} failed, 0 skipped")
    sys.exit(not all(results))


main()
