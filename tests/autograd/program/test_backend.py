"""Back ends: the registry, what is loaded when, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from interpreter import Interpreter

import autograd as ag
from autograd import Tensor
from autograd.program import backend as backends

EDGE = tuple(f"autograd.program.{name}" for name in ("arrays", "jit", "scalars"))
ROOT = Path(__file__).parents[3]

AFTER = """
import sys
import autograd as ag
before = set(sys.modules)
{0}
print(*sorted(name for name in set(sys.modules) - before if name.split(".")[0] == "autograd"))
"""


def loaded_by(code):
    command = [sys.executable, "-c", AFTER.format(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_the_compiler_loads_few_modules_and_no_back_end():
    loaded = loaded_by("ag.compile")
    assert "autograd.program.compiled" in loaded
    assert len(loaded) <= 39
    assert [name for name in loaded if name.startswith(EDGE)] == []


def test_a_back_end_is_loaded_when_it_is_asked_for():
    of_numpy = loaded_by('ag.compile(lambda x: x, backend="numpy")')
    assert "autograd.program.arrays.backend" in of_numpy
    assert [name for name in of_numpy if ".jit" in name or ".scalars" in name] == []
    few = loaded_by("ag.compile(ag.Tensor(1.0) * 2.0).run()")
    assert [name for name in few if ".scalars" in name] == []
    many = loaded_by("ag.compile(sum(map(ag.Tensor, map(float, range(99))), ag.Tensor(1.0))).run()")
    assert "autograd.program.scalars.backend" in many


@pytest.mark.parametrize("name", ["cuda", "", None, 3, ["numpy"], Interpreter])
def test_an_unknown_back_end_is_refused_with_the_known_ones(name):
    with pytest.raises(ag.DataError, match=r'"numpy", "numba", .*"interpreter".*gategrad\[jit\]'):
        ag.compile(lambda x: x, backend=name)


@pytest.mark.parametrize("name", [None, "", "  ", 3, b"mine"])
def test_a_back_end_needs_a_name(name):
    with pytest.raises(ag.DataError, match="name must be a text"):
        ag.register_backend(name, Interpreter)


def test_a_back_end_needs_a_factory():
    with pytest.raises(ag.DataError, match="received 3"):
        ag.register_backend("three", 3)
    with pytest.raises(ag.DataError, match="backend must be one of"):
        ag.compile(lambda x: x, backend="three")


def test_a_name_is_registered_once():
    ag.register_backend("interpreter", Interpreter)  # the same again, as where a file is read twice
    for name in ("interpreter", "numpy", "numba", "wide"):
        with pytest.raises(ag.DataError, match="of another back end already"):
            ag.register_backend(name, lambda recording, request: None)
    assert backends.find_backend("interpreter") is Interpreter


def compiled_by(factory, name, f):
    """A function compiled by a factory that is there for one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(backends._registered, name, factory)
        fast = ag.compile(f, backend=name)
        fast(np.ones(3))
        return fast


WRONG = {
    "no object": (lambda made: None, ag.DataError, "forward and backward"),
    "no second function": (
        lambda made: SimpleNamespace(forward=made.forward), ag.DataError, "forward and backward",
    ),
    "too few": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ((), ()), backward=made.backward
        ), ag.CompileError, "must return 1 results, and returned 0",
    ),
    "another dtype": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ([np.float32([1, 2, 3])], ()), backward=made.backward
        ), ag.CompileError, "float64 3, for %.*float32 3",
    ),
    "another shape": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ([np.ones((3, 1))], ()), backward=made.backward
        ), ag.CompileError, "float64 3, for %.*float64 3×1",
    ),
    "no array": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ([[1.0, 2.0, 3.0]], ()), backward=made.backward
        ), ag.CompileError, "float64 3, for %.*a list",
    ),
    "its input": (
        lambda made: SimpleNamespace(
            forward=lambda *given: (given[:1], ()), backward=made.backward
        ), ag.CompileError, "memory of their own",
    ),
    "a view of a Tensor's data": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ([given[1][::-1]], ()), backward=made.backward
        ), ag.CompileError, "memory of their own.*return a copy",
    ),
    "a locked array": (
        lambda made: SimpleNamespace(
            forward=lambda *given: ([np.broadcast_to(1.0, 3)], ()), backward=made.backward
        ), ag.CompileError, "read-only",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_a_back_end_from_outside_returns_is_looked_at(case):
    change, error, words = WRONG[case]
    weight = Tensor(np.ones(3))
    with pytest.raises(error, match=words) as raised:
        compiled_by(lambda *given: change(Interpreter(*given)), "wrong", lambda x: x * weight)
    assert "'wrong'" in str(raised.value)


def test_two_results_are_two_arrays():
    def twice(recording, request):
        made = Interpreter(recording, request)
        return SimpleNamespace(
            forward=lambda *given: (made.forward(*given)[0][:1] * 2, ()), backward=made.backward
        )

    with pytest.raises(ag.CompileError, match="another result: return a copy"):
        compiled_by(twice, "twice", lambda x: (x + 1.0, x + 1.0))


def test_new_data_may_be_written_over_the_old_ones():
    """Where the request says so: then the array that `forward` was given comes back."""

    class Over(Interpreter):
        def __init__(self, recording, request):
            super().__init__(recording, request)
            self.request = request

        def forward(self, *given):
            results, left = super().forward(*given)
            count = len(self.recording.outputs)
            for place, register in enumerate(self.recording.assigned):
                old = given[self.recording.inputs.index(self.request.over[register])]
                old[...] = results[count + place]
                results[count + place] = old
            return results, left

    weight = Tensor(np.ones(3))
    data = weight.data

    def f(x):
        weight.data -= x.data
        return np.sum(x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(backends._registered, "over", Over)
        fast = ag.compile(f, backend="over")
        for _ in range(2):
            fast(np.array([1.0, 2.0, 3.0]))
    assert weight.data is data
    assert data.tolist() == [-1.0, -3.0, -5.0]


def test_gradients_are_looked_at_too():
    weight = Tensor(np.ones(3))

    def halved(recording, request):
        made = Interpreter(recording, request)
        return SimpleNamespace(
            forward=made.forward, backward=lambda *given: [g[:1] for g in made.backward(*given)]
        )

    fast = compiled_by(halved, "halved", lambda x: np.sum(x * weight))
    with pytest.raises(ag.CompileError, match=r"backward of back end 'halved'.*float64 3,"):
        fast.program.backward()
    assert weight.grad is None


def test_a_missing_package_is_told_where_the_back_end_is_asked_for():
    class Absent(Interpreter):
        @staticmethod
        def check():
            raise ag.DependencyError('backend="absent" needs a package: pip install absent')

    with pytest.raises(ag.DependencyError, match="pip install absent"):
        compiled_by(Absent, "absent", lambda x: x)


@pytest.mark.parametrize(
    ("package", "told"),
    [("jax", r"gategrad\[jax\]"), ("onnx", r"gategrad\[onnx\]"), ("torch", "install torch")],
)
def test_a_package_that_is_not_installed_is_named(package, told, monkeypatch):
    fast = ag.compile(lambda x: x * 2.0)
    fast(np.ones(2))
    for name in list(sys.modules):
        if name.startswith("autograd.program.lowering."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ag.DependencyError, match=told):
        if package == "onnx":
            fast.program.export_onnx("never.onnx")
        else:
            ag.compile(lambda x: x, backend=package)


def test_graphs_of_numbers_go_where_a_back_end_says():
    """To the list by default; the wide one's groups have other text."""

    class Grouping(Interpreter):
        scalars = "wide"

    leaves = [Tensor(float(i)) for i in range(100)]
    total = sum((leaf * leaf for leaf in leaves), 0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(backends._registered, "grouping", Grouping)
        grouped = ag.compile(total, backend="grouping")
    listed = ag.compile(total, backend="interpreter")
    assert "in 2 groups" in grouped.source
    assert "groups" not in listed.source
    for program in (grouped, listed):
        assert program.run() == total.data
        program.backward()
        assert [leaf.grad for leaf in leaves] == [2.0 * leaf.data for leaf in leaves]
        for leaf in leaves:
            leaf.zero_grad()


def test_the_wide_back_end_runs_graphs_of_numbers_alone():
    x, y = Tensor(3.0), Tensor(-4.0)
    program = ag.compile(x * y + x, backend="wide")
    assert program.run() == -9.0
    program.backward()
    assert (x.grad, y.grad) == (-3.0, 3.0)
    for f in (lambda x: x * 2.0, lambda x: np.sum(x) * y):
        with pytest.raises(ag.CompileError, match='backend="wide" runs graphs of Python floats'):
            ag.compile(f, backend="wide")(np.ones(3))
    with pytest.raises(ag.CompileError, match="another back end"):
        ag.compile(np.sum(np.ones(3) * x), backend="wide").run()


def test_a_program_of_a_back_end_from_outside_is_looked_at_as_any():
    fast = ag.compile(lambda x: np.tanh(x) * 2.0, backend="interpreter")
    fast(np.ones(3))
    assert fast.program.source == "tanh\nmultiply"
    assert fast.program.peak == 0
    assert str(fast.program).startswith("<lambda>: 2 instructions\n")
    assert not fast.program.plan.buffer


def test_the_documentation_shows_a_back_end_that_passes_these_tests():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (shown,) = [block for block in blocks if "class Interpreter" in block]
    file = Path(sys.modules["interpreter"].__file__).read_text(encoding="utf-8")
    assert file.endswith(shown)
