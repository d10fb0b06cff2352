"""What `nn` offers at run time, when names are asked for, and to type checkers, which read it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nn


def test_type_checkers_read_the_names_that_a_program_gets():
    tree = ast.parse(Path(nn.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and not node.orelse
                and ast.unparse(node.test) == "TYPE_CHECKING")  # fmt: skip
    homes = {alias.name: node.module for node in block.body for alias in node.names}
    assert sorted(homes) == sorted(nn.__all__)
    for name, home in homes.items():
        found = getattr(nn, name)
        if home == "nn":
            assert found.__name__ == f"nn.{name}"
        else:
            assert nn._HOMES[name] == home.removeprefix("nn.")


def test_importing_it_imports_little():
    code = (
        "import sys, nn; nn.MLP, nn.fit; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(nn.__file__).parent.parent,
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert not loaded & {"matplotlib", "scipy", "tqdm", "torch", "sklearn", "numba", "viz"}
