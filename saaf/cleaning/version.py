"""Which cleaning made a document: recorded in every row, so that a corpus can be traced and made again."""

from __future__ import annotations

from importlib.metadata import version

VERSION = "1"
"""The version of the rules and of the decision: it rises whenever the same page would give another clean text."""

EXTRACTOR = f"saaf {VERSION}; trafilatura {version('trafilatura')}; justext {version('justext')}"
"""The extractor and the libraries that vote in it, e.g. "saaf 1; trafilatura 2.3.1; justext 3.0.2"."""
