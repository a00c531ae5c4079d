"""The models a decoder has, and those an archive declares: doc/format.md sections 4.2 to 4.5."""

from collections import namedtuple

from adapter import Adapter
from model import Model
from refusals import BadModel, Corrupt, OtherModel, Unsupported

MODELS_MOST = 65535
NAME_MOST = 31
WINDOW_MOST = 2 ** 20

# base is None, or the declaration of the model that an adapter makes this one of; its window is that one's.
Declaration = namedtuple("Declaration", "identity window name base")

PUBLISHED = [Declaration(bytes.fromhex("b538ca9da5978863c2c38ad1d6a7fe1d"), 512, "laconic seed", None)]


class Library:
    """Models and adapters at hand, by identity; adapted models are merged when first asked for."""

    def __init__(self, models, adapters):
        self.models = {model.identity: model for model in models}
        self.adapters = {adapter.identity: adapter for adapter in adapters}
        self.merged = {}

    def only(self):
        """What a message is coded with: the model at hand, or what the adapter at hand makes of it."""
        model, = self.models.values()
        for adapter in self.adapters.values():
            model = adapter.merge(model)
        return model

    def carry(self, declared, file):
        """Section 4.5: opens what is not at hand. This decoder does not tell files that it cannot read from those it need not."""
        shelf = self.models if declared.base is None else self.adapters
        if declared.identity in shelf:
            return
        try:
            opened = Model(file) if declared.base is None else Adapter(file)
        except BadModel as refusal:
            raise Corrupt(f"carries a file that cannot be opened: {refusal.what}") from refusal
        if opened.identity != declared.identity:
            raise Corrupt(f"carries another file than that of '{declared.name}'")
        shelf[declared.identity] = opened

    def find(self, declared):
        base = declared.base or declared
        model = self.get(self.models, base, "model")
        if base.window > model.sizes.longest:
            raise Unsupported(f"window of {base.window} positions; the model was made for {model.sizes.longest}")
        if declared.base is not None:
            adapter = self.get(self.adapters, declared, "adapter")
            key = base.identity, declared.identity
            if key not in self.merged:
                self.merged[key] = adapter.merge(model)
            model = self.merged[key]
        return model.with_window(base.window)

    @staticmethod
    def get(shelf, declared, what):
        if declared.identity not in shelf:
            raise OtherModel(f"needs {what} '{declared.name}', identity {declared.identity.hex()}")
        return shelf[declared.identity]


class DeclaredModels:
    """The models that frames of one archive declared, in their order."""

    def __init__(self, library):
        self.library = library
        self.declared = []

    def find(self, declared):
        return self.library.find(declared)

    def carry(self, file):
        """Of the model declared last."""
        self.library.carry(self.declared[-1], file)

    def declare(self, fields):
        """Section 4.2."""
        version = fields.integer(1, "arithmetic version")
        if version != 1:
            raise Unsupported(f"arithmetic version {version}")
        identity = bytes(fields.take(16, "identity"))
        window = fields.varint("window", 2, WINDOW_MOST)
        self.append(Declaration(identity, window, read_text_name(fields), None))

    def declare_adapted(self, fields):
        """Section 4.4."""
        base = self.read_name(fields)
        if base.base is not None:
            raise Corrupt("adapted model of an adapted model")
        identity = bytes(fields.take(16, "identity of the adapter"))
        self.append(Declaration(identity, base.window, read_text_name(fields), base))

    def append(self, declaration):
        if len(self.declared) == MODELS_MOST:
            raise Corrupt(f"more than {MODELS_MOST} models")
        self.declared.append(declaration)

    def read_name(self, fields):
        """Section 4.3."""
        return self.named(self.read_number(fields))

    @staticmethod
    def read_number(fields):
        return fields.varint("model", 0, 2 * MODELS_MOST + 1)

    def named(self, r):
        known = PUBLISHED if r % 2 else self.declared
        if r // 2 < len(known):
            return known[r // 2]
        if r % 2:
            raise Unsupported(f"published model {r // 2}")
        raise Corrupt(f"model {r // 2} where {len(known)} were declared")


def read_text_name(fields):
    n = fields.integer(1, "length of the name")
    if n > NAME_MOST:
        raise Corrupt(f"name of {n} bytes")
    name = bytes(fields.take(n, "name"))
    if not all(0x20 <= b <= 0x7E for b in name):
        raise Corrupt("name that is not printable ASCII")
    return name.decode("ascii")
