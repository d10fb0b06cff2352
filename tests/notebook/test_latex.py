"""Pictures in LaTeX: the files that are saved, and notebooks that nbconvert turns into it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from base64 import b64encode

import nbformat
import pytest
from nbconvert import LatexExporter
from nbconvert.preprocessors import SVG2PDFPreprocessor

import autograd as ag
import nn
import viz
from autograd import Tensor
from viz import examples
from viz.svg import size_of

HOSTILE = "50% $x$ #1 ~^\\_{}& \\input{x}"


def compiled(folder, name, engine="pdflatex"):
    """The PDF that LaTeX makes of a file, and its journal."""
    if shutil.which(engine) is None:
        pytest.skip(f"no {engine} here; .ci/run names the packages of Debian's that are used")
    done = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    pdf = (folder / name).with_suffix(".pdf").read_bytes()
    return pdf, done.stdout.decode(errors="replace")


def pictures():
    x, y = Tensor(0.5, name=r"\theta_{ij}"), Tensor(2.0, name=HOSTILE)
    yield viz.draw(examples.build("fork"), title="∇f ∈ ⟨x⟩: σ(θ) ≈ 10⁻⁷")
    yield viz.draw(ag.exp(x * y) ** x, title=HOSTILE, theme="dark")
    yield viz.draw(examples.build("sigmoid-neuron"), width="page", direction="TB")
    yield viz.draw(examples.build("matrix"), width=300)
    yield viz.draw_network(nn.MLP(2, [3], 1, rng=0))


def test_saved_documents_and_pictures_compile(tmp_path):
    """A document is as large as its picture; of several pictures one document is made."""
    paper = []
    for i, picture in enumerate(pictures()):
        picture.save(tmp_path / f"f{i}.tikz")
        paper.append(rf"\resizebox{{\textwidth}}{{!}}{{\input{{f{i}.tikz}}}}\par")
        if i in (0, 3):
            picture.save(tmp_path / f"whole{i}.tex")
            pdf, journal = compiled(tmp_path, f"whole{i}.tex")
            packed = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
            plain = (zlib.decompressobj().decompress(p) for p in packed if p[:1] == b"x")
            box = re.search(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+)", b"".join([pdf, *plain]))
            assert [float(side) for side in box.groups()] == pytest.approx(
                [side + 6 for side in size_of(picture.svg)], abs=0.5
            )
            assert "(1 page," in journal and "Overfull" not in journal
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{tikz}\begin{document}"
    (tmp_path / "paper.tex").write_text("\n".join([head, *paper, r"\end{document}"]), "utf-8")
    pdf, journal = compiled(tmp_path, "paper.tex")
    assert "Missing character" not in journal


ENGINES = ("pdflatex", "xelatex", "lualatex")


def korean():
    return ag.exp(Tensor(0.5, name="가중치") * Tensor(2.0, name="입력")) + Tensor(1.0, name="bias")


@pytest.mark.parametrize("engine", ENGINES)
def test_hangul_is_set_by_every_engine(engine, tmp_path):
    """pdfLaTeX has kotex, the others a font that has the letters: none is missing."""
    viz.draw(korean(), title="Title: 순전파").save(tmp_path / "f.tex")
    _, journal = compiled(tmp_path, "f.tex", engine)
    assert "(1 page" in journal and "Missing character" not in journal and "Overfull" not in journal


def test_slides_of_beamer_compile(tmp_path):
    stepper = viz.step(Tensor(2.0, name="가중치") * Tensor(3.0, name="x"), theme="dark")
    stepper.save(tmp_path / "f.tex")
    _, journal = compiled(tmp_path, "f.tex")
    assert f"({len(stepper)} pages" in journal
    assert "Missing character" not in journal and "Overfull" not in journal


@pytest.mark.parametrize(
    ("engine", "needed"),
    [("pdflatex", "Compile with xelatex or lualatex"), ("xelatex", "Install fonts-noto-cjk")],
)
def test_what_cannot_be_set_says_what_is_needed(engine, needed, tmp_path):
    runes = Tensor(1.0, name="ᛟ𖿠")  # Of scripts that no one font has.
    viz.draw(2.0 * runes).save(tmp_path / "f.tex")
    with pytest.raises(AssertionError, match=needed):
        compiled(tmp_path, "f.tex", engine)


def test_nbconvert_takes_the_pdf_of_pictures_and_wants_no_inkscape(monkeypatch):
    def missing(*given):
        raise AssertionError("asked for Inkscape")

    monkeypatch.setattr(SVG2PDFPreprocessor, "convert_figure", missing)
    notebook = nbformat.v4.new_notebook()
    for picture in [*pictures(), viz.plot_function("tanh").figure]:
        bundle = {
            kind: b64encode(content).decode() if isinstance(content, bytes) else content
            for kind, content in picture._repr_mimebundle_().items()
        }
        output = nbformat.v4.new_output("display_data", data=bundle)
        notebook.cells.append(nbformat.v4.new_code_cell("f", outputs=[output]))
    body, resources = LatexExporter().from_notebook_node(notebook)
    shown = re.findall(r"\\adjustimage\{.*\}\{(output[^}]*)\}", body)
    assert len(shown) == 6
    assert all(resources["outputs"][name].startswith(b"%PDF") for name in shown)
