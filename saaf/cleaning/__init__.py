"""Web pages and texts in, clean documents out, with a reason for every span taken out.

Pure: bytes or strings in, frozen dataclasses out; no network, no files written, no clock.
"""

from saaf.cleaning.clean import RULES, clean, clean_html, clean_text
from saaf.cleaning.language import identify
from saaf.cleaning.read import read
from saaf.cleaning.types import (
    Block,
    CleanDocument,
    Document,
    Kind,
    Language,
    Metadata,
    Page,
    Removal,
    Rule,
    Track,
    Unreadable,
    Vote,
    apply_removals,
)
from saaf.cleaning.version import EXTRACTOR, VERSION
from saaf.cleaning.weighing import Weighed, weigh

__all__ = [
    "EXTRACTOR",
    "RULES",
    "VERSION",
    "Block",
    "CleanDocument",
    "Document",
    "Kind",
    "Language",
    "Metadata",
    "Page",
    "Removal",
    "Rule",
    "Track",
    "Unreadable",
    "Vote",
    "Weighed",
    "apply_removals",
    "clean",
    "clean_html",
    "clean_text",
    "identify",
    "read",
    "weigh",
]
