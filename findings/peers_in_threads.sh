#!/usr/bin/env bash
# Expected: two threads that differentiate functions of their own have nothing to do with each other.
# Seen: in HIPS autograd 1.9.1 the depth of nesting is one counter for all threads: while one thread
#   ends its gradient inside of another's, the inner and the outer variable of the latter take the
#   same depth, and d/dx [x · d/dy(x·y)] is 2 in place of 2x = 6. In MyGrad 2.5.0 `no_autodiff` is a
#   flag of the module: in one thread it takes the gradients of all others, whose tensors still say
#   that they are no constants. Neither raises.
# For us: modes and nesting are context variables (autograd/modes.py, autograd/leaving.py), and
#   tests/autograd/test_modes.py::test_an_outer_gradient_survives_one_that_ends_in_another_thread
#   plays this very order of events.
# Source: https://github.com/HIPS/autograd/pull/659 (the counter; that results are wrong is not told),
#   https://github.com/rsokl/MyGrad/pull/307 (the flag).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet autograd==1.9.1 mygrad==2.5.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version
from threading import Event, Thread

import mygrad
from autograd import grad

print("autograd", version("autograd"), "mygrad", version("mygrad"))
found = {}


def together(*targets):
    threads = [Thread(target=target) for target in targets]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]


first_began, second_began, first_ended = Event(), Event(), Event()


def product(x):
    """x · d/dy(x·y) = x², whose derivative is 2x."""
    return x * grad(lambda y: x * y)(2.0)


def first():
    grad(lambda x: (first_began.set(), second_began.wait(30), x * x)[-1])(1.0)
    first_ended.set()


def second():
    first_began.wait(30)
    found["beside"] = grad(lambda x: (second_began.set(), first_ended.wait(30), product(x))[-1])(3.0)


together(first, second)
found["alone"] = grad(product)(3.0)
print("HIPS autograd, d(x²)/dx at 3: alone", found["alone"], "beside another thread", found["beside"])

inside, done = Event(), Event()


def quiet():
    with mygrad.no_autodiff:
        inside.set(), done.wait(30)


def learning():
    inside.wait(30)
    x = mygrad.tensor(3.0)
    y = x * x
    y.backward()
    found["gradient"], found["constant"] = x.grad, y.constant
    done.set()


together(quiet, learning)
print("MyGrad, beside a thread in no_autodiff: gradient", found["gradient"], "constant", found["constant"])
assert (found["alone"], found["beside"]) == (6.0, 2.0)
assert found["gradient"] is None and found["constant"] is False
PYTHON
