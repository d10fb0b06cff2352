"""The site: `python -m sphinx -W docs site` builds it, in English, and in Korean in `site/ko`.

Three things are made before a build and stand in no repository: the pages of the API (`api.py`), a
copy of the notebooks, which Sphinx wants below its own folder, and compiled catalogues. The Korean
site has the pages that have a catalogue in `locale/ko`, and the Korean notebooks; its links to all
other pages lead to the English ones.
"""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
sys.path.insert(0, str(ROOT))

from docs import api, prose  # noqa: E402 - of this checkout

SETTINGS = ConfigParser()
SETTINGS.read(ROOT / "setup.cfg", encoding="utf-8")
HOME = SETTINGS["metadata"]["url"]

project = author = "gategrad"
copyright = "the gategrad developers"
release = version = SETTINGS["metadata"]["version"]
language = "en"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_design",
]
exclude_patterns = ["locale", "*.py", "notebooks/thumbnails"]
locale_dirs = ["locale"]
gettext_compact = False
suppress_warnings = [
    "ref.python",  # `grad` is a function and an attribute; the page says which
    "config.cache",  # a function in a setting
]

# Docstrings: `name` is a name of ours if there is one, and code if not.
default_role = "py:obj"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
toc_object_entries = False

# Notebooks are shown as they are committed. The gallery alone says that it is to be run.
nb_execution_mode = "off"
nb_execution_raise_on_error = True
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "html_image"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "gategrad"
html_static_path = ["static"]
html_css_files = ["house.css"]
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_sidebars = {
    "**": [
        "sidebar/brand.html", "languages.html", "sidebar/search.html", "sidebar/scroll-start.html",
        "sidebar/navigation.html", "sidebar/scroll-end.html",
    ]
}  # fmt: skip
html_theme_options = {
    # The house's green, of values, and orange, of gradients.
    "light_css_variables": {
        "color-brand-primary": "#006d4e",
        "color-brand-content": "#006d4e",
        "color-brand-visited": "#006d4e",
        "color-gradient": "#d4380d",
    },
    "dark_css_variables": {
        "color-brand-primary": "#34d399",
        "color-brand-content": "#34d399",
        "color-brand-visited": "#34d399",
        "color-gradient": "#fb923c",
    },
    "source_repository": HOME,
    "source_branch": "main",
    "source_directory": "docs/",
    "top_of_page_buttons": [],
}

KOREAN = {path.stem for path in (FOLDER / "locale" / "ko" / "LC_MESSAGES").glob("*.po")}
"""Pages of which there is a catalogue."""


def copy_notebooks() -> None:
    """Lay the notebooks, their pictures and their overviews below this folder."""
    source, target = ROOT / "notebooks", FOLDER / "notebooks"
    wanted = {
        path.relative_to(source)
        for pattern in ("*.ipynb", "ko/*.ipynb", "README.md", "ko/README.md", "thumbnails/*.png")
        for path in source.glob(pattern)
    }
    for path in wanted:
        old, new = source / path, target / path
        if not new.exists() or new.stat().st_mtime < old.stat().st_mtime:
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(old, new)
    for file in [path for path in target.rglob("*.*") if path.relative_to(target) not in wanted]:
        file.unlink()


api.write(FOLDER / "api")
copy_notebooks()


def choose_pages(app: Any, config: Any) -> None:
    """Each language has its own notebooks; Korean has no pages without a catalogue."""
    if config.language == "en":
        config.exclude_patterns += ["notebooks/ko"]
    else:
        english = [path.stem for path in FOLDER.glob("*.md") if path.stem not in KOREAN]
        config.exclude_patterns += ["api", "notebooks/[!k]*", *(f"{name}.md" for name in english)]


def drop_what_is_not_there(app: Any, docname: str, source: list[str]) -> None:
    """A table of contents names pages that one language has, and some that are still to come."""

    def kept(table: re.Match[str]) -> str:
        lines = table[0].splitlines(keepends=True)
        pages = app.project.docnames
        return "".join(
            line for line in lines
            if not re.match(r"\w", line) or fnmatch.filter(pages, line.strip())
        )  # fmt: skip

    if docname in ("notebooks/README", "notebooks/ko/README"):
        order = re.findall(r"\*\*\[.+?\]\((\d\d_\w+)\.ipynb\)\*\*", source[0])
        source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(order) + "\n```\n"
        return
    source[0] = re.sub(r"```\{toctree\}.*?```", kept, source[0], flags=re.DOTALL)


def speak_korean(app: Any, docname: str, source: list[str]) -> None:
    """The Korean gallery shows what is read in Korean, and how to have it."""
    if app.config.language == "ko" and docname == "gallery":
        words = r"^((?:table = )?viz\.(?:step|table)\(.*)\)$"
        source[0] = re.sub(words, r'\1, language="ko")', source[0], flags=re.MULTILINE)


def lead_outside(app: Any, doctree: Any) -> None:
    """A link of a Korean page may lead to an English one, and any to a file of the project."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    docname = app.env.docname
    for node in [*doctree.findall(pending_xref)]:
        target = node["reftarget"].partition("#")[0]
        if node.get("reftype") not in ("myst", "doc") or target in app.project.docnames:
            continue
        as_in_project = (ROOT if docname.startswith("notebooks/") else FOLDER) / docname
        # The last of these: MyST makes absolute what leads out of the documents.
        for base in (FOLDER, (FOLDER / docname).parent, as_in_project.parent, Path("/")):
            path = (base / target.removeprefix("/")).resolve()
            places = [path]
            if path.is_relative_to(ROOT / "notebooks"):
                places.insert(0, FOLDER / path.relative_to(ROOT))  # the copy, which has a page
            suffixes = ("", ".md", ".rst", ".ipynb")
            files = [Path(f"{place}{suffix}") for place in places for suffix in suffixes]
            file = next((file for file in files if target and file.is_file()), None)
            if file is not None:
                node.replace_self(nodes.reference("", "", *node.children, refuri=_uri(app, file)))
                break


def _uri(app: Any, file: Path) -> str:
    """Where a file is shown: on the English site, or in the repository."""
    if file.suffix in (".md", ".rst", ".ipynb") and file.is_relative_to(FOLDER):
        page = file.relative_to(FOLDER).with_suffix("").as_posix()
        up = app.env.docname.count("/")
        if app.config.language == "en":
            return f"{'../' * up}{'ko/' if page.startswith('notebooks/ko/') else ''}{page}.html"
        twin = page.replace("notebooks/", "notebooks/ko/")
        if twin != page and twin in app.project.docnames:
            return f"{'../' * up}{twin}.html"
        return f"{'../' * (up + 1)}{page}.html"
    return f"{HOME}/blob/main/{file.relative_to(ROOT).as_posix()}"


def ask_for_translations(app: Any, doctree: Any) -> None:
    """A text without its Korean is a warning, on pages that have a catalogue."""
    from docutils import nodes
    from sphinx.util import logging

    if app.config.language == "ko" and (docname := app.env.docname) in KOREAN:
        for node in doctree.findall(lambda node: isinstance(node, (nodes.paragraph, nodes.title))):
            needs = re.search("[A-Za-z]", node.astext()) and not _is_of_a_pair(node)
            if node.get("translated") is not True and needs:
                logging.getLogger(__name__).warning(
                    f"no Korean in docs/locale/ko/LC_MESSAGES/{docname}.po: {node.astext()}"
                )


def _is_of_a_pair(node: Any) -> bool:
    """Whether a text is a word of the glossary, which stands in both languages there."""
    cell, row = node.parent, node.parent.parent
    if row.tagname != "row" or row.index(cell) > 1:
        return False
    english, korean = row[0].astext(), row[1].astext()
    return english == korean or bool(re.search("[가-힣]", korean))


def name_other_language(app: Any, pagename: str, _: Any, context: Any, __: Any) -> None:
    """For the template: the same page in the other language, or that one's first page."""
    root = context.get("content_root", "")
    if app.config.language == "en":
        other = pagename.replace("notebooks/", "notebooks/ko/")
        there = other in KOREAN or (FOLDER / f"{other}.ipynb").exists()
        there = there or other == "notebooks/ko/README"
        context["other_language"] = f"{root}ko/{other if there else 'index'}.html"
    else:
        context["other_language"] = f"{root}../{pagename.replace('/ko/', '/')}.html"


def begin_korean(app: Any) -> None:
    """The Korean site is built beside this one, on the second processor."""
    if app.config.language == "en" and app.builder.name == "html":
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "-D", "language=ko"]
        app.korean = subprocess.Popen([*command, str(app.srcdir), str(app.outdir / "ko")])


def end_korean(app: Any, exception: Exception | None) -> None:
    if (korean := getattr(app, "korean", None)) is not None:
        if exception:
            korean.terminate()
        if korean.wait() and not exception:
            raise RuntimeError("the Korean site was not built: its warnings are above")
        # MyST-NB's copies of the notebooks, which stand beside what is built: here, inside.
        shutil.rmtree(app.outdir / "jupyter_execute", ignore_errors=True)


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", choose_pages)
    app.connect("source-read", drop_what_is_not_there)
    app.connect("source-read", speak_korean)
    app.connect("doctree-read", lead_outside)
    app.connect("doctree-read", ask_for_translations)
    app.connect("html-page-context", name_other_language)
    app.connect("builder-inited", begin_korean)
    app.connect("build-finished", end_korean)
    # Before numpydoc, which reads what it leaves.
    app.connect("autodoc-process-docstring", prose.as_rst, priority=100)
    app.connect("autodoc-skip-member", prose.skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
