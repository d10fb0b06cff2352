"""no_grad, scope and source_lines: local to their thread and task, gone with their block."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import subprocess
import sys
import threading
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def here():
    """The line that this is called on."""
    return inspect.currentframe().f_back.f_lineno


BLOCKS = [ag.no_grad, lambda: ag.scope("block"), ag.source_lines]


def state():
    """What a gate made now would be: recorded, its scope, whether it knows its line."""
    y = Tensor(2.0) * 3.0
    return not y.is_leaf, y.scope, y.source is not None


NORMAL = (True, "", False)


@pytest.mark.parametrize("data", [2.0, np.array([2.0])], ids=["scalar", "array"])
def test_under_no_grad_results_are_leaves_without_gradient(data):
    x = Tensor(data)
    with ag.no_grad():
        for y in (x * 3.0, x.exp(), 1 / x, np.sum(x), x[...], x @ x if np.ndim(data) else -x):
            assert y.is_leaf
            assert y.inputs == ()
            assert not y.requires_grad
            assert y.grad is None
    assert not (x * 3.0).is_leaf


def test_new_leaves_under_no_grad_want_gradients_later():
    with ag.no_grad():
        x = Tensor(2.0)
    (x * x).backward()
    assert x.grad == 4.0


def test_backward_runs_under_no_grad():
    x = Tensor(2.0)
    y = x * x
    with ag.no_grad():
        y.backward()
    assert x.grad == 4.0


def test_scopes_nest_and_give_a_path():
    x = Tensor(2.0)
    with ag.scope("mlp"):
        a = x * 1.0
        with ag.scope("hidden"):
            b = x * 1.0
            c = np.sum(Tensor([1.0]))
        d = x + 1.0
    assert [n.scope for n in (a, b, c, d, x * 1.0)] == [
        "mlp",
        "mlp/hidden",
        "mlp/hidden",
        "mlp",
        "",
    ]


def test_each_entry_into_a_scope_is_a_group_of_its_own():
    x = Tensor(2.0)
    nodes = []
    for _ in range(2):
        with ag.scope("layer"):
            nodes += [x * 1.0, x + 1.0]
    first, second = {n.scopes for n in nodes[:2]}, {n.scopes for n in nodes[2:]}
    assert len(first) == len(second) == 1
    assert first != second
    assert nodes[0].scopes[0].name == "layer"


@pytest.mark.parametrize("name", ["", None, 3, b"x"])
def test_a_scope_needs_a_name(name):
    with pytest.raises(ag.DataError, match="name"):
        ag.scope(name)


def test_source_lines_are_the_users():
    x, t = Tensor(2.0), Tensor([1.0, 2.0])
    with ag.source_lines():
        y, line = x * x, here()
        z, zline = np.sum(t * t), here()
        w, wline = 1 / ag.sigmoid(t), here()
        v = (
            t +
            1.0
        )  # fmt: skip
    assert (y.source.lineno, y.source.filename) == (line, __file__)
    assert y.source.function == "test_source_lines_are_the_users"
    assert y.source.text == "y, line = x * x, here()"
    assert [z.source.lineno, z.inputs[0].source.lineno] == [zline, zline]
    assert w.source.lineno == wline
    assert v.source.lineno in (wline + 2, wline + 3)
    assert x.source is None
    assert (x * x).source is None


def test_source_lines_and_scopes_do_not_hide_each_other():
    x = Tensor(2.0)
    with ag.scope("s"), ag.source_lines():
        y = x * x
    assert y.scope == "s"
    assert y.source.lineno == here() - 2


def test_a_source_without_a_readable_file_has_no_text():
    namespace = {"Tensor": Tensor, "ag": ag}
    with ag.source_lines():
        exec(compile("y = Tensor(2.0) * 3.0", "<typed>", "exec"), namespace)
    assert namespace["y"].source.text == ""
    assert namespace["y"].source.lineno == 1


@pytest.mark.parametrize("make", BLOCKS, ids=["no_grad", "scope", "source_lines"])
def test_an_exception_restores_the_mode(make):
    with pytest.raises(KeyError), make():
        assert state() != NORMAL
        raise KeyError
    assert state() == NORMAL


@pytest.mark.parametrize("make", BLOCKS, ids=["no_grad", "scope", "source_lines"])
def test_one_block_can_be_entered_again_and_inside_itself(make):
    block = make()
    with block:
        inside = state()
        with block:
            assert state() != NORMAL
        assert state() == inside
    assert state() == NORMAL
    with block:
        assert state() == inside


@pytest.mark.parametrize("make", BLOCKS, ids=["no_grad", "scope", "source_lines"])
def test_a_thread_is_in_no_mode_of_another(make):
    seen = []
    with make():
        thread = threading.Thread(target=lambda: seen.append(state()))
        thread.start()
        thread.join()
        assert state() != NORMAL
    assert seen == [NORMAL]


@pytest.mark.parametrize("make", BLOCKS, ids=["no_grad", "scope", "source_lines"])
def test_tasks_that_take_turns_keep_their_modes_apart(make):
    async def inside(seen):
        with make():
            for _ in range(3):
                seen.append(state() != NORMAL)
                await asyncio.sleep(0)

    async def outside(seen):
        for _ in range(3):
            seen.append(state() == NORMAL)
            await asyncio.sleep(0)

    async def main():
        seen = []
        await asyncio.gather(inside(seen), outside(seen), inside(seen), outside(seen))
        return seen

    seen = asyncio.run(main())
    assert seen == [True] * 12


def test_a_block_that_a_copied_context_carries_on_means_the_same_whoever_else_is_in_a_block():
    """A task started inside a block: whether the block holds there depends on nobody else."""
    with ag.no_grad():
        inherited = contextvars.copy_context()
    alone = inherited.run(state)
    with ag.scope("elsewhere"):
        beside = inherited.run(state)
    assert alone == beside


def test_modes_hold_while_a_pass_runs_rules():
    """A rule sees values, and records nothing, whatever the mode of its caller."""
    seen = []

    def vjp(g, out, a):
        seen.append((type(g), type(a)))
        return g * 2.0

    t = Tensor([1.0])
    y = ag.gate(lambda a: a * 2.0, vjp=vjp, name="double")(t)
    with ag.scope("s"), ag.source_lines():
        y.backward()
    assert seen == [(np.ndarray, np.ndarray)]


def test_one_block_shared_by_threads_keeps_them_apart():
    quiet = ag.no_grad()
    entered, left = threading.Barrier(2), threading.Barrier(2)
    seen = []

    def first():
        with quiet:
            entered.wait()
            left.wait()
            seen.append(state() != NORMAL)
        seen.append(state() == NORMAL)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    with quiet:
        seen.append(state() != NORMAL)
    seen.append(state() == NORMAL)
    left.wait()
    thread.join()
    assert seen == [True] * 4


def test_an_outer_gradient_survives_one_that_ends_in_another_thread():
    """Depths of nesting are a thread's own: x · d/dy(x·y) is x², while other passes come and go."""
    began, inside, ended = (threading.Event() for _ in range(3))
    seen = []

    def first():
        ag.grad(lambda x: (began.set(), inside.wait(10), x * x)[-1])(1.0)
        ended.set()

    def nested(x):
        inside.set()
        assert ended.wait(10)
        return x * ag.grad(lambda y: x * y)(2.0)

    def second():
        assert began.wait(10)
        seen.append(ag.grad(nested)(3.0))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [6.0]


def test_a_generator_that_is_finished_in_another_context_ends_its_block():
    def inside():
        with ag.no_grad():
            yield state()

    generator = inside()
    context = contextvars.copy_context()
    assert context.run(next, generator) != NORMAL
    generator.close()
    assert state() == NORMAL


# ---- NumPy's warnings

PROGRAM = """
import numpy as np
import autograd as ag

def logarithm(p):
    return p.log()  # the line that divides by zero

logarithm(ag.Tensor(np.array([0.0, 1.0])))
"""


def test_a_warning_that_names_generated_code_shows_the_users_line(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-W", "default", str(path)], capture_output=True, text=True, check=True,
        cwd=Path(ag.__file__).parent.parent,
        env={**os.environ, "PYTHONPATH": str(Path(ag.__file__).parent.parent)},
    )  # fmt: skip
    assert "RuntimeWarning: divide by zero encountered in log" in run.stderr
    assert f'File "{path}", line 6, in logarithm: return p.log()' in run.stderr


def test_where_lines_are_remembered_numpys_warnings_name_them():
    x = Tensor(np.array([-1.0, 0.0, 2.0]))
    with ag.source_lines(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        y = np.log(x)
        line = here() - 1
    assert sorted(str(w.message) for w in caught) == [
        "divide by zero encountered in log", "invalid value encountered in log",
    ]  # fmt: skip
    assert {(w.filename, w.lineno, w.category) for w in caught} == {
        (__file__, line, RuntimeWarning)
    }
    np.testing.assert_array_equal(y.data[1:], [-np.inf, np.log(2.0)])


def test_where_lines_are_remembered_numpys_settings_are_kept():
    x = Tensor(np.array([0.0]))
    with ag.source_lines(), np.errstate(divide="ignore"):
        np.log(x)
    with ag.source_lines(), np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        np.log(x)


def test_generated_code_shows_its_lines_in_a_traceback():
    x = Tensor(np.array([0.0]))
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError) as caught:
        x.log()
    text = "".join(traceback.format_exception(caught.value))
    assert "out = forward(a)" in text


def test_texts_of_one_gate_show_each_its_own_lines():
    """The method, which takes keywords to refuse them, is another text than the function."""
    x = Tensor(np.array([0.0]))
    for function in (lambda: x.log(), lambda: ag.log(x), lambda: np.log(x), lambda: x.log()):
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError) as caught:
            function()
        text = "".join(traceback.format_exception(caught.value))
        assert ("<gategrad log" in text) <= ("out = forward(a)" in text)


@pytest.mark.parametrize("mode", [ag.no_grad, ag.detect_anomaly, ag.source_lines])
def test_a_mode_without_its_parentheses_says_so(mode):
    with pytest.raises(ag.DataError, match=rf"received function .* write @ag\.{mode.__name__}\(\)"):

        @mode
        def double(x):
            return 2.0 * x
