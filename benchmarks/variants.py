"""Variants of pages for training: the text in another form, as verses, lists, tables of results or a dialogue.

Pages with gold texts are nearly all news; a model trained on nothing else takes short lines for residue wherever they
stand. In a variant the paragraphs of the article are cut into such lines, and everything around them stays: what makes
them content is their position and their neighbours. Used by `benchmarks.samples`; it reads no data itself.
"""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import lxml.etree
import lxml.html
import regex

from saaf.cleaning.text.scripts import UNSPACED_CLASS
from saaf.corpus.evaluation.metrics import comparison_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_UNSPACED_RUN: Final = regex.compile(f"[{UNSPACED_CLASS}]{{8}}")
_MIN_LETTERS: Final = 60  # of a paragraph that is changed
_SHARES: Final = (0.4, 0.8, 1.0)  # of the paragraphs; the first stays in two of three pages, as an introduction does
_STANZA: Final = 4  # lines
_WITH_FIGURES: Final = 0.6  # probability that the rows of a table end in numbers


def variant(source: str, gold: str, seed: int) -> tuple[bytes, str] | None:
    """Return a page, as UTF-8, and its gold text in another form; None where no paragraph is changed.

    Only paragraphs that are in the gold text are changed. The same seed makes the same variant.
    """
    rng = random.Random(seed)
    make, share = rng.choice(_FORMS), rng.choice(_SHARES)
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = lxml.html.document_fromstring(source.replace("\0", "").encode("utf-8", "ignore"), parser=parser)
    held, lines = comparison_key(gold), gold.split("\n")
    whole = [" ".join(line.split()) for line in lines]
    found = [paragraph for paragraph in root.iter("p") if _is_held(paragraph, held)]
    changed = 0
    for paragraph in found[rng.random() < 2 / 3 :]:
        if rng.random() >= share:
            continue
        text = _text(paragraph)
        pieces = _cut(text, rng)
        if make is _table and rng.random() < _WITH_FIGURES:
            pieces = [f"{piece} {rng.randint(0, 30)} {rng.randint(1, 200)}" for piece in pieces]
        _replace(paragraph, make(pieces, rng))
        changed += 1
        lines = [line for line, known in zip(lines, whole, strict=True) if known != text] + pieces
        whole = [" ".join(line.split()) for line in lines]
    return (lxml.etree.tostring(root, encoding="utf-8", method="html"), "\n".join(lines)) if changed else None


def _is_held(paragraph: lxml.html.HtmlElement, held: str) -> bool:
    spelled = comparison_key(_text(paragraph))
    return len(spelled) >= _MIN_LETTERS and spelled in held


def _text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _cut(text: str, rng: random.Random) -> list[str]:
    """Return `text` cut into short lines: by words, or by characters in a script without spaces."""
    words, joint = (list(text), "") if _UNSPACED_RUN.search(text) else (text.split(" "), " ")
    longest = rng.randint(4, 9) * (2 if not joint else 1)
    cuts = [0]
    while cuts[-1] < len(words):
        cuts.append(min(cuts[-1] + rng.randint(max(2, longest // 2), longest), len(words)))
    return [piece for start, end in pairwise(cuts) if (piece := joint.join(words[start:end]).strip())]


def _verses(pieces: Sequence[str], rng: random.Random) -> list[lxml.html.HtmlElement]:
    stanzas = []
    for start in range(0, len(pieces), _STANZA):
        stanza = lxml.html.Element(rng.choice(("p", "div")))
        stanza.text, *rest = pieces[start : start + _STANZA]
        for line in rest:
            lxml.etree.SubElement(stanza, "br").tail = line
        stanzas.append(stanza)
    return stanzas


def _list(pieces: Sequence[str], rng: random.Random) -> list[lxml.html.HtmlElement]:
    items = lxml.html.Element(rng.choice(("ul", "ol")))
    for piece in pieces:
        lxml.etree.SubElement(items, "li").text = piece
    return [items]


def _table(pieces: Sequence[str], _: random.Random) -> list[lxml.html.HtmlElement]:
    table = lxml.html.Element("table")
    for piece in pieces:
        row = lxml.etree.SubElement(table, "tr")
        for cell in re.split(r"(?<=\S) ", piece) or [piece]:
            lxml.etree.SubElement(row, "td").text = cell
    return [table]


def _dialogue(pieces: Sequence[str], rng: random.Random) -> list[lxml.html.HtmlElement]:
    lines = []
    for number, piece in enumerate(pieces):
        line = lxml.html.Element("p")
        if number % 2 == 0 and rng.random() < 0.8:
            lxml.etree.SubElement(line, rng.choice(("strong", "b"))).text = f"{piece}?"
        else:
            line.text = f"{piece}."
        lines.append(line)
    return lines


_FORMS: Final[tuple[Callable[[Sequence[str], random.Random], list[lxml.html.HtmlElement]], ...]] = (
    _verses,
    _list,
    _table,
    _dialogue,
)


def _replace(paragraph: lxml.html.HtmlElement, others: Sequence[lxml.html.HtmlElement]) -> None:
    """Replace `paragraph` by `others` in its parent."""
    parent = paragraph.getparent()
    if parent is None:
        return
    tail, place = paragraph.tail, parent.index(paragraph)
    parent.remove(paragraph)
    for shift, other in enumerate(others):
        parent.insert(place + shift, other)
    others[-1].tail = tail
