"""What other libraries call what is here: the answers to names and keywords that are not.

Loaded when one is asked for that does not exist. A table has a library's word and what to write
instead, in which `t` and `u` stand for Tensors and `f` for a function.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import numpy as np

from autograd.errors import MissingImportError, MissingNameError, UnsupportedError

__all__ = [
    "ATTRIBUTES", "FFT", "KEYWORDS", "LINALG", "NAMES", "Words", "missing", "missing_attribute",
    "unknown_keyword",
]  # fmt: skip

Words = Mapping[str, Mapping[str, str]]
"""A library, and of each word of it what to write instead."""

LEAF = "np.{0}(...) for a constant, ag.Tensor(np.{0}(...)) for a leaf that is differentiated"
GATE = "ag.gate(forward, vjp=...), which is a decorator too"

MEMORY = "nothing: arrays are NumPy's, in the computer's memory"

BIAS = {n: f" + b[:{', None' * n}] with a bias b" for n in (1, 2, 3)}
"""What an image of so many axes is given besides."""

EITHER = {
    **dict.fromkeys(("cuda", "device"), MEMORY),
    "unsqueeze": "np.expand_dims(t, axis)",
    "masked_fill": "ag.where(mask, value, t)",
    "masked_select": "t[mask]",
    "gather": "np.take_along_axis(t, index, axis)",
    "chunk": "np.split(t, range(k, t.shape[axis], k), axis), of k entries each",
    "unbind": "list(t)",
    "topk": "np.sort(t)[..., ::-1][..., :k]",
    "numel": "t.size",
    **dict.fromkeys(("mm", "bmm", "mv"), "t @ u"),
    "lerp": "t + weight * (u - t)",
    "rsqrt": "1 / np.sqrt(t)",
    "sub": "t - u",
    "mul": "t * u",
    "div": "t / u",
    "neg": "-t",
    "norm": "ag.linalg.norm(t)",
    "det": "ag.linalg.det(t)",
    "inverse": "ag.linalg.inv(t)",
    "silu": "t * ag.sigmoid(t)",
}
"""Words of PyTorch that are functions and methods there."""

NAMES: Words = {
    "JAX": {
        "jit": "ag.compile(f)",
        "jacfwd": 'ag.jacobian(f, mode="forward")',
        "jacrev": 'ag.jacobian(f, mode="reverse")',
        "linearize": "out, tangent = ag.jvp(f, primals, tangents)",
        "linear_transpose": "out, pullback = ag.vjp(f, *primals)",
        "custom_vjp": GATE,
        "custom_jvp": "ag.gate(forward, vjp=..., jvp=...), which is a decorator too",
        "make_jaxpr": "fast = ag.compile(f), call it, and print(fast.program)",
        "remat": "ag.checkpoint(f)",
        "pmap": "ag.compile(f)",
        "device_put": "the array itself: arrays are NumPy's, in the computer's memory",
        "device_get": "t.data",
        "lax": "np.where for select and cond, Python's own loops and ifs for the rest",
        "random": "np.random.default_rng(seed), whose arrays are constants",
        "tree_map": "nested lists, tuples and dicts as they are: every transform takes them",
        "tree_util": "nested lists, tuples and dicts as they are: every transform takes them",
        "debug": "print(t): values are there while the function runs",
        "one_hot": "np.eye(n)[classes]",
        "expit": "ag.sigmoid(t)",
    },
    "HIPS autograd": {
        "elementwise_grad": "ag.grad(lambda x: np.sum(f(x)))",
        "egrad": "ag.grad(lambda x: np.sum(f(x)))",
        "deriv": "ag.grad(f)",
        "grad_named": "ag.grad(f, argnums=0)",
        "grad_and_aux": "ag.grad(f, has_aux=True)",
        "multigrad_dict": "ag.grad(f), which takes nested lists, tuples and dicts",
        "holomorphic_grad": "real and imaginary parts as two Tensors: nodes are real",
        "make_vjp": "out, pullback = ag.vjp(f, *primals)",
        "make_jvp": "out, tangent = ag.jvp(f, primals, tangents)",
        "make_jvp_reversemode": "out, tangent = ag.jvp(f, primals, tangents)",
        "make_hvp": "ag.hvp(f, x, v)",
        "make_ggnvp": "ag.jvp of the inner function, and ag.vjp of it with what comes out",
        "hessian_vector_product": "ag.hvp(f, x, v)",
        "hessian_tensor_product": "ag.hvp(f, x, v)",
        "vector_jacobian_product": "out, pullback = ag.vjp(f, *primals)",
        "tensor_jacobian_product": "out, pullback = ag.vjp(f, *primals)",
        "jacobian_vector_product": "out, tangent = ag.jvp(f, primals, tangents)",
        "primitive": GATE,
        "defvjp": GATE,
        "defjvp": "ag.gate(forward, vjp=..., jvp=...), which is a decorator too",
        "numpy": "import numpy as np: NumPy's own functions take Tensors",
        "scipy": "ag.erf, ag.gammaln, ag.digamma, ag.logsumexp, ag.linalg.solve_triangular, ...",
        "differential_operators": "ag.grad, ag.jacobian, ag.hessian, ag.hvp",
        "test_util": "ag.gradcheck(f, *inputs)",
        "check_grads": "ag.gradcheck(f, *inputs)",
    },
    "PyTorch": {
        **EITHER,
        **{f"conv{n}d": f"ag.conv(t, w){BIAS[n]}" for n in (1, 2, 3)},
        **{f"conv_transpose{n}d": f"ag.conv_transpose(t, w){BIAS[n]}" for n in (1, 2, 3)},
        **{f"max_pool{n}d": "ag.max_pool(t, kernel_size)" for n in (1, 2, 3)},
        **{f"avg_pool{n}d": "ag.avg_pool(t, kernel_size)" for n in (1, 2, 3)},
        "tensor": "ag.Tensor(data)",
        "as_tensor": "ag.Tensor(data)",
        "asarray": "ag.Tensor(data)",
        "from_numpy": "ag.Tensor(array), which shares its memory",
        "is_tensor": "isinstance(t, ag.Tensor)",
        "Function": GATE,
        "functional": "ag.jacobian, ag.hessian, ag.hvp, ag.vjp, ag.jvp",
        "func": "ag.grad, ag.jacobian, ag.hessian, ag.hvp, ag.vjp, ag.jvp",
        "enable_grad": "a block less: recording is on outside of ag.no_grad()",
        "set_grad_enabled": "with ag.no_grad(): ...",
        "inference_mode": "with ag.no_grad(): ...",
        "set_detect_anomaly": "with ag.detect_anomaly(): ...",
        "nn": "import nn",
        "optim": "from nn import optim",
        "manual_seed": "rng = np.random.default_rng(seed): everything random takes rng",
        "float32": "np.float32",
        "float64": "np.float64",
        "int64": "np.int64",
        **{name: LEAF.format(name) for name in ("arange", "empty", "eye", "ones", "zeros")},
        "rand": "ag.Tensor(np.random.default_rng(seed).random(shape))",
        "randn": "ag.Tensor(np.random.default_rng(seed).standard_normal(shape))",
        "randint": "np.random.default_rng(seed).integers(low, high, shape)",
        "rand_like": "np.random.default_rng(seed).random(t.shape)",
        "randn_like": "np.random.default_rng(seed).standard_normal(t.shape)",
        "cat": "np.concatenate([t, u], axis=0)",
        "permute": "np.transpose(t, axes)",
        "clamp": "ag.clip(t, low, high)",
        "index_select": "np.take(t, index, axis)",
        "addmm": "c + t @ u",
        **{
            name: f"ag.linalg.{name}(t)"
            for name in ("cholesky", "eigh", "inv", "pinv", "qr", "slogdet", "svd")
        },
        "solve": "ag.linalg.solve(t, u)",
        "logit": "np.log(t) - np.log1p(-t)",
        "logsigmoid": "-ag.softplus(-t)",
        "expm": "a sum of its series, or of ag.linalg.eigh of a symmetric matrix",
        **{
            name: f"nn.{name}(t), with import nn"
            for name in ("elu", "gelu", "leaky_relu", "prelu", "selu")
        },
        **{
            name: f"nn.losses.{ours}(prediction, target), with import nn"
            for name, ours in (
                ("binary_cross_entropy", "binary_cross_entropy"),
                ("binary_cross_entropy_with_logits", "binary_cross_entropy"),
                ("cross_entropy", "cross_entropy"),
                ("huber_loss", "huber"),
                ("kl_div", "kl_divergence"),
                ("l1_loss", "l1"),
                ("mse_loss", "mse"),
                ("multi_margin_loss", "multiclass_hinge"),
                ("nll_loss", "cross_entropy"),
                ("smooth_l1_loss", "huber"),
            )
        },
        "dropout": "nn.Dropout(p, rng=0), with import nn",
        "linear": "t @ weight + bias",
        "flatten": "np.ravel(t)",
        "movedim": "np.moveaxis(t, source, destination)",
        "take_along_dim": "np.take_along_axis(t, index, axis)",
        "cummax": "np.maximum.accumulate(t, axis)",
        "cummin": "np.minimum.accumulate(t, axis)",
        "logcumsumexp": "np.logaddexp.accumulate(t, axis)",
        "logdet": "ag.linalg.slogdet(t)[1]",
        "matrix_power": "ag.linalg.matrix_power(t, n)",
        "sgn": "np.sign(t)",
        "trapz": "np.trapezoid(t, x)",
        "xlogy": "t * np.log(ag.where(t == 0, 1.0, u))",
    },
    "TensorFlow": {
        "GradientTape": "ag.value_and_grad(f)(x), or f.backward() and then x.grad",
        "Variable": "ag.Tensor(data)",
        "constant": "the number or array as it is",
        "convert_to_tensor": "ag.Tensor(data)",
        "function": "ag.compile(f)",
        "custom_gradient": GATE,
        "cast": "t.astype(dtype)",
        "gradients": "ag.grad(f)",
        "math": "np.exp and NumPy's other functions, which take Tensors",
        **{
            f"reduce_{name}": f"ag.{name}(t, axis=...)"
            for name in ("max", "mean", "min", "prod", "std", "sum")
        },
        "reduce_variance": "ag.var(t, axis=...)",
        "reduce_logsumexp": "ag.logsumexp(t, axis=...)",
    },
    "MyGrad": {
        "no_autodiff": "ag.no_grad()",
        "astensor": "ag.Tensor(data)",
        "Operation": GATE,
    },
    "micrograd": {"Value": "ag.Tensor(2.0)", "Neuron": "nn.Neuron", "MLP": "nn.MLP"},
    "NumPy": {
        "r_": "np.concatenate([t, u]), or np.append(t, 1.0)",
        "c_": "np.column_stack([t, u])",
        "row_stack": "np.vstack([t, u])",
    },
    "SciPy": {
        "psi": "ag.digamma(t)",
        "loggamma": "ag.gammaln(t)",
        "betaln": "ag.gammaln(t) + ag.gammaln(u) - ag.gammaln(t + u)",
        "ndtr": "0.5 * ag.erfc(-t / np.sqrt(2))",
    },
}
"""What is asked for as ``ag.<word>``."""

IN_PLACE = "{0} as a new node, or for a leaf between two passes t.data = ..."
ATTRIBUTES: Words = {
    "NumPy": {
        **{word: f"t.data.{word}" for word in ("base", "ctypes", "flags")},
        **{word: f"t.data.{word}(...)" for word in ("byteswap", "getfield", "setflags", "tofile")},
        "dump": "np.save(file, t.data)",
        "dumps": "t.data.tobytes()",
        "setfield": "nothing: a Tensor is not written in place",
        "tobytes": "t.data.tobytes()",
        "to_device": MEMORY,
    },
    "PyTorch": {
        **EITHER,
        "view": "t.reshape(shape)",
        "view_as": "t.reshape(u.shape)",
        "reshape_as": "t.reshape(u.shape)",
        "permute": "t.transpose(axes)",
        "t": "t.T",
        "clamp": "t.clip(low, high)",
        "clamp_min": "np.maximum(t, low)",
        "clamp_max": "np.minimum(t, high)",
        **dict.fromkeys(("cpu", "is_cuda", "to"), MEMORY),
        "contiguous": MEMORY,
        "is_contiguous": 't.data.flags["C_CONTIGUOUS"]',
        "data_ptr": "t.data.ctypes.data",
        "requires_grad_": "t.requires_grad = True",
        "retain_grad": "nothing: backward keeps .grad of every node",
        "register_hook": "ag.trace(f), whose steps hold every gradient",
        "grad_fn": "t.gate and t.inputs",
        "detach_": "t.detach()",
        "clone": "t.copy()",
        "dim": "t.ndim",
        "ndimension": "t.ndim",
        "nelement": "t.size",
        "type_as": "t.astype(u.dtype)",
        "type": "t.dtype, and t.astype(dtype) for another",
        "float": "t.astype(np.float32)",
        "double": "t.astype(np.float64)",
        "half": "t.astype(np.float16)",
        "int": "t.data.astype(np.int32): integers have no gradient",
        "long": "t.data.astype(np.int64): integers have no gradient",
        "bool": "t.data.astype(bool)",
        "expand": "np.broadcast_to(t, shape)",
        "expand_as": "np.broadcast_to(t, u.shape)",
        "repeat_interleave": "t.repeat(n, axis)",
        "tile": "np.tile(t, n)",
        "where": "ag.where(mask, t, u)",
        "index_select": "t.take(index, axis)",
        "select": "t[i]",
        "narrow": "t[start:stop]",
        **dict.fromkeys(
            ("scatter", "scatter_add", "index_add"),
            "one_hot.T @ u, where one_hot[i, place[i]] = 1, and add it",
        ),
        "split": "np.split(t, places, axis)",
        "tensor_split": "np.array_split(t, n, axis)",
        "add": "t + u",
        "subtract": "t - u",
        "multiply": "t * u",
        "true_divide": "t / u",
        "pow": "t**u",
        "matmul": "t @ u",
        "addmm": "t + u @ v",
        "addcmul": "t + u * v",
        "erf": "ag.erf(t)",
        "amax": "t.max(axis)",
        "amin": "t.min(axis)",
        "eq": "t == u",
        "ne": "t != u",
        "lt": "t < u",
        "le": "t <= u",
        "gt": "t > u",
        "ge": "t >= u",
        **{
            name: f"np.{name}(t)"
            for name in (
                "ceil", "cos", "cosh", "expm1", "flip", "floor", "isinf", "isnan", "log10",
                "log1p", "log2", "logical_not", "sign", "sin", "sinh", "tan", "tril", "triu",
            )
        },
        **{name: f"np.arc{name[1:]}(t)" for name in ("acos", "asin", "atan")},
        **{
            name: f"np.{name}(t, u)" for name in ("cross", "kron", "maximum", "minimum", "outer")
        },
        **{
            f"{name}_": IN_PLACE.format(code)
            for name, code in {
                "abs": "abs(t)", "add": "t + u", "sub": "t - u", "mul": "t * u", "div": "t / u",
                "pow": "t**u", "neg": "-t", "exp": "t.exp()", "log": "t.log()", "sqrt": "t.sqrt()",
                "sigmoid": "t.sigmoid()", "tanh": "t.tanh()", "relu": "t.relu()",
                "clamp": "t.clip(low, high)", "unsqueeze": "np.expand_dims(t, axis)",
                "masked_fill": "ag.where(mask, value, t)", "scatter": "one_hot.T @ u",
                "scatter_add": "t + one_hot.T @ u", "fill": "ag.Tensor(np.full(shape, value))",
                "copy": "u", "normal": "ag.Tensor(rng.normal(size=shape))",
                "zero": "ag.Tensor(np.zeros(shape))",
            }.items()
        },
    },
    "JAX": {
        "at": "ag.where(mask, value, t), or np.concatenate of the parts",
        "block_until_ready": "nothing: a value is there when the call returns",
    },
    "TensorFlow": {
        "assign": "t.data = value",
        "assign_add": "t.data += value",
        "assign_sub": "t.data -= value",
    },
    "pandas": {
        "values": "t.data",
        "to_numpy": "t.data",
        **dict.fromkeys(("iat", "iloc", "loc"), "t[i]"),
    },
    "MyGrad": {
        "creator": "t.gate",
        "constant": "not t.requires_grad",
        "null_grad": "t.zero_grad()",
        "null_gradients": "t.zero_grad() of each leaf",
    },
    "micrograd": {"value": "t.data", "_prev": "t.inputs", "_op": "t.gate.name"},
}  # fmt: skip
"""What is asked for as ``t.<word>``, of a Tensor."""

FACTORS = "L = ag.linalg.cholesky(t), and ag.linalg.cho_solve((L, True), u)"

SYMMETRIC = "of a symmetric t (V * f(w)) @ V.T, where w, V = ag.linalg.eigh(t)"

LINALG: Words = {
    "SciPy": {
        "cho_factor": FACTORS,
        **dict.fromkeys(("lu_factor", "lu_solve"), "ag.linalg.solve(t, u)"),
        "block_diag": "np.block of the parts and of zeros",
        **dict.fromkeys(("expm", "logm", "sqrtm"), SYMMETRIC),
    },
    "PyTorch": {
        **dict.fromkeys(("inv_ex", "inverse"), "ag.linalg.inv(t)"),
        "cholesky_ex": "ag.linalg.cholesky(t)",
        "cholesky_solve": FACTORS,
        "matrix_exp": SYMMETRIC,
    },
}
"""What is asked for as ``ag.linalg.<word>``."""

FFT: Words = {}
"""What is asked for as ``ag.fft.<word>``: no library has other words."""

KEYWORDS: dict[str, str] = {
    "dim": "axis", "dims": "axis", "axes": "axis", "dim0": "axis1", "dim1": "axis2",
    "keepdim": "keepdims", "keep_dims": "keepdims", "argnum": "argnums", "a_min": "min",
    "a_max": "max", "static_argnums": "leave it out: integers, strings and None are static",
    "static_argnames": "leave it out: integers, strings and None are static",
    "retain_graph": "leave it out: a graph stays, and backward can be called again",
    "device": MEMORY.replace("nothing", "leave it out"), "correction": "ddof", "unbiased": "ddof",
    "repeats": "reps",
    "descending": "np.flip(sorted, axis) around it", "stable": 'kind="stable"',
    "out": "a = a + t and the like: neither a Tensor nor an array takes a Tensor's result",
    "where": "ag.where(mask, result, other) around it",
    "dtype": "t.astype(dtype) first",
}  # fmt: skip
"""Keywords that functions do not take, and NumPy's words for them, or what to write."""


def find(words: Words, name: str) -> tuple[str, str] | None:
    """The library whose word it is, and what to write; None of a word that nobody has."""
    for library, entries in words.items():
        if name in entries:
            return library, entries[name]
    return None


def missing(module: ModuleType, name: str, words: Words, hint: str = "") -> Exception:
    """The error of a name that a module does not have.

    A MissingNameError where a library has the word, or where the name is being imported
    (``from autograd import jit``) a MissingImportError, since Python drops what an AttributeError
    says there; else an AttributeError like Python's own, for which it suggests a name.
    """
    own = module.__name__
    found = find(words, name)
    if found is None and words is NAMES:
        found = find(ATTRIBUTES, name) or _numpys(name)
    if found is None:
        text = f"module {own!r} has no attribute {name!r}{hint}"
        return AttributeError(text, name=name, obj=module)
    text = f"{own} has no {name}, which is a word of {found[0]}: write {found[1]}"
    if f"{own}.{name}" not in sys.modules and _is_being_imported():
        return MissingImportError(text, name=own, path=module.__file__)
    return MissingNameError(text, name=name, obj=module)


def _numpys(name: str) -> tuple[str, str] | None:
    """What to write for a name of NumPy's that is no function with a rule: ``np.pi``."""
    if name.startswith("_") or not hasattr(np, name):
        return None
    value = getattr(np, name)
    plain = not callable(value) or isinstance(value, type)
    return "NumPy", f"np.{name}" if plain else f"np.{name}(...), which takes no Tensor"


def _is_being_imported() -> bool:
    """Whether it is the import machinery that asks for a module's attribute."""
    frame: Any = sys._getframe(3)
    code = frame.f_code
    return code.co_name == "_handle_fromlist" and "importlib" in code.co_filename


def missing_attribute(owner: Any, name: str) -> MissingNameError:
    """The error of a word of another library's that is asked of a Tensor or of its class."""
    found = find(ATTRIBUTES, name)
    assert found is not None
    text = f"a Tensor has no {name}, which is a word of {found[0]}: write {found[1]}"
    return MissingNameError(text, name=name, obj=owner)


def unknown_keyword(function: str, keyword: str, known: Collection[str]) -> UnsupportedError:
    """The error of a keyword that a function does not take.

    >>> print(unknown_keyword("sum", "dim", ["axis", "keepdims"]))
    sum() does not take dim=: write axis=
    """
    instead = KEYWORDS.get(keyword, "")
    near = get_close_matches(keyword, known, n=1, cutoff=0.7)
    if instead in known:
        advice = f"write {instead}="
    elif instead and not instead.isidentifier():
        advice = instead if instead.startswith("leave") else f"write {instead}"
    elif near:
        advice = f"did you mean {near[0]}=?"
    elif taken := [f"{word}=" for word in known if word != "out"]:
        advice = f"it takes {', '.join(taken)}"
    else:
        advice = "it takes none"
    return UnsupportedError(f"{function}() does not take {keyword}=: {advice}")
