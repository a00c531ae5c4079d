"""The ways to say no: doc/format.md, before section 1, and doc/arithmetic.md section 3.3."""


class Refusal(Exception):
    """Something cannot be decoded. `kind` is the document's word for why; where() says in which frame."""

    kind = "refused"

    def __init__(self, what, place=None):
        super().__init__(what)
        self.what = what
        self.place = place

    def at(self, place):
        """Names the place once, by who knows it first; outer callers do not change it."""
        self.place = self.place or place
        return self

    def __str__(self):
        return f"{self.kind}: {self.place}: {self.what}" if self.place else f"{self.kind}: {self.what}"


class Corrupt(Refusal):
    """The archive was damaged, or no encoder wrote it."""

    kind = "corrupt"


class Unsupported(Refusal):
    """The archive is intact and needs a newer decoder."""

    kind = "unsupported"


class NotAnArchive(Refusal):
    """Format section 3: the input does not begin with the magic."""

    kind = "no archive"


class OtherModel(Refusal):
    """Format sections 4.2 and 4.4: the archive is intact, but its model or adapter is not at hand."""

    kind = "other model"


class BadModel(Refusal):
    """A GGUF file that is damaged or that arithmetic.md refuses."""

    kind = "model refused"
