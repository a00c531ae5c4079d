"""Files of models that an archive carries: doc/format.md section 4.5."""

from frames import FILE, INDEX
from refusals import Corrupt

PIECE = 2 ** 24


class Carried:
    """Where in an archive a piece may be, and the file that pieces are of."""

    def __init__(self, models):
        self.models = models
        self.may_begin = self.had_block = False
        self.left = 0
        self.file = bytearray()

    def check_place(self, frame, declares):
        """Any frame, in its order."""
        if self.left and (frame.type not in (FILE, INDEX) or frame.last):
            raise Corrupt(f"a file is cut short: {self.left} bytes are to come")
        if frame.type == FILE:
            if frame.open or frame.last:
                raise Corrupt("flags that a piece of a file never has")
            if not self.left and not self.may_begin:
                raise Corrupt("a piece of a file that follows no declaration of a model before the first block")
            self.may_begin = False
        elif frame.type != INDEX:
            self.had_block = self.had_block or not declares
            self.may_begin = declares and not self.had_block

    def read(self, fields):
        left = fields.varint("left of the file")
        n = fields.left()
        if not 1 <= n <= PIECE or (left and n < PIECE) or self.left not in (0, left + n):
            raise Corrupt(f"piece of {n} bytes before {left}, where {self.left or 'any number'} are to come")
        self.left = left
        self.file += fields.take(n, "piece")
        if not left:
            self.models.carry(bytes(self.file))
            self.file.clear()
