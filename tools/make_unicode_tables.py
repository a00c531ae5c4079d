#!/usr/bin/env python3
"""Writes src/tokenizer/unicode_tables.c: the classes of characters that pre-tokenizers tell apart.

The version of Unicode is pinned, because another one would cut other pre-tokens and so change archives: run with a Python
whose unicodedata is of that version (3.11), or the script refuses.  Usage: make_unicode_tables.py > src/tokenizer/unicode_tables.c
"""
import sys
import unicodedata

VERSION = "14.0.0"
# The property White_Space, which general categories do not give (PropList.txt of the same version).
WHITE_SPACE = {*range(0x9, 0xE), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
OTHER, LETTER, NUMBER, SPACE = range(4)


def class_of(code):
    category = unicodedata.category(chr(code))
    if code in WHITE_SPACE:
        return SPACE
    return LETTER if category[0] == "L" else NUMBER if category[0] == "N" else OTHER


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit(f"this Python has Unicode {unicodedata.unidata_version}; {VERSION} is pinned")
    classes = [class_of(code) for code in range(0x110000)]
    changes = [code for code in range(0x110000) if code == 0 or classes[code] != classes[code - 1]]
    print(f"/* Written by tools/make_unicode_tables.py from Unicode {VERSION}; not edited by hand. */")
    print('#include "tokenizer/unicode.h"\n')
    print(f"const uint32_t lac_unicode_n_changes = {len(changes)};\n")
    print("/* first character x 4 + class of every run of characters of one class */")
    print(f"const uint32_t lac_unicode_changes[{len(changes)}] = {{")
    words = [f"0x{code * 4 + classes[code]:06x}," for code in changes]
    for i in range(0, len(words), 12):
        print("\t" + " ".join(words[i:i + 12]))
    print("};\n")
    print("const uint8_t lac_unicode_ascii[128] = {")
    for i in range(0, 128, 32):
        print("\t" + " ".join(f"{classes[code]}," for code in range(i, i + 32)))
    print("};")


main()
