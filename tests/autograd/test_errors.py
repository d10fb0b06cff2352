"""Refusals: what was received, what to write instead, and nothing changed by the attempt."""

from __future__ import annotations

import builtins
import inspect
import math
import pydoc
import re
import statistics

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor, elsewhere, errors, foreign, scipys

NOT_NUMBERS = {
    "None": None,
    "a string": "3.5",
    "bytes": b"3.5",
    "a list of strings": ["1", "2"],
    "a list with None": [1.0, None],
    "a dict": {"a": 1.0},
    "a set": {1.0},
    "complex": 1j,
    "a complex array": np.array([1j]),
    "objects": np.array([1.0, None], dtype=object),
    "floats as objects": np.array([1.0, 2.0], dtype=object),
    "dates": np.array(["2026-11-20"], dtype="datetime64[D]"),
    "a record": np.zeros(2, dtype=[("a", float)]),
    "a masked array": np.ma.array([1.0, 2.0], mask=[True, False]),
    "a matrix": np.array([[1.0, 2.0]]).view(np.matrix),
    "a ragged list": [[1.0], [1.0, 2.0]],
    "a function": np.exp,
    "a generator": (x for x in [1.0]),
}

GIVEN = pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS.keys())


@GIVEN
@pytest.mark.parametrize("dtype", [None, float, "float32"])
def test_data_that_are_not_real_numbers_are_refused(value, dtype):
    with pytest.raises(ag.DataError) as caught:
        Tensor(value, dtype=dtype)
    assert isinstance(caught.value, TypeError)
    with pytest.raises(ag.DataError):
        Tensor(value, dtype=dtype, requires_grad=False)


@GIVEN
def test_an_operand_that_is_not_real_numbers_is_refused(value):
    for t in (Tensor(2.0), Tensor([1.0, 2.0])):
        with pytest.raises(ag.DataError):
            t * value
        with pytest.raises(ag.DataError):
            ag.add(value, t)
        assert t.grad is None


def test_a_matrix_is_told_how_to_write_its_product():
    """On either side of * it leaves the product to the Tensor, which would take it by entries."""
    matrix, t = NOT_NUMBERS["a matrix"], Tensor([[3.0], [4.0]])
    for call in (lambda: matrix * t, lambda: t.T * matrix.T, lambda: np.multiply(matrix, t)):
        with pytest.raises(ag.DataError, match=r"np\.asarray\(m\), and @"):
            call()
    assert (np.asarray(matrix) @ t).item() == 11.0


@pytest.mark.parametrize("nest", [lambda t: [t, 1.0], lambda t: [[t], [2.0]], lambda t: (1.0, t)])
def test_a_list_that_holds_tensors_is_an_operand_and_no_data(nest):
    t = Tensor(1.0)
    with pytest.raises(ag.DataError, match=r"ag\.array"):
        Tensor(nest(t))
    out = t + nest(t)
    np.testing.assert_array_equal(out.data, (t + ag.array(nest(t))).data)
    out.sum().backward()
    assert t.grad == 3.0


def test_a_tensor_is_not_wrapped_again():
    with pytest.raises(ag.DataError, match="detach"):
        Tensor(Tensor(1.0))


@pytest.mark.parametrize("dtype", [complex, object, str, "datetime64[D]", "no such dtype"])
def test_a_dtype_of_no_real_numbers_is_refused(dtype):
    with pytest.raises(ag.DataError):
        Tensor([1.0], dtype=dtype)
    with pytest.raises(ag.DataError):
        Tensor([1.0]).astype(dtype)


@pytest.mark.parametrize("name", [3, b"x", ["x"]])
def test_a_name_is_a_string(name):
    with pytest.raises(ag.DataError, match="name"):
        Tensor(1.0, name=name)


def test_the_gradient_of_integers_is_refused_with_the_name():
    with pytest.raises(ag.DataError, match="'counts'"):
        Tensor(np.arange(3), name="counts")


SHAPES = {
    "add": lambda a, b: a + b,
    "power": lambda a, b: a**b,
    "maximum": np.maximum,
    "where": lambda a, b: np.where([True], a, b),
    "matmul": lambda a, b: a @ np.ones((7, 2)) @ b,
    "dot": lambda a, b: np.dot(a, np.ones((7, 2))),
    "concatenate": lambda a, b: np.concatenate([a, b]),
    "stack": lambda a, b: np.stack([a, b]),
    "reshape": lambda a, b: a.reshape(5, 5),
    "broadcast_to": lambda a, b: np.broadcast_to(a, (2, 2)),
    "transpose": lambda a, b: np.transpose(a, (0, 0)),
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_do_not_match_are_given_with_the_names(name):
    a, b = Tensor(np.ones((2, 3)), name="left"), Tensor(np.ones((4, 5)), name="right")
    with pytest.raises(ag.ShapeError) as caught:
        SHAPES[name](a, b)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert name in message
    assert "'left'" in message
    assert "(2, 3)" in message
    if name in ("add", "power", "maximum", "where", "concatenate", "stack", "lt", "eq"):
        assert "'right'" in message
        assert "(4, 5)" in message
    assert a.grad is None
    assert b.grad is None
    (a * 2.0).sum().backward()  # the leaves are as good as before


def test_a_computed_operand_is_named_by_its_gate():
    with pytest.raises(ag.ShapeError, match=r"the exp node \(shape \(2,\)\)"):
        Tensor([1.0, 2.0]).exp() + np.ones(3)


@pytest.mark.parametrize(
    "read",
    [
        lambda t: t[5],
        lambda t: t[0, 0],
        lambda t: t["a"],
        lambda t: t[1.5],
        lambda t: t[[0, 7]],
        lambda t: t[np.array([True, False, True])],
        lambda t: t.sum(axis=3),
        lambda t: np.max(t, axis=-2),
        lambda t: t.argmax(axis=4),
    ],
)
def test_an_index_or_an_axis_that_is_not_there(read):
    with pytest.raises(ag.OutOfRangeError) as caught:
        read(Tensor([1.0, 2.0], name="t"))
    assert isinstance(caught.value, IndexError)
    assert "'t'" in str(caught.value)


def test_a_reduction_over_nothing_has_no_extremum():
    with pytest.raises(ag.ShapeError):
        np.max(Tensor(np.zeros((0,))))


def test_writing_in_place_is_refused_and_changes_nothing():
    t = Tensor([1.0, 2.0], name="t")
    with pytest.raises(ag.UnsupportedError, match=r"'t'.*ag\.where"):
        t[0] = 1.0
    with pytest.raises(ag.UnsupportedError):
        t[...] += 1.0
    a = np.zeros(2)
    with pytest.raises(ag.UnsupportedError):
        a += t
    np.testing.assert_array_equal(t.data, [1.0, 2.0])
    np.testing.assert_array_equal(a, [0.0, 0.0])


def test_augmented_assignment_makes_a_new_node():
    x = t = Tensor([1.0, 2.0])
    t += 1.0
    t *= 2.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    t.sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])


def test_every_error_is_ours_and_a_builtin():
    own = [getattr(errors, name) for name in errors.__all__]
    assert ag.AutogradError in own
    for error in own:
        assert issubclass(error, ag.AutogradError)
        assert getattr(ag, error.__name__) is error
        if error is not ag.AutogradError:
            builtin = [base for base in error.__mro__ if base.__module__ == builtins.__name__]
            assert builtin[0] not in (Exception, BaseException)


def test_one_except_clause_catches_them_all():
    t = Tensor([1.0, 2.0])
    for wrong in (
        lambda: Tensor([1, 2]),
        lambda: t + np.ones(3),
        lambda: t[5],
        t.backward,
        lambda: np.linalg.cond(t),
        lambda: setattr(t, "data", 1.0),
        lambda: ag.scope(""),
        lambda: ag.Graph(None),
        lambda: bool(t),
        lambda: len(Tensor(1.0)),
        lambda: t < "a",
        lambda: np.isclose(t, np.ones(3)),
    ):
        with pytest.raises(ag.AutogradError):
            wrong()


def test_complex_data_are_refused_with_what_to_write_instead():
    with pytest.raises(ag.DataError, match="complex data are not supported"):
        Tensor(np.array([1j]))


# ---- words of other libraries

WRITTEN = re.compile(r"\b(ag|np|nn|t|u)((?:\.\w+)+)")
"""Names of ours, and of NumPy's, in what a message says to write."""


def entries(*tables):
    return [
        (library, word, instead)
        for table in tables
        for library, words in table.items()
        for word, instead in words.items()
    ]


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.NAMES))
def test_a_function_of_another_library_is_answered_with_ours(library, word, instead):
    with pytest.raises(AttributeError) as caught:
        getattr(ag, word)
    assert isinstance(caught.value, ag.MissingNameError)
    assert f"a word of {library}: write {instead}" in str(caught.value)
    assert (caught.value.name, caught.value.obj) == (word, ag)
    assert not hasattr(ag, word)
    assert word not in dir(ag)


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.LINALG))
def test_linear_algebra_of_another_library_is_answered_with_ours(library, word, instead):
    with pytest.raises(ag.MissingNameError, match=f"a word of {library}: write ") as caught:
        getattr(ag.linalg, word)
    assert str(caught.value).endswith(instead)


def test_what_keeps_values_is_answered_with_the_value(tmp_path):
    for save in (np.save, np.savetxt):
        with pytest.raises(ag.UnsupportedError, match=rf"write np\.{save.__name__}\(file, t\.data"):
            save(tmp_path / "t", Tensor(np.ones(2)))
    assert not list(tmp_path.iterdir())


def test_what_is_shown_of_wrong_data_stays_on_its_line():
    with pytest.raises(ag.DataError, match=r"^data .*ndarray array\(\[\['a'\], \['b'\]\].*$"):
        Tensor(np.array([["a"], ["b"]]))


@pytest.mark.parametrize("module", [ag.linalg, ag.fft])
def test_what_nobody_has_is_missed_in_the_module_that_was_asked(module):
    with pytest.raises(AttributeError, match=rf"^module '{module.__name__}' has no attribute 'o"):
        _ = module.other


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.ATTRIBUTES))
def test_a_method_of_another_library_is_answered_with_ours(library, word, instead):
    for node in (Tensor(2.0), Tensor(np.ones((2, 2))), Tensor):
        with pytest.raises(AttributeError) as caught:
            getattr(node, word)
        assert isinstance(caught.value, ag.MissingNameError)
        assert f"a word of {library}: write {instead}" in str(caught.value)
        assert not hasattr(node, word)
        assert word not in dir(node)


def test_the_size_is_a_number_and_says_so_where_it_is_called():
    for node in (Tensor(2.0), Tensor(np.ones((2, 3))), Tensor(np.ones((2, 3))) * 2.0):
        for call in (lambda t: t.size(), lambda t: t.size(0), lambda t: print(*t.size())):
            with pytest.raises(ag.UnsupportedError, match=r"write t\.shape for t\.size\(\)"):
                call(node)
            with pytest.raises(ag.UnsupportedError, match=r"t\.size is the number of elements"):
                ag.compile(call)(node)
        count = np.size(node.data)
        assert type(node.size) is int
        assert (node.size, max(node.size, 0), getattr(node, "size")) == (count,) * 3  # noqa: B009
        assert node.size.bit_length() == count.bit_length()


@pytest.mark.parametrize(
    "instead",
    sorted({entry[2] for entry in entries(foreign.NAMES, foreign.LINALG, foreign.ATTRIBUTES)}),
)
def test_what_is_written_instead_exists(instead):
    node = Tensor(np.ones(2)) * 2.0
    owners = {"ag": ag, "np": np, "nn": nn, "t": node, "u": node}
    for owner, path in WRITTEN.findall(instead):
        found = owners[owner]
        for name in path.split(".")[1:]:
            found = getattr(found, name)


def test_the_words_that_a_tensor_answers_are_those_that_have_an_answer():
    answered = [word for _, word, _ in entries(foreign.ATTRIBUTES)]
    assert sorted(answered) == sorted(elsewhere.WORDS)


def test_other_librarys_words_are_found_where_they_are_imported():
    with pytest.raises(ImportError, match=r"jit, which is a word of JAX: write ag\.compile\(f\)"):
        from autograd import jit  # noqa: F401
    with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
        from autograd import nonsense  # noqa: F401
    from autograd import tensor

    assert tensor.Tensor is Tensor


def test_a_name_that_nobody_has_is_pythons_own_error():
    for owner in (ag, Tensor(1.0)):
        with pytest.raises(AttributeError, match="has no attribute 'reshpe'") as caught:
            owner.reshpe
        assert type(caught.value) is AttributeError
        assert (caught.value.name, caught.value.obj) == ("reshpe", owner)  # Python suggests by them


def test_a_name_of_numpys_is_there_or_says_what_to_write():
    names = [n for n in dir(np) if not n.startswith("_")]
    missing = [n for n in names if not hasattr(ag, n)]  # which takes any other error for a failure
    assert {"pi", "newaxis", "typecodes", "r_", "asanyarray"} <= set(missing)
    for name in missing:
        with pytest.raises(ag.MissingNameError, match=f"autograd has no {name}, .*: write "):
            getattr(ag, name)


def test_protocols_of_other_libraries_do_not_find_what_is_answered():
    t = Tensor(np.ones(3))
    assert "__array_interface__" not in vars(Tensor)
    assert getattr(t, "values", None) is None
    assert not hasattr(t, "to_numpy")
    assert not hasattr(t, "cpu")
    assert "view" not in pydoc.render_doc(Tensor, renderer=pydoc.plaintext)


def test_the_advice_computes_what_the_word_means_elsewhere():
    t, u = Tensor(np.array([[0.2, 0.9], [0.5, 0.4]])), Tensor(np.array([[2.0, 1.0], [0.5, 3.0]]))
    names = {"t": t, "u": u, "ag": ag, "np": np, "axis": 0, "low": 0.3, "high": 0.8, "shape": 4,
             "mask": t.data > 0.4, "value": 7.0, "index": np.array([[1, 0]]), "weight": 0.25,
             "k": 1}  # fmt: skip
    x, y = t.data, u.data
    right = {
        "view": x.ravel(), "unsqueeze": x[None], "clamp": np.clip(x, 0.3, 0.8), "mm": x @ y,
        "masked_fill": np.where(x > 0.4, 7.0, x), "gather": [[0.5, 0.9]], "topk": [[0.9], [0.5]],
        "lerp": x + 0.25 * (y - x), "rsqrt": x**-0.5, "silu": x / (1 + np.exp(-x)),
        "logit": np.log(x / (1 - x)), "logsigmoid": -np.log1p(np.exp(-x)), "xlogy": x * np.log(y),
        "ndtr": [[statistics.NormalDist().cdf(v) for v in row] for row in x],
        "betaln": [[math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
                    for a, b in zip(*rows, strict=True)] for rows in zip(x, y, strict=True)],
    }  # fmt: skip
    known = {word: code for _, word, code in entries(foreign.NAMES, foreign.ATTRIBUTES)}
    for word, value in right.items():
        np.testing.assert_allclose(eval(known[word], names).data, value, rtol=1e-12)


# ---- keywords that a function does not take

M = np.array([[0.2, 0.9], [0.5, 0.4]])

REFUSED = {
    "ag.sum dim= axis=": lambda t: ag.sum(t, dim=0),
    "ag.sum keepdim= keepdims=": lambda t: ag.sum(t, axis=0, keepdim=True),
    "ag.sum foo= it takes a=, axis=": lambda t: ag.sum(t, foo=0),
    "t.sum dim= axis=": lambda t: t.sum(dim=0),
    "t.mean dim= axis=": lambda t: t.mean(dim=0),
    "t.max keepdim= keepdims=": lambda t: t.max(keepdim=True),
    "t.max axs= axis=": lambda t: t.max(axs=0),
    "t.softmax dim= axis=": lambda t: t.softmax(dim=-1),
    "ag.softmax dim= axis=": lambda t: ag.softmax(t, dim=-1),
    "ag.concatenate dim= axis=": lambda t: ag.concatenate([t, t], dim=0),
    "ag.expand_dims dim= axis=": lambda t: ag.expand_dims(t, 0, dim=0),
    "t.sort dim= axis=": lambda t: t.sort(dim=0),
    "t.std unbiased= ddof=": lambda t: t.std(unbiased=True),
    "t.reshape device= leave it out": lambda t: t.reshape(4, device="cpu"),
    "ag.exp out= neither a Tensor": lambda t: ag.exp(t, out=M),
    "ag.exp where= ag.where": lambda t: ag.exp(t, where=M > 0.3),
    "ag.exp dim= it takes none": lambda t: ag.exp(t, dim=0),
    "ag.maximum out= neither a Tensor": lambda t: ag.maximum(t, t, out=M),
    "t.exp where= ag.where": lambda t: t.exp(where=M > 0.3),
    "t.exp foo= it takes none": lambda t: t.exp(foo=1),
    "t.dot foo= it takes none": lambda t: t.dot(t, foo=1),
    "np.exp where= ag.where": lambda t: np.exp(t, where=M > 0.3),
    "ag.linalg.norm dim= axis=": lambda t: ag.linalg.norm(t, dim=0),
    "ag.fft.rfft dim= axis=": lambda t: ag.fft.rfft(t, dim=0),
    "ag.grad argnum= argnums=": lambda t: ag.grad(np.sum, argnum=0),
    "ag.gate backward= it takes": lambda t: ag.gate(np.exp, local=np.exp, backward=np.exp),
    "ag.compile static_argnums= leave it out": lambda t: ag.compile(np.sum, static_argnums=0),
    "t.backward retain_graph= leave it out": lambda t: t.sum().backward(retain_graph=True),
}
"""What is called, and in its error: the function, the keyword, what to write."""


@pytest.mark.parametrize("told", REFUSED)
def test_an_unknown_keyword_is_answered_with_the_one_to_write(told):
    function, keyword, instead = told.split(" ", 2)
    t = Tensor(M)
    for _ in range(2):  # what is written out at first use answers the same
        with pytest.raises(
            ag.UnsupportedError, match=re.escape(f"{function}() does not take {keyword}")
        ) as caught:
            REFUSED[told](t)
        assert instead in str(caught.value)
        assert isinstance(caught.value, TypeError)


SPACES = {"ag": ag, "ag.linalg": ag.linalg, "ag.fft": ag.fft}


@pytest.mark.parametrize("space", SPACES)
def test_every_public_function_answers_an_unknown_keyword_itself(space):
    for name in SPACES[space].__all__:
        function = getattr(SPACES[space], name)
        if isinstance(function, type) or name == "gate":  # which waits for its function
            continue
        required = 1
        if not isinstance(function, ag.Gate) and function.__module__.startswith("autograd"):
            parameters = inspect.signature(function).parameters.values()
            required = sum(p.default is p.empty and p.kind < p.VAR_POSITIONAL for p in parameters)
            if any(p.kind is p.VAR_KEYWORD for p in parameters):  # which it hands on
                continue
        with pytest.raises(ag.AutogradError, match="nonsense"):
            function(*[Tensor(M)] * required, nonsense=3)


def test_methods_answer_an_unknown_keyword_themselves():
    t, takes = Tensor(M), {"dot": (M,), "partition": (0,), "argpartition": (0,)}
    plain = {"item", "detach", "numpy", "zero_grad"}  # of no argument at all
    for name in sorted(n for n in dir(t) if not n.startswith("_") and n not in plain):
        method = getattr(t, name)
        if callable(method):
            parameters = inspect.signature(method).parameters.values()
            required = [0 for p in parameters if p.default is p.empty and p.kind < p.VAR_POSITIONAL]
            with pytest.raises(ag.AutogradError, match=r"nonsense|would write into"):
                method(*takes.get(name, required), nonsense=3)


def test_options_at_their_defaults_are_taken():
    t = Tensor(M)
    np.testing.assert_array_equal(ag.exp(t, out=None, where=True).data, np.exp(M))
    np.testing.assert_array_equal(t.exp(dtype=None).data, np.exp(M))


def test_what_is_written_out_has_the_signature_and_the_words_of_the_function():
    for f in (ag.sum, Tensor.sum, Tensor(M).sum, ag.linalg.norm):
        assert "axis" in inspect.signature(f).parameters
        assert "_unknown" not in inspect.signature(f).parameters
        assert f.__doc__
    assert ag.sum.__name__ == "sum"
    with pytest.raises(TypeError, match=r"sum\(\) missing 1 required positional argument: 'a'"):
        ag.sum()


# ---- functions of SciPy

U = np.array([[2.0, 1.0], [0.5, 3.0]])
SYMMETRIC = np.array([[2.0, 0.5], [0.5, 1.0]])
ARGUMENTS = {
    "polygamma": (2, M), "cho_solve": ((np.linalg.cholesky(SYMMETRIC), True), M),
    "gamma.logpdf": (U, M), "beta.logpdf": (M, U, U), "poisson.logpmf": ([1, 4], U),
    "bernoulli.logpmf": ([0, 1], M),
    **dict.fromkeys(("beta", "betaln", "kl_div", "rel_entr", "xlog1py", "xlogy", "kron"), (M, U)),
    **dict.fromkeys(("solve", "solve_triangular", "lstsq"), (SYMMETRIC, M)),
    **dict.fromkeys(("cholesky", "eigh", "eigvalsh", "cho_factor"), (SYMMETRIC,)),
}  # fmt: skip
"""What functions of SciPy's are called with, those that M alone will not do for."""


def of_scipy(path):
    special, linalg, stats = (
        pytest.importorskip(f"scipy.{part}") for part in ("special", "linalg", "stats")
    )
    name, _, method = path.partition(".")
    if method:
        return getattr(getattr(stats, name), method)
    if name == "sinc":
        return None  # which is NumPy's
    return getattr(special if hasattr(special, name) else linalg, name, None)


@pytest.mark.parametrize("path", scipys.SCIPY)
def test_a_function_of_scipys_is_answered_with_what_keeps_the_gradient(path):
    function = of_scipy(path)
    if function is None:
        return
    given = [Tensor(a) if type(a) is np.ndarray else a for a in ARGUMENTS.get(path, (M,))]
    if path == "cho_solve":
        given[0] = (Tensor(given[0][0]), True)
    with pytest.raises(ag.AutogradError) as caught:
        function(*given)
    assert f"write {scipys.SCIPY[path]}" in str(caught.value)
    assert "np.erf" not in str(caught.value)


FORMULAS = [
    path for path, code in scipys.SCIPY.items()
    if "..." not in code and path not in ("block_diag", "cho_factor", "sinc", "polygamma", "kron")
]  # fmt: skip


@pytest.mark.parametrize("path", FORMULAS)
def test_the_formula_is_that_of_scipys_function(path):
    function = of_scipy(path)
    if function is None:
        pytest.skip("this SciPy has no such function")
    arguments = [np.asarray(a, float) for a in ARGUMENTS.get(path, (M,))]
    names = dict(zip("tu", map(Tensor, arguments), strict=False)) | {"ag": ag, "np": np}
    shift = {}
    if "." in path:
        order = {"beta": "xab", "gamma": "xa", "poisson": ("k", "mu"), "bernoulli": "kp"}
        first = order.get(path.partition(".")[0], "x")
        names |= {n: Tensor(a) for n, a in zip(first, arguments, strict=True)}
        code = scipys.SCIPY[path]
        if code.startswith(scipys.Z):
            shift = {"loc": 0.1, "scale": 1.5}
            names |= shift
            names["z"] = (names["x"] - 0.1) / 1.5
    found = eval(scipys.SCIPY[path].removeprefix(scipys.Z), names)
    np.testing.assert_allclose(found.data, function(*arguments, **shift), rtol=1e-9)
    assert found.requires_grad


def test_a_function_of_scipys_without_an_answer_is_named_as_its_own():
    special = pytest.importorskip("scipy.special")
    with pytest.raises(ag.UnsupportedError, match=r"^scipy\.special\.jv has no rule"):
        special.jv(0, Tensor(M))
    own = np.frompyfunc(lambda a: a, 1, 1)
    with pytest.raises(ag.UnsupportedError, match=r"^<lambda> \(vectorized\) has no rule"):
        own(Tensor(M))


def test_inside_of_a_transform_a_function_of_scipys_is_answered_too():
    linalg = pytest.importorskip("scipy.linalg")
    with pytest.raises(ag.DataError, match=r"write ag\.linalg\.solve_triangular"):
        ag.grad(lambda b: linalg.solve_triangular(SYMMETRIC, b).sum())(M)
