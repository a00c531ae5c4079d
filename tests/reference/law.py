"""What the tests share: places, the count of laws kept and broken, and the last line."""

import importlib.util
import sys
import traceback
from pathlib import Path

TESTS = Path(__file__).absolute().parent.parent
GOLDEN = TESTS / "golden"


def skip_without_packages():
    """Python and these packages are for tests only, so a machine without them skips and says what to install."""
    missing = [name for name in ("numpy", "xxhash") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skip reference decoder: no Python package {' nor '.join(missing)} "
              f"(Debian: {' '.join('python3-' + name for name in missing)})")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(0)


class Laws:
    """Runs laws, prints what replays a failure, and counts."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, law):
        try:
            law()
        except Exception as failure:
            self.failed += 1
            expected = isinstance(failure, AssertionError)
            print(f"FAIL {name}: {failure if expected else traceback.format_exc()}", flush=True)
        else:
            self.passed += 1

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0
