"""Graphviz at work, where `layout="dot"` asks for it: in this process, or by a `dot` on the path.

pygraphviz's wheels hold the Graphviz libraries, so nothing needs to be installed beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import lru_cache
from threading import Lock
from types import ModuleType

from viz.errors import RendererError
from viz.faces import OWN_FAMILY

from .fontconfig import our_fonts, quiet
from .tables import FAMILY

MISSING = (
    "no Graphviz here for layout='dot': `pip install pygraphviz` (2.0 or later) brings it along, "
    "or put a `dot` on the path (apt-get install graphviz, brew install graphviz). "
    "layout='gategrad', the default, needs neither"
)

# Graphviz keeps its state in globals: one layout at a time.
_one_at_a_time = Lock()


def render(dot: str) -> bytes:
    """The picture that `dot` describes, as Graphviz's SVG.

    Raises
    ------
    RendererError : there is neither pygraphviz nor a `dot` on the path.
    """
    library = graphviz_library()
    if library is not None:
        with _one_at_a_time:
            _wake_up(library)
            return _lay_out(library, in_our_font(dot))
    program = shutil.which("dot")
    if program is None:
        raise RendererError(MISSING)
    return _run(program, dot)


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
        _lay_out(library, f'digraph {{ a [fontname="{OWN_FAMILY}"] }}')


def _lay_out(library: ModuleType, dot: str) -> bytes:
    # Not AGraph.draw: it writes to standard error about graphs of more than 1,000 nodes.
    gv = library.agraph.gv
    graph = library.AGraph(string=dot)
    context = gv.gvContextWithBuiltins()
    try:
        if gv.gvLayout(context, graph.handle, b"dot"):
            raise RendererError("Graphviz could not lay this graph out")
        try:
            failed, data = gv.gvRenderData(context, graph.handle, b"svg")
        finally:
            gv.gvFreeLayout(context, graph.handle)
    finally:
        graph.close()
        gv.gvFreeContext(context)
    if failed:
        raise RendererError("this Graphviz cannot write SVG")
    return data


def _run(program: str, dot: str) -> bytes:
    done = subprocess.run(
        [program, "-Tsvg"],
        input=dot.encode(), capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode or not done.stdout:
        raise RendererError(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
