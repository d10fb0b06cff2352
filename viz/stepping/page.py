"""The one element that is a stepper: an image for hosts that run nothing, and the live page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograd.extend import current_language
from viz.names import escaped, shortened
from viz.themes import COLORBLIND, DARK, LIGHT, THEMES, Theme

from .page_svg import image

_HERE = Path(__file__).parent
# Files, one after another.
SCRIPTS = ("numbers", "graph", "lines", "shapes", "whatif", "quiz", "stepper", "mounting")
LONGEST_LINE, MOST_LINES = 200, 100  # Of the words in place of a picture.
_MARK = "the hash of this script"
# JupyterLab's classes for a line that is cut at the end of its room, and for what is not shown.
# nbconvert, when it sanitises, writes the tags of the image and the script out as text: of the
# first one line is seen, of the second nothing.
_TRUNCATED = "jp-text-truncated"
_HIDDEN = "lm-Widget lm-mod-hidden"


def element(
    data: dict[str, Any],
    gates: str,
    *,
    sentence: str,
    alt: str,
    words: str = "",
    still: str | None = None,
) -> str:
    """The `div`: an image with a sentence, then the script that puts the live page in its place.

    The data are in an attribute, which sanitisers drop silently; the script takes the first
    picture's shapes from the image. `gates` is JavaScript: the gates that the graph is made of.
    `words` tell the picture where a sanitiser knows no images: what takes them away takes
    ``hidden`` away too, and with it what hides the words. `still` is another image, of which the
    page takes nothing.
    """
    first = data["views"][0]
    theme = COLORBLIND if data["theme"] == "colorblind" else THEMES[data["theme"]]
    svg = image(still or first["svg"], first["width"], first["height"], theme)
    if not still:
        views = [{k: v for k, v in first.items() if k != "svg"}, *data["views"][1:]]
        data = {**data, "views": views}
    data = {**data, "style": style_of(data["theme"])}
    return hosted(data, program(gates), svg, sentence=sentence, alt=alt, words=words)


def hosted(
    data: dict[str, Any], script: str, svg: str, *, sentence: str, alt: str, words: str = ""
) -> str:
    """The `div` of any live page: the image of an SVG file, a sentence, data, and its script."""
    mark = script.split("'")[3]
    lines = [escaped(shortened(line, LONGEST_LINE)) for line in words.split("\n")[:MOST_LINES]]
    told = "<pre hidden>{}</pre>".format("\n".join(lines)) if words else ""
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    return (
        f'<div class="{_TRUNCATED}" lang="{current_language()}" data-gategrad-script="{mark}" '
        'data-lm-suppress-shortcuts="true" '
        f"data-gategrad='{in_attribute(data)}'>"
        f'<img alt="{escaped(alt)}" src="{source}">'
        f"<div>{escaped(sentence)}</div>{told}"
        f'<div class="{_HIDDEN}"><script>{script}</script></div></div>'
    )


def framed(page: str, title: str) -> str:
    """A whole page in a frame, which marimo's own function makes as high as the page.

    >>> framed("<p>", "f")[:35]
    '<iframe title="f" srcdoc="&lt;p&gt;'
    """
    text = page.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return (
        f'<iframe title="{escaped(title)}" srcdoc="{text.replace(">", "&gt;")}" width="100%" '
        'height="640" frameborder="0" onload="__resizeIframe(this)"></iframe>'
    )


def in_attribute(data: Any) -> str:
    """Data as JSON for an attribute in single quotes.

    >>> in_attribute({"name": "<a>'&"})
    '{"name":"&lt;a>&#39;&amp;"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.encode("utf-8", "replace").decode("utf-8")  # Half a pair of surrogates is no text.
    return text.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;")


def program(gates: str, scripts: tuple[str, ...] = SCRIPTS, mount: str = "mount") -> str:
    """The script: a function of its own that leaves no name in the page. `scripts` are files, from
    the folder of this one; the function `mount` puts a page into its element."""
    if current_language() == "ko":
        return _program(gates, ("particles", *scripts), mount)
    return _program(f"{gates}\nconst particled = text => text;", scripts, mount)


@lru_cache(maxsize=8)
def _program(gates: str, scripts: tuple[str, ...], mount: str) -> str:
    parts = ((_HERE / f"{name}.js").read_text("utf-8") for name in scripts)
    source = squeezed_script("\n".join([gates, *parts, f"find({mount});"]))
    text = f"(()=>{{'use strict';\nconst MARK='{_MARK}';\n{source}\n}})();"
    # What would end the script, or a comment around it.
    text = text.replace("</", "<\\/").replace("-->", "-- >")
    # Scripts may stand in a comment, of which those sanitisers show nothing that take a script's
    # tags out and leave its text.
    text = f"<!--\n{text}\n//-->"
    return text.replace(_MARK, hashlib.sha256(text.encode()).hexdigest()[:12])


def style_of(theme: str, sheets: tuple[str, ...] = ("stepper",)) -> str:
    """The style sheets with the colours of a theme."""
    parts = ((_HERE / f"{name}.css").read_text("utf-8") for name in sheets)
    return _colours(theme) + squeezed_style("\n".join(parts))


def _colours(theme: str) -> str:
    """Light ones, and on a screen that is dark others; on paper they are light."""
    light = COLORBLIND if theme == "colorblind" else LIGHT
    return f"{_variables(':host', light)}@media screen{{{_variables('.dark', DARK)}}}"


def _variables(selector: str, theme: Theme) -> str:
    return f"{selector}{{{';'.join(f'--{role}:{hue}' for role, hue in vars(theme).items())}}}"


# Strings, templates (without another inside), regular expressions, which follow an operator.
# ---- scripts and styles without what a browser does not need

_TOKEN = re.compile(
    r"""(?P<kept>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`
        |(?<=[(,=:\[!&|?{};\n ])/(?![/* ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<blank>\s+)
    |(?P<other>[\w$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[\w$]")
_OPEN, _CLOSE = "{;,([:?=&|>", ")}],.?:&|=<"  # After and before which a line does not end.


def squeezed_script(source: str) -> str:
    """JavaScript without comments and blanks; lines end where they must, and ``const`` is ``let``.

    >>> squeezed_script("// Says so.\\nif (a) {\\n  b(a + 1);\\n}\\nconst c = /[/ ]+/g;\\n")
    'if(a){b(a+1)}\\nlet c=/[/ ]+/g;'
    """
    written = ""
    waiting = ""  # The blanks since the last token.
    for found in _TOKEN.finditer(source):
        token = found[0]
        if found["blank"] or found["comment"]:
            waiting += token if found["blank"] else "\n" if "\n" in token else " "
            continue
        token = "let" if token == "const" else token
        last, first = written[-1:], token[0]
        if waiting and last:
            if "\n" in waiting and last not in _OPEN and first not in _CLOSE:
                written += "\n"
            elif (_WORD.match(last) and _WORD.match(first)) or last + first in ("++", "--"):
                written += " "
        if token == "}" and last == ";":
            written = written[:-1]
        written += token
        waiting = ""
    return written


def squeezed_style(source: str) -> str:
    """CSS without comments and blanks.

    >>> squeezed_style("/* Red. */ .a > .b { color: red; }")
    '.a>.b{color:red}'
    """
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?|(?<=[\w-]): ", lambda found: found[1] or ":", text).strip()
    return text.replace(";}", "}").replace(" !", "!")
