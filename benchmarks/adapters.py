"""Extractors behind one signature each, for a judge: `function(page, url) -> clean text`; the peers', and ours."""

from __future__ import annotations

from saaf.cleaning import clean_html, clean_text
from saaf.corpus.evaluation.peers import justext_default, trafilatura_default, trafilatura_precision

__all__ = ["justext_default", "saaf_html", "saaf_text", "trafilatura_default", "trafilatura_precision"]


def saaf_html(html: bytes, url: str | None) -> str:
    """Return our clean text of a page."""
    return clean_html(html, url=url).text


def saaf_text(text: str, url: str | None) -> str:
    """Return our clean text of a text whose HTML is gone."""
    return clean_text(text, url=url).text
