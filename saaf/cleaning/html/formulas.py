"""Formulas: MathML, MathJax, KaTeX and images of TeX become running text, each formula once, before segmentation.

A formula with TeX is kept as `\\(E=mc^2\\)`, on a line of its own as `\\[…\\]`; MathML without TeX as its signs on a
line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from lxml import etree

from saaf.cleaning.html.mathml import linearise

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements

    _Query = Callable[[HtmlElement], list[HtmlElement]]

FORMULA: Final = "data-formula"
"""The attribute of the element that holds a formula as text; its value is "display" or "inline"."""

_SOURCE_TAGS: Final = ("script", "mjx-container", "math", "img", "span")
_TEX_NOTES: Final = cast("_Query", etree.XPath(".//annotation"))
_WITH_LATEX: Final = cast("_Query", etree.XPath("descendant-or-self::*[@data-latex]"))
_MATHS: Final = cast("_Query", etree.XPath("descendant-or-self::math[not(ancestor::math)]"))
_WRAPPER: Final = re.compile(r"katex(?:-display)?|mwe-math-element|mjx-container|MathJax(?:_\w+)?")
_WRAPPER_TAGS: Final = frozenset(("span", "div", "nobr", "mjx-container", "mjx-assistive-mml"))
_TEXT_TAGS: Final = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "table", "article", "section", "main")
_MAX_STEPS: Final = 8  # from a formula to the outermost element of its typesetting
_TEX_ENCODING: Final = re.compile(r"(?:application/x-|text/)?(?:la)?tex(?:;.*)?", re.IGNORECASE)
_TEX_IMAGE: Final = re.compile(r"(?:^|[\s_-])(?:la)?tex(?:$|[\s_-])|mwe-math|mathimg|mathjax", re.IGNORECASE)
_TEX_IMAGE_SOURCE: Final = re.compile(r"latex\.php|latex\.codecogs|/latex[/?]|math/render", re.IGNORECASE)
_TEX_SIGN: Final = re.compile(r"[\\^_{}=+<>0-9]|^\s*\S{1,3}\s*$")
_DISPLAY_STYLE: Final = re.compile(r"\{\s*\\(?:display|text|script)style\b\s*(.*)\}", re.DOTALL)
_DELIMITED: Final = re.compile(r"(\$\$?|\\[(\[])(.+?)(?:\$\$?|\\[)\]])", re.DOTALL)
_PUNCTUATION: Final = re.compile(r"\s*[.,;:!?)\]।。、，；]")


def replace_formulas(root: HtmlElement, elements: PageElements | None = None) -> bool:
    """Replace the formulas in the tree of a page by their text, in a `span` with the attribute `FORMULA`.

    `elements` are those of the tree, None where they are not known. Return False where the tree is as it was.
    """
    # The script of MathJax 2 comes after what was typeset from it, and that has no TeX.
    found = [element for element in (elements or root).iter(*_SOURCE_TAGS) if _may_be_formula(element)]
    for element in sorted(found, key=lambda element: element.tag != "script"):
        if any(above is root for above in element.iterancestors()):  # else it was replaced with another one
            _replace(element)
    return bool(found)


def _may_be_formula(element: HtmlElement) -> bool:
    """Return whether an element of one of `_SOURCE_TAGS` may hold a formula, or is the image of one."""
    tag = element.tag
    if tag == "span":
        return " math-container " in f" {element.get('class') or ''} "
    if tag == "script":
        return (element.get("type") or "").startswith("math/tex")
    if tag == "img":
        name = element.get("class") or ""
        return ("tex" in name or "math" in name or "latex" in (element.get("src") or "")) and "alt" in element.attrib
    return tag == "mjx-container" or next(element.iterancestors("math"), None) is None


def _replace(element: HtmlElement) -> None:
    """Replace one formula, with all that typesets it; an element that turns out to be none stays."""
    outer = _outermost(element)
    stated = _tex(element)
    text = None if stated else linearise(_first_math(element))
    if not (stated or text):
        _remove_empty(element)
        return
    display = _is_display(element, outer, stated)
    tex = _plain_tex(stated)
    if element.tag == "script":
        _remove_typeset(outer)
    formula = cast("HtmlElement", outer.makeelement("span"))
    formula.set(FORMULA, "display" if display else "inline")
    formula.text = (rf"\[{tex}\]" if display else rf"\({tex}\)") if tex else text
    if display:
        formula.text = f" {formula.text}{'' if _PUNCTUATION.match(outer.tail or '') else ' '}"
    formula.tail = outer.tail
    cast("Any", outer.getparent()).replace(outer, formula)


def _remove_empty(element: HtmlElement) -> None:
    """Remove the element of a formula of which the page has neither TeX nor signs: it would end the paragraph."""
    if element.tag in ("math", "mjx-container") and not "".join(cast("Any", element.itertext())).strip():
        element.drop_tree()


def _outermost(element: HtmlElement) -> HtmlElement:
    """Return the outermost element that typesets a formula and nothing else, by names of MathJax, KaTeX and wikis."""
    found = element
    if element.tag in ("script", "span"):
        return found
    for step, above in enumerate(element.iterancestors()):
        if step == _MAX_STEPS or above.tag not in _WRAPPER_TAGS:
            break
        named = any(map(_WRAPPER.fullmatch, [str(above.tag), *(above.get("class") or "").split()]))
        if named and len(_MATHS(above)) <= 1 and next(above.iter(*_TEXT_TAGS), None) is None:
            found = above
    return found


def _first_math(element: HtmlElement) -> HtmlElement | None:
    return next(iter(_MATHS(element)), None)


def _tex(element: HtmlElement) -> str:
    """Return the TeX that an element states, "" where it states none."""
    if element.tag == "script":
        return (element.text or "").strip()
    if element.tag == "img":
        return _tex_of_image(element)
    if element.tag == "span":
        text = "".join(cast("Any", element.itertext())).strip()
        return text if _DELIMITED.fullmatch(text) else ""
    for note in _TEX_NOTES(element):
        if _TEX_ENCODING.fullmatch((note.get("encoding") or "").strip()) and (note.text or "").strip():
            return (note.text or "").strip()
    math = _first_math(element)
    stated = (math.get("alttext") or "").strip() if math is not None else ""
    return stated or next((one.get("data-latex") or "" for one in _WITH_LATEX(element)), "").strip()


def _tex_of_image(image: HtmlElement) -> str:
    """Return the TeX in the alternative text of an image that is a formula."""
    alt = (image.get("alt") or "").strip()
    named = _TEX_IMAGE.search(image.get("class") or "") or _TEX_IMAGE_SOURCE.search(image.get("src") or "")
    return alt if named and _TEX_SIGN.search(alt) else ""


def _is_display(element: HtmlElement, outer: HtmlElement, tex: str) -> bool:
    """Return whether a formula stands on a line of its own."""
    math = _first_math(element)
    names = f"{outer.get('class') or ''} {element.get('class') or ''}".lower()
    return (
        "mode=display" in (element.get("type") or "").replace(" ", "")
        or (math is not None and (math.get("display") == "block" or math.get("mode") == "display"))
        or element.get("display") == "true"
        or "display" in names
        or tex.startswith(("$$", r"\["))
    )


def _plain_tex(tex: str) -> str:
    """Return TeX on one line, without delimiters and without the style that wikis wrap it in."""
    lines = [re.sub(r"(?<!\\)%.*", "", line) for line in tex.split("\n")]
    tex = " ".join(" ".join(lines).split())
    for pattern, group in ((_DELIMITED, 2), (_DISPLAY_STYLE, 1)):
        if (found := pattern.fullmatch(tex)) and _is_balanced(found[group]):
            tex = found[group].strip()
    return tex


def _is_balanced(tex: str) -> bool:
    """Return whether no brace is closed before it is opened."""
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", tex):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _remove_typeset(script: HtmlElement) -> None:
    """Remove what MathJax 2 put before the script that holds a formula: a preview, and the formula as typeset."""
    before = script.getprevious()
    while before is not None and (before.get("class") or "").startswith(("MathJax", "mjx")):
        if (before.tail or "").strip():
            return
        before.drop_tree()
        before = script.getprevious()
