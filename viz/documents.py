"""The bare HTML document around a picture or a stepper: one file that fetches nothing."""

from __future__ import annotations

from .names import escaped, plain, shortened

LONGEST_TITLE = 120
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="{scheme}">
<title>{title}</title>
</head>
{body}
</html>
"""


def document(title: str, body: str, scheme: str) -> str:
    """The document whose body element is `body`; `scheme` is ``"light"``, ``"dark"``, or both.

    >>> "<title>a &lt; b</title>" in document("a < b", "<body></body>", "light dark")
    True
    """
    short = escaped(shortened(plain(title), LONGEST_TITLE))
    return _PAGE.format(title=short, body=body, scheme=scheme)
