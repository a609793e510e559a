"""What each method says of each block of a page: votes, none of which decides alone."""

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

_DESCRIBED = frozenset(("description", "og:description", "twitter:description", "dc.description"))
_LEAST_DESCRIPTION = 30  # letters; a shorter one may be the site's name
_DESCRIPTION = 1000
_BEGINNING = 60  # letters of a description that a lead begins with where it is cut off


def trafilatura_text(root: HtmlElement) -> str:
    """Return trafilatura's main text of the page by its own rules, "" where it finds none. The tree is left as it is.

    It is not let compare with readability and jusText, nor try again where it finds little: that takes half of its
    time, and what it would say so we know already (F1 0.25 points better without, on 160 development pages). Neither
    its deduplication (state that outlives the page) nor its metadata (a search of dates up to today) is used.
    """
    # Asked on one page in fifteen: the others need not wait a twentieth of a second for its import.
    import trafilatura  # noqa: PLC0415
    from trafilatura.settings import Document as Extracted  # noqa: PLC0415

    document = trafilatura.bare_extraction(
        root, include_comments=False, with_metadata=False, fast=True, favor_recall=True
    )
    return (document.text or "") if isinstance(document, Extracted) else ""


def justext_votes(walk: Segmentation, stoplist: frozenset[str]) -> list[bool]:
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

    def __init__(self, walk: Segmentation, block: RawBlock) -> None:
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
        alignment_key(meta.get("content", ""))[:_DESCRIPTION]
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
