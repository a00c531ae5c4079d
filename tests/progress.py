"""What a terminal shows while laconic works, seen through a pseudo-terminal.  Usage: progress.py LACONIC TEXT COLUMNS

Prints the lines that were shown, one over the other on the terminal, as they came.
"""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios


def watch(words, columns):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    seen = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        seen += part
    return process.wait(), seen.decode()


def main():
    laconic, text, columns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(text, "rb") as file:
        original = file.read()
    bars = []
    for n in range(12):  # until the work lasts
        with open("long", "wb") as file:
            file.write(original * 2**n)
        status, seen = watch([laconic, "-T1", "--block-size", "1K", "-c", "long"], columns)
        assert status == 0, (status, seen)
        shown = seen.split("\r")
        # each is written over the one before and clears what stands behind it; nothing goes to another line before the end
        bars = [line for line in shown if line.endswith("\033[K") and line != "\033[K"]
        if len(bars) > 2:
            break
    assert shown[0] == "" and bars and all("\n" not in bar for bar in bars), seen
    after = len(shown) - shown[::-1].index(bars[-1])
    assert shown[after].startswith("\033[K"), seen
    for bar in bars:
        assert len(bar) - len("\033[K") < columns, (columns, bar)
    print("\n".join(bar[: -len("\033[K")] for bar in bars))


main()
