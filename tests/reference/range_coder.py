"""The range coder: doc/arithmetic.md section 8. Python's integers have no width, so each "mod 2^64" is written out."""

from refusals import Corrupt

FULL = 2 ** 64
SMALL = 2 ** 56


class Encoder:
    """Section 8.1 and 8.2."""

    def __init__(self):
        self.low = 0
        self.range = FULL - 1
        self.written = bytearray()

    def encode(self, low, size, total):
        step = self.range // total
        self.move(step * low)
        self.range = step * size
        while self.range < SMALL:
            self.written.append(self.low >> 56)
            self.low = self.low * 256 % FULL
            self.range *= 256

    def move(self, distance):
        """Adds to low; 2^64 is a carry: 1 is added to the number written so far."""
        self.low += distance
        if self.low < FULL:
            return
        self.low -= FULL
        place = len(self.written) - 1
        while self.written[place] == 255:
            self.written[place] = 0
            place -= 1
        self.written[place] += 1

    def payload(self):
        """Section 8.2: the number in [low, low + range) with the most zero bytes at its end, without these."""
        for z in range(8, -1, -1):
            distance = -self.low % 256 ** z
            if distance < self.range:
                break
        self.move(distance)
        return bytes(self.written + self.low.to_bytes(8, "big")).rstrip(b"\0")


class Decoder:
    """Section 8.3: for each symbol target(), then take(); after the last one finish()."""

    def __init__(self, payload):
        self.payload = bytes(payload)
        self.code = int.from_bytes(self.payload[:8].ljust(8, b"\0"), "big")
        self.place = 8
        self.range = FULL - 1
        self.again = Encoder()

    def target(self, total):
        self.total = total
        self.step = self.range // total
        target = self.code // self.step
        if target >= total:
            raise Corrupt("payload that no encoder wrote: it lies beyond all intervals")
        return target

    def take(self, low, size):
        self.again.encode(low, size, self.total)
        self.code -= self.step * low
        self.range = self.step * size
        while self.range < SMALL:
            byte = self.payload[self.place] if self.place < len(self.payload) else 0
            self.place += 1
            self.code = self.code * 256 + byte
            self.range *= 256

    def finish(self):
        """A payload must be the one that an encoder writes for these symbols."""
        if self.again.payload() != self.payload:
            raise Corrupt("payload is not the one of its symbols")
