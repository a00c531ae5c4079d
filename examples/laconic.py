"""Compresses a list of strings and restores it, through liblaconic.so and nothing else than Python's own library.

Usage: laconic.py [LIBLACONIC.so] <LINES
"""
import ctypes
import ctypes.util
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p

READ = CFUNCTYPE(c_bool, c_void_p, c_void_p, c_size_t, POINTER(c_size_t))
WRITE = CFUNCTYPE(c_bool, c_void_p, c_void_p, c_size_t)
RECORDS_NUL = 2
OPTIONS_BYTES = 4096  # room for struct lac_options: zeros are the defaults, and it may grow


class Error(Structure):
    _fields_ = [("status", c_int), ("offset", c_uint64), ("text", c_char * 4096)]  # room for it to grow


class Source(Structure):
    _fields_ = [("read", READ), ("payload", c_void_p)]


class Sink(Structure):
    _fields_ = [("write", WRITE), ("payload", c_void_p)]


class Options(Structure):
    """The beginning of struct lac_options, as far as it is used here."""

    _fields_ = [("n_threads", c_uint32), ("kernels", c_char_p), ("memory_bytes", c_uint64), ("batch_rows", c_uint32),
                ("progress", c_void_p), ("progress_payload", c_void_p), ("find_packed", c_void_p), ("packed_payload", c_void_p),
                ("records", c_int), ("rest", c_char * OPTIONS_BYTES)]


class Laconic:
    """The embedded model, opened. Strings must not hold NUL, which separates them."""

    def __init__(self, library=None):
        self._library = ctypes.CDLL(library or ctypes.util.find_library("laconic") or "liblaconic.so")
        for name in ("lac_compress", "lac_decompress"):
            getattr(self._library, name).argtypes = [c_void_p, Source, Sink, c_void_p, c_void_p, c_void_p]
        self._library.lac_status_name.restype = c_char_p
        self._model = c_void_p()
        error = Error()
        self._check(self._library.lac_model_open_default(ctypes.byref(self._model), None, ctypes.byref(error)), error)

    def close(self):
        self._library.lac_model_close(ctypes.byref(self._model))

    def compress(self, strings):
        texts = [string.encode("utf-8", "surrogatepass") for string in strings]
        if any(b"\0" in text for text in texts):
            raise ValueError("a string holds NUL")
        return self._call("lac_compress", b"".join(text + b"\0" for text in texts))

    def restore(self, archive):
        text = self._call("lac_decompress", archive)
        return [part.decode("utf-8", "surrogatepass") for part in text.split(b"\0")[:-1]]

    def _check(self, status, error):
        if status:
            raise RuntimeError(f"{self._library.lac_status_name(status).decode()}: {error.text.decode(errors='replace')}")

    def _call(self, name, given):
        written = bytearray()
        place = 0

        def read(_payload, buffer, capacity, n_read):
            nonlocal place
            part = given[place : place + capacity]
            ctypes.memmove(buffer, part, len(part))
            place += len(part)
            n_read[0] = len(part)
            return True

        def write(_payload, data, n_bytes):
            written.extend(ctypes.string_at(data, n_bytes))
            return True

        options, error = Options(records=RECORDS_NUL if name == "lac_compress" else 0), Error()
        source, sink = Source(READ(read), None), Sink(WRITE(write), None)
        status = getattr(self._library, name)(self._model, source, sink, ctypes.byref(options), None, ctypes.byref(error))
        self._check(status, error)
        return bytes(written)


def main():
    lines = sys.stdin.buffer.read()
    strings = lines.decode("utf-8", "surrogateescape").splitlines()  # bytes that are no UTF-8 are surrogates
    laconic = Laconic(sys.argv[1] if len(sys.argv) > 1 else None)
    archive = laconic.compress(strings)
    assert laconic.restore(archive) == strings
    laconic.close()
    print(f"{len(strings)} strings, {len(lines)} bytes in {len(archive)}, and back")


if __name__ == "__main__":
    main()
