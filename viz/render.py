"""Graphviz at work: in this process by pygraphviz, or by a `dot` on the path.

pygraphviz's wheels hold the Graphviz libraries, so nothing needs to be installed beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import lru_cache
from threading import Lock
from types import ModuleType

from .errors import RendererError
from .fontconfig import FAMILY, OWN_FAMILY, our_fonts, quiet

MISSING = (
    "no Graphviz here to lay the picture out: `pip install pygraphviz` (2.0 or later) brings it "
    "along, or put a `dot` on the path (apt-get install graphviz, brew install graphviz). "
    "picture.dot and print(viz.table(f)) need neither"
)

# Graphviz keeps its state in globals: one layout at a time.
_one_at_a_time = Lock()


def render(dot: str, suffix: str, engine: str = "dot") -> bytes:
    """The picture that `dot` describes, as "svg", "png" or "pdf".

    `engine` is the layout: "dot", or "neato" where the description has the places of its nodes.

    Raises
    ------
    RendererError : there is neither pygraphviz nor a `dot` on the path.
    """
    library = graphviz_library()
    if library is not None:
        with _one_at_a_time:
            _wake_up(library)
            return _lay_out(library, in_our_font(dot), suffix, engine)
    program = shutil.which("dot")
    if program is None:
        raise RendererError(MISSING)
    return _run(program, dot, suffix, engine)


def trimmed_pdf(dot: str) -> bytes:
    """The PDF of a description, without the margin that a page of its own has."""
    return render(dot.replace("graph [", "graph [margin=0 ", 1), "pdf")


def in_our_font(dot: str) -> str:
    """The description set in the package's font; macOS lays out with its own Helvetica."""
    if sys.platform == "darwin":
        return dot
    return dot.replace(f'fontname="{FAMILY}"', f'fontname="{OWN_FAMILY}"')


@lru_cache(maxsize=1)
def graphviz_library() -> ModuleType | None:
    """pygraphviz, if it is installed and brings its own Graphviz."""
    try:
        import pygraphviz
    except (ImportError, OSError):
        return None
    return pygraphviz if hasattr(pygraphviz.agraph.gv, "gvContextWithBuiltins") else None


@lru_cache(maxsize=1)
def _wake_up(library: ModuleType) -> None:
    """The first layout, of nothing much, in which fontconfig reads its settings."""
    with our_fonts(), quiet():
        _lay_out(library, f'digraph {{ a [fontname="{OWN_FAMILY}"] }}', "svg")


def _lay_out(library: ModuleType, dot: str, suffix: str, engine: str = "dot") -> bytes:
    # Not AGraph.draw: it writes to standard error about graphs of more than 1,000 nodes.
    gv = library.agraph.gv
    graph = library.AGraph(string=dot)
    context = gv.gvContextWithBuiltins()
    try:
        if gv.gvLayout(context, graph.handle, engine.encode()):
            raise RendererError("Graphviz could not lay this graph out")
        try:
            failed, data = gv.gvRenderData(context, graph.handle, suffix.encode())
        finally:
            gv.gvFreeLayout(context, graph.handle)
    finally:
        graph.close()
        gv.gvFreeContext(context)
    if failed:
        raise RendererError(f"this Graphviz cannot write {suffix}")
    return data


def _run(program: str, dot: str, suffix: str, engine: str) -> bytes:
    done = subprocess.run(
        [program, f"-T{suffix}", f"-K{engine}"],
        input=dot.encode(), capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode or not done.stdout:
        raise RendererError(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
