#!/usr/bin/env python3
"""Comments of C and documents have at most 100 columns, tabs counting 8: prints the lines that have more, and fails.

Usage: check_prose.py [FILE...]; without files, those that git knows. Rows of tables, code in documents, and names that
cannot be divided are let be.
"""
import re
import subprocess
import sys

MOST = 100


def lines_with_comments(lines):
    """Number and text of each line that has a comment, or a part of one."""
    inside = False
    for number, line in enumerate(lines, 1):
        begins = line.rfind("/*")
        if inside or (begins >= 0 and line[begins:].find("*/") in (-1, len(line) - begins - 2)):  # nothing behind it
            yield number, line
        if begins >= 0:
            inside = "*/" not in line[begins:]
        elif "*/" in line:
            inside = False


def lines_of_prose(lines):
    """Of a document: what is neither a row of a table nor code."""
    is_code = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and not line.lstrip().startswith("|") and not line.startswith(("    ", "\t")):
            yield number, line


def is_too_long(line):
    return len(line.expandtabs(8)) > MOST and not re.fullmatch(r"\s*(/?\*\s*|[-*]\s+)?\S+\s*", line)


def main():
    names = sys.argv[1:] or subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    n_long = 0
    for name in names:
        if not name.endswith((".c", ".h", ".md")):
            continue
        with open(name, encoding="utf-8") as file:
            lines = file.read().split("\n")
        for number, line in lines_of_prose(lines) if name.endswith(".md") else lines_with_comments(lines):
            if is_too_long(line):
                n_long += 1
                print(f"{name}:{number}: {line.strip()[:80]}...")
    print(f"{'not ok ' if n_long else 'ok     '} comments and documents have at most {MOST} columns")
    print(f"{int(not n_long)} passed, {int(n_long > 0)} failed, 0 skipped")
    return n_long > 0


if __name__ == "__main__":
    sys.exit(main())
