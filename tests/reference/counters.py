"""The tables of the mixing model: doc/arithmetic.md sections 12.2 and 12.3."""

LARGEST = 3071


def falling(count):
    """Section 12.2: s_0, s_1, …"""
    e, result = 2 ** 39, []
    for _ in range(count):
        result.append(max(1, e * 2 ** 16 // (2 ** 39 + e)))
        e = e * 16711808 // 2 ** 24
    return result


FALLING = falling(LARGEST + 1)


def squash(x):
    return FALLING[-x] if x <= 0 else 65536 - FALLING[x]


def stretches():
    """Section 12.2: stretch(i), the least x with squash(x) >= 16 i + 8; both rise, so x only moves up."""
    x, result = -LARGEST, []
    for i in range(4096):
        while squash(x) < 16 * i + 8:
            x += 1
        result.append(x)
    return result


STRETCH = stretches()
MOST = (40, 20, 10, 8, 7, 6, 6)


def is_kept(zeros, ones):
    fewer = min(zeros, ones)
    return max(zeros, ones) <= (MOST[fewer] if fewer < len(MOST) else 0)


def list_histories():
    """Section 12.3: (zeros, ones, last bit) of every history; the last bit counts only where both are above 0."""
    return [(zeros, ones, last)
            for zeros in range(41) for ones in range(41) if is_kept(zeros, ones)
            for last in ((0, 1) if zeros and ones else (0,))]


def after(history, bit):
    """Section 12.3: the history after one more bit."""
    n = list(history[:2])
    n[bit] += 1
    if n[1 - bit] > 1:
        n[1 - bit] = (n[1 - bit] + 4) // 4
    while not is_kept(*n):
        n[bit if n[bit] > n[1 - bit] else 1 - bit] -= 1
    return n[0], n[1], bit if n[0] and n[1] else 0


HISTORIES = list_histories()
NUMBER = {history: number for number, history in enumerate(HISTORIES)}
NEXT = [[NUMBER[after(history, bit)] for bit in (0, 1)] for history in HISTORIES]
BITS = [zeros + ones for zeros, ones, _ in HISTORIES]
FIRST = [(4 * ones + 1) * 2 ** 32 // (4 * (zeros + ones) + 2) for zeros, ones, _ in HISTORIES]


def learn(counter, bit):
    """Section 12.3: a counter's value after a bit."""
    if bit:
        d = 2 ** 32 - 1 - counter
        return 2 ** 32 - 1 - (d - d // 128)
    return counter - counter // 128
