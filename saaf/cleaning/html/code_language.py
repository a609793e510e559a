"""The programming language of code, by the classes and attributes of highlighters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ATTRIBUTES: Final = ("data-lang", "data-language", "data-code-language")
# "language-python" (HTML), "highlight-python3" (Sphinx), "highlight-source-python" (GitHub), "brush: php".
_NAMED: Final = re.compile(r"(?:^|\s)(?:lang(?:uage)?|highlight(?:-source)?|brush)(?:-|:\s?)([\w+#.-]{1,30})", re.ASCII)
_PANDOC: Final = re.compile(r"(?:^|\s)sourceCode\s+([\w+#.-]{1,30})", re.ASCII)
_NO_LANGUAGE: Final = frozenset(
    ("default", "none", "plaintext", "text", "plain", "nohighlight", "auto", "source", "txt")
)
_NAME: Final = re.compile(r"[\w+#.-]{1,30}", re.ASCII)


def code_language(code: HtmlElement) -> str | None:
    """Return the language of code in lower case ("python"); None where the page states none.

    The element itself is asked, then a `code` in it, and two elements around it.
    """
    around = [above for _, above in zip(range(2), code.iterancestors("div", "figure", "td", "pre"), strict=False)]
    for element in (code, *code.iter("code"), *around):
        if found := _stated(element):
            return found
    return None


def _stated(element: HtmlElement) -> str | None:
    names = element.get("class") or ""
    stated = [element.get(name) or "" for name in _ATTRIBUTES]
    stated += [found[1] for pattern in (_NAMED, _PANDOC) if (found := pattern.search(names))]
    return next((one.lower() for one in stated if _NAME.fullmatch(one) and one.lower() not in _NO_LANGUAGE), None)
