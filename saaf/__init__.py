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

if TYPE_CHECKING:
    from saaf.api import build, clean, clean_html, clean_text, explain, find_duplicates, read, rules
    from saaf.cleaning.rules.rule import Rule
    from saaf.cleaning.spans import TextSpan
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

__all__ = [
    "Block",
    "CleanDocument",
    "Document",
    "Language",
    "Metadata",
    "Page",
    "Removal",
    "Rule",
    "TextSpan",
    "Unreadable",
    "build",
    "clean",
    "clean_html",
    "clean_text",
    "explain",
    "find_duplicates",
    "read",
    "rules",
]

_MODULES = {
    "saaf.api": ("build", "clean", "clean_html", "clean_text", "explain", "find_duplicates", "read", "rules"),
    "saaf.cleaning.spans": ("TextSpan",),
    "saaf.cleaning.rules.rule": ("Rule",),
}


if not TYPE_CHECKING:  # a type checker would take any misspelled name for one that this function knows

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name not in __all__:
            raise AttributeError(f"saaf has no {name}; it has {', '.join(__all__)}")
        from importlib import import_module  # noqa: PLC0415

        module = next((module for module, names in _MODULES.items() if name in names), "saaf.cleaning.types")
        value: object = getattr(import_module(module), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
