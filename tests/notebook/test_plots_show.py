"""In a notebook a plot shows below its cell, the first one too, and the user's own after it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent.parent


def shown(*cells):
    """What each cell shows, as media types to contents."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    )
    client.execute()
    return [
        [output.data for output in cell.outputs if "image/png" in output.get("data", {})]
        for cell in notebook.cells
    ]


def test_plots_show_once_and_settings_stay(monkeypatch):
    monkeypatch.delenv("MPLBACKEND")  # The kernel's own, as for a user.
    cells = shown(
        "import viz\nax = viz.plot_history({'loss': [2.0, 1.0]})",
        "viz.plot_function('sigmoid');",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(1, 2)\n"
        "viz.plot_function('tanh', ax=axes[0]);",
        "import nn\nviz.draw_network(nn.MLP(2, [3], 1, rng=0))",
    )
    assert [len(cell) for cell in cells] == [1, 1, 1, 1]
    follows = ["prefers-color-scheme" in data.get("image/svg+xml", "") for (data,) in cells]
    assert follows == [True, True, False, True]  # The figure of the user's own stays as it is.
