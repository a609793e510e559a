"""Pages made over so that their text has another form: verses, lists, tables of results, questions and answers.

Pages with gold texts are nearly all news; a model that has read nothing else holds short lines for residue wherever
they stand. In a variant the article's own paragraphs are cut into such lines, and everything around them stays: what
makes them content is where they stand and what stands beside them.
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
_LEAST: Final = 60  # letters of a paragraph that is made over
_SHARES: Final = (0.4, 0.8, 1.0)  # of the paragraphs; the first stays in two of three pages, as an introduction does
_STANZA: Final = 4
_WITH_FIGURES: Final = 0.6


def variant(source: str, gold: str, seed: int) -> tuple[bytes, str] | None:
    """Return a page, as UTF-8, and its gold text in another form; None where no paragraph of the page is in the gold
    text. The same seed makes the same variant.
    """
    chance = random.Random(seed)
    make, share = chance.choice(_FORMS), chance.choice(_SHARES)
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = lxml.html.document_fromstring(source.replace("\0", "").encode("utf-8", "ignore"), parser=parser)
    held, lines = comparison_key(gold), gold.split("\n")
    whole = [" ".join(line.split()) for line in lines]
    found = [paragraph for paragraph in root.iter("p") if _is_held(paragraph, held)]
    changed = 0
    for paragraph in found[chance.random() < 2 / 3 :]:
        if chance.random() >= share:
            continue
        text = _text(paragraph)
        pieces = _cut(text, chance)
        if make is _table and chance.random() < _WITH_FIGURES:
            pieces = [f"{piece} {chance.randint(0, 30)} {chance.randint(1, 200)}" for piece in pieces]
        _replace(paragraph, make(pieces, chance))
        changed += 1
        lines = [line for line, known in zip(lines, whole, strict=True) if known != text] + pieces
        whole = [" ".join(line.split()) for line in lines]
    return (lxml.etree.tostring(root, encoding="utf-8", method="html"), "\n".join(lines)) if changed else None


def _is_held(paragraph: lxml.html.HtmlElement, held: str) -> bool:
    spelled = comparison_key(_text(paragraph))
    return len(spelled) >= _LEAST and spelled in held


def _text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _cut(text: str, chance: random.Random) -> list[str]:
    """Return `text` cut into short lines: by words, or by characters where a script does not part words."""
    words, joint = (list(text), "") if _UNSPACED_RUN.search(text) else (text.split(" "), " ")
    longest = chance.randint(4, 9) * (2 if not joint else 1)
    cuts = [0]
    while cuts[-1] < len(words):
        cuts.append(min(cuts[-1] + chance.randint(max(2, longest // 2), longest), len(words)))
    return [piece for start, end in pairwise(cuts) if (piece := joint.join(words[start:end]).strip())]


def _verses(pieces: Sequence[str], chance: random.Random) -> list[lxml.html.HtmlElement]:
    stanzas = []
    for start in range(0, len(pieces), _STANZA):
        stanza = lxml.html.Element(chance.choice(("p", "div")))
        stanza.text, *rest = pieces[start : start + _STANZA]
        for line in rest:
            lxml.etree.SubElement(stanza, "br").tail = line
        stanzas.append(stanza)
    return stanzas


def _list(pieces: Sequence[str], chance: random.Random) -> list[lxml.html.HtmlElement]:
    items = lxml.html.Element(chance.choice(("ul", "ol")))
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


def _dialogue(pieces: Sequence[str], chance: random.Random) -> list[lxml.html.HtmlElement]:
    lines = []
    for number, piece in enumerate(pieces):
        line = lxml.html.Element("p")
        if number % 2 == 0 and chance.random() < 0.8:
            lxml.etree.SubElement(line, chance.choice(("strong", "b"))).text = f"{piece}?"
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
    """Put `others` where `paragraph` is."""
    parent = paragraph.getparent()
    if parent is None:
        return
    tail, place = paragraph.tail, parent.index(paragraph)
    parent.remove(paragraph)
    for shift, other in enumerate(others):
        parent.insert(place + shift, other)
    others[-1].tail = tail
