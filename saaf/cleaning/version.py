"""Which cleaning made a document: recorded in every row, so that a corpus can be traced and made again."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Final

VERSION: Final = "1"
"""The version of the rules and of the decision: it rises whenever the same page would give another clean text."""


@cache
def extractor() -> str:
    """Return the extractor and the libraries that vote in it, e.g. "saaf 1; trafilatura 2.3.1; justext 3.0.2"."""
    return f"saaf {VERSION}; trafilatura {version('trafilatura')}; justext {version('justext')}"
