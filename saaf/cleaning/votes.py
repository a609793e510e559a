"""What each method says of each block of a page: votes, none of which decides alone."""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import justext
import trafilatura
from justext.core import (
    LENGTH_LOW_DEFAULT,
    MAX_LINK_DENSITY_DEFAULT,
    classify_paragraphs,
    revise_paragraph_classification,
)
from justext.paragraph import Paragraph
from trafilatura.settings import Document as Extracted

from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.blocks import RawBlock, Walk

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

_NOT_A_LETTER = re.compile(r"[\W_]+")
_LETTERS_AND_BREAKS = re.compile(r"[\w\n]+")
WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_COMMA = re.compile(r"[,،、,;;؛।۔]")
SENTENCE_END = re.compile(r"[.!?…。!?։।۔؟᠃။។][\"'”’»)\]」』）]*$")
_NO_PROSE = frozenset((Kind.FORM, Kind.TABLE_ROW))
_PROSE = 80  # letters: from here on a block without an end of sentence is still taken for prose
_DESCRIBED = frozenset(("description", "og:description", "twitter:description", "dc.description"))
_LEAST_DESCRIPTION = 30  # letters; a shorter one may be the site's name
_DESCRIPTION = 1000
_BEGINNING = 60  # letters of a description that a lead begins with where it is cut off


def letters(text: str) -> str:
    """Return the letters and digits of `text` and nothing else: what two renderings of one text have in common.

    Combining marks fall away too: for comparing with the same function's output only.
    """
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFC", text))


def letters_of_lines(lines: Sequence[str]) -> list[str]:
    """Return the `letters` of each line; none may hold a line break. At once they take a quarter of the time."""
    text = unicodedata.normalize("NFC", "\n".join(lines)).replace("_", "")
    return "".join(_LETTERS_AND_BREAKS.findall(text)).split("\n") if lines else []


def trafilatura_text(root: HtmlElement) -> str:
    """Return trafilatura's main text of the page by its own rules, "" where it finds none. The tree is left as it is.

    It is not let compare with readability and jusText, nor try again where it finds little: that takes half of its
    time, and what it would say so we know already (F1 0.25 points better without, on 160 development pages). Neither
    its deduplication (state that outlives the page) nor its metadata (a search of dates up to today) is used.
    """
    document = trafilatura.bare_extraction(
        root, include_comments=False, with_metadata=False, fast=True, favor_recall=True
    )
    return (document.text or "") if isinstance(document, Extracted) else ""


def justext_votes(walk: Walk, stoplist: frozenset[str]) -> list[bool]:
    """Return jusText's classes of the blocks, True for content; without a stop list it judges by length and links."""
    paragraphs = [_Paragraph(walk, block) for block in walk.blocks]
    thresholds = {} if stoplist else {"stopwords_low": 0, "stopwords_high": 0}
    classify_paragraphs(paragraphs, stoplist, **thresholds)
    revise_paragraph_classification(paragraphs)
    return [not paragraph.is_boilerplate for paragraph in paragraphs]


class _Paragraph(Paragraph):  # type: ignore[misc]  # jusText comes without types
    """A block as jusText sees it; its own class parses a path for each, and joins the text anew at each look."""

    text = ""
    is_heading = False

    def __init__(self, walk: Walk, block: RawBlock) -> None:
        self.is_heading = block.kind is Kind.HEADING
        self.dom_path = walk.nodes[block.node].tag
        self.text = block.text
        self.chars_count_in_links = block.linked
        self.class_type = ""

    def stopwords_density(self, stopwords: frozenset[str]) -> float:
        """Return the share of stop words; 0 where jusText goes by length or links alone, which is for most blocks."""
        if len(self.text) < LENGTH_LOW_DEFAULT or self.links_density() > MAX_LINK_DENSITY_DEFAULT:
            return 0.0
        words = self.text.lower().split()
        return len([word for word in words if word in stopwords]) / len(words)


@cache
def stoplist(language: str) -> frozenset[str]:
    """Return jusText's stop words of an ISO 639-1 language, empty where it has none."""
    name = _STOPLISTS.get(language)
    return justext.get_stoplist(name) if name else frozenset()


def description_votes(root: HtmlElement, spelled: Sequence[str]) -> list[bool]:
    """Return which blocks, of which `spelled` are the letters, are the page's own description of itself, or begin it:
    a lead, mostly.
    """
    stated = {
        letters(meta.get("content", ""))[:_DESCRIPTION]
        for meta in root.iter("meta")
        if (meta.get("property") or meta.get("name") or "").lower() in _DESCRIBED
    }
    long = [text for text in stated if len(text) >= _LEAST_DESCRIPTION]
    if not long:
        return [False] * len(spelled)
    return [
        len(own) >= _LEAST_DESCRIPTION and any(own in text or text[:_BEGINNING] in own for text in long)
        for own in spelled
    ]


def density_votes(walk: Walk) -> list[bool]:
    """Return which blocks stand in the densest region: paragraphs give weight to the elements around them, less and
    less upwards, and the heaviest element and its equals beside it are the region.
    """
    nodes = walk.nodes
    weights: dict[int, float] = {}
    characters, linked = [0] * len(nodes), [0] * len(nodes)
    for block, (_, weight) in zip(walk.blocks, measures(walk), strict=True):
        node = nodes[block.node].parent if nodes[block.node].tag != "div" else block.node
        if node >= 0:
            characters[node] += block.characters
            linked[node] += block.linked
        share = 1.0
        while weight and node >= 0 and share > 0.2:
            weights[node] = weights.get(node, 0.0) + weight * share
            share *= 0.6
            node = nodes[node].parent
    if not weights:
        return [False] * len(walk.blocks)
    for node in range(len(nodes) - 1, 0, -1):  # children come after their parents
        characters[nodes[node].parent] += characters[node]
        linked[nodes[node].parent] += linked[node]
    ranked = {node: weight * (1 - linked[node] / max(1, characters[node])) for node, weight in weights.items()}
    top = max(ranked, key=lambda node: (ranked[node], -node))
    region = {
        node
        for node, weight in ranked.items()
        if nodes[node].parent == nodes[top].parent and weight > 0.2 * ranked[top]
    }
    inside = _inside(walk, region | {top})
    return [inside[block.node] and block.linked < 0.5 * block.characters for block in walk.blocks]


def running_text(walk: Walk) -> float:
    """Return the page's text in sentences or long lines, in characters; one of a wide script counts for two and a half.

    What is hidden, linked, in forms or in rows of tables does not count.
    """
    return sum(width for width, weight in measures(walk) if weight)


def measures(walk: Walk) -> list[tuple[float, float]]:
    """Return the width and the weight of each block, the weight 0 where it is no running text or hidden."""
    if walk.measures is None:
        walk.measures = [(0.0, 0.0) if block.hidden else _measure(block) for block in walk.blocks]
    return walk.measures


def _measure(block: RawBlock) -> tuple[float, float]:
    text, characters = block.text, block.characters
    if characters < 10 or block.linked > 0.5 * characters or block.kind in _NO_PROSE:
        return 0.0, 0.0
    plain = text.isascii()
    width = characters + (0.0 if plain else 1.5 * len(WIDE.findall(text)))
    # Thousands of labels must not outweigh an article.
    if width < 25 or (width < _PROSE and not SENTENCE_END.search(text)):
        return 0.0, 0.0
    commas = text.count(",") + text.count(";") if plain else len(_COMMA.findall(text))
    return width, 1.0 + commas + min(width / 100, 3.0)


def _inside(walk: Walk, region: set[int]) -> list[bool]:
    """Return for each node whether it stands in one of the region, or is one."""
    inside: list[bool] = []
    for index, node in enumerate(walk.nodes):
        inside.append(index in region or (node.parent >= 0 and inside[node.parent]))
    return inside


# jusText's names of its stop lists, by ISO 639-1 code (639-3 where there is none).
_STOPLIST_NAMES = """
    af Afrikaans sq Albanian ar Arabic an Aragonese hy Armenian ast Asturian az Azerbaijani eu Basque be Belarusian
    bn Bengali bs Bosnian br Breton bg Bulgarian ca Catalan ceb Cebuano cv Chuvash hr Croatian cs Czech da Danish
    nl Dutch en English eo Esperanto et Estonian fi Finnish fr French gl Galician ka Georgian de German el Greek
    gu Gujarati ht Haitian he Hebrew hi Hindi hu Hungarian is Icelandic io Ido ig Igbo id Indonesian ga Irish it Italian
    jv Javanese kn Kannada kk Kazakh ko Korean ku Kurdish ky Kyrgyz la Latin lv Latvian lt Lithuanian lmo Lombard
    nds Low_Saxon lb Luxembourgish mk Macedonian ms Malay ml Malayalam mt Maltese mr Marathi nap Neapolitan ne Nepali
    new Newar nb Norwegian_Bokmal no Norwegian_Bokmal nn Norwegian_Nynorsk oc Occitan fa Persian pms Piedmontese
    pl Polish pt Portuguese qu Quechua ro Romanian ru Russian sr Serbian sh Serbo_Croatian scn Sicilian sk Slovak
    sl Slovenian es Spanish su Sundanese sw Swahili sv Swedish tl Tagalog ta Tamil te Telugu tr Turkish tk Turkmen
    uk Ukrainian ur Urdu uz Uzbek vi Vietnamese vo Volapuk wa Walloon war Waray_Waray cy Welsh fy West_Frisian
    pnb Western_Panjabi yo Yoruba
"""
_STOPLISTS = dict(zip(_STOPLIST_NAMES.split()[::2], _STOPLIST_NAMES.split()[1::2], strict=True))
