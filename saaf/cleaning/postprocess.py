"""Options applied to a clean document: rules whose residue stays, and appended articles as documents of their own."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from saaf.cleaning.decision.block_rules import BLOCK_RULES
from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.pipeline import RULES, clean
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import appended

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from saaf.cleaning.types import CleanDocument

SPLIT_OFF: Final = "appended_to:"
"""The flag of a document that was split off another, before the id of that."""


def match_rule_ids(patterns: Collection[str]) -> frozenset[str]:
    """Return the ids of the rules that `patterns` name: an id, or with * and ? several ("html.caption",
    "*.photo_credit"). Raises ValueError where one names no rule.
    """
    ids = (*BLOCK_RULES, *(rule.id for rule in RULES))
    named = {pattern: [one for one in ids if fnmatchcase(one, pattern)] for pattern in patterns}
    if none := sorted(pattern for pattern, found in named.items() if not found):
        raise ValueError(f"there is no rule {', '.join(none)}; `saaf rules` lists them, and * stands for any letters")
    return frozenset(one for found in named.values() for one in found)


def apply_options(
    cleaned: CleanDocument,
    *,
    keep: Collection[str] = (),
    split_appended: bool = False,
    fetched_at: datetime | None = None,
) -> Iterator[CleanDocument]:
    """Yield `cleaned` with the removals of the rules `keep` (ids) left in its text; where `split_appended`, then the
    documents of `split_appended_articles` likewise.
    """
    documents = split_appended_articles(cleaned, fetched_at=fetched_at) if split_appended else (cleaned,)
    yield from (restore_removals(one, keep) if keep else one for one in documents)


def restore_removals(cleaned: CleanDocument, rules: Collection[str]) -> CleanDocument:
    """Return `cleaned` with what the rules with these ids took out left in its place."""
    removals = tuple(removal for removal in cleaned.removals if removal.rule not in rules)
    return replace(cleaned, removals=removals)


def split_appended_articles(cleaned: CleanDocument, *, fetched_at: datetime | None = None) -> Iterator[CleanDocument]:
    """Yield `cleaned`, and then the articles that its page prints after its own, each as a document of its own.

    Such an article is read as a text: it has no URL, its id is that of its content, its site that of the page, and the
    flag "appended_to:ID" names the document before it. An article whose own page is in the crawl too
    ("appended.known") is none: that page is its document. `fetched_at` is when the page was fetched.
    """
    found: CleanDocument | None = cleaned
    while found is not None:
        yield found
        found = _appended(found, fetched_at)


def _appended(before: CleanDocument, fetched_at: datetime | None) -> CleanDocument | None:
    text = before.document.text
    spans = [text[removal.start : removal.end] for removal in before.removals if removal.rule == appended.RULE]
    if not spans:
        return None
    document = document_from_text(_unannounced("".join(spans)), fetched_at=fetched_at)
    flags = (*document.flags, f"{SPLIT_OFF}{before.document.id}")
    return clean(replace(document, site=before.document.site, flags=flags))


def _unannounced(text: str) -> str:
    """Return `text` without the words before its headline that announce it ("Read also:")."""
    mark = annotate(text).matches.get(0)
    announced = mark is not None and mark.rule.role in (Role.CUE, Role.HEADING)
    return text[mark.line.start + mark.value :].strip() if mark and announced else text.strip()
