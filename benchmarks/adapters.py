"""Extractors behind one signature each, for a judge: `function(page, url) -> clean text`."""

from __future__ import annotations

import justext
import trafilatura

from cleaning import clean_html, clean_text, identify
from cleaning.votes import stoplist


def saaf_html(html: bytes, url: str | None) -> str:
    """Return our clean text of a page."""
    return clean_html(html, url=url).text


def saaf_text(text: str, url: str | None) -> str:
    """Return our clean text of a text whose HTML is gone."""
    return clean_text(text, url=url).text


def trafilatura_default(html: bytes, url: str | None) -> str:
    """Return trafilatura's text with its default settings, comments left out."""
    return trafilatura.extract(html, url=url, include_comments=False) or ""


def trafilatura_precision(html: bytes, url: str | None) -> str:
    """Return trafilatura's text in its precision mode."""
    return trafilatura.extract(html, url=url, include_comments=False, favor_precision=True) or ""


def justext_default(html: bytes, _url: str | None) -> str:
    """Return jusText's good paragraphs, with the stop words of the language that the page seems to be in."""
    words = stoplist(identify(trafilatura.html2txt(html)).code)
    thresholds = {} if words else {"stopwords_low": 0, "stopwords_high": 0}
    return "\n".join(p.text for p in justext.justext(html, words, **thresholds) if not p.is_boilerplate)
