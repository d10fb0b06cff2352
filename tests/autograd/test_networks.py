"""Convolution, pooling and embedding: the definition in loops, derivatives, borders, errors."""

from __future__ import annotations

import definitions
import numpy as np
import pytest
from differences import central, complex_step
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from samples_networks import SAMPLES

import autograd as ag
from autograd import Tensor

CALLS = [(f"{name} {i}", *call) for name, calls in SAMPLES.items() for i, call in enumerate(calls)]
every_call = pytest.mark.parametrize(
    ("f", "inputs"), [call[1:] for call in CALLS], ids=[call[0] for call in CALLS]
)


def weights(value):
    return np.random.default_rng(5).normal(size=np.shape(value))


def values(f):
    return lambda *arrays: f(*arrays).data


def test_every_gate_of_these_families_has_a_sample():
    from autograd.families import load_family
    from autograd.gates.registry import Gate

    used = {node.gate for _, f, inputs in CALLS for node in ag.Graph(f(*map(Tensor, inputs))).nodes}
    for family in ("attention", "convolutions", "embeddings", "pooling"):
        gates = {entry for entry in vars(load_family(family)).values() if isinstance(entry, Gate)}
        assert gates <= used


@pytest.mark.parametrize(("f", "inputs"), [call[1:] for call in CALLS if "without" not in call[0]])
def test_the_gradient_is_that_of_central_differences(f, inputs):
    """With a step that changes no winner: most of these are linear, or linear in pieces."""
    nodes = [Tensor(value) for value in inputs]
    out = f(*nodes)
    g = weights(out.data)
    out.backward(gradient=g)
    smooth = out.gate.name == "scaled_dot_product_attention"
    step, digits = (1e-6, 1e-8) if smooth else (0.03, 1e-10)
    for node, want in zip(nodes, central(values(f), inputs, g, step), strict=True):
        assert (node.grad.dtype, node.grad.shape) == (node.dtype, node.shape)
        np.testing.assert_allclose(node.grad, want, rtol=digits, atol=digits)


@every_call
def test_forward_mode_and_reverse_mode_agree(f, inputs):
    tangents = [weights(value) * 1.5 for value in inputs]
    out, tangent = ag.jvp(f, inputs, tangents)
    u = weights(out)
    pulled = ag.vjp(f, *inputs)[1](u)
    assert np.shape(tangent) == np.shape(out)
    expected = sum(np.sum(p * t) for p, t in zip(pulled, tangents, strict=True))
    np.testing.assert_allclose(np.sum(u * tangent), expected, rtol=1e-11, atol=1e-11)


@every_call
def test_second_derivatives_are_differences_of_the_first_in_both_modes(f, inputs):
    w = weights(f(*inputs))

    def loss(*operands):
        return np.sum(w * f(*operands) ** 3)

    step = 1e-6
    every = tuple(range(len(inputs)))
    moves = [weights(value) for value in inputs]
    gradient = ag.grad(loss, every)
    there = gradient(*(a + step * v for a, v in zip(inputs, moves, strict=True)))
    back = gradient(*(a - step * v for a, v in zip(inputs, moves, strict=True)))
    pushed = ag.jvp(gradient, inputs, moves)[1]

    def along(*operands):
        return sum(np.sum(g * v) for g, v in zip(gradient(*operands), moves, strict=True))

    pulled = ag.grad(along, every)(*inputs)
    for a, b, got, other in zip(there, back, pushed, pulled, strict=True):
        scale = 1e-6 * max(1.0, np.max(np.abs(got), initial=0.0))
        np.testing.assert_allclose(got, (a - b) / (2 * step), rtol=1e-5, atol=scale)
        np.testing.assert_allclose(other, got, rtol=1e-10, atol=1e-11)


@every_call
def test_float32_stays_float32_and_float16_sums_in_float32(f, inputs):
    for dtype, digits in ((np.float32, 2e-4), (np.float16, 2e-2)):
        nodes = [Tensor(value.astype(dtype)) for value in inputs]
        out = f(*nodes)
        assert out.dtype == dtype
        out.backward(gradient=weights(out.data))
        exact = [Tensor(node.data.astype(float)) for node in nodes]
        f(*exact).backward(gradient=weights(out.data))
        for got, want in zip(nodes, exact, strict=True):
            assert got.grad.dtype == dtype
            np.testing.assert_allclose(got.grad, want.grad, rtol=digits, atol=digits)


@every_call
def test_how_an_array_lies_in_memory_changes_no_bit(f, inputs):
    def run(arrays):
        nodes = list(map(Tensor, arrays))
        out = f(*nodes)
        out.backward(gradient=weights(out.data))
        return [out.data, *(node.grad for node in nodes)]

    plain = run(inputs)
    spread = [np.stack([a, a], axis=-1)[..., 0] for a in inputs]
    for other in (spread, [np.asfortranarray(a) for a in inputs]):
        for got, want in zip(run(other), plain, strict=True):
            np.testing.assert_array_equal(got, want)


@every_call
def test_a_composite_gate_equals_its_expansion(f, inputs):
    whole = f(*map(Tensor, inputs))
    leaves = list(map(Tensor, inputs))
    opened = ag.Graph(f(*leaves)).opened("all")
    np.testing.assert_allclose(opened.data, whole.data, rtol=1e-12, atol=1e-13)
    g = weights(whole.data)
    opened.backward(gradient=g)
    for got, want in zip(leaves, ag.vjp(f, *inputs)[1](g), strict=True):
        np.testing.assert_allclose(got.grad, want, rtol=1e-12, atol=1e-12)


# ---- the definition, in loops

numbers = st.integers


@st.composite
def convolutions(draw):
    """Shapes and settings of a convolution that fits."""
    n = draw(numbers(1, 3))
    groups = draw(numbers(1, 3))
    lengths = [draw(numbers(1, 3)) for _ in range(n)]
    stride = [draw(numbers(1, 4)) for _ in range(n)]
    dilation = [draw(numbers(1, 2)) for _ in range(n)]
    padding = [draw(numbers(0, 2)) for _ in range(n)]
    inputs = [draw(numbers(1, 7 - n)) for _ in range(n)]
    for k, d, p, size in zip(lengths, dilation, padding, inputs, strict=True):
        assume(d * (k - 1) + 1 <= size + 2 * p)
    rng = np.random.default_rng(draw(numbers(0, 2**16)))
    images = draw(st.sampled_from([1, 2, 33]))
    x = rng.normal(size=(images, groups * draw(numbers(1, 2)), *inputs))
    w = rng.normal(size=(groups * draw(numbers(1, 2)), x.shape[1] // groups, *lengths))
    return x, w, stride, padding, dilation, groups


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_a_convolution_is_its_definition(case):
    x, w, stride, padding, dilation, groups = case
    pairs = [(p, p) for p in padding]
    expected = definitions.conv(x, w, stride, pairs, dilation, groups)
    got = ag.conv(x, w, stride, padding, dilation, groups).data
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12)
    u = weights(expected)
    by_x, by_w = ag.vjp(lambda x, w: ag.conv(x, w, stride, padding, dilation, groups), x, w)[1](u)
    v, z = weights(x), weights(w) + 0.5
    moved = definitions.conv(v, w, stride, pairs, dilation, groups)
    np.testing.assert_allclose(np.sum(by_x * v), np.sum(u * moved), rtol=1e-9, atol=1e-10)
    moved = definitions.conv(x, z, stride, pairs, dilation, groups)
    np.testing.assert_allclose(np.sum(by_w * z), np.sum(u * moved), rtol=1e-9, atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(convolutions(), numbers(0, 1))
def test_a_transposed_convolution_is_its_definition(case, more):
    x, w, stride, padding, dilation, groups = case
    w = np.ones((x.shape[1], 2, *w.shape[2:])) * weights(w[:1, :1])
    extra = [min(more, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)]
    axes = zip(x.shape[2:], stride, padding, dilation, w.shape[2:], extra, strict=True)
    assume(all((n - 1) * s - 2 * p + d * (k - 1) + e + 1 > 0 for n, s, p, d, k, e in axes))
    given = stride, padding, extra, groups, dilation
    got = ag.conv_transpose(x, w, *given).data
    expected = definitions.conv_transpose(x, w, *given)
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(convolutions(), st.booleans())
def test_pooling_and_windows_are_their_definitions(case, padded):
    x, w, stride, padding, dilation, _ = case
    lengths = w.shape[2:]
    pairs = [(p, p) for p in padding]
    got = ag.unfold(x, lengths, dilation, padding, stride).data
    np.testing.assert_array_equal(got, definitions.unfold(x, lengths, stride, pairs, dilation))
    padding = [min(p, k // 2) for p, k in zip(padding, lengths, strict=True)]
    pairs = [(p, p) for p in padding]
    for k, d, p, size in zip(lengths, dilation, padding, x.shape[2:], strict=True):
        assume(d * (k - 1) + 1 <= size + 2 * p)
        assume(size > 1 or d == 1)  # or else a window may hold padding alone
    got = ag.max_pool(x, lengths, stride, padding, dilation).data
    np.testing.assert_array_equal(got, definitions.max_pool(x, lengths, stride, pairs, dilation))
    by_x = ag.grad(lambda x: np.sum(ag.max_pool(x, lengths, stride, padding, dilation)))(x)
    assert np.sum(by_x) == got.size  # each window sends one, to one entry
    assert set(np.unique(by_x)) <= set(range(1 + int(np.prod(lengths))))
    got = ag.avg_pool(x, lengths, stride, padding, count_include_pad=padded).data
    expected = definitions.avg_pool(x, lengths, stride, pairs, padded)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


def test_the_gradient_is_that_of_a_complex_step_through_the_definition():
    x, w = weights(np.ones((2, 2, 5, 4))), weights(np.ones((4, 1, 2, 3)))
    given = (2, 1), ((1, 1), (2, 2)), (1, 2), 2
    nodes = Tensor(x), Tensor(w)
    out = ag.conv(*nodes, (2, 1), (1, 2), (1, 2), 2)
    g = weights(out.data)
    out.backward(gradient=g)
    expected = complex_step(lambda x, w: definitions.conv(x, w, *given), (x, w), g)
    for node, want in zip(nodes, expected, strict=True):
        np.testing.assert_allclose(node.grad, want, rtol=1e-12, atol=1e-13)


# ---- borders


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_keeps_the_length_and_puts_the_odd_one_after(length, dilation):
    x, w = weights(np.ones((1, 1, 6))), weights(np.ones((1, 1, length)))
    total = dilation * (length - 1)
    pairs = [(total // 2, total - total // 2)]
    got = ag.conv(x, w, padding="same", dilation=dilation).data
    assert got.shape == x.shape
    np.testing.assert_allclose(got, definitions.conv(x, w, [1], pairs, [dilation], 1), rtol=1e-13)


def test_an_empty_batch_gives_an_empty_result_and_a_gradient_of_zeros():
    x, w = Tensor(np.ones((0, 2, 4, 4))), Tensor(np.ones((3, 2, 2, 2)))
    out = ag.avg_pool(ag.max_pool(ag.conv(x, w), 2, 1), 2)
    assert out.shape == (0, 3, 1, 1)
    out.backward(gradient=np.ones(out.shape))
    assert not w.grad.any()
    assert x.grad.shape == x.shape


def test_one_example_needs_no_batch_axis():
    x, w = weights(np.ones((2, 4, 4))), weights(np.ones((3, 2, 2, 2)))
    for f in (
        lambda x: ag.conv(x, w), lambda x: ag.max_pool(x, (2, 2)), lambda x: ag.avg_pool(x, (2, 2)),
        lambda x: ag.unfold(x, (2, 2)), lambda x: ag.conv_transpose(x, w[:2]),
    ):  # fmt: skip
        np.testing.assert_array_equal(f(x).data, f(x[None]).data[0])


def test_whole_numbers_and_lists_are_read_as_pixels():
    image = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    kernel = Tensor(np.ones((1, 1, 2, 2), np.float32))
    out = ag.conv(image, kernel)
    assert out.dtype == np.float32
    assert out.data[0, 0, 0, 0] == 0 + 1 + 4 + 5
    assert ag.max_pool(image.tolist(), 2).data.tolist() == [[[[5, 7], [13, 15]]]]


def test_ties_in_a_window_share_and_padding_takes_no_share():
    x = Tensor(np.zeros((1, 1, 2, 2)))
    ag.max_pool(x, 2).backward()
    np.testing.assert_array_equal(x.grad, np.full((1, 1, 2, 2), 0.25))
    low = Tensor(np.full((1, 1, 2), -np.inf))
    ag.max_pool(low, 2, padding=1).backward(gradient=[[[1.0, 10.0]]])
    np.testing.assert_array_equal(low.grad, [[[1.0, 10.0]]])


def test_a_nan_is_the_largest_of_its_windows_and_gets_their_gradient():
    x = Tensor([[[1.0, np.nan, 0.0, 5.0]]])
    out = ag.max_pool(x, 2)
    out.backward(gradient=[[[1.0, 10.0]]])
    np.testing.assert_array_equal(out.data, [[[np.nan, 5.0]]])
    np.testing.assert_array_equal(x.grad, [[[0.0, 1.0, 0.0, 10.0]]])


def test_a_nan_or_an_infinity_outside_of_a_window_is_not_in_its_sum():
    x = np.array([[[1.0, 2.0, np.nan, np.inf]]])
    np.testing.assert_array_equal(ag.conv(x, [[[1.0, 1.0]]]).data, [[[3.0, np.nan, np.nan]]])
    assert ag.avg_pool(x, 1, 1).data[0, 0, 1] == 2.0


def test_rows_that_are_read_twice_add_up_and_a_padding_row_learns_nothing():
    table = Tensor(np.arange(6.0).reshape(3, 2))
    out = ag.embedding([[1, 2], [1, 1]], table, padding_idx=2)
    out.backward(gradient=np.ones((2, 2, 2)))
    np.testing.assert_array_equal(table.grad, [[0.0, 0.0], [3.0, 3.0], [0.0, 0.0]])


def test_what_comes_out_lies_with_the_images_last_and_nothing_is_turned_between_gates():
    x, w = weights(np.ones((32, 1, 8, 8))), weights(np.ones((4, 1, 3, 3)))
    hidden = ag.conv(x, w)
    for node in (hidden, ag.relu(hidden), ag.max_pool(ag.relu(hidden), 2)):
        assert node.data.transpose(1, 2, 3, 0).flags.c_contiguous
        assert node.data.base is None


# ---- errors

IMAGE, KERNEL = np.ones((1, 3, 8, 8)), np.ones((4, 3, 3, 3))
WRONG = {
    "channels": (lambda: ag.conv(IMAGE, KERNEL[:, :2]), ValueError, r"3 channels.*takes 2"),
    "groups": (lambda: ag.conv(IMAGE, KERNEL, groups=3), ValueError, r"takes 3 for each of 3"),
    "outputs": (
        lambda: ag.conv(IMAGE, KERNEL[:, :1], groups=3), ValueError, r"4 channels.*multiple.*3",
    ),
    "kernel of no axes": (lambda: ag.conv(IMAGE, KERNEL[0, 0]), ValueError, r"\(3, 3\)"),
    "image of one channel": (lambda: ag.conv(IMAGE[0, 0], KERNEL), ValueError, r"x\[:, None\]"),
    "too long": (lambda: ag.conv(IMAGE, np.ones((1, 3, 9, 9))), ValueError, r"8 entries.*window 9"),
    "dilated": (
        lambda: ag.conv(IMAGE, KERNEL, dilation=5, padding=1), ValueError,
        r"with padding 10.*dilated, 11",
    ),
    "stride 0": (lambda: ag.conv(IMAGE, KERNEL, stride=0), ValueError, r"stride.*from 1 on"),
    "stride 1.5": (lambda: ag.conv(IMAGE, KERNEL, stride=1.5), TypeError, r"stride.*1\.5"),
    "three strides": (lambda: ag.conv(IMAGE, KERNEL, stride=(1, 1, 1)), ValueError, "each spatial"),
    "negative": (lambda: ag.conv(IMAGE, KERNEL, padding=-1), ValueError, r"padding.*from 0 on"),
    "Same": (lambda: ag.conv(IMAGE, KERNEL, padding="SAME"), ValueError, '"same", "valid"'),
    "same, stride": (
        lambda: ag.conv(IMAGE, KERNEL, stride=2, padding="same"), ValueError, "stride=1",
    ),
    "transposed": (
        lambda: ag.conv_transpose(IMAGE, KERNEL), ValueError, r"3 channels.*takes 4",
    ),
    "longer end": (
        lambda: ag.conv_transpose(IMAGE, KERNEL[:3], output_padding=1), ValueError, "less than",
    ),
    "nothing left": (
        lambda: ag.conv_transpose(IMAGE[..., :1, :1], KERNEL[:3], padding=2), ValueError, "nothing",
    ),
    "pool": (lambda: ag.max_pool(IMAGE, 9), ValueError, r"8 entries.*window 9"),
    "half": (lambda: ag.max_pool(IMAGE, 2, padding=2), ValueError, r"half.*ag\.pad"),
    "half, dilated": (
        lambda: ag.max_pool(IMAGE, 3, padding=2, dilation=2), ValueError, r"half.*ag\.pad",
    ),
    "no length": (lambda: ag.max_pool(IMAGE, 0), ValueError, r"kernel_size.*from 1 on"),
    "divisor": (lambda: ag.avg_pool(IMAGE, 2, divisor_override=0), ValueError, "not be 0"),
    "no divisor": (
        lambda: ag.avg_pool(IMAGE, 2, divisor_override="3"), TypeError, "expects a number",
    ),
    "divisor in a graph": (
        lambda: ag.avg_pool(IMAGE, 2, divisor_override=ag.Tensor(3.0)), TypeError,
        "expects a number",
    ),
    "vector": (lambda: ag.unfold(np.ones(3), 2), ValueError, r"\(3,\)"),
    "past the end": (lambda: ag.embedding([0, 5], np.ones((5, 2))), IndexError, "0 to 4.*5"),
    "negative index": (lambda: ag.embedding([-1], np.ones((5, 2))), IndexError, "received -1"),
    "floats": (lambda: ag.embedding(np.ones((5, 2)), [0]), ValueError, r"\(1,\)"),
    "swapped": (lambda: ag.embedding(np.ones((5, 2)), np.ones((5, 2))), TypeError, "comes second"),
    "padding row": (lambda: ag.embedding([0], np.ones((5, 2)), 5), IndexError, "padding_idx=5"),
    "no row": (lambda: ag.embedding([0], np.ones((5, 2)), 1.5), TypeError, "number of a row"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_error_names_the_shapes_and_what_to_write(name):
    call, kind, words = WRONG[name]
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, ag.AutogradError)


def test_a_program_looks_at_indices_at_each_run():
    table = Tensor(np.arange(6.0).reshape(3, 2))
    rows = ag.compile(lambda i: ag.embedding(i, table))
    np.testing.assert_array_equal(rows(np.array([2, 0])), [[4.0, 5.0], [0.0, 1.0]])
    np.testing.assert_array_equal(rows(np.array([1, 1])), [[2.0, 3.0], [2.0, 3.0]])
    with pytest.raises(IndexError, match="received 3"):
        rows(np.array([0, 3]))


def test_a_program_calls_these_gates_by_name():
    x, w = weights(np.ones((2, 1, 6, 6))), weights(np.ones((2, 1, 3, 3)))
    fast = ag.compile(ag.grad(lambda x, w: np.sum(ag.max_pool(ag.conv(x, w), 2) ** 2), (0, 1)))
    fast(x, w)
    names = {instruction.name for instruction in fast.program.instructions}
    assert {"conv", "conv_transpose", "conv_weights", "max_pool", "max_unpool"} <= names
