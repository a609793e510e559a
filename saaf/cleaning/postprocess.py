"""Options applied to a clean document: restore the removals of chosen rules, split off appended articles."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from saaf.cleaning.decision.block_rules import BLOCK_RULES
from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.phrases.user_packs import PACK_NOT_APPLIED, concerns
from saaf.cleaning.pipeline import RULES, apply_rules, clean
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import appended
from saaf.cleaning.rules.phrase_rules import phrase_rules
from saaf.cleaning.text.plain_structure import plain_structure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from saaf.cleaning.phrases.user_packs import UserPacks
    from saaf.cleaning.types import CleanDocument, Language

APPENDED_TO: Final = "appended_to:"
"""The prefix of the flag of a document that was split off another one; that one's id follows."""

_ROLES: Final = (Role.LABEL, Role.LINE, Role.STATEMENT, Role.HEADING, Role.CUE)  # as saaf's own are applied


def match_rule_ids(patterns: Collection[str], packs: UserPacks | None = None) -> frozenset[str]:
    """Return the ids of the rules that match `patterns`: ids, with * and ? as wildcards ("html.caption",
    "*.photo_credit"). Raises ValueError where a pattern matches no rule. `packs` are those of the user's.
    """
    ids = (*BLOCK_RULES, *(rule.id for rule in RULES), *(rule.id for rule in (packs.rules if packs else ())))
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
    packs: UserPacks | None = None,
    identify: Callable[[str], Language] | None = None,
) -> Iterator[CleanDocument]:
    """Yield `cleaned`, and where `split_appended` the articles split off it (see `split_appended_articles`).

    Each has the removals of `packs`, language packs of the user's, and those of the rules with the ids `keep` restored.
    `identify` is what names the language of its clean text, None for that which it has.
    """
    documents = split_appended_articles(cleaned, fetched_at=fetched_at) if split_appended else (cleaned,)
    for one in documents:
        chosen = apply_user_packs(one, packs) if packs else one
        chosen = restore_removals(chosen, keep) if keep else chosen
        yield with_language(chosen, identify(chosen.text)) if identify else chosen


def apply_user_packs(cleaned: CleanDocument, packs: UserPacks) -> CleanDocument:
    """Return `cleaned` with what the phrase rules of `packs` remove from the text that is left.

    Where they would leave nothing, nothing more is removed. A document in the language of a pack that has a fault has
    the flag "pack_not_applied".
    """
    if concerns(packs, cleaned.document.language.code):
        cleaned = replace(cleaned, flags=(*cleaned.flags, PACK_NOT_APPLIED))
    if not packs.rules:
        return cleaned
    rules = phrase_rules(*_ROLES, packs=packs.rules)
    removals = apply_rules(cleaned.document, cleaned.removals, rules, matcher=packs.matcher)
    found = replace(cleaned, removals=removals)
    return found if found.text.strip() else cleaned


def with_language(cleaned: CleanDocument, language: Language) -> CleanDocument:
    """Return `cleaned` as a document in another language."""
    return replace(cleaned, document=replace(cleaned.document, language=language))


def restore_removals(cleaned: CleanDocument, rules: Collection[str]) -> CleanDocument:
    """Return `cleaned` without the removals of the rules with these ids: their spans stay in the text."""
    removals = tuple(removal for removal in cleaned.removals if removal.rule not in rules)
    return replace(cleaned, removals=removals)


def split_appended_articles(cleaned: CleanDocument, *, fetched_at: datetime | None = None) -> Iterator[CleanDocument]:
    """Yield `cleaned`, and then the articles that its page prints after its own, each as a document of its own.

    Such an article is read as plain text: it has no URL, its id is that of its content, its site that of the page, and
    the flag "appended_to:ID" names the document before it. An article whose own page is in the crawl too
    ("appended.known") is not split off: that page is its document. `fetched_at` is when the page was fetched, None
    where unknown.
    """
    found: CleanDocument | None = cleaned
    while found is not None:
        yield found
        found = _split_appended_article(found, fetched_at)


def _split_appended_article(before: CleanDocument, fetched_at: datetime | None) -> CleanDocument | None:
    """Return the article appended to the document `before`, cleaned; None where there is none."""
    text = before.document.text
    spans = [text[removal.start : removal.end] for removal in before.removals if removal.rule == appended.RULE]
    if not spans:
        return None
    document = document_from_text(_without_cue("".join(spans)), fetched_at=fetched_at)
    if before.document.structure is not None:
        document = replace(document, structure=plain_structure(document.text, document.blocks))
    flags = (*document.flags, f"{APPENDED_TO}{before.document.id}")
    return clean(replace(document, site=before.document.site, flags=flags, rights=before.document.rights))


def _without_cue(text: str) -> str:
    """Return `text` without the cue before its headline ("Read also:"), stripped."""
    match = annotate(text).matches.get(0)
    is_cue = match is not None and match.rule.role in (Role.CUE, Role.HEADING)
    return text[match.line.start + match.value :].strip() if match and is_cue else text.strip()
