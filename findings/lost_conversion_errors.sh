#!/usr/bin/env bash
# Expected: an exception that an object's __float__ or __index__ raises arrives where the conversion
#   was asked for, if only as the cause of another.
# Seen (NumPy 2.4.6, Python 3.11): it depends on who asks, and on what else the object has. math.exp
#   lets it through; so does NumPy for `a[0] = x`, unless x has a length: then it is a ValueError
#   "setting an array element with a sequence", with the exception as its cause. `a.flat[0] = x` and
#   `a[x]` raise errors of their own in which it is neither cause nor context, and so does
#   struct.pack: the reason why it was refused is gone.
# For us: a Tensor's refusal to lose a gradient has to be read. autograd/leaving.py remembers it
#   (`Inside.lost`) and raises it where another error hides it; tests/autograd/test_leaving.py has
#   "out.flat[i]", "out[i]" and "struct" among its ways.
# Source: https://github.com/numpy/numpy/pull/14004 (the cause, for item assignment alone).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import math
import platform
import struct

import numpy as np


class Refusal(RuntimeError):
    pass


class Number:
    def __float__(self):
        raise Refusal("with a reason")

    __index__ = __float__


class Sized(Number):
    """As any array of no dimensions: len() fails, and there is an item."""

    def __len__(self):
        raise TypeError("unsized")

    def __getitem__(self, key):
        return self


def seen(call):
    try:
        call()
    except Exception as error:
        if isinstance(error, Refusal):
            return "itself"
        hidden = error.__cause__ or error.__context__
        kept = "as cause" if isinstance(hidden, Refusal) else "lost"
        return f"{type(error).__name__}, {kept}"


a, x, sized = np.zeros(2), Number(), Sized()
print("NumPy", np.__version__, "Python", platform.python_version())
found = {
    "math.exp(x)": seen(lambda: math.exp(x)),
    "a[0] = x": seen(lambda: a.__setitem__(0, x)),
    "a[0] = sized": seen(lambda: a.__setitem__(0, sized)),
    "np.float64(sized)": seen(lambda: np.float64(sized)),
    "a.flat[0] = x": seen(lambda: a.flat.__setitem__(0, x)),
    "a[x]": seen(lambda: a[x]),
    "struct.pack": seen(lambda: struct.pack("d", x)),
}
for what, error in found.items():
    print(f"{what}: {error}")
assert list(found.values()) == ["itself", "itself", "ValueError, as cause", "ValueError, as cause",
                                "ValueError, lost", "IndexError, lost", "error, lost"]
PYTHON
