"""Archives with right checks that say something wrong, and what a decoder must call each of them.

Checks catch accidents, so a field that no encoder writes can only be met in an archive made for it. `accepted` are those
that are odd but right. The kinds are those that doc/format.md gives, or seems to.
"""

from frames import ADAPTED, END, FILE, LAST, MIXED, MODEL, OPEN, RECORDS, ROUTED, STORED, TEXT
from writer import (archive, frame, frames_of, header, model_body, payload, records_body, routed_body, stored_archive,
                    text_body, text_hash, varint)

CORRUPT, UNSUPPORTED, OTHER, NONE, ACCEPTED = "corrupt", "unsupported", "other model", "no archive", "accepted"


class Altered:
    """The cases, by room of the format document: lists of (name, kind, archive)."""

    def __init__(self, model, adapter, mixed_archive):
        self.model, self.adapter = model, adapter
        self.declare = (MODEL, model_body(model.identity, model.sizes.window, b"tiny random"))
        self.tokens = [model.vocabulary.token_of_byte[b] for b in b"text"]
        self.line = [model.vocabulary.token_of_byte[b] for b in b"tex\n"]
        self.payload = payload(model, self.tokens)
        self.mixed = frames_of(mixed_archive)[0][1]

    def all(self):
        for room in (self.headers, self.frames, self.models, self.names, self.adapted, self.files, self.texts, self.payloads,
                     self.records, self.routed, self.open_blocks, self.mixed_blocks):
            yield from room()

    def text(self, model=0, n_bytes=4, n_tokens=4, text=b"text", code=None, before=None, tag=TEXT | LAST):
        """An archive of a model frame and the text `text`, with any field another."""
        body = text_body(model, n_bytes, n_tokens, text, self.payload if code is None else code)
        return archive([*([self.declare] if before is None else before), (tag, body)])

    def headers(self):
        end = frame(END | LAST, b"", 0)
        yield "nothing at all", NONE, b""
        yield "text", NONE, b"text that is no archive"
        yield "the magic alone", CORRUPT, header()[:4]
        yield "the header alone", CORRUPT, header()
        yield "format version 0", UNSUPPORTED, header(0) + end
        yield "format version 2", UNSUPPORTED, header(2) + end
        yield "records 3", UNSUPPORTED, header(1, 3) + end
        yield "flag bit 2", UNSUPPORTED, header(1, 4) + end
        yield "flag bit 7", UNSUPPORTED, header(1, 0x80) + end
        yield "check of the header", CORRUPT, header()[:9] + bytes([header()[9] ^ 1]) + end
        yield "an archive and a byte", CORRUPT, header() + end + b"\0"
        yield "an archive and the beginning of the magic", CORRUPT, header() + end + header()[:3]

    def frames(self):
        stored = STORED | LAST, b"x"
        yield "reserved bit 4 of a tag", UNSUPPORTED, archive([(STORED | LAST | 0x10, b"x")])
        yield "reserved bit 5 of a tag", UNSUPPORTED, archive([(STORED | LAST | 0x20, b"x")])
        yield "frame of type 12", UNSUPPORTED, archive([(12, b"anything"), stored])
        yield "frame of type 15", UNSUPPORTED, archive([(15, b""), stored])
        yield "no last frame", CORRUPT, archive([(STORED, b"x")])
        yield "last model frame", CORRUPT, archive([(self.declare[0] | LAST, self.declare[1])])
        yield "end frame after a block", CORRUPT, archive([(STORED, b"x"), (END | LAST, b"")])
        yield "end frame after a model", CORRUPT, archive([self.declare, (END | LAST, b"")])
        yield "end frame that is not last", CORRUPT, archive([(END, b""), stored])
        yield "end frame that is open", CORRUPT, archive([(END | LAST | OPEN, b"")], 1)
        yield "end frame with a body", CORRUPT, archive([(END | LAST, b"x")])
        yield "two end frames", CORRUPT, archive([(END, b""), (END | LAST, b"")])
        yield "frames swapped", CORRUPT, header() + frame(STORED, b"x", 1) + frame(STORED | LAST, b"y", 0)
        yield "length with a zero behind it", CORRUPT, header() + bytes([STORED | LAST, 0x81, 0]) + bytes(9)
        yield "length of ten bytes", CORRUPT, header() + bytes([STORED | LAST]) + b"\x80" * 9 + b"\1" + bytes(9)
        yield "length too large", CORRUPT, header() + bytes([STORED | LAST]) + varint(2 ** 24 + 2 ** 20 + 1) + bytes(9)
        yield "stored block of nothing", CORRUPT, archive([(STORED | LAST, b"")])
        yield "stored block of 2^24 bytes", ACCEPTED, stored_archive(bytes(2 ** 24))
        yield "stored block of 2^24 + 1 bytes", CORRUPT, stored_archive(bytes(2 ** 24 + 1))
        feed = payload(self.model, self.line)
        one = payload(self.model, self.tokens + [None])
        for name, kind, flags, body in (
                ("text", TEXT, 1, text_body(0, 4, 4, b"tex\n", feed)),
                ("mixed", MIXED, 1, self.mixed),
                ("records", RECORDS, 0, records_body(0, 4, 4, b"text\n", [one])),
                ("routed", ROUTED, 0, routed_body(4, 4, b"text\n", [(0, one)]))):
            data = archive([self.declare, (kind | LAST, body)], flags)
            yield f"{name} block in an archive of another kind", CORRUPT, data
        yield "open block without records", CORRUPT, archive([(STORED | LAST | OPEN, b"x")])
        yield "open model frame", CORRUPT, archive([(MODEL | OPEN, self.declare[1]), stored], 0)

    def models(self):
        identity, window = self.model.identity, self.model.sizes.window
        for name, kind, body in (
                ("arithmetic version 2", UNSUPPORTED, model_body(identity, window, b"", 2)),
                ("arithmetic version 2 and more fields", UNSUPPORTED, model_body(identity, window, b"", 2) + b"more"),
                ("window of 1", CORRUPT, model_body(identity, 1)),
                ("window of 2^20 + 1", CORRUPT, model_body(identity, 2 ** 20 + 1)),
                ("window of another size", UNSUPPORTED, model_body(identity, window + 1)),
                ("window in two bytes", CORRUPT, b"\1" + identity + bytes([0x80 | window, 0, 0])),
                ("name of 32 bytes", CORRUPT, model_body(identity, window, b"x" * 32)),
                ("name with 0x7F", CORRUPT, model_body(identity, window, b"\x7f")),
                ("name with a line feed", CORRUPT, model_body(identity, window, b"\n")),
                ("name longer than the body", CORRUPT, model_body(identity, window, b"name")[:-1]),
                ("byte after the name", CORRUPT, model_body(identity, window, b"name") + b"x"),
                ("another identity", OTHER, model_body(bytes(16), window, b"absent")),
                ("no name", ACCEPTED, model_body(identity, window))):
            yield f"model frame: {name}", kind, self.text(before=[(MODEL, body)])

    def names(self):
        yield "model declared nowhere", CORRUPT, self.text(before=[])
        yield "model 1 of one", CORRUPT, self.text(2)
        yield "model 1 of two", ACCEPTED, self.text(2, before=[self.declare] * 2)
        yield "published model that is not known", UNSUPPORTED, self.text(2 * 65535 + 1)
        yield "published model that is not at hand", OTHER, self.text(1)
        yield "model number too large", CORRUPT, self.text(2 * 65535 + 2)
        yield "published model number too large", CORRUPT, self.text(2 * 65535 + 3)

    def adapted(self):
        def adapted(base, identity=self.adapter.identity, name=b"", more=b""):
            return ADAPTED, varint(base) + identity + bytes([len(name)]) + name + more

        yield "adapted model of nothing", CORRUPT, self.text(before=[adapted(0)])
        yield "adapted model of an adapted one", CORRUPT, self.text(before=[self.declare, adapted(0), adapted(2)])
        yield "adapter that is not at hand", OTHER, self.text(2, before=[self.declare, adapted(0, bytes(16))])
        yield "adapted model of a published one not at hand", OTHER, self.text(before=[adapted(1)])
        yield "adapted model of an unknown published one", UNSUPPORTED, self.text(before=[adapted(3)])
        yield "adapted model frame with a byte more", CORRUPT, self.text(before=[self.declare, adapted(0, more=b"x")])
        yield "adapted model frame that is last", CORRUPT, archive([self.declare, (ADAPTED | LAST, adapted(0)[1])])

    def files(self):
        """Of a model that is at hand, so that what is in them does not matter."""
        whole, stored = 2 ** 24, (STORED | LAST, b"x")

        def piece(left, n, flags=0):
            return FILE | flags, varint(left) + bytes(n)

        for name, kind, frames in (
                ("file", ACCEPTED, [self.declare, piece(0, 5)]),
                ("file of two pieces", ACCEPTED, [self.declare, piece(5, whole), piece(0, 5)]),
                ("file of no byte", CORRUPT, [self.declare, piece(0, 0)]),
                ("file before its model", CORRUPT, [piece(0, 5), self.declare]),
                ("file twice", CORRUPT, [self.declare, piece(0, 5), piece(0, 5)]),
                ("file behind a block", CORRUPT, [self.declare, (STORED, b"x"), piece(0, 5)]),
                ("file of a model declared behind a block", CORRUPT, [(STORED, b"x"), self.declare, piece(0, 5)]),
                ("short piece that is not the last", CORRUPT, [self.declare, piece(5, whole - 1), piece(0, 5)]),
                ("piece of 2^24 + 1 bytes", CORRUPT, [self.declare, piece(0, whole + 1)]),
                ("pieces that contradict each other", CORRUPT, [self.declare, piece(6, whole), piece(0, 5)]),
                ("file cut short by a model", CORRUPT, [self.declare, piece(5, whole), self.declare, piece(0, 5)]),
                ("file cut short by a block", CORRUPT, [self.declare, piece(5, whole)]),
                ("what is left in two bytes", CORRUPT, [self.declare, (FILE, b"\x80\0" + bytes(5))]),
                ("file that is open", CORRUPT, [self.declare, piece(0, 5, OPEN)]),
                ("file that is last", CORRUPT, [self.declare, piece(0, 5, LAST)])):
            yield name, kind, archive(frames if frames[-1][0] & LAST else [*frames, stored])
        absent = MODEL, model_body(bytes(16), 8, b"absent")
        yield "file of a model that is not at hand, and is no model", CORRUPT, archive([absent, piece(0, 5), stored])

    def texts(self):
        yield "text", ACCEPTED, self.text()
        yield "text of 0 bytes", CORRUPT, self.text(n_bytes=0, n_tokens=0, text=b"", code=b"")
        yield "text of 2^24 + 1 bytes", CORRUPT, self.text(n_bytes=2 ** 24 + 1)
        yield "text of 0 tokens", CORRUPT, self.text(n_tokens=0)
        yield "text of more tokens than bytes", CORRUPT, self.text(n_tokens=5)
        yield "text of a token less", CORRUPT, self.text(n_tokens=3)
        yield "text of a byte less", CORRUPT, self.text(n_bytes=3, n_tokens=3, text=b"tex")
        yield "text of a byte more", CORRUPT, self.text(n_bytes=5)
        yield "text of another hash", CORRUPT, self.text(text=b"test")
        yield "text block without its hash", CORRUPT, archive([self.declare, (TEXT | LAST, b"\0\4\4hash")])
        long = max((t for t in self.model.vocabulary.texts), key=len)
        code = payload(self.model, [self.model.vocabulary.texts.index(long)])
        yield "token that passes the end of the text", CORRUPT, self.text(
            n_bytes=len(long) - 1, n_tokens=1, text=long, code=code)

    def payloads(self):
        begin, count = self.model.vocabulary.begin, len(self.model.vocabulary.texts)
        rest = self.tokens[1:]
        yield "payload with a zero more", CORRUPT, self.text(code=self.payload + b"\0")
        yield "payload with a byte more", CORRUPT, self.text(code=self.payload + b"\1")
        yield "payload with a byte less", CORRUPT, self.text(code=self.payload[:-1])
        yield "payload beyond all intervals", CORRUPT, self.text(code=b"\xff" * 20)
        yield "payload with another last bit", CORRUPT, self.text(
            code=self.payload[:-1] + bytes([self.payload[-1] ^ 1]))
        yield "token without text", CORRUPT, self.text(code=payload(self.model, [begin] + rest))
        yield "end symbol in a text", CORRUPT, self.text(code=payload(self.model, [count + 1] + rest))
        yield "escape of a byte that has a token", ACCEPTED, self.text(code=payload(self.model, [b"t"] + rest))
        yield "text not merged as an encoder would", ACCEPTED, self.text(
            n_bytes=6, n_tokens=6, text=b" this ", code=payload(
                self.model, [self.model.vocabulary.token_of_byte[b] for b in b" this "]))

    def records_archive(self, body, tag=RECORDS | LAST):
        return archive([self.declare, (tag, body)], 1)

    def records(self):
        one, none = payload(self.model, self.tokens + [None]), payload(self.model, [None])
        feed = payload(self.model, self.line + [None])
        whole = records_body(0, 4, 4, b"text\n\n", [one, none])
        yield "records", ACCEPTED, self.records_archive(whole)
        for name, body in (
                ("of a byte less", records_body(0, 3, 3, b"text\n\n", [one, none])),
                ("of a byte more", records_body(0, 5, 4, b"text\n\n", [one, none])),
                ("of a token less", records_body(0, 4, 3, b"text\n\n", [one, none])),
                ("of more tokens than bytes", records_body(0, 4, 5, b"text\n\n", [one, none])),
                ("of another hash", records_body(0, 4, 4, b"text\n", [one, none])),
                ("none", records_body(0, 0, 0, b"", [])),
                ("65 of them", records_body(0, 0, 0, b"\n" * 65, [none] * 65)),
                ("with a byte more", whole + b"\1"),
                ("with a byte less", whole[:-1]),
                ("without end symbol", records_body(0, 4, 4, b"text\n", [self.payload])),
                ("that hold a separator", records_body(0, 4, 4, b"tex\n\n", [feed]))):
            yield f"records: {name}", CORRUPT, self.records_archive(body)
        yield "records that hold line feeds, parted by NUL", ACCEPTED, archive(
            [self.declare, (RECORDS | LAST, records_body(0, 4, 4, b"tex\n\0", [feed]))], 2)
        yield "64 records", ACCEPTED, self.records_archive(records_body(0, 0, 0, b"\n" * 64, [none] * 64))

    def routed(self):
        one = payload(self.model, self.tokens + [None])
        yield "routed block of one model", ACCEPTED, self.records_archive(
            routed_body(8, 8, b"text\n" * 2, [(0, one), (0, one)]), ROUTED | LAST)
        yield "routed block with an undeclared model", CORRUPT, self.records_archive(
            routed_body(8, 8, b"text\n" * 2, [(0, one), (2, one)]), ROUTED | LAST)
        yield "routed block with an unknown published model", UNSUPPORTED, self.records_archive(
            routed_body(8, 8, b"text\n" * 2, [(0, one), (3, one)]), ROUTED | LAST)
        yield "routed block of no records", CORRUPT, self.records_archive(routed_body(0, 0, b"", []), ROUTED | LAST)

    def open_blocks(self):
        one, none = payload(self.model, self.tokens + [None]), payload(self.model, [None])
        opened = RECORDS | LAST | OPEN
        yield "open stored block", ACCEPTED, archive([(STORED | LAST | OPEN, b"text")], 1)
        yield "open stored block that ends with a separator", CORRUPT, archive([(STORED | LAST | OPEN, b"text\n")], 1)
        yield "stored block that ends without separator", CORRUPT, archive([(STORED | LAST, b"text")], 1)
        yield "open records", ACCEPTED, self.records_archive(records_body(0, 4, 4, b"text", [one]), opened)
        yield "open block, last record empty", CORRUPT, self.records_archive(
            records_body(0, 4, 4, b"text\n", [one, none]), opened)
        yield "open block of one empty record", CORRUPT, self.records_archive(
            records_body(0, 0, 0, b"", [none]), opened)

    def mixed_blocks(self):
        code = self.mixed

        def mixed(body):
            return archive([(MIXED | LAST, body)])

        yield "mixed block", ACCEPTED, mixed(code)
        yield "mixed block of arithmetic version 2", UNSUPPORTED, mixed(b"\2" + code[1:])
        yield "mixed block of arithmetic version 2 alone", UNSUPPORTED, mixed(b"\2")
        yield "mixed block with a zero more", CORRUPT, mixed(code + b"\0")
        yield "mixed block with a byte more", CORRUPT, mixed(code + b"\1")
        yield "mixed block with a byte less", CORRUPT, mixed(code[:-1])
        yield "mixed block of 0 bytes", CORRUPT, mixed(b"\1\0" + text_hash(b""))
        yield "mixed block of another hash", CORRUPT, mixed(code[:3] + bytes([code[3] ^ 1]) + code[4:])
        yield "mixed block of a byte less", CORRUPT, mixed(b"\1" + bytes([code[1] - 1]) + code[2:])
