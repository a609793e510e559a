"""Web pages and texts in, clean documents out, with a reason for every span taken out.

Pure: bytes or strings in, frozen dataclasses out; no network, no files written, no clock. Nothing is imported until a
name is used: a crawl takes `saaf.cleaning.types`, and none of the models and extractors (50 MB).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.lazy_names import lazy_names

if TYPE_CHECKING:
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

_MODULES = {
    "saaf.cleaning.model.explain": ("BlockExplanation", "explain_blocks"),
    "saaf.cleaning.pipeline": ("RULES", "apply_profile", "clean", "clean_html", "clean_text"),
    "saaf.cleaning.readers.detect": ("read",),
    "saaf.cleaning.rules.rule": ("Rule",),
    "saaf.cleaning.text.language": ("identify",),
    "saaf.cleaning.version": ("extractor", "rules_version"),
}

if not TYPE_CHECKING:  # a type checker would take any misspelled name for one that `__getattr__` knows
    __getattr__, __dir__ = lazy_names(__name__, __all__, _MODULES, default="saaf.cleaning.types")
