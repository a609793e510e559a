"""MathML as a line of text, for formulas that state no TeX: `x^2`, `(a + b)/c`, `√(x)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SKIPPED: Final = frozenset(("annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "none"))
_INVISIBLE: Final = str.maketrans("", "", "\u2061\u2062\u2063\u2064")
_RELATIONS: Final = frozenset("=<>≤≥≈≠≡∼≃≅∝→←↔⇒⇐⇔↦∈∉⊂⊆⊃⊇∣+±")
_ROWS: Final = ("mtr", "mlabeledtr")
_MAX_DEPTH: Final = 40  # levels of elements; what is deeper is read as plain text


def linearise(math: HtmlElement | None) -> str:
    """Return the signs of a formula in MathML on one line; "" for None, or where it has none.

    >>> from lxml.html import fromstring
    >>> linearise(fromstring("<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>"))
    'E = mc^2'
    """
    return "" if math is None else " ".join(_line(math, 0).split())


def _line(element: HtmlElement, depth: int) -> str:
    """Return an element on one line, white space not yet tidied."""
    tag = str(element.tag).rpartition(":")[2]
    if tag in _SKIPPED:
        return ""
    if depth > _MAX_DEPTH:
        return "".join(cast("Any", element.itertext())).translate(_INVISIBLE)
    text = (element.text or "").strip().translate(_INVISIBLE)
    parts = [part for child in element if (part := _line(child, depth + 1)) or tag in _SCRIPTS or tag in _ROWS]
    if tag == "mo":
        return f" {text} " if text in _RELATIONS else text
    if tag in ("mtext", "ms"):
        return element.text or ""
    if tag == "mspace":
        return " "
    if tag in _SCRIPTS and len(parts) > 1:
        return parts[0] + "".join(
            sign + _grouped(part) for sign, part in zip(_SCRIPTS[tag], parts[1:], strict=False) if part
        )
    return text + _composed(tag, parts, element)


_SCRIPTS: Final = {
    "msup": "^", "msub": "_", "msubsup": "_^", "mover": "^", "munder": "_", "munderover": "_^",
}  # fmt: skip
"""Elements with a base and one or two scripts, and the sign before each script."""


def _composed(tag: str, parts: list[str], element: HtmlElement) -> str:
    if tag == "mfrac" and len(parts) > 1:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if tag == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if tag == "mroot" and len(parts) > 1:
        return f"{_grouped(parts[0])}^(1/{parts[1].strip()})"
    if tag == "mfenced":
        opened, closed = element.get("open") or "(", element.get("close") or ")"
        return f"{opened}{', '.join(parts)}{closed}"
    if tag == "mtable":
        return "; ".join(part.strip() for part in parts)
    if tag in _ROWS:
        return ", ".join(part.strip() for part in parts)
    return "".join(parts)


def _grouped(part: str) -> str:
    """Return a part of a formula in brackets where it is more than one sign or number."""
    part = part.strip()
    return part if part.isalnum() or len(part) == 1 else f"({part})"
