"""Promises about what imports what. Every import counts: one at the top of a file, one inside a
function, one for type checkers alone, and those of files that only type checkers read.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz", "gategrad")


class Import(NamedTuple):
    """Where it stands, what it names, and the function that it is in, or an empty text."""

    line: int
    target: str
    inside: str


def modules(package: str) -> dict[str, Path]:
    """The files of a package by their names; a `.pyi` only where there is no file that runs."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py*")):
        if path.suffix == ".py" or (path.suffix == ".pyi" and not path.with_suffix(".py").exists()):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = {name: path for package in PACKAGES for name, path in modules(package).items()}


@cache
def imports(name: str) -> tuple[Import, ...]:
    """All imports of a module; `from a import b` names a.b where that is a module of ours."""
    path = MODULES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    return tuple(imports_of(path.read_text(encoding="utf-8"), package))


def imports_of(text: str, package: str, known: Mapping[str, object] = MODULES) -> Iterator[Import]:
    """The imports of a file in a package, in their order."""
    waiting: list[tuple[ast.AST, str]] = [(ast.parse(text), "")]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inside = inside or getattr(node, "name", "lambda")
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1]
            home = ".".join([*(parts if node.level else ()), *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{home}.{alias.name}"
                yield Import(node.lineno, whole if whole in known else home, inside)
        waiting += [(child, inside) for child in reversed([*ast.iter_child_nodes(node)])]


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The sets of modules of which each comes, by some way, to every other (Tarjan, 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = lowest[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
            if other in stack:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == index[name]:
            at = stack.index(name)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for name in graph:
        if name not in index:
            visit(name)
    return [circle for circle in found if len(circle) > 1 or circle[0] in graph[circle[0]]]


def where(name: str, one: Import) -> str:
    return f"{MODULES[name].relative_to(ROOT)}:{one.line} imports {one.target}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_has_an_import_circle(package):
    own = [name for name in MODULES if name.partition(".")[0] == package]
    graph = {name: {i.target for i in imports(name)} & set(own) for name in own}
    assert not circles(graph)


def test_circles_are_found_through_every_kind_of_import():
    """The checker itself: lazy imports, relative ones, and those for type checkers alone."""
    known = dict.fromkeys(("p", "p.a", "p.b", "p.c", "p.d"))
    texts = {
        "p": "from p import a",
        "p.a": "def f():\n    from p.b import x",
        "p.b": "if TYPE_CHECKING:\n    from . import c",
        "p.c": "import p.d\nfrom p.d import y",
        "p.d": "class A:\n    g = lambda: __import__('p')\n    from .a import z",
    }
    graph = {name: {i.target for i in imports_of(text, "p", known)} for name, text in texts.items()}
    assert circles(graph) == [["p.a", "p.b", "p.c", "p.d"]]
    assert circles({"p": {"p"}}) == [["p"]] and not circles({"p": {"q"}, "q": set()})


# ---- which package knows which

ALLOWED = {
    "autograd": {"autograd", "gategrad", "numpy", "jax", "numba", "onnx", "threadpoolctl", "torch"},
    "nn": {
        "autograd", "gategrad", "nn", "h5py", "numpy", "matplotlib", "pandas",
        "sklearn", "tensorboard", "torch", "tqdm",
    },
    "viz": {
        "autograd", "gategrad", "nn", "viz", "numpy", "PIL", "fontTools", "graphviz", "matplotlib",
        "docx", "pptx", "pygraphviz", "resvg_py",
    },
    "gategrad": {"autograd", "gategrad", "nn", "viz"},
}  # fmt: skip
"""The engine never knows its pictures, nor its networks. Of `gategrad`, which is a face over all
three, they know what is said where `autograd` is not ours."""

WHOLE = {
    "nn.estimators": "sklearn",
    "viz.plots.shown": "matplotlib",
    **{f"autograd.program.lowering.jax_{part}": "jax" for part in (
        "backend", "blocks", "devices", "draws", "loops", "scalars", "table", "tracer", "windows"
    )},
    **{f"autograd.program.lowering.onnx_{part}": "onnx" for part in ("export", "graph")},
    **{f"autograd.program.lowering.torch_{part}": "torch" for part in (
        "backend", "numbers", "places", "products", "reductions", "windows"
    )},
}  # fmt: skip
"""Modules that are written in another package's words throughout, and loaded when asked for."""

ELSEWHERE = {
    "h5py": {"nn.exchange.keras_files"},
    "jax": {name for name, package in WHOLE.items() if package == "jax"},
    "torch": {
        "autograd.exchange.torch_graph",
        "nn.exchange.torch_module",
        *(name for name, package in WHOLE.items() if package == "torch"),
    },
    "onnx": {
        "autograd.exchange.onnx_model",
        "autograd.exchange.onnx_operators",
        *(name for name, package in WHOLE.items() if package == "onnx"),
    },
    "numba": {"autograd.program.scalars.loops"},
    "threadpoolctl": {"autograd.program.threads"},
}
"""Packages that are used where they are installed, and the files that do."""


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package):
    wrong = [
        where(name, one)
        for name in MODULES
        if name.partition(".")[0] == package
        for one in imports(name)
        if one.target.partition(".")[0] not in ALLOWED[package] | sys.stdlib_module_names
    ]
    assert not wrong


def test_of_the_face_only_the_clash_is_known():
    known = {
        one.target
        for name in MODULES
        for one in imports(name)
        if name.partition(".")[0] != "gategrad" and one.target.startswith("gategrad")
    }
    assert known == {"gategrad.clash"}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_numpy_is_imported_at_the_top(package):
    """Whatever else is used is imported where it is used: it may not be installed. But a class
    needs its bases, and a table its functions: those of `WHOLE` are loaded when asked for.
    """
    wrong = [
        where(name, one)
        for name in MODULES
        if name.partition(".")[0] == package
        for one in imports(name)
        if (home := one.target.partition(".")[0]) not in {"numpy", WHOLE.get(name), *PACKAGES}
        and home not in sys.stdlib_module_names
        and not one.inside
        and not is_for_type_checkers(name, one)
    ]
    assert not wrong


def is_for_type_checkers(name: str, one: Import) -> bool:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.If)
        and "TYPE_CHECKING" in ast.unparse(node.test)
        and node.lineno < one.line <= (node.end_lineno or 0)
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("foreign", ELSEWHERE)
def test_packages_that_may_be_missing_are_used_in_one_place(foreign):
    users = {
        name for name in MODULES for one in imports(name) if one.target.partition(".")[0] == foreign
    }
    assert users == ELSEWHERE[foreign]


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_nn_and_viz_use_what_autograd_offers(package):
    """That is `autograd` itself, and `autograd.extend` for what is built upon it."""
    wrong = [
        where(name, one)
        for name in MODULES
        if name.partition(".")[0] == package
        for one in imports(name)
        if one.target.partition(".")[0] == "autograd"
        and one.target not in ("autograd", "autograd.extend")
    ]
    assert not wrong


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_imported_by_its_name_as_text(package):
    """But by the tables of public names, whose files say so: what they import is an index, and
    nothing in a package may ask the package itself for a name.
    """
    users = {
        name
        for name in MODULES
        if name.partition(".")[0] == package and any(i.target == "importlib" for i in imports(name))
    }
    assert users == INDEXES[package]


INDEXES = {
    "autograd": {
        "autograd", "autograd.extend", "autograd.families", "autograd.reference",
        "autograd.gates.special",  # of SciPy's functions
        "autograd.program.backend",  # of back ends
    },
    "nn": {"nn", "nn.homes"},
    "viz": {"viz"},
    "gategrad": {"gategrad"},  # of the three packages
}  # fmt: skip


# ---- imports inside functions: each has a reason, and a new one has to be argued for

LAZY: dict[str, dict[str, set[str]]] = {
    "an error or a page of help, which is read when it is asked for": {
        "autograd": {"autograd.foreign"},
        "autograd.data": {"autograd.strangers"},
        "autograd.elsewhere": {"autograd.foreign"},
        "autograd.extend": {"autograd.foreign"},
        "autograd.fft": {"autograd.foreign"},
        "autograd.keywords": {"autograd.foreign"},
        "autograd.leaving": {
            "autograd.families", "autograd.foreign", "autograd.numpy_api", "autograd.scipys"
        },
        "autograd.linalg": {"autograd.foreign"},
        "autograd.numpy_api": {"autograd.fft", "autograd.foreign", "autograd.scipys", "difflib"},
        "autograd.operators": {"autograd.pages"},
        "autograd.eager": {"autograd.foreign"},
        "nn": {"autograd.extend", "difflib", "nn.foreign"},
        "nn.losses": {"autograd.extend", "nn.foreign"},
        "nn.homes": {"autograd.extend", "nn.foreign"},
        "nn.module": {"nn.foreign", "nn.summaries", "nn.written"},
        "nn.names": {"nn.foreign"},
        "nn.optim": {"autograd.extend", "nn.foreign"},
        "nn.training.preparing": {"difflib", "nn.optim"},
    },
    "a module of Python's that takes long to import, and that few programs need": {
        "autograd.calling": {"dis", "inspect"},
        "autograd.gates.own": {"inspect"},
        "autograd.numpy_api": {"inspect"},
        "autograd.origins": {"linecache"},
        "autograd.trees": {"dataclasses"},
    },
    "a mode, a kind of pass or a picture that few programs use": {
        "autograd.loops": {"autograd.program.loop", "autograd.program.loop_step"},
        "autograd.modes": {"autograd.decorating"},
        "autograd.program.loop": {"autograd.forward"},
        "autograd.program.building": {
            "autograd.program.joined_graphs", "autograd.program.scalar_graphs",
        },
        "autograd.program.scalars.backend": {
            "autograd.program.scalars.loop_replay", "autograd.program.scalars.loops",
        },
        "autograd.program.tape": {"autograd.program.rule_gates"},
        "nn.__main__": {"nn.commands", "nn.console"},
        "nn.examples.delta_rule": {"nn.models.mlp"},
        "nn.models.autoencoders": {"nn.training"},
        "nn.optim.engine": {"autograd.extend"},
        "nn.training.callbacks": {"nn.names"},
        "viz.drawing": {"viz.derivation", "viz.dot.picture", "viz.programs"},
        "viz.stepper": {"viz.stepping.json_steps", "viz.stepping.contact_sheet"},
    },
    "a class of Matplotlib's, which may not be installed": {
        "viz.plots.canvas": {"viz.plots.shown"},
    },
    "the table of gates, which loads every family": {
        "autograd.program.numbers": {"autograd.families"},
    },
    "a language other than English": {
        "autograd.phrases": {"autograd.catalogues"},
    },
    "a gate's rule as an expression, which is read when it first meets Python floats": {
        "autograd.gates.registry": {"autograd.expression", "autograd.terms"},
        "autograd.direct": {"autograd.expression"},
    },
    "another library's files, which few programs read": {
        "nn.saving": {"nn.exchange.keras"},
    },
    "a network, which a picture of a graph does without": {
        "viz.modules": {"nn.calls", "nn.modes", "nn.module"},
        "viz.network.flow": {"nn.layers.linear", "nn.layers.maxout"},
        "viz.network.reading": {"nn.layers.linear", "nn.layers.maxout"},
        "viz.plots.inputs": {"nn"},
    },
}  # fmt: skip
"""What a function imports, by the reason and by the file. Packages that may be missing are imported
inside functions always."""


def test_imports_inside_functions_have_a_reason():
    allowed = {(name, to) for files in LAZY.values() for name, all_ in files.items() for to in all_}
    lazy = {
        (name, one.target)
        for name in MODULES
        for one in imports(name)
        if one.inside and one.target.partition(".")[0] in {*PACKAGES, *sys.stdlib_module_names}
    }
    new, gone = sorted(lazy - allowed), sorted(allowed - lazy)
    assert not new, "import it at the top, or say here why it cannot be"
    assert not gone, "drop it here"


# ---- the page for extensions


def test_the_page_for_extensions_tells_all_its_names_and_loads_none():
    """Above all not the compiler: whoever writes a gate has no use for it."""
    import autograd.extend

    told = set(re.findall(r"\w+", autograd.extend.__doc__))
    assert not set(autograd.extend.__all__) - told
    code = (
        "import sys, autograd; before = set(sys.modules); import autograd.extend;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["autograd.extend"]


def test_importing_nn_loads_no_compiler():
    code = "import sys, nn, nn.losses.softmax; print(*(m for m in sys.modules if '.program' in m))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not done.stdout.split()


def test_what_is_not_on_the_page_is_answered():
    import autograd.extend

    with pytest.raises(AttributeError, match=r"primitive, .* write ag\.gate\("):
        autograd.extend.primitive
    with pytest.raises(AttributeError, match=r"'autograd\.extend' has no attribute 'nothing'"):
        autograd.extend.nothing
