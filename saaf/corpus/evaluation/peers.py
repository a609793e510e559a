"""Other extractors (trafilatura, jusText) as functions of one signature, to be measured on the same pages as saaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import justext
import trafilatura

from saaf.cleaning.text.language import identify
from saaf.cleaning.votes.extractors import stoplist

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def trafilatura_default(html: bytes, url: str | None) -> str:
    """Return trafilatura's text with its default settings, comments left out."""
    return trafilatura.extract(html, url=url, include_comments=False) or ""


def trafilatura_precision(html: bytes, url: str | None) -> str:
    """Return trafilatura's text in its precision mode."""
    return trafilatura.extract(html, url=url, include_comments=False, favor_precision=True) or ""


def justext_default(html: bytes, _url: str | None) -> str:
    """Return jusText's good paragraphs, with the stop words of the language that is identified in the page."""
    words = stoplist(identify(trafilatura.html2txt(html)).code)
    thresholds = {} if words else {"stopwords_low": 0, "stopwords_high": 0}
    return "\n".join(p.text for p in justext.justext(html, words, **thresholds) if not p.is_boilerplate)


PEERS: Final[Mapping[str, Callable[[bytes, str | None], str]]] = {
    "trafilatura": trafilatura_default,
    "trafilatura, precision": trafilatura_precision,
    "jusText": justext_default,
}
