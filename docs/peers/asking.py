"""Evaluate expressions by one library: what `refresh_peers.py` runs in each library's environment.

    python asking.py LIBRARY < questions.json > answers.json

A question is an expression in Python and, for a derivative, the point, the order and the mode. This
file needs nothing but the library, whose `autograd` may be another package than ours.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
import warnings
from importlib.metadata import version
from typing import Any

if __package__:
    from docs.peers.stepping import law, stepper
else:  # as a script, in an environment where our packages are not
    from stepping import law, stepper

PACKAGES = {
    "gategrad": ("autograd", "nn", "numpy"),
    "PyTorch": ("torch",),
    "JAX": ("jax", "optax"),
    "Keras": ("keras", "jax"),
    "scikit-learn": ("sklearn", "sklearn.metrics", "sklearn.neural_network"),
    "HIPS autograd": ("autograd",),
    "MyGrad": ("mygrad",),
}
"""What an expression of a library may name, beside its short names."""

SHORT = {
    "gategrad": {"np": "numpy", "ag": "autograd", "optim": "nn.optim"},
    "PyTorch": {"np": "torch", "F": "torch.nn.functional"},
    "JAX": {"np": "jax.numpy"},
    "Keras": {"np": "keras.ops"},
    "scikit-learn": {"np": "numpy"},
    "HIPS autograd": {"np": "autograd.numpy"},
    "MyGrad": {"np": "mygrad", "activations": "mygrad.nnet.activations"},
}
"""Short names in a library's expressions; `np` is whatever has NumPy's names there."""

ABSENT = (AttributeError, NotImplementedError, ImportError)


def namespace(library: str) -> dict[str, Any]:
    """The names that the expressions of a library use."""
    if library == "JAX" or library == "Keras":
        os.environ["KERAS_BACKEND"] = "jax"
        os.environ["JAX_PLATFORMS"] = "cpu"
        importlib.import_module("jax").config.update("jax_enable_x64", True)
    names: dict[str, Any] = {"math": math, "library": library}
    for name in PACKAGES[library]:
        names[name.partition(".")[0]] = __import__(name)
    for short, name in SHORT[library].items():
        names[short] = importlib.import_module(name)
    names |= {"moves": stepper(names), "law": law}
    return names


def evaluate(question: dict[str, Any], names: dict[str, Any]) -> Any:
    """A number, text, or lists of them; None of what the library has not."""
    if question["code"] is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if "at" not in question:
                return plain(eval(question["code"], names))
            at = question["at"]
            letters = "x" if len(at) == 1 else "ab"
            f = eval(f"lambda {', '.join(letters)}: {question['code']}", names)
            how = DERIVATIVES[names["library"]]
            return plain(how(names, f, at, question["order"], question["mode"]))
        except ABSENT:
            return None
        except Exception as error:
            return f"raises {type(error).__name__}"


def plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, (str, int, float)) or value is None:
        return value
    value = value.detach() if hasattr(value, "detach") else value
    value = value.numpy() if hasattr(value, "numpy") else value
    value = value.data if hasattr(value, "gate") or hasattr(value, "creator") else value
    return value.tolist() if hasattr(value, "tolist") else float(value)


def ours(names: Any, f: Any, at: Any, order: int, mode: str) -> Any:
    ag, np = names["autograd"], names["numpy"]
    if mode == "forward":
        units = [[float(i == j) for i in range(len(at))] for j in range(len(at))]
        return [ag.jvp(f, tuple(at), tuple(unit))[1] for unit in units]
    if order == 2:
        return ag.grad(ag.grad(f))(*at)
    xs = [ag.Tensor(np.array(a)) for a in at]
    f(*xs).backward()
    return [0.0 * x.data if x.grad is None else x.grad for x in xs]


def torchs(names: Any, f: Any, at: Any, order: int, mode: str) -> Any:
    torch = names["torch"]
    xs = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in at]
    if mode == "forward":
        return torch.func.jacfwd(f, tuple(range(len(at))))(*xs)
    grad = torch.autograd.grad
    rest = {"allow_unused": True, "materialize_grads": True}
    keep = mode == "graph" or order == 2
    out = f(*xs)
    if not out.requires_grad:
        return [0.0 * x for x in xs]
    first = grad(out, xs, create_graph=keep, **rest)
    if order == 1:
        return first
    return grad(first[0], xs, **rest) if first[0].requires_grad else [0.0 * x for x in xs]


def jaxs(names: Any, f: Any, at: Any, order: int, mode: str) -> Any:
    jax = names["jax"]
    xs = [jax.numpy.array(a) for a in at]
    if mode == "forward":
        return jax.jacfwd(f, tuple(range(len(at))))(*xs)
    return jax.grad(jax.grad(f))(*xs) if order == 2 else jax.grad(f, tuple(range(len(at))))(*xs)


def hips(names: Any, f: Any, at: Any, order: int, mode: str) -> Any:
    autograd, np = names["autograd"], names["np"]
    xs = [np.array(a) for a in at]
    if mode == "forward":
        return [autograd.make_jvp(f, i)(*xs)(1.0)[1] for i in range(len(at))]
    if order == 2:
        return autograd.grad(autograd.grad(f))(*xs)
    return [autograd.grad(f, i)(*xs) for i in range(len(at))]


def mygrads(names: Any, f: Any, at: Any, order: int, mode: str) -> Any:
    if order == 2 or mode == "forward":
        return None
    xs = [names["mygrad"].tensor(a) for a in at]
    f(*xs).backward()
    return [0.0 * x.data if x.grad is None else x.grad for x in xs]


DERIVATIVES = {
    "gategrad": ours, "PyTorch": torchs, "JAX": jaxs, "Keras": jaxs, "HIPS autograd": hips,
    "MyGrad": mygrads,
}  # fmt: skip


def main() -> None:
    library = sys.argv[1]
    names = namespace(library)
    answers = [evaluate(question, names) for question in json.load(sys.stdin)]
    # autograd is another package than ours where HIPS' runs; ours is asked for as gategrad.
    packages = {
        "gategrad": ["numpy"], "PyTorch": ["torch"], "JAX": ["jax", "optax"],
        "Keras": ["keras", "jax"], "scikit-learn": ["scikit-learn"],
        "HIPS autograd": ["autograd"], "MyGrad": ["mygrad"],
    }[library]  # fmt: skip
    json.dump({"versions": {p: version(p) for p in packages}, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
