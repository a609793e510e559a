"""Web pages and texts in, clean documents out, with a reason for every span taken out.

Pure: bytes or strings in, frozen dataclasses out; no network, no files written, no clock.
"""

from saaf.cleaning.model.explain import BlockExplanation, explain_blocks
from saaf.cleaning.pipeline import RULES, apply_profile, clean, clean_html, clean_text
from saaf.cleaning.readers.detect import read
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.language import identify
from saaf.cleaning.types import (
    Block,
    CleanDocument,
    Document,
    Kind,
    Language,
    Metadata,
    Page,
    Removal,
    Track,
    Unreadable,
    Vote,
    apply_removals,
)
from saaf.cleaning.version import extractor, rules_version

__all__ = [
    "RULES",
    "Block",
    "BlockExplanation",
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
    "apply_profile",
    "apply_removals",
    "clean",
    "clean_html",
    "clean_text",
    "explain_blocks",
    "extractor",
    "identify",
    "read",
    "rules_version",
]
