"""Pages without content of their own: lists of other pages, errors, sign-in forms and requests for consent.

A build leaves out what cleaning left of one where that is a few words, and all of those that its settings name where
their type is sure (docs/decisions/0043). An article may be as short as it likes: a page that states that it is one, or
has a headline and a date, is no remnant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from saaf.cleaning.page_types import NO_CONTENT_TYPES
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.corpus.outcomes import DocumentSummary

SURE_SCORE: Final = 0.96
"""The least score, in [0, 1], of a page type by which a page is left out where the settings say so."""
LIKELY_SCORE: Final = 0.5
"""The least score of a page type by which a few words are a remnant: then the type is more likely than all others."""
REMNANT_TOKENS: Final = 20
"""Threshold of length: fewer words, or fewer than twice as many characters in a script without spaces, are a remnant of
a page without content."""

_IN_WORDS: Final = {
    "listing": "a list of other pages",
    "error": "an error in place of a page",
    "login": "a form to sign in",
    "consent": "a request for consent in place of a page",
}


def parse_skip_types(names: Iterable[str]) -> tuple[str, ...]:
    """Return the types of pages that `names` stand for, in the order of `NO_CONTENT_TYPES`; "all" is all of them.

    A name may be several with commas between. Raises ValueError for another one.
    """
    given = {part.strip() for name in names for part in name.split(",")} - {""}
    if unknown := sorted(given - {"all", *NO_CONTENT_TYPES}):
        raise ValueError(
            f"{', '.join(unknown)}: no type of pages that can be left out; give all, or some of "
            f"{', '.join(NO_CONTENT_TYPES)}"
        )
    return tuple(name for name in NO_CONTENT_TYPES if name in given or "all" in given)


def no_content_reason(summary: DocumentSummary, skip_types: Iterable[str], min_tokens: int) -> str | None:
    """Return in a sentence why a document has no content of its own, None where it may have.

    `skip_types` are the types that are left out where they are sure. With a `min_tokens` of 0, no text is too short to
    be a document, and none is a remnant.
    """
    name, score = summary.page_type, summary.page_type_score or 0.0
    if name not in NO_CONTENT_TYPES or summary.states_article:
        return None
    what = f"the page is {_IN_WORDS[name]} (score {score:.2f})"
    if name in tuple(skip_types) and score >= SURE_SCORE:
        return what
    spaceless = summary.script in UNSPACED_SCRIPT_CODES
    threshold = REMNANT_TOKENS * 2 if spaceless else REMNANT_TOKENS
    if min_tokens == 0 or score < LIKELY_SCORE or summary.is_dated or not 0 < summary.tokens < threshold:
        return None
    unit = ("character" if spaceless else "word") + ("" if summary.tokens == 1 else "s")
    return f"{what}, and {summary.tokens} {unit} of it were left"
