"""Loading of what cleaning needs, before it is needed: for a process from which others are forked."""

from __future__ import annotations

from saaf.cleaning.model import forest
from saaf.cleaning.pipeline import clean
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.text import language
from saaf.cleaning.types import Page

_PARAGRAPH = "<p>The ferry to the old harbour goes at six, and the market on the other side opens an hour later.</p>"


def load_models() -> None:
    """Load models, rules and extractors, by cleaning a page: 1.5 seconds of CPU time."""
    body = f"<!doctype html><title>Ferry</title>{_PARAGRAPH * 3}".encode()
    clean(read_html(Page(url=None, body=body, headers=(), status=200), votes="all"))


def load_compiled() -> None:
    """Load the compiled loops too, where numba is installed: a process does so by itself after some 100 pages."""
    forest.load_compiled()
    language.load_compiled()
