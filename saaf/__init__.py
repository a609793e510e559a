"""Scrape and clean multilingual web corpora.

    import saaf

    document = saaf.clean_html(page, url="https://www.example.org/story")
    document.text      # the article
    document.removals  # what was taken out: spans of `document.document.text`, each with the rule that says why

Nothing is imported until a name is used: `import saaf` takes milliseconds, language packs and models load when the
first page is cleaned. The packages behind these names are `saaf.cleaning`, `saaf.dedupe`, `saaf.corpus` and
`saaf.crawler`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.lazy_names import lazy_names

if TYPE_CHECKING:
    from saaf.api import (
        build,
        clean,
        clean_html,
        clean_text,
        explain,
        find_duplicates,
        load_language_model,
        load_rules,
        read,
        rules,
        to_json,
        to_markdown,
        to_tei,
    )
    from saaf.cleaning.rules.rule import Rule
    from saaf.cleaning.spans import TextSpan
    from saaf.cleaning.structure import Structure
    from saaf.cleaning.types import (
        Block,
        CleanDocument,
        Document,
        Language,
        Metadata,
        Page,
        Removal,
        Unreadable,
    )

    __version__: str

__all__ = [
    "Block",
    "CleanDocument",
    "Document",
    "Language",
    "Metadata",
    "Page",
    "Removal",
    "Rule",
    "Structure",
    "TextSpan",
    "Unreadable",
    "build",
    "clean",
    "clean_html",
    "clean_text",
    "explain",
    "find_duplicates",
    "load_language_model",
    "load_rules",
    "read",
    "rules",
    "to_json",
    "to_markdown",
    "to_tei",
]

_MODULES = {
    "saaf.api": (
        "build",
        "clean",
        "clean_html",
        "clean_text",
        "explain",
        "find_duplicates",
        "load_language_model",
        "load_rules",
        "read",
        "rules",
        "to_json",
        "to_markdown",
        "to_tei",
    ),
    "saaf.cleaning.structure": ("Structure",),
    "saaf.cleaning.spans": ("TextSpan",),
    "saaf.cleaning.rules.rule": ("Rule",),
    "saaf.installed_version": ("__version__",),
}

if not TYPE_CHECKING:  # a type checker would take any misspelled name for one that `__getattr__` knows
    __getattr__, __dir__ = lazy_names(__name__, (*__all__, "__version__"), _MODULES, default="saaf.cleaning.types")
