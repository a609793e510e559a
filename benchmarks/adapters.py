"""Extractors with one signature, `function(page, url) -> clean text`, for evaluation harnesses: ours and peers'."""

from __future__ import annotations

from saaf.cleaning import clean_html, clean_text
from saaf.corpus.evaluation.peers import justext_default, trafilatura_default, trafilatura_precision

__all__ = ["justext_default", "saaf_html", "saaf_text", "trafilatura_default", "trafilatura_precision"]


def saaf_html(html: bytes, url: str | None) -> str:
    """Return the clean text of an HTML page by saaf."""
    return clean_html(html, url=url).text


def saaf_text(text: str, url: str | None) -> str:
    """Return the clean text by saaf of plain text whose HTML is lost."""
    return clean_text(text, url=url).text
