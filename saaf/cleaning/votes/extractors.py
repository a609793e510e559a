"""Votes of trafilatura, jusText and the page's own description on its blocks; none of them decides alone."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

import justext
from justext.core import (
    LENGTH_HIGH_DEFAULT,
    LENGTH_LOW_DEFAULT,
    MAX_HEADING_DISTANCE_DEFAULT,
    MAX_LINK_DENSITY_DEFAULT,
    STOPWORDS_HIGH_DEFAULT,
    STOPWORDS_LOW_DEFAULT,
)

from saaf.cleaning.text.folding import alignment_key
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements
    from saaf.cleaning.html.segment import RawBlock, Segmentation

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

_HEADING = Kind.HEADING
_DESCRIPTION_NAMES = frozenset(("description", "og:description", "twitter:description", "dc.description"))
_MIN_DESCRIPTION_LETTERS = 30  # a shorter one may be the site's name
_MAX_DESCRIPTION_LETTERS = 1000
_TRUNCATED_LETTERS = 60  # of a description that is cut off: a lead contains so much of its beginning


def trafilatura_text(root: HtmlElement) -> str:
    """Return trafilatura's main text of the page by its own rules, "" where it finds none. The tree is not changed.

    Its fallbacks are off (`fast`): the comparison with readability and jusText, and the second attempt where it finds
    little. They take half of its time, and what they add we know already (F1 0.25 points better without, on 160
    development pages). Neither its deduplication (state that outlives the page) nor its metadata (a search of dates up
    to today) is used.
    """
    # Asked on one page in fifteen: the others need not wait a twentieth of a second for its import.
    import trafilatura  # noqa: PLC0415
    from trafilatura.settings import Document as Extracted  # noqa: PLC0415

    document = trafilatura.bare_extraction(
        root, include_comments=False, with_metadata=False, fast=True, favor_recall=True
    )
    return (document.text or "") if isinstance(document, Extracted) else ""


def justext_votes(segmentation: Segmentation, stoplist: frozenset[str]) -> list[bool]:
    """Return jusText's class of each block, True for content; without a stop list it goes by length and links alone.

    These are its rules (https://corpus.tools/wiki/Justext/Algorithm) on our blocks, in linear time. Its own functions
    look for the neighbours of each block anew, and join a paragraph's text at each access.
    """
    blocks, nodes = segmentation.blocks, segmentation.nodes
    context_free = [_context_free_class(block, nodes[block.node].tag, stoplist) for block in blocks]
    classes = _revise_near_good(_classify_short(context_free))
    for row, block in enumerate(blocks):
        if block.kind is _HEADING and classes[row] == "bad" != context_free[row]:
            classes[row] = _class_of_heading(blocks, classes, row)
    return [own == "good" for own in classes]


def _context_free_class(block: RawBlock, tag: str, stoplist: frozenset[str]) -> str:
    """Return the class of a block by itself: "good", "neargood", "short" or "bad"."""
    text, length = block.text, len(block.text)
    if block.linked and block.linked / length > MAX_LINK_DENSITY_DEFAULT:
        return "bad"
    if "\xa9" in text or "&copy" in text or "select" in tag:
        return "bad"
    if length < LENGTH_LOW_DEFAULT:
        return "bad" if block.linked else "short"
    if stoplist:
        words = text.lower().split()
        share = len([word for word in words if word in stoplist]) / len(words)
        if share < STOPWORDS_LOW_DEFAULT:
            return "bad"
        if share < STOPWORDS_HIGH_DEFAULT:
            return "neargood"
    return "good" if length > LENGTH_HIGH_DEFAULT else "neargood"


def _classify_short(classes: Sequence[str]) -> list[str]:
    """Return the classes with those of short blocks by the nearest good or bad block on either side, or, where these
    differ, by whether one that is nearly good is nearer than the bad one.
    """
    before, after = _nearest(classes), _nearest(classes[::-1])[::-1]
    found = list(classes)
    for row, own in enumerate(classes):
        if own == "short":
            (sure_before, any_before), (sure_after, any_after) = before[row], after[row]
            near_good = (sure_before == "bad" and any_before == "neargood") or (
                sure_after == "bad" and any_after == "neargood"
            )
            agree = sure_before == sure_after
            found[row] = sure_before if agree else "good" if near_good else "bad"
    return found


def _nearest(classes: Sequence[str]) -> list[tuple[str, str]]:
    """Return, for each block, the class of the nearest one before it that is good or bad, and of the nearest that is
    one of these or nearly good; "bad" where there is none.
    """
    found, sure, any_class = [], "bad", "bad"
    for own in classes:
        found.append((sure, any_class))
        if own != "short":
            any_class = own
            sure = own if own != "neargood" else sure
    return found


def _revise_near_good(classes: Sequence[str]) -> list[str]:
    """Return the classes with those that are nearly good as good, or as bad between two bad ones."""
    after = _nearest(classes[::-1])[::-1]
    found: list[str] = []
    for row, own in enumerate(classes):
        between_bad = (found[-1] if found else "bad") == after[row][0] == "bad"
        found.append(own if own != "neargood" else "bad" if between_bad else "good")
    return found


def _class_of_heading(blocks: Sequence[RawBlock], classes: Sequence[str], row: int) -> str:
    """Return "good" where a good block follows a heading within a few lines, else "bad"."""
    distance = 0
    for after in range(row + 1, len(blocks)):
        if distance > MAX_HEADING_DISTANCE_DEFAULT:
            break
        if classes[after] == "good":
            return "good"
        distance += len(blocks[after].text)
    return "bad"


@cache
def stoplist(language: str) -> frozenset[str]:
    """Return jusText's stop words of a language (ISO 639-1, or 639-3 where it has no shorter code), empty where it has
    no list.
    """
    name = _STOPLIST_NAMES.get(language)
    return frozenset(word.lower() for word in justext.get_stoplist(name)) if name else frozenset()


def description_votes(root: HtmlElement | PageElements, block_keys: Sequence[str]) -> list[bool]:
    """Return for each block whether it stands in the description in the page's `meta` elements, or begins with it: a
    lead, mostly.

    `block_keys` are the blocks' `saaf.cleaning.text.folding.alignment_key`s.
    """
    declared = {
        alignment_key(meta.get("content", ""))[:_MAX_DESCRIPTION_LETTERS]
        for meta in root.iter("meta")
        if (meta.get("property") or meta.get("name") or "").lower() in _DESCRIPTION_NAMES
    }
    descriptions = [text for text in declared if len(text) >= _MIN_DESCRIPTION_LETTERS]
    if not descriptions:
        return [False] * len(block_keys)
    return [
        len(key) >= _MIN_DESCRIPTION_LETTERS
        and any(key in text or text[:_TRUNCATED_LETTERS] in key for text in descriptions)
        for key in block_keys
    ]


# jusText's names of its stop lists, by ISO 639-1 code (639-3 where there is none).
_STOPLIST_TABLE = """
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
_STOPLIST_NAMES = dict(zip(_STOPLIST_TABLE.split()[::2], _STOPLIST_TABLE.split()[1::2], strict=True))
