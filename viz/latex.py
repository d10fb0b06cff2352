"""A LaTeX document that is one picture, and the fonts for letters of any script.

XeLaTeX and LuaLaTeX take the first font that has all letters, pdfLaTeX has Korean, Chinese and
Japanese ones from kotex. Where something is missing, the compiler stops and says what to install.
"""

from __future__ import annotations

from .svg import asked_font, size_of, texts_of
from .tikz import tex, tikz_of

_AS_LAID_OUT = ("TeX Gyre Heros", "Arial", "Liberation Sans")  # As wide as what pictures have.
_EASTERN_ONES = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic",
                 "Apple SD Gothic Neo", "UnDotum")  # fmt: skip
_OTHERS = ("Noto Sans", "DejaVu Sans", "FreeSans", "Noto Sans Devanagari", "Noto Sans Thai",
           "Arial Unicode MS")  # fmt: skip
_LATIN = 0x24F  # The last letter of those that LaTeX knows by itself.
_EASTERN = ((0x1100, 0x11FF), (0x2E80, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7FF),
            (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))  # fmt: skip
_BORDER = 6  # Points that a page is wider and higher than its picture.

_PREAMBLE = r"""\usepackage{{iftex}}
\ifpdftex
  \usepackage[T1]{{fontenc}}
  \usepackage{{helvet}}
{pdftex}\else
  \usepackage{{fontspec}}
  \def\gghas{{0}}
  \def\ggtry#1{{\ifnum\gghas=0 \IfFontExistsTF{{#1}}{{%
    \font\ggfont="#1" \def\gghas{{1}}{tests}%
    \ifnum\gghas=1 \setsansfont{{#1}}\fi}}{{}}\fi}}
  {tries}
{failed}\fi
"""
_PAGE = r"""\documentclass{{article}}{remark}
\usepackage[paperwidth={width:g}bp, paperheight={height:g}bp]{{geometry}}
{fonts}\usepackage{{tikz}}
\pagestyle{{empty}}
\begin{{document}}
\setbox0=\hbox{{%
{picture}}}
\hoffset=-1in \voffset=-1in \advance\hoffset 3bp \advance\voffset 3bp
\shipout\box0
\end{{document}}
"""


def page_of(svg: str) -> str:
    """A whole document of one page, with the picture of an SVG, which needs TikZ."""
    width, height = (side + _BORDER for side in size_of(svg))
    fonts, remark = fonts_for("".join(texts_of(svg)), asked_font(svg))
    return _PAGE.format(
        picture=tikz_of(svg), width=width, height=height, fonts=fonts, remark=remark
    )


def fonts_for(text: str, asked: str) -> tuple[str, str]:
    """The lines of a preamble that choose a font for a text, and a remark on the compiler.

    The family that was `asked` for comes first, with XeLaTeX and LuaLaTeX; pdfLaTeX has its own.
    """
    foreign = sorted({ord(letter) for letter in tex(text) if ord(letter) > _LATIN})
    is_eastern = all(any(a <= code <= b for a, b in _EASTERN) for code in foreign)
    remark = pdftex = ""
    fonts = [*_AS_LAID_OUT, *_OTHERS, *_EASTERN_ONES]
    if foreign and is_eastern:
        fonts = [*_EASTERN_ONES, *_OTHERS]
        remark = "  % xelatex, lualatex, or pdflatex with kotex"
        missing = _error(
            "pdfLaTeX has these letters from kotex",
            "Install kotex (texlive-lang-korean), or compile with xelatex or lualatex",
        )
        pdftex = rf"  \IfFileExists{{kotex.sty}}{{\usepackage{{kotex}}}}{{{missing}}}"
    elif foreign:
        remark = "  % xelatex or lualatex"
        advice = "Compile with xelatex or lualatex"
        pdftex = f"  {_error('pdfLaTeX lacks letters of this picture', advice)}"
    missing = _error(
        "No font here has all letters of this picture",
        "Install fonts-noto-cjk (Korean, Chinese, Japanese) or fonts-noto",
    )
    preamble = _PREAMBLE.format(
        pdftex=pdftex and f"{pdftex}\n",
        tests="".join(rf"\iffontchar\ggfont{code} \else\def\gghas{{0}}\fi" for code in foreign),
        tries="".join(rf"\ggtry{{{name}}}" for name in ([asked] if asked else []) + fonts),
        failed=f"  \\ifnum\\gghas=0 {missing}\\fi\n" if foreign else "",
    )
    return preamble, remark


def _error(message: str, advice: str) -> str:
    return rf"\PackageError{{gategrad}}{{{message}.\MessageBreak {advice}}}{{}}"
