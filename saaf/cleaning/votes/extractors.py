"""Votes of trafilatura, jusText and the page's own description on its blocks; none of them decides alone."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

import justext
from justext.core import (
    LENGTH_LOW_DEFAULT,
    MAX_LINK_DENSITY_DEFAULT,
    classify_paragraphs,
    revise_paragraph_classification,
)
from justext.paragraph import Paragraph

from saaf.cleaning.text.folding import alignment_key
from saaf.cleaning.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from saaf.cleaning.html.segment import RawBlock, Segmentation

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

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
    """Return jusText's class of each block, True for content; without a stop list it goes by length and links alone."""
    paragraphs = [_Paragraph(segmentation, block) for block in segmentation.blocks]
    thresholds = {} if stoplist else {"stopwords_low": 0, "stopwords_high": 0}
    classify_paragraphs(paragraphs, stoplist, **thresholds)
    revise_paragraph_classification(paragraphs)
    return [not paragraph.is_boilerplate for paragraph in paragraphs]


class _Paragraph(Paragraph):  # type: ignore[misc]  # jusText comes without types
    """A block as a jusText paragraph; jusText's own class parses a path for each, and joins the text at each access."""

    text = ""
    is_heading = False

    def __init__(self, segmentation: Segmentation, block: RawBlock) -> None:
        self.is_heading = block.kind is Kind.HEADING
        self.dom_path = segmentation.nodes[block.node].tag
        self.text = block.text
        self.chars_count_in_links = block.linked
        self.class_type = ""

    def stopwords_density(self, stopwords: frozenset[str]) -> float:
        """Return the share of stop words, in [0, 1]; 0 for most blocks, where jusText goes by length or links alone."""
        if len(self.text) < LENGTH_LOW_DEFAULT or self.links_density() > MAX_LINK_DENSITY_DEFAULT:
            return 0.0
        words = self.text.lower().split()
        return len([word for word in words if word in stopwords]) / len(words)


@cache
def stoplist(language: str) -> frozenset[str]:
    """Return jusText's stop words of a language (ISO 639-1, or 639-3 where it has no shorter code), empty where it has
    no list.
    """
    name = _STOPLIST_NAMES.get(language)
    return justext.get_stoplist(name) if name else frozenset()


def description_votes(root: HtmlElement, block_keys: Sequence[str]) -> list[bool]:
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
